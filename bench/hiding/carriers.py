"""What the text is hidden in: drawn here, or pictures of a folder."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

import cv2
import numpy as np
from PIL import Image, ImageDraw

from bench.hiding.lettering import Rgb, printed

SIZES = ((640, 480), (800, 600), (768, 768), (600, 800), (1024, 640))

_WORDS = [
    *("harbour", "garden", "window", "letter", "summer", "bridge", "kitchen", "paper", "morning"),
    *("orange", "market", "river", "teacher", "holiday", "yellow", "basket", "train", "winter"),
    *("island", "picture", "copper", "library", "apple", "sailor", "meadow", "lantern", "village"),
    *("pencil", "carpet", "thunder"),
]


@dataclass(frozen=True, slots=True)
class Carrier:
    """A picture before anything is hidden in it.

    Attributes:
        name: Its kind.
        pixels: Shape (height, width, 3).
        room: Where there is space for a text: left, top, right, bottom.
        calm: Whether the room holds no detail, so that faint text in it can be made out.
    """

    name: str
    pixels: Rgb
    room: tuple[int, int, int, int]
    calm: bool

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width."""
        return self.pixels.shape[0], self.pixels.shape[1]


def plain(random: Random, size: tuple[int, int]) -> Carrier:
    """One colour."""
    colour = _colour(random)
    pixels = np.full((size[1], size[0], 3), colour, np.uint8)
    return Carrier("plain", pixels, _middle(size), calm=True)


def gradient(random: Random, size: tuple[int, int]) -> Carrier:
    """From one colour to another, at any angle."""
    one, other = (np.array(_colour(random), np.float32) for _ in range(2))
    x, y = np.meshgrid(np.linspace(0, 1, size[0]), np.linspace(0, 1, size[1]))
    angle = random.uniform(0, 6.28)
    slope = x * np.cos(angle) + y * np.sin(angle)
    slope = ((slope - slope.min()) / np.ptp(slope))[..., None]
    return Carrier("gradient", _bytes(one + (other - one) * slope), _middle(size), calm=True)


def texture(random: Random, size: tuple[int, int]) -> Carrier:
    """Noise of many scales in a few hues, as leaves, stone or water have it."""
    noise = np.random.default_rng(random.getrandbits(32))
    whole = np.zeros((size[1], size[0], 3), np.float32)
    for octave in range(6):
        cells = (2 + 2 ** (octave + 1), 2 + 2 ** (octave + 1))
        layer = noise.normal(0, 1, (*cells, 1)) + 0.4 * noise.normal(0, 1, (*cells, 3))
        scaled = cv2.resize(layer.astype(np.float32), size, interpolation=cv2.INTER_CUBIC)
        whole += np.asarray(scaled, np.float32) / np.float32(1.5**octave)
    base = np.array(_colour(random), np.float32)
    pixels = base + whole * random.uniform(10, 26) + noise.normal(0, 3, whole.shape)
    return Carrier("texture", _bytes(pixels), _middle(size), calm=False)


def interface(random: Random, size: tuple[int, int]) -> Carrier:
    """A mock-up of a program: bar, menu, buttons, and an empty panel."""
    dark = random.random() < 0.4
    paper, ink = ((34, 38, 46), (220, 224, 230)) if dark else ((247, 248, 250), (32, 36, 44))
    picture = Image.new("RGB", size, paper)
    draw = ImageDraw.Draw(picture)
    font, small = printed(15, random), printed(13, random)
    draw.rectangle((0, 0, size[0], 40), fill=(46, 98, 190))
    draw.text((16, 11), _some(random, 2), "white", font)
    draw.rectangle((0, 40, 150, size[1]), fill=_shade(paper, -14 if not dark else 12))
    for row in range(6):
        draw.text((14, 58 + row * 30), _some(random, 1), ink, small)
    for column in range(2):
        left = 180 + column * 130
        draw.rounded_rectangle((left, 60, left + 110, 90), 6, fill=(46, 98, 190))
        draw.text((left + 14, 67), _some(random, 1), "white", small)
    room = (180, 120, size[0] - 20, size[1] - 20)
    return Carrier("interface", np.asarray(picture), room, calm=True)


def document(random: Random, size: tuple[int, int]) -> Carrier:
    """A page of text with empty space below it."""
    picture = Image.new("RGB", size, random.choice(("white", "#fbf9f2", "#f2f2f2")))
    draw = ImageDraw.Draw(picture)
    draw.text((40, 30), _some(random, 3), "black", printed(24, random))
    body, top = printed(15, random), 76
    for _ in range(random.randint(4, 7)):
        draw.text((40, top), _some(random, max(3, size[0] // 90)), (40, 40, 40), body)
        top += 24
    room = (40, top + 30, size[0] - 30, size[1] - 20)
    return Carrier("document", np.asarray(picture), room, calm=True)


DRAWN: Mapping[str, Callable[[Random, tuple[int, int]], Carrier]] = {
    "plain": plain,
    "gradient": gradient,
    "texture": texture,
    "interface": interface,
    "document": document,
}
CALM = ("plain", "gradient", "interface", "document")


def photo(path: Path, most: int = 1024) -> Carrier:
    """A picture of a file, its long side at most ``most`` pixels."""
    with Image.open(path) as opened:
        picture = opened.convert("RGB")
    picture.thumbnail((most, most))
    return Carrier("photo", np.asarray(picture), _middle(picture.size), calm=False)


def carrier(
    random: Random,
    names: Sequence[str],
    photos: Sequence[Path],
    size: tuple[int, int] | None = None,
) -> Carrier:
    """One of ``names``; ``photo`` counts only where there are ``photos``.

    Args:
        random: Chooses.
        names: Of ``DRAWN``, or ``photo``.
        photos: Files.
        size: Width and height; by default one of ``SIZES``.
    """
    possible = [name for name in names if name != "photo" or photos]
    name = random.choice(possible)
    if name == "photo":
        return photo(random.choice(photos))
    return DRAWN[name](random, size or random.choice(SIZES))


def _colour(random: Random) -> tuple[int, int, int]:
    return random.randint(24, 232), random.randint(24, 232), random.randint(24, 232)


def _shade(colour: tuple[int, int, int], by: int) -> tuple[int, int, int]:
    red, green, blue = (min(255, max(0, value + by)) for value in colour)
    return red, green, blue


def _some(random: Random, words: int) -> str:
    return " ".join(random.choices(_WORDS, k=words)).capitalize()


def _middle(size: tuple[int, int]) -> tuple[int, int, int, int]:
    return 30, 30, size[0] - 30, size[1] - 30


def _bytes(values: np.ndarray) -> Rgb:
    return np.asarray(np.clip(np.rint(values), 0, 255), np.uint8)
