"""The demo's pictures, drawn here so that nothing has to be downloaded."""

from __future__ import annotations

from io import BytesIO
from random import Random

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

SIZE = (720, 480)
_SEED = 7


def landscape() -> bytes:
    """A PNG of hills under an evening sky, with the noise of a photograph."""
    return _png(_landscape())


def landscape_with(text: str) -> bytes:
    """The same with ``text`` in small letters a few grey levels from the hill behind them."""
    picture = _landscape()
    draw = ImageDraw.Draw(picture)
    where = (24, SIZE[1] - 60)
    red, green, blue = picture.getpixel((where[0], where[1] + 8))[:3]  # type: ignore[index]
    faint = (red + 26, green + 26, blue + 26)
    draw.multiline_text(where, text, faint, ImageFont.load_default(15), spacing=4)
    return _png(picture)


def receipt() -> bytes:
    """A PNG of a shop's receipt."""
    lines = """CORNER MARKET
14 Harbour Street

Rye bread          4.20
Two rolls          1.80
Coffee             6.50
Apples 1.2 kg      3.48

TOTAL             15.98
CARD              15.98

Thank you for your visit""".splitlines()
    picture = Image.new("RGB", (420, 480), "#f7f5ef")
    draw = ImageDraw.Draw(picture)
    for number, line in enumerate(lines):
        draw.text((36, 30 + 34 * number), line, "#333333", ImageFont.load_default(22))
    return _png(picture)


def typographic_list(title: str) -> bytes:
    """A PNG of a title over an empty numbered list.

    Source: FigStep, Gong et al. 2023, arXiv:2311.05608.
    """
    picture = Image.new("RGB", (560, 560), "white")
    draw = ImageDraw.Draw(picture)
    text = f"{title}\n1.\n\n2.\n\n3."
    draw.multiline_text((40, 40), text, "black", ImageFont.load_default(44), spacing=18)
    return _png(picture)


def _landscape() -> Image.Image:
    width, height = SIZE
    rows = np.linspace(0, 1, height)[:, None, None]
    top, bottom = np.array([58, 84, 138]), np.array([246, 178, 122])
    sky = np.broadcast_to(top + (bottom - top) * rows, (height, width, 3))
    picture = Image.fromarray(sky.astype(np.uint8), "RGB")
    draw = ImageDraw.Draw(picture)
    draw.ellipse((500, 190, 580, 270), fill=(255, 228, 170))
    rng = Random(_SEED)
    for base, colour in ((290, (92, 96, 120)), (345, (70, 82, 84)), (410, (52, 68, 54))):
        draw.polygon([*_ridge(base, rng), (width, height), (0, height)], fill=colour)
    picture = picture.filter(ImageFilter.GaussianBlur(1.2))
    grain = np.random.default_rng(_SEED).normal(0, 2.0, (height, width, 1))
    pixels = np.clip(np.asarray(picture, np.float64) + grain, 0, 255)
    return Image.fromarray(pixels.astype(np.uint8), "RGB")


def _ridge(base: int, rng: Random) -> list[tuple[float, float]]:
    phases = [rng.uniform(0, 6.3) for _ in range(3)]
    xs = np.arange(0, SIZE[0] + 8, 8)
    ys = base + sum(
        30 / (n + 1) * np.sin(xs / (140 / (n + 1)) + phase) for n, phase in enumerate(phases)
    )
    return list(zip(xs.tolist(), np.asarray(ys).tolist(), strict=True))


def _png(picture: Image.Image) -> bytes:
    out = BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()
