"""One exchange, wire to wire: input stages, the upstream, output stages, the answer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from time import perf_counter
from typing import Any

from guardrail.adapter import Adapter, Refusal, is_streamed
from guardrail.answers import failure, marked, refusal
from guardrail.asking import Asker
from guardrail.audit import ExchangeRecord
from guardrail.cache import VerdictCache
from guardrail.context import ExchangeContext
from guardrail.decide import not_overloaded
from guardrail.errors import ImageError, OverloadError, WireError, recorded
from guardrail.forward import forwarded, refuse_encoded
from guardrail.pictures import Pictures
from guardrail.pipeline import run
from guardrail.race import Ahead
from guardrail.refusals import is_refused
from guardrail.revisable import revisable
from guardrail.revise import Revisions
from guardrail.snapshot import Snapshot
from guardrail.streamed import streamed
from guardrail.system_prompt import secrets_of, told
from guardrail.types import Action, Conversation, Coverage, Edit, Outcome, Part, Side
from guardrail.wire import Reply, Request, Send, header, read_all


@dataclass(frozen=True, slots=True)
class Services:
    """What outlives an exchange: the verdict cache, the pictures' workers, the observers."""

    cache: VerdictCache
    pictures: Pictures
    observers: tuple[Callable[[ExchangeRecord], None], ...] = ()


@dataclass(frozen=True, slots=True)
class _Whole:
    """A whole reply that was judged."""

    reply: Reply
    body: bytes
    parts: Sequence[Part]
    outcome: Outcome
    usage: Mapping[str, Any] | None


