"""Revision: a reply that a rule wants better is asked for again, and judged again, within bounds.

The critique is what the output stages found. The upstream gets the request that it got before, with
its own draft and the critique behind it, so the caller's format, tools and sampling stay. Where the
stage says that the pictures led the model astray, they go, and descriptions come in their place.
Sources: Bai et al. 2022, arXiv:2212.08073, section 3; Gou et al. 2024, arXiv:2403.09572, section 4.

Laws: every draft is judged by all output stages; a block ends it, whatever a later draft would be;
a draft that was judged and not released never leaves.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from time import perf_counter
from typing import Any, Protocol, TypeVar

from guardrail.asking import Asker
from guardrail.critique import draft_text, instruction
from guardrail.errors import WireError
from guardrail.eyes_closed import without_pictures
from guardrail.forward import refuse_encoded
from guardrail.revisable import added, revisable
from guardrail.rounds import Exhausted, Round
from guardrail.stage import Revise, Stage, Step
from guardrail.types import Action, Edit, Outcome, Part
from guardrail.wire import Reply, Request, drop

_CHARACTERS_A_TOKEN = 4
"""Where an upstream counts no tokens."""

Forward = Callable[[Mapping[str, Edit]], Request]
"""The client's request with edits, as the upstream gets it."""


class Draft(Protocol):
    """A judged reply, whole or streamed."""

    @property
    def parts(self) -> Sequence[Part]:
        """What it says."""
        ...

    @property
    def outcome(self) -> Outcome:
        """What the output stages said about it."""
        ...

    @property
    def usage(self) -> Mapping[str, Any] | None:
        """What it used, in its format's words."""
        ...


D = TypeVar("D", bound=Draft)


class Revisions:
    """The revisions of one exchange.

    Args:
        steps: The output stages.
        asker: Of the exchange.
        forward: Makes what the upstream gets.
        edits: Those that its request had.
        clock: Seconds.
    """

    def __init__(
        self,
        steps: Sequence[Step],
        asker: Asker,
        forward: Forward,
        edits: Mapping[str, Edit],
        clock: Callable[[], float] = perf_counter,
    ) -> None:
        self._stages = {stage.name: stage for step in steps for stage in step}
        self._asker = asker
        self._record = asker.record
        self._lens = revisable(asker.adapter)
        self._forward = forward
        self._edits = edits
        self._closed: Request | None = None  # the request without its pictures, once it is made
        self._clock = clock
        self._since = clock()
        self._ends: float | None = None
        self._tokens = 0
        self._exhausted = Action.BLOCK
        self.earlier: Mapping[str, Any] | None = None

    async def settle(self, draft: D, read: Callable[[Reply], Awaitable[D]]) -> D:
        """The draft that the exchange ends with: one that needs no revision, or the last.

        Args:
            draft: The first reply.
            read: Reads and judges a reply of the upstream.

        Raises:
            OverloadError: A stage's queue is full.
        """
        while draft.outcome.action is Action.REVISE:
            better = await self._better(draft, read)
            if better is None:
                break
            draft = better
        return draft

    def action(self, draft: Draft) -> Action:
        """What is done with the draft that ``settle`` gave: never a revision."""
        said = draft.outcome.action
        return self._exhausted if said is Action.REVISE else said

    def usage(self, draft: Draft) -> Mapping[str, Any] | None:
        """What all drafts used together."""
        if self.earlier is None:
            return draft.usage
        return self.earlier if draft.usage is None else added(self.earlier, draft.usage)

    async def _better(self, draft: D, read: Callable[[Reply], Awaitable[D]]) -> D | None:
        wanting = self._wanting(draft.outcome)
        limits = strictest([stage.revise or Revise() for stage in wanting])
        self._exhausted = limits.exhausted
        if self._ends is None:
            self._ends = self._clock() + limits.max_seconds
        bound = self._bound(limits)
        if bound:
            self._give_up(bound)
            return None
        try:
            async with asyncio.timeout(self._ends - self._clock()):
                request = await self._request(draft, wanting)
                if request is None:
                    self._give_up("format")
                    return None
                reply = await self._asker.send(request)
                better = await read(await _readable(reply))
        except TimeoutError:
            self._give_up("seconds")
            return None
        except WireError as error:
            self._record.error = str(error)
            self._give_up("upstream")
            return None
        self._replaced(draft, better)
        return better

    def _bound(self, limits: Revise) -> Exhausted:
        if len(self._record.rounds) >= limits.rounds:
            return "rounds"
        if self._tokens >= limits.max_tokens:
            return "tokens"
        return "seconds" if self._ends is not None and self._clock() >= self._ends else ""

    def _give_up(self, bound: Exhausted) -> None:
        self._record.give_up(bound, self._exhausted)

    def _replaced(self, draft: Draft, better: Draft) -> None:
        now = self._clock()
        self._record.rounds.append(Round(draft.outcome, draft.usage, now - self._since))
        self._since = now
        self.earlier = self.usage(draft)
        if better.usage is not None and self._lens is not None:
            self._tokens += self._lens.tokens(better.usage)
        else:
            self._tokens += sum(len(part.text) for part in better.parts) // _CHARACTERS_A_TOKEN

    def _wanting(self, outcome: Outcome) -> list[Stage]:
        """The stages that asked for the revision."""
        names = [v.stage for v in outcome.verdicts if v.action is Action.REVISE]
        return [self._stages[name] for name in names if name in self._stages]

    async def _request(self, draft: Draft, wanting: Sequence[Stage]) -> Request | None:
        """What the upstream is sent next, None where the format knows no next."""
        if self._closed is None and any(_eyes_closed(stage) for stage in wanting):
            edits = await without_pictures(self._asker, self._edits)
            if edits:
                self._closed = self._forward({**self._edits, **edits})
                return self._closed
        base = self._closed or self._forward(self._edits)
        if self._lens is None:
            return None
        told = instruction(draft.outcome, wanting)
        body = self._lens.continued(base.body, draft_text(draft.parts, draft.outcome), told)
        return None if body is None else replace(base, body=body)


async def _readable(reply: Reply) -> Reply:
    """``reply`` itself.

    Raises:
        WireError: It is an error, or in an encoding; what is behind it is closed (status 502).
    """
    try:
        _refuse_error(reply)
        refuse_encoded(reply)
    except WireError:
        await drop(reply)
        raise
    return reply


def _refuse_error(reply: Reply) -> None:
    if not 200 <= reply.status < 300:
        raise WireError(f"the upstream answered a revision with {reply.status}", status=502)


def strictest(limits: Sequence[Revise]) -> Revise:
    """The bounds that keep all of ``limits``; its own defaults for none."""
    if not limits:
        return Revise()
    return Revise(
        rounds=min(one.rounds for one in limits),
        max_seconds=min(one.max_seconds for one in limits),
        max_tokens=min(one.max_tokens for one in limits),
        exhausted=max(one.exhausted for one in limits),
    )


def _eyes_closed(stage: Stage) -> bool:
    return bool(getattr(stage.detector, "eyes_closed", False))
