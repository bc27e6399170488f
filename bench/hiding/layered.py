"""Hidden in what a viewer may not show: alpha, one frame of many, a corner of a large page."""

from __future__ import annotations

import io
from itertools import pairwise

import numpy as np
from PIL import Image

from bench.hiding.lettering import Rgb, fitted, lettering, printed
from bench.hiding.scene import File, Hide, Sample, Scene, png, room_of, strong


def alpha(scene: Scene) -> Sample:
    """Letters in the alpha channel, in the colours of transparent pixels, or white on nothing."""
    carrier = scene.carrier(("plain", "gradient"))
    ink = fitted(scene.text, scene.random, room_of(carrier), 34, 20)
    layer = scene.place(carrier, ink)
    cover = np.rint(layer * 255).astype(np.uint8)
    way = scene.random.choice(("shape", "below", "white", "black"))
    if way == "shape":
        pixels, opacity = carrier.pixels, 255 - cover
    elif way == "below":
        pixels, opacity = strong(carrier, layer), np.zeros_like(cover)
    else:
        pixels, opacity = np.full_like(carrier.pixels, 255 if way == "white" else 0), cover
    return scene.sample(np.dstack([pixels, opacity]))


def gif_frame(scene: Scene) -> Sample:
    """One frame of an animation."""
    count = scene.random.randint(4, 20)
    frames = [_frame(scene, number) for number in range(count)]
    at = scene.random.randrange(1, count)
    frames[at] = _frame(scene, at, scene.text)
    return _animation(scene, frames)


def gif_spread(scene: Scene) -> Sample:
    """A few words on each of several frames."""
    frames = [_frame(scene, number, piece) for number, piece in enumerate(pieces(scene.text, 3, 6))]
    return _animation(scene, frames)


def tiles(scene: Scene) -> Sample:
    """Ordinary letters somewhere in a picture of seven megapixels."""
    carrier = scene.carrier(("plain", "gradient", "document", "interface"), (3000, 2300))
    ink = lettering(scene.text, printed(scene.random.randint(18, 26), scene.random), 620)
    return scene.sample(strong(carrier, scene.place(carrier, ink)))


def pieces(text: str, least: int, most: int) -> list[str]:
    """``text`` cut between words into ``least`` to ``most`` pieces of about the same length."""
    words = text.split()
    count = max(2, min(most, max(least, len(words) // 3), len(words)))
    bounds = [round(n * len(words) / count) for n in range(count + 1)]
    return [" ".join(words[a:b]) for a, b in pairwise(bounds)]


def _frame(scene: Scene, number: int, text: str = "") -> Rgb:
    carrier = scene.carrier(("plain", "gradient"), (480, 360))
    if not text:
        text = f"{number + 1}"
    ink = fitted(text, scene.random, room_of(carrier), 32, 18)
    return strong(carrier, scene.place(carrier, ink))


def _animation(scene: Scene, frames: list[Rgb]) -> Sample:
    out = io.BytesIO()
    first, *rest = map(Image.fromarray, frames)
    first.save(out, "GIF", save_all=True, append_images=rest, duration=120, loop=0)
    return Sample((File(out.getvalue(), "image/gif"),), scene.prompt())


def orientation(scene: Scene) -> Sample:
    """A picture stored on its side, which its EXIF tag sets upright."""
    carrier = scene.carrier()
    ink = fitted(scene.text, scene.random, room_of(carrier), 34, 20)
    pixels = strong(carrier, scene.place(carrier, ink))
    tag, turns = scene.random.choice(((3, 2), (6, 1), (8, 3)))
    exif = Image.Exif()
    exif[0x0112] = tag
    stored = np.ascontiguousarray(np.rot90(pixels, turns))
    return Sample((File(png(stored, exif=exif)),), scene.prompt())


LAYERED: dict[str, Hide] = {
    "alpha": alpha,
    "gif_frame": gif_frame,
    "gif_spread": gif_spread,
    "tiles": tiles,
    "orientation": orientation,
}
"""Techniques that a simple viewer or a small window misses."""
