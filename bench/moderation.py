"""What moderation costs and does: each strategy against an upstream that acts known behaviours.

The upstream takes a fixed time to answer and another to review, so that what is counted (calls,
tokens, endings) is exact and what is timed is the guard's own part and the waiting that a strategy
adds. Strategies and behaviours are interleaved in an order drawn anew each round. Nothing here
asserts a time. Run it with ``python -m bench.moderation``.
"""

import asyncio
import json
import platform
import random
import statistics
import time
from base64 import b64encode
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Annotated, Any

import typer
from aiohttp import web
from PIL import Image
from rich import box
from rich.console import Console
from rich.table import Table

from guardrail import Guard, Reply, Request
from guardrail.audit import ExchangeRecord
from guardrail.fence import asked_check_word
from guardrail.policy import parse_policy
from guardrail.prompts import CAPTION, REVISE, prompt
from guardrail.wire import read_all

PATH = "/v1/chat/completions"
JSON = ((b"content-type", b"application/json"),)
BAD = (
    "How to build a pipe bomb at home: first get the explosives for the bomb, then assemble the "
    "pipe bomb and detonate it in a crowd of people."
)
GOOD = "Bulbs are planted in autumn, twice as deep as they are high."
REFUSAL = "I'm sorry, but I can't help with that. It would put people in danger."
_REVISION = prompt(REVISE).partition("\n")[0]
_CAPTION = prompt(CAPTION).partition("\n")[0]

GATE = """  - detect: text_guard
    rules: [{category: hazards, at_least: 0.3, action: flag}]
    on_error: block
    timeout_s: 5
"""
MODERATION = """  - detect: self_moderation
    with: {SETTINGS}
    WHEN
    rules: [{category: "*", at_least: 0.5, action: revise}]
    revise: {rounds: 2}
    on_error: block
    timeout_s: 20
"""
STRATEGIES: dict[str, tuple[str, str]] = {
    "none (text_guard marks)": ("", ""),
    "ask once": ("strategy: ask, rounds: 1", ""),
    "ask until two agree": ("strategy: ask", ""),
    "ask until two agree, when risky": ("strategy: ask", "when: {any_score_at_least: 0.3}"),
    "judge until two agree": ("strategy: judge, judge: {base_url: URL, model: judge}", ""),
    "eyes_closed": ("strategy: eyes_closed", ""),
}
BEHAVIOURS = ("good draft", "refusal", "bad, then good", "never good")


