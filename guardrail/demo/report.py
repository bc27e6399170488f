"""The demo's report: one HTML file that loads nothing, with the findings drawn on the pictures."""

from __future__ import annotations

import html
from base64 import b64encode
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from guardrail import __version__
from guardrail.demo.run import Happened
from guardrail.images import ImageLimits, probe

_STYLE = Path(__file__).with_name("report.css")
_LIKELY = 0.5
"""Findings below it are not drawn."""

_SHOWN = 600
"""Characters of a prompt or reply that are shown."""


def write_report(path: Path, happened: Sequence[Happened]) -> None:
    """Writes the report; all texts are escaped, scripts are forbidden by its own policy."""
    stopped = sum(one.action == "block" for one in happened)
    cards = "\n".join(map(_card, happened))
    page = f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="content-security-policy"
 content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>guardrail demo</title><style>{_STYLE.read_text("utf-8")}</style></head><body>
<header><h1>guardrail demo</h1>
<p>{len(happened)} exchanges through the proxy, {stopped} stopped. Version {__version__}, policy
<code>default</code>, {datetime.now(UTC):%d %B %Y}. The upstream is a stand-in that answers from a
script; the proxy, its policies and its models are those that <code>guardrail serve</code> runs.</p>
</header>
<main>
{cards}
</main></body></html>
"""
    path.write_text(page, "utf-8")


def _card(one: Happened) -> str:
    exchange = one.exchange
    picture = _picture(one) if exchange.picture else ""
    reached = "byte for byte" if one.untouched else ("yes" if one.reached else "never called")
    wrong = "" if one.as_expected else f'<p class="wrong">expected: {_text(exchange.expected)}</p>'
    return f"""<section class="{html.escape(one.action)}">
<h2><span class="badge">{_text(one.action)}</span>{_text(exchange.name)}</h2>
<p>{_text(exchange.story)}</p>{wrong}
<div class="sides">{picture}<dl>
<dt>The user's text</dt><dd>{_said(exchange.prompt)}</dd>
<dt>What the client got</dt><dd>{_said(one.reply)}</dd>
<dt>The model</dt><dd>{reached}</dd>
<dt>Time</dt><dd>{one.ms:.0f} ms</dd></dl></div>
{_stages(one.record)}</section>"""


def _picture(one: Happened) -> str:
    """The picture with a box for each place, labelled by its highest score."""
    data = one.exchange.picture or b""
    image = probe(data, ImageLimits())
    width, height = image.width, image.height
    boxes: dict[tuple[int, ...], str] = {}
    for _, finding in one.findings():
        if "box" in finding and finding["score"] >= _LIKELY:
            label = f"{finding['category']} {finding['score']:.2f}"
            boxes.setdefault(tuple(finding["box"]), label)
    marks = "".join(_mark(box, label) for box, label in boxes.items())
    return (
        f'<figure><svg viewBox="0 0 {width} {height}" role="img" '
        f'aria-label="the picture that was sent"><image width="{width}" height="{height}" '
        f'href="data:image/png;base64,{b64encode(data).decode()}"/>{marks}</svg></figure>'
    )


def _mark(box: Sequence[int], label: str) -> str:
    left, top, right, bottom = box
    size = f'x="{left}" y="{top}" width="{right - left}" height="{bottom - top}"'
    above = top - 8 if top > 24 else bottom + 20
    return f'<rect {size} class="box"/><text x="{left}" y="{above}">{_text(label)}</text>'


def _stages(record: dict[str, Any]) -> str:
    drafts = record.get("rounds", ())
    judged = [(f"draft {number}", draft) for number, draft in enumerate(drafts, 1)]
    rows = "".join(
        _row(side, stage)
        for side, outcome in (*record.get("sides", {}).items(), *judged)
        for stage in outcome["stages"]
    )
    head = "<tr><th>side<th>stage<th>action<th>highest score<th>text<th>ms</tr>"
    return f"<table>{head}{rows}</table>" if rows else ""


def _row(side: str, stage: dict[str, Any]) -> str:
    best = max(stage.get("findings", ()), key=lambda one: float(one["score"]), default=None)
    score = f"{best['category']} {best['score']:.2f}" if best else ""
    excerpt = _visible(str(best.get("excerpt", ""))) if best else ""
    cells = (side, stage["stage"], stage["action"].lower(), score, excerpt, f"{stage['ms']:.0f}")
    return f"<tr>{''.join(f'<td>{_text(str(cell))}</td>' for cell in cells)}</tr>"


def _said(text: str) -> str:
    shown = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
    return _text(_visible(shown))


def _visible(text: str) -> str:
    """``text`` with runs of tag characters spelt out, so that a reader sees what a model reads."""
    spelt = "".join(chr(ord(c) - 0xE0000) if 0xE0020 <= ord(c) <= 0xE007E else "\0" for c in text)
    out, inside = [], False
    for shown, char in zip(spelt, text, strict=True):
        if (shown != "\0") != inside:
            inside = not inside
            out.append("⟦invisible: " if inside else "⟧")
        out.append(shown if inside else char)
    return "".join(out) + ("⟧" if inside else "")


def _text(text: str) -> str:
    return html.escape(text)
