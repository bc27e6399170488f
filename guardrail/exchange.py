"""One exchange, wire to wire: input stages, the upstream, output stages, the answer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from functools import partial
from time import perf_counter

from guardrail.adapter import Adapter, Refusal, is_streamed
from guardrail.audit import ExchangeRecord
from guardrail.cache import VerdictCache
from guardrail.context import ExchangeContext
from guardrail.errors import ImageError, OverloadError, WireError
from guardrail.pictures import Pictures
from guardrail.pipeline import run
from guardrail.pump import Pump
from guardrail.snapshot import Snapshot
from guardrail.stream import HoldBack
from guardrail.types import Action, Conversation, Edit, Outcome, Part, Side
from guardrail.wire import Headers, Reply, Request, Send, header, read_all


@dataclass(frozen=True, slots=True)
class Services:
    """What outlives an exchange: the verdict cache, the pictures' workers, the observers."""

    cache: VerdictCache
    pictures: Pictures
    observers: tuple[Callable[[ExchangeRecord], None], ...] = ()


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
        self._send: Send
        self._streaming = False

    async def run(self, conversation: Conversation, send: Send) -> Reply:
        """The answer to the request; a bad request, reply or full queue has its answer too."""
        self._conversation, self._send = conversation, send
        try:
            reply = await self._run()
        except asyncio.CancelledError:
            self._end("client_closed")
            raise
        except (WireError, OverloadError) as error:
            self._record.error = str(error)
            reply = self._marked(failure(self._adapter, error))
            self._record.status = reply.status
            self._end("failed")
            return reply
        if not self._streaming:
            self._record.status = reply.status
            self._end("blocked" if self._record.action is Action.BLOCK else "replied")
        return reply

    async def _run(self) -> Reply:
        self._conversation, pinned = await self._services.pictures.pin(
            self._conversation,
            self._snapshot.limits,
            self._snapshot.remote,
            files=self._snapshot.files,
        )
        outcome = await self._inspect("input", self._conversation)
        if outcome.action is Action.BLOCK:
            refusal = self._refusal(outcome)
            return self._marked(self._adapter.refusal(self._conversation, refusal))
        reply = await self._send(self._forwarded({**pinned, **outcome.edits}))
        self._record.status = reply.status
        if not self._snapshot.output or not 200 <= reply.status < 300:
            return self._marked(reply)
        _refuse_encoded(reply)
        kind = header(reply.headers, b"content-type") or b""
        media_type = kind.partition(b";")[0].strip().lower()
        if is_streamed(self._adapter, media_type, asked=self._conversation.stream):
            self._streaming = self._record.streamed = True
            return self._marked(replace(reply, body=self._streamed(reply)))
        return await self._whole(reply)

    async def _inspect(self, side: Side, conversation: Conversation) -> Outcome:
        pictures = self._services.pictures
        read = partial(pictures.pages, limits=self._snapshot.files)
        context = ExchangeContext(side, conversation, pictures.decode, self._ask, read)
        before = self._record.sides.get("input")
        try:
            outcome = await run(
                self._snapshot.steps(side),
                conversation.parts,
                context,
                self._services.cache,
                pictures.paint,
                self._snapshot.opaque,
                top_score=_top_score(before) if side == "output" and before else 0.0,
            )
        finally:
            context.close()
        self._record.add(side, outcome)
        if outcome.action is Action.BLOCK and outcome.verdicts[-1].error == "overload":
            raise OverloadError(f"stage {outcome.verdicts[-1].stage}: its queue is full")
        return outcome

    def _forwarded(self, edits: Mapping[str, Edit]) -> Request:
        body = self._adapter.render(self._request.body, edits)
        system = self._snapshot.policy.system_prompt
        if system is not None:
            body = self._adapter.with_system(body, system.text, system.insert)
        scanned = bool(self._snapshot.output)
        headers = tuple(
            pair
            for pair in self._request.headers
            if not pair[0].startswith(b"x-guardrail-")
            and not (scanned and pair[0] == b"accept-encoding")
        )
        if scanned:
            headers += ((b"accept-encoding", b"identity"),)
        return replace(self._request, headers=headers, body=body)

    async def _whole(self, reply: Reply) -> Reply:
        body = await read_all(reply.body, self._snapshot.policy.max_body_bytes)
        answer = await self._with_pictures(self._adapter.parse_reply(body))
        outcome = await self._inspect("output", answer)
        if outcome.action is Action.BLOCK:
            refusal = self._refusal(outcome, answer.usage)
            return self._marked(self._adapter.refusal(self._conversation, refusal))
        return self._marked(replace(reply, body=self._adapter.render(body, outcome.edits)))

    async def _with_pictures(self, answer: Conversation) -> Conversation:
        """A reply with the bytes of its pictures; a link is the client's to follow, and unread."""
        rules = replace(self._snapshot.remote, mode="passthrough")
        try:
            pinned, _ = await self._services.pictures.pin(
                answer, self._snapshot.limits, rules, files=self._snapshot.files
            )
        except ImageError as error:
            message = f"a picture of the upstream's reply: {error}"
            raise WireError(message, ref=error.ref, status=502) from None
        return pinned

    async def _streamed(self, reply: Reply) -> AsyncGenerator[bytes]:
        """The bytes that leave; closing the generator closes the upstream reply at once."""
        reader = self._adapter.events(self._conversation)
        hold = self._snapshot.hold
        held = HoldBack(reader, self._inspect_reply, hold)
        ended = "client_closed"
        try:
            async with Pump(self._judged(reply, held)) as pump:
                while True:
                    try:
                        out = await pump.next(hold.keep_alive_s)
                    except TimeoutError:
                        out = held.keep_alive if held.holds else b""
                    if out is None:
                        break
                    self._record.released += len(out)
                    yield out
            ended = "replied"
            if held.blocked:
                ended = "blocked"
                yield held.finish(self._refusal(held.outcome))
        except (WireError, OverloadError) as error:
            ended = "failed"
            self._record.error = str(error)
            yield reader.fail(*_public(error))
        finally:
            self._end(ended)

    async def _judged(self, reply: Reply, held: HoldBack) -> AsyncGenerator[bytes]:
        if isinstance(reply.body, bytes):
            yield await held.feed(reply.body)
        else:
            async with aclosing(reply.body) as chunks:
                async for chunk in chunks:
                    if out := await held.feed(chunk):
                        yield out
                    if held.blocked:
                        return
        if not held.blocked:
            yield await held.close()

    async def _inspect_reply(self, parts: Sequence[Part]) -> Outcome:
        return await self._inspect("output", Conversation(tuple(parts), stream=True))

    async def _ask(self, prompt: str) -> str:
        body = self._adapter.question(self._conversation, prompt)
        reply = await self._send(replace(self._forwarded({}), body=body))
        whole = await read_all(reply.body, self._snapshot.policy.max_body_bytes)
        if not 200 <= reply.status < 300:
            raise WireError(f"the upstream answered a question with {reply.status}", status=502)
        texts = (part.text for part in self._adapter.parse_reply(whole).parts)
        return next(texts, "")

    def _refusal(self, outcome: Outcome, usage: Mapping[str, object] | None = None) -> Refusal:
        block = self._snapshot.policy.block
        blocked = next(v for v in reversed(outcome.verdicts) if v.action is Action.BLOCK)
        param = max(blocked.findings, key=lambda f: f.score).ref if blocked.findings else ""
        if "input" in self._record.sides and "output" in self._record.sides:
            param = ""  # the part at fault is in the reply, which the client never saw
        return Refusal(block.message, block.style, self._record.verdict_id, param, usage)

    def _marked(self, reply: Reply) -> Reply:
        record = self._record
        milliseconds = (perf_counter() - self._started) * 1000
        marks: Headers = (
            (b"x-guardrail-schema", b"1"),
            (b"x-guardrail-verdict-id", record.verdict_id.encode()),
            (b"x-guardrail-action", record.action.name.lower().encode()),
            (b"x-guardrail-policy", self._snapshot.label),
            (b"x-guardrail-duration-ms", b"%.2f" % milliseconds),
        )
        if record.streamed:
            marks += ((b"x-guardrail-stream", self._snapshot.policy.stream.mode.encode()),)
        kept = tuple(
            pair
            for pair in reply.headers
            if pair[0] != b"content-length" and not pair[0].startswith(b"x-guardrail-")
        )
        return replace(reply, headers=kept + marks)

    def _end(self, ended: str) -> None:
        self._record.ended = ended
        self._record.seconds = perf_counter() - self._started
        for observe in self._services.observers:
            observe(self._record)


def failure(adapter: Adapter, error: WireError | OverloadError) -> Reply:
    """The answer to a bad request or reply, or to a full queue, in the provider's envelope."""
    message, code = _public(error)
    if isinstance(error, OverloadError):
        reply = adapter.error(503, message, code)
        return replace(reply, headers=(*reply.headers, (b"retry-after", b"1")))
    return adapter.error(error.status, message, code, error.ref)


def _public(error: WireError | OverloadError) -> tuple[str, str]:
    """Message and code for the client: nothing about which stage or rule it was."""
    if isinstance(error, OverloadError):
        return "The guardrail is busy; try again.", "guardrail_unavailable"
    return str(error), "invalid_request" if error.status < 500 else "upstream_error"


def _refuse_encoded(reply: Reply) -> None:
    encoding = header(reply.headers, b"content-encoding")
    if encoding is not None and encoding.strip().lower() != b"identity":
        raise WireError(
            f"the upstream sent content-encoding {encoding.decode('latin-1')!r} although identity "
            "was asked for; a reply that cannot be read is not passed on",
            status=502,
        )


def _top_score(outcome: Outcome) -> float:
    return max((f.score for verdict in outcome.verdicts for f in verdict.findings), default=0.0)
