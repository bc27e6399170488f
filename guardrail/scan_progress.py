"""A scan with a progress bar and a summary at its end."""

from __future__ import annotations

import asyncio
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from guardrail.guard import Guard
from guardrail.outputs import check_output
from guardrail.scan import ScanOptions, finished, scan
from guardrail.scan_items import count_items
from guardrail.scan_summary import summary


def scan_with_progress(policy: str, options: ScanOptions, out: Console, err: Console) -> None:
    """Scans and prints what came of it; interrupted, it prints what there is.

    Raises:
        PolicyError: The policy, the input or the output is wrong.
        ModelError: Weights are missing or altered.
    """
    check_output(options.output, "--output")
    guard = Guard.from_policy(policy)
    try:
        asyncio.run(_scan(guard, options, err))
    finally:
        results = finished(options.output)
        if results:
            out.print(summary(results.values()))
            out.print(f"{len(results)} results in {options.output}", highlight=False)


async def _scan(guard: Guard, options: ScanOptions, err: Console) -> None:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    total = count_items(options.source)
    total = total if options.limit is None else min(total, options.limit)
    done = len(finished(options.output)) if options.resume else 0
    with Progress(*columns, TimeRemainingColumn(), console=err) as progress:
        task = progress.add_task("scanning", total=total, completed=min(done, total))

        def count(_: dict[str, Any]) -> None:
            progress.advance(task)

        try:
            await scan(guard, options, count)
        finally:
            await guard.close()
