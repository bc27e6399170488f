"""Pictures built in memory, honest and hostile, that the tests of the image path share."""

from __future__ import annotations

import io
import struct
from hashlib import sha256

import numpy as np
from PIL import Image as Pillow

from guardrail.images import ImageLimits, probe
from guardrail.types import Image

LIMITS = ImageLimits()


def noise(width: int = 30, height: int = 20, channels: int = 3, seed: int = 0):
    shape = (height, width, channels)
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


def corners(width: int = 6, height: int = 4):
    """Every pixel another colour, so that no two orientations look alike."""
    pixels = np.zeros((height, width, 3), np.uint8)
    pixels[..., 0] = np.arange(height)[:, None] * 40
    pixels[..., 1] = np.arange(width)[None, :] * 40
    return pixels


def saved(pixels, format_: str, **options: object) -> bytes:
    out = io.BytesIO()
    Pillow.fromarray(pixels).save(out, format_, **options)
    return out.getvalue()


def animation(format_: str, count: int, width: int = 30, height: int = 20) -> bytes:
    frames = [Pillow.fromarray(noise(width, height, seed=seed)) for seed in range(count)]
    if format_ == "GIF":
        frames = [frame.quantize(64) for frame in frames]
    out = io.BytesIO()
    lossless = {"lossless": True} if format_ == "WEBP" else {}
    frames[0].save(out, format_, save_all=True, append_images=frames[1:], **lossless)
    return out.getvalue()


def exif(orientation: int) -> bytes:
    made = Pillow.Exif()
    made[0x0112] = orientation
    return made.tobytes()


def xmp(orientation: int) -> bytes:
    return f'<x:xmpmeta><rdf tiff:Orientation="{orientation}"/></x:xmpmeta>'.encode()


def picture(data: bytes, limits: ImageLimits = LIMITS) -> Image:
    return probe(data, limits)


def claimed(data: bytes, width: int, height: int, frames: int = 1) -> Image:
    """An ``Image`` whose header was believed to say this, whatever ``data`` is."""
    return Image(data, "image/png", width, height, frames, sha256(data).hexdigest())


def gif(count: int, width: int = 8, height: int = 8, *, between: bytes = b"") -> bytes:
    """``count`` one-pixel frames on a canvas, with bytes between them."""
    start = b"GIF89a" + struct.pack("<HHBBB", width, height, 0x80, 0, 0) + b"\0\0\0\xff\xff\xff"
    return start + between.join([gif_frame(0, 0, 1, 1)] * count) + b";"


def gif_frame(left: int, top: int, width: int, height: int) -> bytes:
    return b"," + struct.pack("<HHHHB", left, top, width, height, 0) + b"\x02\x02\x44\x01\x00"


def tiff(*pages: tuple[int, int], loop: bool = False, tags: int = 0) -> bytes:
    """Grey pages of (width, height), little-endian, every page's pixels the same few bytes."""
    out = bytearray(b"II*\0" + struct.pack("<I", 8))
    for number, (width, height) in enumerate(pages):
        entries = [(256, 4, width), (257, 4, height), (258, 3, 8), (259, 3, 1), (262, 3, 1)]
        entries += [(273, 4, 0), (277, 3, 1), (278, 4, height), (279, 4, 8)]
        entries += [(1000 + index, 3, 1) for index in range(tags)]
        size = 2 + 12 * len(entries) + 4
        last = number == len(pages) - 1
        following = (8 if loop else 0) if last else len(out) + size
        out += struct.pack("<H", len(entries))
        for tag, kind, value in entries:
            out += struct.pack("<HHII", tag, kind, 1, value)
        out += struct.pack("<I", following)
    return bytes(out)
