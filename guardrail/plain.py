"""Parts without an exchange: plain Python values, and what the stages of a side say about them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from guardrail.asking import ask_nobody
from guardrail.context import Ask, ExchangeContext
from guardrail.exchange import Services
from guardrail.pipeline import run
from guardrail.snapshot import Snapshot
from guardrail.system_prompt import secrets_of, told
from guardrail.types import Action, Conversation, Outcome, Part, Side


def plain(text: str | None, images: Sequence[bytes]) -> Conversation:
    """A user's message of a text and pictures; refs ``/text`` and ``/images/0`` …."""
    parts = [] if text is None else [Part("/text", "text", "user", "user", text, message=0)]
    parts += [Part(ref, "image", "user", "user", message=0) for ref, _ in given(images)]
    return Conversation(tuple(parts))


def given(images: Sequence[bytes]) -> list[tuple[str, bytes]]:
    """Each picture with its ref."""
    return [(f"/images/{index}", image) for index, image in enumerate(images)]


async def inspected(
    snapshot: Snapshot,
    services: Services,
    side: Side,
    conversation: Conversation,
    pictures: Mapping[str, bytes],
    asker: Ask = ask_nobody,
    own: Sequence[Part] = (),
) -> tuple[Conversation, Outcome]:
    """``conversation`` with its pictures pinned, and what the stages of ``side`` say about it.

    Args:
        snapshot: The policy in force; its detectors are loaded.
        services: The verdict cache and the pictures' workers.
        side: Whose stages.
        conversation: What they look at.
        pictures: Ref to bytes, for pictures that no body holds.
        asker: Whom stages that ask a model ask.
        own: The application's own system text, which a reply may not give away.

    Raises:
        WireError: A picture or file is refused.
    """
    at_hand = services.pictures
    conversation, _ = await at_hand.pin(
        conversation, snapshot.limits_of(side), snapshot.remote, dict(pictures), snapshot.files
    )
    told_always = told(snapshot.policy, (), Outcome(Action.ALLOW))
    context = ExchangeContext(
        side,
        conversation,
        at_hand.decode,
        asker,
        system=secrets_of((*conversation.parts, *own), told_always),
        read=partial(at_hand.pages, limits=snapshot.files),
    )
    try:
        steps, opaque = snapshot.steps(side), snapshot.opaque
        outcome = await run(
            steps, conversation.parts, context, services.cache, at_hand.paint, opaque
        )
    finally:
        context.close()
    return conversation, outcome
