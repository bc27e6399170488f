"""What streams cost: ``python -m bench.streams``.

The guard runs in this process with a scripted upstream and no HTTP, so that only its own work is
measured. CPU: streams of chat chunks through each mode, in alternating rounds, against the guard
that passes replies unread; the output stages are those without a model. Race: milliseconds to the
first byte of text, from an upstream that thinks for a while, with checks that take a while, in
alternating requests.
"""

from __future__ import annotations

import asyncio
import json
import platform
from collections.abc import AsyncGenerator, Sequence
from random import Random
from statistics import median
from time import perf_counter, process_time
from typing import Annotated

import numpy as np
import typer
from rich.console import Console
from rich.table import Table

from bench.stream_checks import SECONDS_VARIABLE, Patient
from guardrail import Guard, Reply, Request
from guardrail.policy import parse_policy

PATH = "/v1/chat/completions"
_EVENTS = ((b"content-type", b"text/event-stream"),)
_WORDS = ("report", "says", "that", "sales", "grew", "by", "four", "percent", "while", "costs")
_SYSTEM = (
    "You are the assistant of a shipping company. Answer in at most five sentences, never state a "
    "price, and pass complaints about damaged goods to the office in Rotterdam at once. "
) * 4
_INPUT = """
input:
  - detect: unicode_smuggling
    rules: [{category: hidden_text, at_least: 0.5, action: block}]
    on_error: block
    timeout_s: 1
"""
_OUTPUT = """
output:
  - detect: unicode_smuggling
    rules: [{category: hidden_text, at_least: 0.5, action: block}]
    on_error: block
    timeout_s: 1
  - detect: link_exfiltration
    rules: [{category: data_exfiltration, at_least: 0.5, action: block}]
    on_error: block
    timeout_s: 1
  - detect: system_prompt_leak
    rules: [{category: system_prompt_leak, at_least: 0.5, action: block}]
    on_error: block
    timeout_s: 1
"""
_CHEAPEST = _OUTPUT.partition("  - detect: system_prompt_leak")[0]
MODES = {
    "unread": _INPUT,
    "hold": f"stream: {{mode: hold, window: 400}}\n{_INPUT}{_OUTPUT}",
    "window": f"stream: {{mode: window, window: 400}}\n{_INPUT}{_OUTPUT}",
    "hold, no leak detector": f"stream: {{mode: hold, window: 400}}\n{_INPUT}{_CHEAPEST}",
}
RACES = {
    mode: f"""
input_mode: {mode}
stream: {{mode: window, window: 400}}
input:
  - detect: bench.stream_checks:Patient
    rules: [{{category: hidden_text, at_least: 0.5, action: block}}]
    on_error: block
    timeout_s: 5
{_OUTPUT}"""
    for mode in ("wait", "race")
}


def chunks(tokens: int, seed: int) -> list[bytes]:
    """A stream of ``tokens`` chunks of about four characters and a half."""
    draw = Random(seed)
    head = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m"}

    def event(delta: dict[str, str], reason: str | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "finish_reason": reason}
        return b"data: " + json.dumps({**head, "choices": [choice]}).encode() + b"\n\n"

    words = [event({"content": f"{draw.choice(_WORDS)} "}) for _ in range(tokens)]
    return [event({"role": "assistant"}), *words, event({}, "stop"), b"data: [DONE]\n\n"]


class Upstream:
    """Streams the same chunks to every request, after thinking for ``seconds``."""

    def __init__(self, pieces: Sequence[bytes], seconds: float = 0.0) -> None:
        self._pieces = pieces
        self._seconds = seconds

    async def __call__(self, request: Request) -> Reply:  # noqa: ARG002
        """The reply, once it has thought."""
        await asyncio.sleep(self._seconds)
        return Reply(200, _EVENTS, self._stream())

    async def _stream(self) -> AsyncGenerator[bytes]:
        for piece in self._pieces:
            yield piece


