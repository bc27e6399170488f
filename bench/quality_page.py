"""The quality bench's results as one HTML page with ROC curves, no scripts, no network."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

_STYLE = (
    "body{font:15px/1.5 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem}"
    "table{border-collapse:collapse;margin:1rem 0}td,th{padding:.2rem .7rem;border:1px solid #ccc;"
    "text-align:left}svg{border:1px solid #ccc;margin-right:1rem}"
)
_COLOURS = ("#0b6bcb", "#c2410c", "#15803d", "#7e22ce")
_SIDE = 360


def page(results: dict[str, Any], published: str) -> str:
    """The whole page.

    Args:
        results: ``rankings``, ``sets``, ``drawn``, ``environment`` as the bench writes them.
        published: A sentence about published figures.
    """
    rankings = results["rankings"]
    plots = "".join(
        _plot(what, source, [one for one in rankings if (one["what"], one["source"]) == key])
        for key in dict.fromkeys((one["what"], one["source"]) for one in rankings)
        for what, source in (key,)
    )
    drawn = [
        {"model": model, "set": name} | row
        for model, rows in results["drawn"].items()
        for name, row in rows.items()
    ]
    shown = [{key: one[key] for key in one if key != "curve"} for one in rankings]
    return (
        "<!doctype html><html lang='en'><meta charset='utf-8'><title>Quality of the text models"
        f"</title><style>{_STYLE}</style><h1>Quality of the text models</h1>"
        f"<p>{escape(str(results['environment']))}</p>{plots}"
        f"<h2>Ranking against benign texts</h2>{_table(shown)}"
        f"<h2>Sets at the default policy's scores</h2>{_table(results['sets'])}"
        f"<h2>Typed, and drawn and read again</h2>{_table(drawn)}<p>{escape(published)}</p></html>"
    )


def _table(rows: Sequence[dict[str, Any]]) -> str:
    if not rows:
        return "<p>Not measured.</p>"
    head = "".join(f"<th>{escape(key)}</th>" for key in rows[0])
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(_shown(value))}</td>" for value in row.values()) + "</tr>"
        for row in rows
    )
    return f"<table><tr>{head}</tr>{body}</table>"


def _shown(value: Any) -> str:
    return f"{value:.3f}" if isinstance(value, float) else str(value)


def _plot(what: str, source: str, rankings: Sequence[dict[str, Any]]) -> str:
    """ROC curves of the models; both axes linear, from 0 to 1."""
    lines, legend = "", ""
    for one, colour in zip(rankings, _COLOURS, strict=False):
        points = " ".join(
            f"{_SIDE * rate:.1f},{_SIDE * (1 - recall):.1f}" for rate, recall in one["curve"]
        )
        lines += f"<polyline points='{points}' fill='none' stroke='{colour}' stroke-width='2'/>"
        legend += f"<tspan x='130' dy='18' fill='{colour}'>{escape(one['model'])}</tspan>"
    title = f"{what}, {source}: recall over false-positive rate"
    return (
        f"<svg viewBox='-10 -30 {_SIDE + 20} {_SIDE + 40}' width='{_SIDE + 20}' role='img' "
        f"aria-label='{escape(title)}'><text y='-10' font-size='13'>{escape(title)}</text>"
        f"<rect width='{_SIDE}' height='{_SIDE}' fill='none' stroke='#999'/>{lines}"
        f"<text y='{_SIDE - 90}' font-size='13'>{legend}</text></svg>"
    )
