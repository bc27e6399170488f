"""Boxes painted over a picture, and the picture encoded again without its metadata."""

from __future__ import annotations

import io
from collections.abc import Sequence

import numpy as np
from PIL import Image as Pillow

from guardrail.detector import Pixels
from guardrail.types import Box, Image, ReplaceImage

MARGIN = 2
"""Pixels painted beyond each box, because text is smoothed past its edge."""


def paint_over(image: Image, frames: Sequence[Pixels], boxes: Sequence[Box]) -> ReplaceImage:
    """``image`` with every box black, in every frame that the boxes name.

    Orientation is already applied to the frames; metadata and timing are left behind.

    Args:
        image: The picture as it came.
        frames: Its decoded frames, each (height, width, 3 or 4), uint8.
        boxes: Clipped to the picture; those outside of it or of its frames paint nothing.
    """
    painted = [frame.copy() for frame in frames]
    for box in boxes:
        if 0 <= box.frame < len(painted):
            _fill(painted[box.frame], box)
    return encoded(painted, image.media_type)


def encoded(frames: Sequence[Pixels], media_type: str, *, level: int = 6) -> ReplaceImage:
    """``frames`` as a file without metadata.

    A JPEG stays a JPEG (quality 92, no chroma subsampling); anything else becomes a PNG, an
    animation an animated one (whose encoder, unlike WebP's, keeps equal frames and every pixel).

    Args:
        frames: Each (height, width, 3 or 4), uint8.
        media_type: Of the picture as it came.
        level: How hard a PNG is compressed, 0 to 9.
    """
    pictures = [Pillow.fromarray(frame) for frame in frames]
    out = io.BytesIO()
    if media_type == "image/jpeg":
        pictures[0].convert("RGB").save(out, "JPEG", quality=92, subsampling=0)
        return ReplaceImage(out.getvalue(), "image/jpeg")
    more = pictures[1:]
    pictures[0].save(out, "PNG", save_all=bool(more), append_images=more, compress_level=level)
    return ReplaceImage(out.getvalue(), "image/png")


def _fill(frame: Pixels, box: Box) -> None:
    if box.bottom <= box.top or box.right <= box.left:
        return
    # Never below 0: a negative end would count from the far side.
    top, bottom = max(box.top - MARGIN, 0), max(box.bottom + MARGIN, 0)
    left, right = max(box.left - MARGIN, 0), max(box.right + MARGIN, 0)
    black = np.zeros(frame.shape[2], np.uint8)
    if frame.shape[2] == 4:
        black[3] = 255
    frame[top:bottom, left:right] = black