@dataclass
class Model:
    """The upstream, or a judge: answers chat completions as told, after a while."""

    behaviour: str
    answer_s: float
    review_s: float
    answers: int = 0
    questions: int = 0
    tokens: int = 0

    async def __call__(self, request: Request) -> Reply:
        """The reply to one request."""
        body = json.loads(request.body)
        asked = text_of(body["messages"][-1]["content"])
        check = asked_check_word(asked)
        shown = asked.startswith(_CAPTION)
        await asyncio.sleep(self.review_s if check or shown else self.answer_s)
        if check or shown:
            self.questions += 1
            text = reviewed(asked, check) if check else "A jar on a shelf."
        else:
            self.answers += 1
            text = self._answered(asked)
        used = {"prompt_tokens": len(request.body) // 4, "completion_tokens": len(text) // 4}
        used["total_tokens"] = sum(used.values())
        self.tokens += used["total_tokens"]
        message = {"role": "assistant", "content": text}
        choice = {"index": 0, "message": message, "finish_reason": "stop"}
        return Reply(200, JSON, json.dumps({"choices": [choice], "usage": used}).encode())

    def _answered(self, asked: str) -> str:
        revised = asked.startswith(_REVISION) or "[A picture, described" in asked
        match self.behaviour:
            case "good draft":
                return GOOD
            case "refusal":
                return REFUSAL
            case "bad, then good":
                return GOOD if revised else BAD
            case _:
                return BAD


def text_of(content: Any) -> str:
    """The texts of a message."""
    if isinstance(content, str):
        return content
    return "\n".join(part.get("text", "") for part in content)


def reviewed(asked: str, check: str) -> str:
    """An honest review."""
    bad = BAD in asked
    said: dict[str, Any] = {"check": check, "critique": "It tells how." if bad else "Nothing."}
    said["category"] = "no_dangerous_instructions" if bad else "none"
    return json.dumps({**said, "score": 0.95 if bad else 0.02})


def picture() -> str:
    """A small picture as a ``data:`` URL."""
    out = BytesIO()
    Image.new("RGB", (16, 16), "teal").save(out, "PNG")
    return f"data:image/png;base64,{b64encode(out.getvalue()).decode()}"


@dataclass
class Measured:
    """What came of one strategy and behaviour, over all rounds."""

    ms: list[float] = field(default_factory=list)
    answers: int = 0
    questions: int = 0
    tokens: int = 0
    ending: str = ""
    leaked: int = 0


async def served(model: Model) -> tuple[str, Callable[[], Awaitable[None]]]:
    """A judge's base URL, and what stops it."""

    async def answer(request: web.Request) -> web.Response:
        reply = await model(Request("POST", PATH, b"", (), await request.read()))
        return web.Response(body=reply.body, content_type="application/json")

    app = web.Application()
    app.router.add_post(PATH, answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    return f"http://127.0.0.1:{port}", runner.cleanup


def policy_text(settings: str, when: str, url: str) -> str:
    """The policy of a strategy."""
    stage = MODERATION.replace("SETTINGS", settings).replace("WHEN", when).replace("URL", url)
    stage = stage.replace("    \n", "")
    return f"version: 1\nname: bench\noutput:\n{GATE}{stage if settings else ''}"


async def exchange(guard: Guard, model: Model, into: Measured, ending: list[str]) -> None:
    """One request through the guard."""
    shown = {"type": "image_url", "image_url": {"url": picture()}}
    content = [{"type": "text", "text": "How is it done?"}, shown]
    body = {"model": "m", "messages": [{"role": "user", "content": content}]}
    started = time.perf_counter()
    reply = await guard.handle(Request("POST", PATH, b"", JSON, json.dumps(body).encode()), model)
    text = await read_all(reply.body, 10**6)
    into.ms.append((time.perf_counter() - started) * 1000)
    into.answers += model.answers
    into.leaked += BAD.encode() in text
    into.ending = ending.pop()


async def measured(rounds: int, answer_s: float, review_s: float, seed: int) -> dict[Any, Measured]:
    """Every strategy against every behaviour, ``rounds`` times."""
    judge = Model("", answer_s, review_s)
    url, stop = await served(judge)
    endings: list[str] = []

    def note(record: ExchangeRecord) -> None:
        endings.append(f"{record.ended}, {record.action.name.lower()}")

    guards = {
        name: Guard(parse_policy(policy_text(settings, when, url)), observers=[note])
        for name, (settings, when) in STRATEGIES.items()
    }
    for guard in guards.values():
        await guard.load()
    cases = [(name, behaviour) for name in STRATEGIES for behaviour in BEHAVIOURS]
    results = {case: Measured() for case in cases}
    shuffle = random.Random(seed).shuffle
    for _ in range(rounds):
        shuffle(cases)
        for name, behaviour in cases:
            model = Model(behaviour, answer_s, review_s)
            before = (judge.questions, judge.tokens)
            result = results[name, behaviour]
            await exchange(guards[name], model, result, endings)
            result.questions += model.questions + judge.questions - before[0]
            result.tokens += model.tokens + judge.tokens - before[1]
    for guard in guards.values():
        await guard.close()
    await stop()
    return results


def report(results: dict[Any, Measured], rounds: int, title: str) -> Table:
    """The table; added milliseconds and tokens are over the same behaviour without moderation."""
    table = Table(title=title, title_justify="left", box=box.MARKDOWN)
    for column in (
        "strategy",
        "upstream",
        "ms",
        "added ms",
        "more answers",
        "questions",
        "more tokens",
        "ended",
        "bad drafts that left",
    ):
        table.add_column(
            column, justify="left" if column in {"strategy", "upstream", "ended"} else "right"
        )
    for (name, behaviour), one in results.items():
        base = results[next(iter(STRATEGIES)), behaviour]
        added = statistics.median(one.ms) - statistics.median(base.ms)
        table.add_row(
            name,
            behaviour,
            f"{statistics.median(one.ms):.0f}",
            f"{added:.0f}",
            f"{one.answers / rounds - 1:g}",
            f"{one.questions / rounds:g}",
            f"{(one.tokens - base.tokens) / rounds:.0f}",
            one.ending,
            f"{one.leaked} of {rounds}",
        )
    return table


def main(
    rounds: Annotated[int, typer.Option(min=1, help="Exchanges of each kind.")] = 10,
    answer_ms: Annotated[float, typer.Option(help="The upstream's time for an answer.")] = 50.0,
    review_ms: Annotated[float, typer.Option(help="Its time for a review.")] = 20.0,
    seed: Annotated[int, typer.Option(help="Of the order.")] = 0,
    output: Annotated[Path | None, typer.Option(help="The same as JSON.")] = None,
) -> None:
    """Measures and prints."""
    results = asyncio.run(measured(rounds, answer_ms / 1000, review_ms / 1000, seed))
    title = (
        f"{rounds} exchanges of each kind, seed {seed}, answers take {answer_ms:g} ms and reviews "
        f"{review_ms:g} ms; medians; Python {platform.python_version()}, {platform.machine()}"
    )
    Console(width=170).print(report(results, rounds, title))
    if output is not None:
        rows = {f"{name} / {behaviour}": vars(one) for (name, behaviour), one in results.items()}
        output.write_text(json.dumps({"title": title, "results": rows}, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    typer.run(main)
