"""Decodes pictures in a process that may die: run as a script, talks over its pipes.

It imports Pillow and numpy alone, never this package, and lives under limits on memory, files and
core dumps. For each job it reads a line of JSON ``{"bytes": n, "frames": m, "pixels": p, "anew":
a}`` and n bytes; m and p are what the picture's header said, and a picture that has more is
refused. Unless what is forwarded is made anew from the pixels, so is one that readers show in more
than one way. It answers with a line of JSON ``{"shapes": [[height, width, channels], …]}`` and the
pixels, or ``{"error": "…"}``.
"""

from __future__ import annotations

import io
import json
import resource
import sys
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageOps, ImageSequence

MAX_MEMORY = 3 * 1024**3
FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "AVIF")
ANIMATED = frozenset({"PNG", "WEBP", "GIF", "TIFF", "AVIF"})


MIRRORED = frozenset({2, 4, 5, 7})
"""Orientations that cameras do not write. Who ignores them shows what is mirrored otherwise; turns
do not matter, as text is read whichever way it stands."""


class MirroredError(ValueError):
    """Its orientation tag mirrors it, and some readers do not look at that."""


class DeepGreyError(ValueError):
    """Its grey has more than eight bits: some readers scale it, others cut it off at 255."""


def limit() -> None:
    """Bounds what this process may take from the machine."""
    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY, MAX_MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    Image.init()


def frames_of(
    data: bytes, most: int, max_pixels: int, *, anew: bool = False
) -> list[NDArray[np.uint8]]:
    """All frames as displayed: orientation applied, uint8 RGB or RGBA.

    Args:
        data: The file.
        most: Frames at most.
        max_pixels: Of all frames.
        anew: Whether they take the file's place, so that nobody else reads that.

    Raises:
        ValueError: More than ``most`` frames, or more than ``max_pixels`` in all of them; readers
            show it in more than one way.
        Exception: Whatever a decoder raises on broken bytes.
    """
    Image.MAX_IMAGE_PIXELS = max_pixels  # Pillow's own check, for canvases that grow
    with Image.open(io.BytesIO(data), formats=FORMATS) as opened:
        if opened.format not in ANIMATED:
            return [pixels_of(opened, anew=anew)]
        frames: list[NDArray[np.uint8]] = []
        for frame in ImageSequence.Iterator(opened):
            max_pixels -= frame.width * frame.height
            if max_pixels < 0 or len(frames) == most:
                raise ValueError("more than the header says")
            frames.append(pixels_of(frame, anew=anew))
        return frames


def pixels_of(frame: Image.Image, *, anew: bool = False) -> NDArray[np.uint8]:
    """One frame as displayed, shape (height, width, 3) or, if any pixel is transparent, 4."""
    if not anew and frame.getexif().get(ExifTags.Base.Orientation) in MIRRORED:
        raise MirroredError
    frame = ImageOps.exif_transpose(frame)
    if frame.mode.startswith("I;16") or frame.mode in ("I", "F"):
        frame = _eight_bits(frame, anew=anew)
    if frame.mode in ("RGBA", "LA", "PA", "RGBa", "La") or "transparency" in frame.info:
        array = np.asarray(frame.convert("RGBA"))
        return array if array[..., 3].min() < 255 else np.ascontiguousarray(array[..., :3])
    return np.asarray(frame.convert("RGB"))


def _eight_bits(frame: Image.Image, *, anew: bool) -> Image.Image:
    """Grey of more than eight bits, scaled by its depth (not clipped, as Pillow would)."""
    values = np.asarray(frame).astype(np.float64)
    if not np.isfinite(values).all():
        raise ValueError("pixels that are no numbers")  # one would set the scale for all others
    top = 65535.0 if frame.mode != "F" else max(float(values.max(initial=1.0)), 1e-9)
    scaled = np.clip(values / top * 255.0, 0.0, 255.0)
    if not anew and np.abs(scaled - np.clip(values, 0.0, 255.0)).max(initial=0.0) > 0.5:
        raise DeepGreyError
    return Image.fromarray(scaled.astype(np.uint8))


def serve(source: BinaryIO, sink: BinaryIO) -> None:
    """Says that it is ready, then answers jobs until the pipe closes."""
    sink.write(b"{}\n")
    sink.flush()
    while line := source.readline():
        job = json.loads(line)
        data = source.read(job["bytes"])
        try:
            frames = frames_of(data, job["frames"], job["pixels"], anew=job["anew"])
            frames = [np.ascontiguousarray(one) for one in frames]
        except Exception as error:  # noqa: BLE001 - decoders raise anything; the parent is told
            sink.write(json.dumps({"error": type(error).__name__}).encode() + b"\n")
        else:
            sink.write(json.dumps({"shapes": [one.shape for one in frames]}).encode() + b"\n")
            sink.writelines(one.data for one in frames)
        sink.flush()


if __name__ == "__main__":
    limit()
    serve(sys.stdin.buffer, sys.stdout.buffer)
