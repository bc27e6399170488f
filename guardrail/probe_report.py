"""The table of what probes came to."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from guardrail.probe_run import ProbeResult


def probe_table(results: Sequence[ProbeResult]) -> RenderableType:
    """One row a probe, and how many passed; a failed one says what it lets go unnoticed."""
    table = Table(title="Probes", title_justify="left")
    for column in ("", "policy", "probe", "side", "expected", "got", "ms"):
        table.add_column(column, justify="right" if column == "ms" else "left")
    for one in results:
        mark = Text("failed", "red") if one.fault else Text("ok", "green")
        expected = one.probe.expect
        table.add_row(
            mark,
            one.policy,
            one.probe.id,
            one.probe.side,
            f"{expected.action} {expected.category or ''}",
            one.outcome.action.name.lower(),
            f"{one.seconds * 1000:.0f}",
        )
    failed = [one for one in results if one.fault]
    lines = [f"{one.policy} {one.probe.id}: {one.fault}. {one.probe.objective}" for one in failed]
    count = f"{len(results) - len(failed)} passed, {len(failed)} failed"
    return Group(table, *(Text(line, "red") for line in lines), Text(count))
