"""A contact sheet: what was missed, to be looked at."""

from __future__ import annotations

import io
from collections.abc import Sequence

from PIL import Image, ImageDraw, ImageFont

from bench.hiding.scene import File
from guardrail.images import FORMATS

CELL = (300, 250)
_COLUMNS = 5


def contact_sheet(cells: Sequence[tuple[str, Sequence[File]]]) -> Image.Image:
    """Each cell's pictures side by side over its caption, five cells a row."""
    rows = max(1, -(-len(cells) // _COLUMNS))
    sheet = Image.new("RGB", (CELL[0] * _COLUMNS, CELL[1] * rows), "#202020")
    draw = ImageDraw.Draw(sheet)
    font = ImageFont.load_default(12)
    for number, (caption, files) in enumerate(cells):
        left, top = number % _COLUMNS * CELL[0], number // _COLUMNS * CELL[1]
        pictures = [file for file in files if file.media_type in FORMATS.values()][:4]
        for at, file in enumerate(pictures):
            width = (CELL[0] - 8) // len(pictures)
            sheet.paste(
                _thumbnail(file, (width - 2, CELL[1] - 46)), (left + 4 + at * width, top + 4)
            )
        draw.multiline_text((left + 4, top + CELL[1] - 40), caption, "white", font)
    return sheet


def _thumbnail(file: File, size: tuple[int, int]) -> Image.Image:
    with Image.open(io.BytesIO(file.data)) as opened:
        picture = opened.convert("RGBA")
    picture.thumbnail(size)
    paper = Image.new("RGBA", picture.size, "#8888aa")
    return Image.alpha_composite(paper, picture).convert("RGB")