class Exchange:
    """The state of one request and its reply; nothing of it outlives them."""

    def __init__(
        self,
        services: Services,
        snapshot: Snapshot,
        adapter: Adapter,
        request: Request,
        record: ExchangeRecord,
    ) -> None:
        self._services = services
        self._snapshot = snapshot
        self._adapter = adapter
        self._request = request
        self._record = record
        self._started = perf_counter()
        self._conversation = Conversation(())
        self._asker: Asker
        self._revisions: Revisions
        self._streaming = False

    async def run(self, conversation: Conversation, send: Send) -> Reply:
        """The answer to the request; a bad request, reply or full queue has its answer too."""
        self._conversation = conversation
        try:
            reply = await self._run(send)
        except asyncio.CancelledError:
            self._end("client_closed")
            raise
        except (WireError, OverloadError) as error:
            self._record.error = str(error)
            reply = self._marked(failure(self._adapter, error))
            self._record.status = reply.status
            self._end("failed")
            return reply
        except BaseException as error:
            self._record.error = recorded(error)
            self._end("failed")
            raise
        if not self._streaming:
            self._record.status = reply.status
            self._end("blocked" if self._record.action is Action.BLOCK else "replied")
        return reply

    async def _run(self, send: Send) -> Reply:
        self._conversation, pinned = await self._services.pictures.pin(
            self._conversation,
            self._snapshot.limits_of("input"),
            self._snapshot.remote,
            files=self._snapshot.files,
        )
        self._asker = Asker(
            self._adapter,
            self._conversation,
            self._request,
            send,
            self._record,
            self._snapshot.policy.max_body_bytes,
        )
        outcome, reply = await self._allowed(send, pinned)
        if reply is None:
            return self._refused(outcome)
        edits = {**pinned, **outcome.edits}
        self._revisions = Revisions(self._snapshot.output, self._asker, self._forwarded, edits)
        self._record.status = reply.status
        if not self._snapshot.output:
            return self._marked(reply)
        if not 200 <= reply.status < 300:
            unread = Coverage("skipped", reason=f"the reply's status is {reply.status}")
            self._record.add("output", Outcome(Action.ALLOW, coverage={"": unread}))
            return self._marked(reply)
        refuse_encoded(reply)
        kind = header(reply.headers, b"content-type") or b""
        media_type = kind.partition(b";")[0].strip().lower()
        if is_streamed(self._adapter, media_type, asked=self._conversation.stream):
            self._streaming = self._record.streamed = True
            return self._marked(replace(reply, body=self._held(reply)))
        return await self._whole(reply)

    async def _allowed(
        self, send: Send, pinned: Mapping[str, Edit]
    ) -> tuple[Outcome, Reply | None]:
        """What the input stages say, and the upstream's reply unless they block."""
        if self._snapshot.policy.input_mode == "race":
            self._record.raced = True
            self._tell(
                Outcome(Action.ALLOW)
            )  # no defence waits for a verdict, the policy is checked
            async with Ahead(send(self._forwarded(pinned))) as ahead:
                outcome = await self._inspect("input", self._conversation)
                blocked = outcome.action is Action.BLOCK
                return outcome, None if blocked else await ahead.reply()
        outcome = await self._inspect("input", self._conversation)
        if outcome.action is Action.BLOCK:
            return outcome, None
        self._tell(outcome)
        return outcome, await send(self._forwarded({**pinned, **outcome.edits}))

    def _tell(self, outcome: Outcome) -> None:
        self._record.told = told(self._snapshot.policy, self._conversation.parts, outcome)

    def _forwarded(self, edits: Mapping[str, Edit]) -> Request:
        return forwarded(self._request, self._adapter, self._snapshot, edits, self._record)

    async def _inspect(self, side: Side, conversation: Conversation) -> Outcome:
        output = side == "output"
        asked = self._conversation if output else Conversation(())
        pictures = self._services.pictures
        context = ExchangeContext(
            side,
            conversation,
            pictures.decode,
            self._asker.ask,
            asked,
            secrets_of(self._conversation.parts, self._record.told),
            partial(pictures.pages, limits=self._snapshot.files),
        )
        try:
            outcome = await run(
                self._snapshot.steps(side),
                conversation.parts,
                context,
                self._services.cache,
                pictures.paint,
                self._snapshot.opaque,
                top_score=self._record.top_score() if output else 0.0,
            )
        finally:
            context.close()
        if output and outcome.action is Action.REVISE and is_refused(conversation.parts):
            self._record.refused = True  # there is nothing to make better
            outcome = replace(outcome, action=Action.FLAG)
        self._record.add(side, outcome)
        return not_overloaded(outcome)

    async def _whole(self, reply: Reply) -> Reply:
        first = await self._read(reply)
        draft = await self._revisions.settle(first, self._read)
        if self._revisions.action(draft) is Action.BLOCK:
            return self._refused(draft.outcome, self._revisions.usage(draft))
        body = self._adapter.render(draft.body, draft.outcome.edits)
        lens, earlier = revisable(self._adapter), self._revisions.earlier
        if lens is not None and earlier is not None:
            body = lens.counted(body, earlier)
        return self._marked(replace(draft.reply, body=body))

    async def _read(self, reply: Reply) -> _Whole:
        body = await read_all(reply.body, self._snapshot.policy.max_body_bytes)
        answer = await self._with_pictures(self._adapter.parse_reply(body))
        outcome = await self._inspect("output", answer)
        return _Whole(reply, body, answer.parts, outcome, answer.usage)

    async def _with_pictures(self, answer: Conversation) -> Conversation:
        """A reply with the bytes of its pictures; a link is the client's to follow, and unread."""
        rules = replace(self._snapshot.remote, mode="passthrough")
        limits = self._snapshot.limits_of("output")
        try:
            pinned, _ = await self._services.pictures.pin(
                answer, limits, rules, files=self._snapshot.files
            )
        except ImageError as error:
            message = f"a picture of the upstream's reply: {error}"
            raise WireError(message, ref=error.ref, status=502) from None
        return pinned

    def _held(self, reply: Reply) -> AsyncGenerator[bytes]:
        return streamed(
            reply,
            lambda: self._adapter.events(self._conversation),
            self._inspect_reply,
            self._snapshot.hold,
            self._record,
            self._refusal,
            self._end,
            self._revisions,
        )

    async def _inspect_reply(self, parts: Sequence[Part]) -> Outcome:
        answer = await self._with_pictures(Conversation(tuple(parts), stream=True))
        return await self._inspect("output", answer)

    def _refused(self, outcome: Outcome, usage: Mapping[str, object] | None = None) -> Reply:
        refused = self._adapter.refusal(self._conversation, self._refusal(outcome, usage))
        return self._marked(refused)

    def _refusal(self, outcome: Outcome, usage: Mapping[str, object] | None = None) -> Refusal:
        return refusal(self._snapshot, self._record, outcome, usage)

    def _marked(self, reply: Reply) -> Reply:
        return marked(reply, self._snapshot, self._record, self._started)

    def _end(self, ended: str) -> None:
        self._record.ended = ended
        self._record.seconds = perf_counter() - self._started
        for observe in self._services.observers:
            observe(self._record)
