"""Pictures that a wire format carries without saying what they are, and a blank one."""

from __future__ import annotations

from base64 import b64decode, b64encode

from guardrail.types import Image

ONE_PIXEL = b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR42mP4DwABAQEAHLCMmQAAAABJRU5ErkJggg=="
)
"""A PNG of one white pixel: what takes the place of a picture where only pictures may stand."""

_SIGNATURES = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
    (b"BM", "image/bmp"),
    (b"II*\0", "image/tiff"),
    (b"MM\0*", "image/tiff"),
)


def base64_of(image: Image) -> str:
    """A picture's bytes in base64."""
    return b64encode(image.data).decode()


def data_url(data: str) -> str:
    """``data`` as a ``data:`` URL whose media type is that of its first bytes.

    What is no picture is claimed to be none, and refused where its bytes are looked at.
    """
    return f"data:{_media_type(data[:64])};base64,{data}"


def _media_type(start: str) -> str:
    try:
        head = b64decode(start[: len(start) // 4 * 4])
    except ValueError:
        return "application/octet-stream"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    if head[4:8] == b"ftyp" and head[8:12] in (b"avif", b"avis"):
        return "image/avif"
    found = (media_type for sign, media_type in _SIGNATURES if head.startswith(sign))
    return next(found, "application/octet-stream")
