"""The mistakes that the OCR engine really makes: texts drawn, read, compared.

``python -m guardrail_training.text_guard.confusions`` writes ``confusions.yaml``, from which
``noise.misread`` makes its mistakes.
"""

from __future__ import annotations

from collections import Counter
from difflib import SequenceMatcher
from io import BytesIO
from pathlib import Path
from random import Random
from typing import Annotated

import numpy as np
import typer
import yaml
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from guardrail_detectors.ocr_injection import OcrEngine, OcrInjectionConfig, load_engine, read_pages
from guardrail_training.text_guard.corpus import written
from guardrail_training.text_guard.gather import progress_bar
from guardrail_training.text_guard.noise import CONFUSIONS

_SIZES = (9, 10, 11, 12, 14, 18)
_LEAST = 2
"""A confusion seen less often is chance."""

_LONGEST = 3
"""Characters that are taken for others at once."""


def drawn(text: str, rng: Random) -> Image.Image:
    """``text`` in small print, some of it pale, blurred or compressed: what engines misread."""
    size = rng.choice(_SIZES)
    font = ImageFont.load_default(size)
    lines = [text[start : start + 60] for start in range(0, len(text), 60)]
    step = round(size * 1.5)
    paper = rng.randint(200, 255)
    ink = max(0, paper - rng.choice((40, 70, 120, 200)))
    image = Image.new("L", (640, step * len(lines) + 40), paper)
    canvas = ImageDraw.Draw(image)
    for row, line in enumerate(lines):
        canvas.text((20, 20 + row * step), line, ink, font)
    if rng.random() < 0.4:
        image = image.filter(ImageFilter.GaussianBlur(rng.uniform(0.3, 0.9)))
    packed = BytesIO()
    image.convert("RGB").save(packed, "JPEG", quality=rng.choice((25, 50, 80)))
    return Image.open(packed).convert("RGB")


def differences(shown: str, read: str) -> Counter[tuple[str, str]]:
    """What was taken for what; "" for characters that were lost.

    Runs longer than three characters are lost lines, not confusions, and are not counted.
    """
    found: Counter[tuple[str, str]] = Counter()
    for kind, a, b, c, d in SequenceMatcher(None, shown, read, autojunk=False).get_opcodes():
        old, new = shown[a:b], read[c:d]
        if kind in {"replace", "delete"} and len(old) <= _LONGEST and len(new) <= _LONGEST:
            found[old, new] += 1
    return found


def measured(engine: OcrEngine, texts: list[str], rng: Random) -> dict[str, object]:
    """The share of spaces that are lost, and what runs of characters are taken for.

    ``rate`` is the share of a run's occurrences, ``as`` counts what it was read as.
    """
    counts: Counter[tuple[str, str]] = Counter()
    everything = ""
    config = OcrInjectionConfig()
    with progress_bar() as progress:
        for text in progress.track(texts, description="drawing and reading"):
            shown = " ".join(text.split())
            pixels = np.asarray(drawn(shown, rng))
            read = read_pages([pixels], engine, max_side=config.max_side, max_frames=1).text
            counts += differences(shown, " ".join(read.split()))
            everything += f"{shown}\n"
    rows: dict[str, dict[str, int]] = {}
    for (old, new), count in counts.most_common():
        if count >= _LEAST and old.strip() and new.strip():
            rows.setdefault(old, {})[new] = count
    return {
        "texts": len(texts),
        "characters": len(everything),
        "lost_spaces": round(counts[" ", ""] / max(1, everything.count(" ")), 4),
        "table": {
            old: {"rate": round(sum(row.values()) / everything.count(old), 5), "as": row}
            for old, row in sorted(rows.items())
        },
    }


def main(
    texts: Annotated[int, typer.Option(help="How many are drawn.")] = 400,
    out: Annotated[Path, typer.Option(help="YAML file.")] = CONFUSIONS,
    seed: Annotated[int, typer.Option(help="Of all choices.")] = 0,
) -> None:
    """Draw texts, read them with the default engine, and write down its mistakes."""
    rng = Random(seed)
    config = OcrInjectionConfig()
    engine = load_engine(config.engine, config.languages, config.weights, config.threads)
    latin = [one.text for one in written() if one.text.isascii() and len(one.text) < 400]
    found = measured(engine, rng.sample(latin, min(texts, len(latin))), rng)
    header = (
        "# Measured by guardrail_training.text_guard.confusions; how often what is read as what.\n"
    )
    out.write_text(header + yaml.safe_dump(found, allow_unicode=True, width=98), "utf-8")


if __name__ == "__main__":
    typer.run(main)
