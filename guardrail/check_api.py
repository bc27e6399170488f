"""Endpoints that judge and do not forward: plain checks, LiteLLM's guardrail contract, moderation.

They are off unless asked for: who can ask for scores without end can search for what passes.
"""

from __future__ import annotations

import hmac
import json
import logging
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from guardrail.answers import public
from guardrail.audit import outcome_json
from guardrail.check_requests import (
    GuardrailRequest,
    ModerationRequest,
    PlainCheck,
    numbered,
    read,
    system_text,
)
from guardrail.decide import action_for, not_overloaded
from guardrail.errors import GuardrailError, ImageError, OverloadError, WireError
from guardrail.guard import Guard
from guardrail.keys import api_keys
from guardrail.taxonomy import taxonomy
from guardrail.types import (
    Action,
    Conversation,
    Drop,
    Edit,
    Outcome,
    ReplaceImage,
    ReplaceText,
    Side,
)
from guardrail.wire import Headers, Reply

_logger = logging.getLogger("guardrail")

PATHS = ("/guard/check", "/beta/litellm_basic_guardrail_api", "/v1/moderations")

Judge = Callable[[Guard, Any], Awaitable[dict[str, Any]]]


async def plain(guard: Guard, document: Any) -> dict[str, Any]:
    """What the stages say: one outcome a side, with findings and coverage, as in the audit log.

    Raises:
        WireError: The request or a picture is not what it should be.
        ModelError: Weights are missing or altered.
        OverloadError: Too much is waiting.
    """
    asked = read(PlainCheck, document)
    images = [_decoded(data, f"/images/{index}") for index, data in enumerate(asked.images)]
    found: dict[str, Outcome] = {}
    if asked.text is not None or images or asked.messages is not None:
        found["input"] = not_overloaded(
            await guard.acheck(text=asked.text, images=images, messages=asked.messages)
        )
    if asked.reply is not None:
        told = system_text(asked.messages or ())
        found["output"] = not_overloaded(await guard.acheck_reply(asked.reply, system=told))
    if not found:
        raise WireError("nothing to check: give text, images, messages or reply")
    action = max(outcome.action for outcome in found.values())
    sides = {side: outcome_json(outcome) for side, outcome in found.items()}
    return {"action": action.name, "policy": guard.snapshot.label.decode(), "sides": sides}


async def litellm(guard: Guard, document: Any) -> dict[str, Any]:
    """BLOCKED, NONE, or GUARDRAIL_INTERVENED with all texts and pictures as they are to be sent.

    Raises:
        WireError: The request is not what it should be.
        ModelError: Weights are missing or altered.
        OverloadError: Too much is waiting.
    """
    asked = read(GuardrailRequest, document)
    made = numbered(asked)
    side: Side = "input" if asked.input_type == "request" else "output"
    try:
        conversation, outcome = await guard.acheck_body(made.body, side=side)
    except ImageError as error:
        return {"action": "BLOCKED", "blocked_reason": str(error)}
    not_overloaded(outcome)
    anew = guard.snapshot.limits_of(side).normalise
    edits = {**_inlined(conversation, made.images, anew=anew), **outcome.edits}
    changed = [ref for ref in edits if ref in made.texts or ref in made.images]
    unchangeable = [ref for ref in outcome.edits if ref not in changed]
    dropped = [ref for ref in made.images if isinstance(edits.get(ref), Drop)]
    if outcome.action is Action.BLOCK or unchangeable or dropped:
        message = guard.snapshot.policy.block.message
        return {"action": "BLOCKED", "blocked_reason": message}
    if not changed:
        return {"action": "NONE"}
    return {
        "action": "GUARDRAIL_INTERVENED",
        "texts": _edited(asked.texts or [], made.texts, edits),
        "images": _edited(asked.images or [], made.images, edits),
    }


async def moderation(guard: Guard, document: Any) -> dict[str, Any]:
    """One result for each text, or one for texts and pictures that are given together.

    Raises:
        WireError: The request is not what it should be.
        ModelError: Weights are missing or altered.
        OverloadError: Too much is waiting.
    """
    asked = read(ModerationRequest, document)
    texts = [asked.input] if isinstance(asked.input, str) else asked.input
    together = texts if any(isinstance(one, dict) for one in texts) else None
    contents: list[Any] = [together] if together else list(texts)
    results = [_result(guard, await _judged(guard, content)) for content in contents]
    return {
        "id": "modr-guardrail",
        "model": guard.snapshot.label.decode(),
        "results": results,
    }


def _answer(status: int, document: Mapping[str, Any]) -> Reply:
    body = json.dumps(document, separators=(",", ":")).encode()
    return Reply(status, ((b"content-type", b"application/json"),), body)


async def judged(
    guard: Guard, judge: Judge, body: AsyncIterator[bytes], headers: Headers, key: str
) -> Reply:
    """The answer of one endpoint; for a bad request, a missing key or model, a full queue too.

    Args:
        guard: The guard in force.
        judge: ``plain``, ``litellm`` or ``moderation``.
        body: Of the request, as it comes.
        headers: Of the request.
        key: That has to come as bearer token, in ``x-api-key`` or the like; "" for none.
    """
    if key and not _has_key(headers, key):
        wrong = (
            "the key is missing or wrong; send the value of --check-key-env's variable as "
            "'Authorization: Bearer KEY' or in x-api-key"
        )
        return _answer(401, _error(wrong))
    try:
        whole = await _whole(body, guard.snapshot.policy.max_body_bytes)
        return _answer(200, await judge(guard, _json(whole)))
    except WireError as error:
        return _answer(error.status, _error(str(error)))
    except OverloadError as error:
        return _unavailable(error)
    except GuardrailError:
        _logger.exception("the guard cannot work")
        return _unavailable(OverloadError("the guard cannot work"))


def _unavailable(error: OverloadError) -> Reply:
    message, code = public(error)
    told = {"message": message, "type": "guardrail", "code": code}
    reply = _answer(503, {"error": told})
    return replace(reply, headers=(*reply.headers, (b"retry-after", b"1")))


def _error(message: str) -> dict[str, Any]:
    return {"error": {"message": message, "type": "guardrail"}}


def _has_key(headers: Headers, key: str) -> bool:
    sent = [one.encode("latin-1") for one in api_keys(headers)]
    return any(hmac.compare_digest(one, key.encode()) for one in sent)


async def _whole(body: AsyncIterator[bytes], most: int) -> bytes:
    chunks: list[bytes] = []
    size = 0
    async for chunk in body:
        size += len(chunk)
        if size > most:
            raise WireError(f"the body is longer than {most} bytes", status=413)
        chunks.append(chunk)
    return b"".join(chunks)


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise WireError(f"not JSON: {error}") from None


def _decoded(data: str, ref: str) -> bytes:
    """A picture's bytes from base64 or a ``data:`` URL; what it is, its bytes say."""
    try:
        return b64decode(data.rpartition(",")[2], validate=True)
    except (Base64Error, ValueError) as error:
        raise WireError(f"{ref}: not base64: {error}", ref=ref) from None


def _inlined(
    conversation: Conversation, images: Mapping[str, int], *, anew: bool
) -> dict[str, Edit]:
    """Pictures fetched or made ``anew`` as the bytes that were judged: the model sees no others."""
    return {
        part.ref: ReplaceImage(part.image.data, part.image.media_type)
        for part in conversation.parts
        if part.ref in images
        and part.image is not None
        and (anew or not part.url.startswith("data:"))
    }


def _edited(values: Iterable[str], refs: Mapping[str, int], edits: Mapping[str, Edit]) -> list[str]:
    new = list(values)
    for ref, index in refs.items():
        match edits.get(ref):
            case ReplaceText(text):
                new[index] = text
            case Drop(notice):
                new[index] = notice
            case ReplaceImage(data, media_type):
                new[index] = f"data:{media_type};base64,{b64encode(data).decode()}"
            case None:
                pass
    return new


async def _judged(guard: Guard, content: Any) -> Outcome:
    body = json.dumps({"messages": [{"role": "user", "content": content}]}).encode()
    return not_overloaded((await guard.acheck_body(body))[1])


def _result(guard: Guard, outcome: Outcome) -> dict[str, Any]:
    """Scores by our names and by OpenAI's, and which of them a rule of the policy is about."""
    scores: dict[str, float] = {}
    named: dict[str, bool] = {}
    rules = {stage.name: stage.rules for step in guard.snapshot.input for stage in step}
    for verdict in outcome.verdicts:
        for finding in verdict.findings:
            name = finding.category
            scores[name] = max(scores.get(name, 0.0), finding.score)
            if action_for(finding, rules.get(verdict.stage, ())) is not Action.ALLOW:
                named[name] = True
    theirs = taxonomy().external["openai_moderation"]
    scores |= {name: scores.get(ours, 0.0) for name, ours in theirs.items()}
    named |= {name: named.get(ours, False) for name, ours in theirs.items()}
    return {
        "flagged": outcome.action is not Action.ALLOW,
        "categories": {name: named.get(name, False) for name in scores},
        "category_scores": {name: round(score, 4) for name, score in scores.items()},
        "category_applied_input_types": {name: [] for name in scores},
    }


JUDGES: dict[str, Judge] = dict(zip(PATHS, (plain, litellm, moderation), strict=True))
"""Path to what answers there."""
