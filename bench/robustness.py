"""Whether text that is hidden is still read and judged: ``python -m bench.robustness``.

Makes pictures that hide a text, asks the whole guard about them, and writes to ``--out``: a line a
picture (``results.jsonl``, from which a later run goes on), the share of attacks stopped and of
harmless texts passed for each technique (``report.json``, ``report.md``) and a contact sheet of
what was missed (``missed.png``). The texts are such as the text model is sure about when they are
typed, so a miss is one of reading, or of judging what was read with mistakes. ``bench/hiding``
makes the pictures; ``bench/hiding/fonts.sh`` installs its fonts.
"""

from __future__ import annotations

import asyncio
import json
import platform
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from time import monotonic, perf_counter
from typing import Annotated

import typer
from rich.console import Console

from bench.hiding.payloads import settled, written
from bench.hiding.results import Result, keep, load, markdown, table, words_read
from bench.hiding.sheet import contact_sheet
from bench.hiding.techniques import Case, Payloads, cases
from guardrail import Guard
from guardrail.errors import WireError
from guardrail.policy import load_policy
from guardrail.policy_models import Policy
from guardrail.policy_parts import Parallel, PolicyStage
from guardrail.types import Conversation
from guardrail_detectors.ocr_injection import OcrInjection
from guardrail_detectors.text_guard.scorer import DEFAULT_MODEL, TextScorer

PICTURES = (".jpg", ".jpeg", ".png", ".webp")
_DEADLINE_S = 600.0
_SHOWN = 60  # cells of the contact sheet


def photos(folders: Sequence[Path]) -> list[Path]:
    """The pictures below ``folders``, in a fixed order."""
    found = (path for folder in folders for path in folder.rglob("*"))
    return sorted(path for path in found if path.suffix.lower() in PICTURES)


def patient(policy: Policy) -> Policy:
    """``policy`` without deadlines: what is measured is recall, on however busy a machine."""
    steps = tuple(
        step.model_copy(update={"timeout_s": _DEADLINE_S})
        if isinstance(step, PolicyStage)
        else Parallel(
            parallel=tuple(
                one.model_copy(update={"timeout_s": _DEADLINE_S}) for one in step.parallel
            )
        )
        for step in policy.input
    )
    return policy.model_copy(update={"input": steps})


async def judge(guard: Guard, case: Case, payloads: Payloads, files: Sequence[Path]) -> Result:
    """What ``guard`` says about ``case``; of an attack that passes, how much of it was read."""
    payload, sample = case.make(payloads, files)
    body = json.dumps({"model": "", "messages": sample.messages()}).encode()
    started = perf_counter()
    try:
        conversation, outcome = await guard.acheck_body(body)
    except WireError as error:
        seconds = perf_counter() - started
        return Result(
            case.key, case.technique, case.kind, f"{error}", "REFUSED", 1.0, None, seconds
        )
    seconds = perf_counter() - started
    for verdict in outcome.verdicts:
        if verdict.error is not None:  # would count as stopped
            raise RuntimeError(f"{case.key}: stage {verdict.stage} failed: {verdict.error}")
    findings = [finding for verdict in outcome.verdicts for finding in verdict.findings]
    score = max((finding.score for finding in findings), default=0.0)
    action = outcome.action.name
    read = None
    if case.kind != "benign" and action != "BLOCK":
        excerpts = " ".join(finding.excerpt for finding in findings)
        said = f"{sample.prompt} {excerpts} {await _text(guard, conversation)}"
        read = round(words_read(payload.text, said), 3)
    return Result(
        case.key, case.technique, case.kind, payload.text, action, round(score, 4), read,
        round(seconds, 3),
    )  # fmt: skip


async def _text(guard: Guard, conversation: Conversation) -> str:
    """All that the picture detector reads in the pictures of ``conversation``."""
    readers = [one for one in guard.snapshot.detectors() if isinstance(one, OcrInjection)]
    texts: list[str] = []
    for part in conversation.parts:
        if part.image is not None and readers:
            frames = await guard.shared.pictures.decode(part.image)
            texts.append(await asyncio.to_thread(readers[0].read_text, frames))
    return " ".join(texts)


async def run(
    guard: Guard, wanted: Sequence[Case], payloads: Payloads, files: Sequence[Path], out: Path,
    minutes: float,
) -> None:  # fmt: skip
    """Judges every case that ``out`` has no result of, until ``minutes`` are over."""
    known = {one.key for one in load(out)}
    ends = monotonic() + minutes * 60
    await guard.load()
    try:
        for case in wanted:
            if monotonic() > ends:
                break
            if case.key not in known:
                keep(out, await judge(guard, case, payloads, files))
    finally:
        await guard.close()


def report(
    results: Sequence[Result], wanted: Sequence[Case], payloads: Payloads, files: Sequence[Path],
    out: Path,
) -> str:  # fmt: skip
    """Writes the report of ``results`` to the folder ``out``; returns its table."""
    rows = table(results)
    facts = {
        "machine": platform.platform(),
        "texts": {kind: len(some) for kind, some in payloads.items()},
        "carriers": len(files),
        "rows": [asdict(row) for row in rows],
    }
    (out / "report.json").write_text(json.dumps(facts, indent=1) + "\n", "utf-8")
    shown = markdown(rows)
    (out / "report.md").write_text(shown, "utf-8")
    by_key = {case.key: case for case in wanted}
    missed = [one for one in results if one.kind != "benign" and not one.stopped]
    cells = [
        (f"{one.technique}: read {one.read or 0:.0%}, score {one.score:.2f}\n{one.text[:48]}",
         by_key[one.key].make(payloads, files)[1].files)
        for one in sorted(missed, key=lambda one: one.technique)[:: max(1, len(missed) // _SHOWN)]
    ]  # fmt: skip
    contact_sheet(cells[:_SHOWN]).save(out / "missed.png")
    return shown


def main(
    out: Annotated[Path, typer.Option(help="Folder of the results.")] = Path("robustness"),
    count: Annotated[int, typer.Option(help="Pictures a technique and kind of text.")] = 12,
    seed: Annotated[int, typer.Option(help="Of the whole battery.")] = 1,
    techniques: Annotated[str, typer.Option(help="Names or globs, comma-separated.")] = "*",
    photo: Annotated[
        list[Path] | None, typer.Option(help="Folder of pictures that serve as carriers too.")
    ] = None,
    policy: Annotated[str, typer.Option(help="Built-in name or file.")] = "default",
    minutes: Annotated[float, typer.Option(help="Stop then; a later run goes on.")] = 1e9,
) -> None:
    """Make hidden texts, ask the guard, and write what it stopped and passed."""
    out.mkdir(parents=True, exist_ok=True)
    files = photos(photo or [])
    payloads = settled(written(), TextScorer.load(DEFAULT_MODEL))
    wanted = cases(techniques.split(","), count, seed)
    lines = out / "results.jsonl"
    asyncio.run(run(Guard(patient(load_policy(policy))), wanted, payloads, files, lines, minutes))
    keys = {case.key for case in wanted}
    results = [one for one in load(lines) if one.key in keys]
    Console().print(report(results, wanted, payloads, files, out), markup=False)


if __name__ == "__main__":
    typer.run(main)
