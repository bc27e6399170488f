"""Labelled texts that the quality bench scores, and the same texts drawn and read again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

OWN = Path(__file__).with_name("data") / "text_validation.jsonl"
"""Written for this bench; nothing trains on it."""

ATTACKS = frozenset({"injection", "jailbreak"})

THIRD_PARTY = frozenset({"agent_tool_injection", "agent_tool_clean", "screen_injection"})
"""Sets whose texts are a tool's result or stand in a picture."""

DRAWN = ("screen_injection", "harmful_typographic", "typographic_harmless")
"""Sets that are drawn into pictures."""

_WIDTH = 760
_SIZES = (22, 28, 36)
_COLOURS = (("black", "white"), ("white", "#20304a"), ("#333333", "#f2e8c9"))


@dataclass(frozen=True, slots=True)
class Case:
    """One text.

    Attributes:
        text: What is scored.
        label: ``injection``, ``jailbreak``, ``harmful`` or ``benign``.
        set: Where it is from.
        third_party: Whether it is scored as the text of somebody who may give no orders.
    """

    text: str
    label: str
    set: str
    third_party: bool = False


def own_cases(path: Path = OWN) -> list[Case]:
    """The texts written for this bench."""
    rows = (json.loads(line) for line in path.read_text("utf-8").splitlines())
    return [Case(row["text"], row["label"], row["set"], row["set"] in THIRD_PARTY) for row in rows]


def data_cases(folder: Path) -> Iterator[Case]:
    """The rows of JSON lines files that are marked ``dev``, or all where no row is marked.

    Args:
        folder: With ``*.jsonl``: ``{"text", "label", "split"?, "meta"?}``.
    """
    for file in sorted(folder.glob("*.jsonl")):
        rows = [json.loads(line) for line in file.read_text("utf-8").rstrip("\n").split("\n")]
        marked = any("split" in row for row in rows)
        for row in rows:
            if row.get("text") and (not marked or row["split"] == "dev"):
                indirect = (row.get("meta") or {}).get("kind") == "indirect"
                yield Case(row["text"], row["label"], f"{file.stem} {row['label']}", indirect)


def drawn(cases: list[Case]) -> Iterator[tuple[Case, Case]]:
    """Each case of the sets that are drawn, typed and as the OCR engine reads its picture."""
    from guardrail_detectors.ocr_injection import (  # noqa: PLC0415 - a second, and only here
        OcrInjectionConfig,
        load_engine,
        read_pages,
    )

    config = OcrInjectionConfig()
    engine = load_engine(config.engine, config.languages, config.weights, config.threads)
    chosen = [case for case in cases if case.set in DRAWN]
    for number, case in enumerate(chosen):
        pixels = np.asarray(picture(case.text, number))
        read = read_pages([pixels], engine, max_side=config.max_side, max_frames=1).text
        typed = replace(case, third_party=True)
        yield typed, replace(typed, text=read)


def picture(text: str, number: int) -> Image.Image:
    """``text`` drawn plainly; ``number`` chooses size and colours."""
    font = ImageFont.load_default(_SIZES[number % len(_SIZES)])
    ink, paper = _COLOURS[number // len(_SIZES) % len(_COLOURS)]
    lines = [line for part in text.split("\n") for line in _wrapped(part, font)]
    step = round(font.size * 1.4)
    image = Image.new("RGB", (_WIDTH, step * len(lines) + 60), paper)
    canvas = ImageDraw.Draw(image)
    for row, line in enumerate(lines):
        canvas.text((30, 30 + row * step), line, ink, font)
    return image


def _wrapped(text: str, font: ImageFont.FreeTypeFont) -> list[str]:
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if font.getlength(longer) > _WIDTH - 60 and lines[-1]:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines
