"""Pictures with text, drawn for the tests."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from guardrail_detectors.ocr_injection.engine import Line


def canvas(size=(640, 200), colour="white") -> Image.Image:
    return Image.new("RGB", size, colour)


def write(picture: Image.Image, text: str, at=(20, 20), px=28, colour="black"):
    """Draws ``text`` and returns the box around it: left, top, right, bottom."""
    draw = ImageDraw.Draw(picture)
    font = ImageFont.load_default(px)
    draw.multiline_text(at, text, colour, font, spacing=px // 2)
    return draw.multiline_textbbox(at, text, font, spacing=px // 2)


def pixels(picture: Image.Image) -> np.ndarray:
    return np.asarray(picture)


def page(text: str, **more) -> np.ndarray:
    picture = canvas()
    write(picture, text, **more)
    return pixels(picture)


def line(
    text: str, left: float, top: float, width: float = 0, height: float = 20, score=0.9
) -> Line:
    right, bottom = left + (width or 10 * len(text)), top + height
    return Line(text, score, ((left, top), (right, top), (right, bottom), (left, bottom)))