def request() -> Request:
    """A streamed chat request with a system prompt."""
    messages = [{"role": "system", "content": _SYSTEM}, {"role": "user", "content": "Hello"}]
    body = json.dumps({"model": "m", "messages": messages, "stream": True}).encode()
    return Request("POST", PATH, b"", ((b"content-type", b"application/json"),), body)


def guard(policy: str) -> Guard:
    """A guard with a policy of this bench."""
    return Guard(parse_policy(f"version: 1\nname: bench\n{policy}"))


async def read(made: Guard, upstream: Upstream, started: float) -> float:
    """Reads a whole reply; seconds from ``started`` to its first byte of text."""
    reply = await made.handle(request(), upstream)
    if reply.status != 200 or isinstance(reply.body, bytes):
        raise RuntimeError(f"no stream came back: {reply}")
    first = 0.0
    async for chunk in reply.body:
        if not first and b'"content"' in chunk:
            first = perf_counter() - started
    return first


async def cpu_ms(rounds: int, each: int, tokens: int) -> dict[str, float]:
    """Milliseconds of CPU per 100 tokens of each mode: the 20th percentile of ``rounds``.

    Low, because what else runs on the machine only ever adds.
    """
    upstream = Upstream(chunks(tokens, seed=tokens))
    guards = {name: guard(policy) for name, policy in MODES.items()}
    taken: dict[str, list[float]] = {name: [] for name in guards}
    for one in guards.values():
        await read(one, upstream, perf_counter())
    for _ in range(rounds):
        for name, one in guards.items():
            before = process_time()
            for _ in range(each):
                await read(one, upstream, 0.0)
            taken[name].append((process_time() - before) * 1000 / each / tokens * 100)
    return {name: float(np.percentile(values, 20)) for name, values in taken.items()}


async def first_text_ms(rounds: int, upstream_ms: float) -> dict[str, list[float]]:
    """Milliseconds to the first text without a guard and with each input mode."""
    upstream = Upstream(chunks(50, seed=1), upstream_ms / 1000)
    guards = {"unread": guard(_INPUT), **{name: guard(policy) for name, policy in RACES.items()}}
    taken: dict[str, list[float]] = {name: [] for name in guards}
    for one in guards.values():
        await read(one, upstream, perf_counter())
    for _ in range(rounds):
        for name, one in guards.items():
            taken[name].append(await read(one, upstream, perf_counter()) * 1000)
    return taken


def main(
    rounds: Annotated[int, typer.Option(min=3, help="Alternating rounds.")] = 30,
    upstream_ms: Annotated[float, typer.Option(help="How long the upstream thinks.")] = 60.0,
) -> None:
    """Measure CPU a token of each stream mode, and what a race saves."""
    console = Console(width=100)
    table = Table("tokens", *MODES, title="CPU ms per 100 tokens, 20th percentile")
    for tokens in (100, 400, 1600):
        each = max(1, 1600 // tokens)
        values = asyncio.run(cpu_ms(rounds, each, tokens))
        table.add_row(str(tokens), *(f"{values[name]:.2f}" for name in MODES))
    console.print(table)
    taken = asyncio.run(first_text_ms(rounds, upstream_ms))
    for name, seen in taken.items():
        low, high = sorted(seen)[len(seen) // 10], sorted(seen)[-len(seen) // 10]
        console.print(
            f"first text, {name}: median {median(seen):.1f} ms (p10 {low:.1f}, p90 {high:.1f})"
        )
    added = [one - other for one, other in zip(taken["race"], taken["unread"], strict=True)]
    console.print(
        f"race adds {median(added):.2f} ms to the upstream's {upstream_ms:g} ms; checks of "
        f"{Patient.seconds() * 1000:g} ms ({SECONDS_VARIABLE})"
    )
    console.print(f"{platform.machine()}, Python {platform.python_version()}, {rounds} rounds")


if __name__ == "__main__":
    typer.run(main)
