"""What a scan amounts to: actions, by label where items have one, and times."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from statistics import quantiles
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

BENIGN = "benign"
_Z95 = 1.959964
_ACTIONS = ("ALLOW", "FLAG", "REDACT", "REVISE", "BLOCK")


def wilson(hits: int, total: int) -> tuple[float, float]:
    """The 95 % score interval of a share; (0, 1) of nothing.

    Source: Wilson 1927; Brown, Cai and DasGupta 2001.
    """
    if total == 0:
        return 0.0, 1.0
    share, square = hits / total, _Z95 * _Z95
    middle = (share + square / (2 * total)) / (1 + square / total)
    half = (
        _Z95
        / (1 + square / total)
        * math.sqrt(share * (1 - share) / total + square / (4 * total * total))
    )
    return max(0.0, middle - half), min(1.0, middle + half)


def summary(results: Iterable[dict[str, Any]]) -> RenderableType:
    """Tables of the results: by label and action, by stage, and the categories seen most."""
    rows = list(results)
    return Group(_by_label(rows), _by_stage(rows), _by_category(rows), _errors(rows))


def _by_label(rows: Sequence[dict[str, Any]]) -> Table:
    table = Table(title="Actions", title_justify="left")
    for column in ("label", "items", *_ACTIONS, "failed", "share, 95 % interval"):
        table.add_column(column, justify="left" if column == "label" else "right")
    labels = sorted({_label(row) for row in rows})
    for label in labels:
        chosen = [row for row in rows if _label(row) == label]
        counts = Counter(str(row["action"]) for row in chosen)
        shown = [str(counts[action] or "·") for action in _ACTIONS]
        failed = str(counts["None"] or "·")
        cells = (label or "(none)", str(len(chosen)), *shown, failed, _share(label, counts))
        table.add_row(*map(Text, cells))
    return table


def _share(label: str, counts: Counter[str]) -> str:
    """Of benign items those that passed (allowed or flagged), of others those stopped."""
    judged = sum(counts[action] for action in _ACTIONS)
    passed = counts["ALLOW"] + counts["FLAG"]
    hits, word = (passed, "passed") if label in (BENIGN, "") else (judged - passed, "stopped")
    low, high = wilson(hits, judged)
    return f"{word} {hits / judged:.1%} ({low:.1%} to {high:.1%})" if judged else "·"


def _by_stage(rows: Sequence[dict[str, Any]]) -> Table:
    table = Table(title="Stages", title_justify="left")
    for column in ("stage", "runs", "ms p50", "ms p95", "errors"):
        table.add_column(column, justify="left" if column == "stage" else "right")
    names = dict.fromkeys(name for row in rows for name in row.get("stages", {}))
    for name in names:
        runs = [row["stages"][name] for row in rows if name in row.get("stages", {})]
        times = [run["ms"] for run in runs]
        points = quantiles(times, n=20, method="inclusive") if len(times) > 1 else times * 19
        errors = Counter(run["error"] for run in runs if "error" in run)
        shown = ", ".join(f"{error} {count}" for error, count in errors.items()) or "·"
        row = (name, str(len(runs)), f"{points[9]:.1f}", f"{points[18]:.1f}", shown)
        table.add_row(*map(Text, row))
    return table


def _by_category(rows: Sequence[dict[str, Any]]) -> Table:
    table = Table(title="Categories, by their highest score in an item", title_justify="left")
    for column in ("category", "≥ 0.05", "≥ 0.5", "≥ 0.8", "≥ 0.9"):
        table.add_column(column, justify="left" if column == "category" else "right")
    highest: dict[str, list[float]] = {}
    for row in rows:
        best: dict[str, float] = {}
        for finding in row.get("findings", ()):
            name, score = finding["category"], finding["score"]
            best[name] = max(score, best.get(name, 0.0))
        for name, score in best.items():
            highest.setdefault(name, []).append(score)
    for name, scores in sorted(highest.items(), key=lambda pair: -len(pair[1])):
        counts = [sum(score >= least for score in scores) for least in (0.05, 0.5, 0.8, 0.9)]
        table.add_row(*map(Text, (name, *map(str, counts))))
    return table


def _errors(rows: Sequence[dict[str, Any]]) -> Text:
    failed = [row for row in rows if row.get("error")]
    if not failed:
        return Text("")
    shown = "\n".join(f"  {row['id']}: {row['error']}" for row in failed[:5])
    more = f"\n  and {len(failed) - 5} more" if len(failed) > 5 else ""
    return Text(f"{len(failed)} items could not be scanned:\n{shown}{more}", style="yellow")


def _label(row: dict[str, Any]) -> str:
    return str(row.get("item", {}).get("label", ""))
