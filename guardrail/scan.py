"""The input stages over many items, offline: a result line for each, scores below rules too."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from time import perf_counter
from typing import Any, TextIO

from guardrail.audit import finding_json
from guardrail.errors import GuardrailError, PolicyError
from guardrail.guard import Guard
from guardrail.scan_items import Item, read_items
from guardrail.types import Outcome

Done = Callable[[dict[str, Any]], None]


@dataclass(frozen=True, slots=True)
class ScanOptions:
    """How a scan is run.

    Attributes:
        source: JSON lines, or a folder of pictures.
        output: Result lines are appended here.
        workers: Items in work at one time.
        limit: Most items, those that are done already included; None for all.
        resume: Whether items whose results are in ``output`` are skipped; else it is overwritten.
        content: Whether findings carry the text they are about.
    """

    source: Path
    output: Path
    workers: int = 2
    limit: int | None = None
    resume: bool = True
    content: bool = False


async def scan(guard: Guard, options: ScanOptions, done: Done) -> None:
    """Scans, calling ``done`` with every result; each is in the file before that.

    Stopped at any moment, the file holds whole lines only, and the next run goes on from there.

    Raises:
        PolicyError: The input cannot be read.
        ModelError: Weights are missing or altered.
    """
    await guard.load()
    known = finished(options.output) if options.resume else {}
    items = islice(read_items(options.source), options.limit)
    todo = (item for item in items if item.id not in known)
    with options.output.open("a" if options.resume else "w", encoding="utf-8") as out:
        workers = [
            asyncio.create_task(_work(guard, todo, out, options.content, done))
            for _ in range(options.workers)
        ]
        try:
            await asyncio.gather(*workers)
        finally:
            for worker in workers:
                worker.cancel()
            await asyncio.gather(*workers, return_exceptions=True)


def finished(output: Path) -> dict[str, dict[str, Any]]:
    """The results in ``output`` by id; a half-written last line is cut off the file.

    Raises:
        PolicyError: A whole line is no result: the file is something else, and stays as it is.
    """
    if not output.exists():
        return {}
    data = output.read_bytes()
    whole = data[: data.rfind(b"\n") + 1]
    found: dict[str, dict[str, Any]] = {}
    for number, line in enumerate(whole.split(b"\n")[:-1], 1):
        try:
            result = json.loads(line)
            found[result["id"]] = result
        except (ValueError, KeyError, TypeError):
            raise PolicyError(
                f"{output}:{number}: not a result of a scan; name another --output, or overwrite "
                "it with --no-resume"
            ) from None
    if len(whole) < len(data):
        with output.open("r+b") as file:
            file.truncate(len(whole))
    return found


async def _work(
    guard: Guard,
    todo: Iterator[Item],
    out: TextIO,
    content: bool,
    done: Done,
) -> None:
    for item in todo:
        result = await scan_item(guard, item, content=content)
        out.write(json.dumps(result, ensure_ascii=False) + "\n")
        out.flush()
        done(result)


async def scan_item(guard: Guard, item: Item, *, content: bool = False) -> dict[str, Any]:
    """The result line of one item; what is wrong with the item itself is in its ``error``."""
    started = perf_counter()
    head = {"id": item.id, **({"item": item.extra} if item.extra else {})}
    try:
        outcome = await _outcome(guard, item)
    except (GuardrailError, OSError) as error:
        return {**head, "action": None, "error": str(error)}
    milliseconds = round((perf_counter() - started) * 1000, 1)
    return {**head, **_result(outcome, content), "ms": milliseconds}


async def _outcome(guard: Guard, item: Item) -> Outcome:
    if item.problem:
        raise PolicyError(item.problem)
    images = [item.image.read_bytes()] if item.image else []
    return await guard.acheck(text=item.text, images=images, messages=item.messages)


def _result(outcome: Outcome, content: bool) -> dict[str, Any]:
    findings = [
        finding_json(finding, content=content)
        for verdict in outcome.verdicts
        for finding in sorted(verdict.findings, key=lambda one: -one.score)
    ]
    stages = {
        verdict.stage: {
            "action": verdict.action.name,
            "ms": round(verdict.seconds * 1000, 1),
            **({"cached": verdict.cached} if verdict.cached else {}),
            **({"error": verdict.error} if verdict.error else {}),
        }
        for verdict in outcome.verdicts
    }
    return {"action": outcome.action.name, "findings": findings, "stages": stages}
