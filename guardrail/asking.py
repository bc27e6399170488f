"""Questions of the guard's own, to the upstream of an exchange or to a judge."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from time import perf_counter

from guardrail.adapter import Adapter, is_streamed
from guardrail.audit import ExchangeRecord
from guardrail.errors import PolicyError, WireError
from guardrail.forward import sent_headers
from guardrail.judge import Judge
from guardrail.policy_parts import UpstreamRules
from guardrail.registry import adapter as adapter_named
from guardrail.revisable import revisable
from guardrail.rounds import Asked
from guardrail.types import Conversation, Image, Part
from guardrail.upstream import Upstream
from guardrail.wire import Reply, Request, Send, header, read_all


@dataclass(frozen=True, slots=True)
class Asker:
    """Asks on behalf of one exchange; every question is noted in its record.

    Attributes:
        adapter: Of the request.
        conversation: The request: its model is asked.
        request: What the client sent: its address and credentials are used.
        send: Forwards to the upstream.
        record: Of the exchange.
        max_bytes: Of an answer.
    """

    adapter: Adapter
    conversation: Conversation
    request: Request
    send: Send
    record: ExchangeRecord
    max_bytes: int

    async def ask(self, prompt: str, judge: Judge | None = None) -> str:
        """The answer to ``prompt`` of the upstream's model, or of ``judge``.

        Raises:
            WireError: There is no answer.
            PolicyError: The judge has no key, or a format that cannot be asked.
        """
        if judge is None:
            body = self.adapter.question(self.conversation, prompt)
            return await self._noted("upstream", lambda: self._answer(body))
        return await self._noted(judge.base_url, lambda: ask_judge(judge, prompt, self.max_bytes))

    async def ask_about(self, prompt: str, images: Sequence[Image]) -> str:
        """The answer to ``prompt`` of the upstream's model, which is shown ``images``.

        Raises:
            WireError: There is no answer, or the format shows no pictures.
        """
        lens = revisable(self.adapter)
        if lens is None:
            raise WireError("this format has no question about pictures", status=502)
        body = lens.question(self.conversation, prompt, images)
        return await self._noted("upstream", lambda: self._answer(body))

    async def _noted(self, to: str, answer: Callable[[], Awaitable[Conversation]]) -> str:
        started = perf_counter()
        told, error = Conversation(()), "not answered in time"
        try:
            told = await answer()
            error = ""
        except (WireError, PolicyError) as failed:
            error = str(failed)
            raise
        finally:
            seconds = perf_counter() - started
            self.record.asked.append(Asked(to, seconds, told.usage, error))
        return text_of(told)

    async def _answer(self, body: bytes) -> Conversation:
        headers = sent_headers(self.request.headers, scanned=True)
        reply = await self.send(replace(self.request, headers=headers, body=body))
        whole = await read_all(reply.body, self.max_bytes)
        _check_status(reply, "upstream")
        kind = (header(reply.headers, b"content-type") or b"").partition(b";")[0].strip().lower()
        if not is_streamed(self.adapter, kind, asked=self.conversation.stream):
            return self.adapter.parse_reply(whole)
        # Where the address decides, not the body, the answer is a stream although none was wanted.
        return _of_stream(self.adapter, self.conversation, whole)


async def ask_nobody(prompt: str, judge: Judge | None = None) -> str:
    """The answer of ``judge``, for checks outside an exchange: there is no upstream then.

    Raises:
        WireError: No judge was named, or it gave no answer.
        PolicyError: As for ``ask_judge``.
    """
    if judge is None:
        raise WireError(f"there is no upstream to ask ({len(prompt)} characters)", status=502)
    return text_of(await ask_judge(judge, prompt))


def text_of(answer: Conversation) -> str:
    """All the texts of an answer, what a model thinks aloud included."""
    return "\n".join(part.text for part in answer.parts if part.kind == "text")


async def ask_judge(judge: Judge, prompt: str, max_bytes: int = 4 * 1024 * 1024) -> Conversation:
    """The judge's answer to ``prompt``.

    One connection a question: a judge takes a hundred times longer to answer than to be connected
    to, and nothing stays open in applications that never close their guard.

    Raises:
        WireError: The judge cannot be reached, is late, or does not answer in its format.
        PolicyError: The environment has no key, or the format cannot be asked.
    """
    lens = adapter_named(judge.adapter)
    asking = getattr(lens, "asking", None)
    if asking is None:
        raise PolicyError(f"no judge speaks {judge.adapter!r}: its adapter has no `asking`")
    path, headers = asking(_key(judge))
    body = lens.question(Conversation((), judge.model), prompt)
    upstream = Upstream(UpstreamRules(base_url=judge.base_url))
    try:
        async with asyncio.timeout(judge.timeout_s):
            reply = await upstream.send(Request("POST", path, b"", headers, body))
            whole = await read_all(reply.body, max_bytes)
            _check_status(reply, "judge")
    except TimeoutError:
        raise WireError(f"the judge took over {judge.timeout_s:g} s", status=504) from None
    finally:
        await upstream.close()
    return lens.parse_reply(whole)


def _check_status(reply: Reply, who: str) -> None:
    if not 200 <= reply.status < 300:
        raise WireError(f"the {who} answered a question with {reply.status}", status=502)


def _of_stream(adapter: Adapter, conversation: Conversation, body: bytes) -> Conversation:
    reader = adapter.events(conversation)
    events = [*reader.feed(body), *reader.close()]
    text = "".join(delta.text for event in events for delta in event.deltas)
    part = Part("", "text", "assistant", "assistant", text)
    return Conversation((part,), usage=getattr(reader, "usage", None))


def _key(judge: Judge) -> str:
    if not judge.api_key_env:
        return ""
    key = os.environ.get(judge.api_key_env)
    if not key:
        raise PolicyError(f"the judge's key: ${judge.api_key_env} is not set; export it")
    return key
