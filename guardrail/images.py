"""Pictures before they are decoded: what the bytes are, and whether they keep the limits.

Everything here reads headers only. The pixels are decoded by ``guardrail.decode`` in a process of
its own.
"""

from __future__ import annotations

import io
import re
import warnings
from base64 import b64decode
from binascii import Error as Base64Error
from dataclasses import dataclass
from hashlib import sha256
from threading import Lock

from PIL import Image as Pillow
from PIL import UnidentifiedImageError

from guardrail.errors import ImageError
from guardrail.picture_headers import (
    Shape,
    check_jpeg,
    check_png,
    gif_shape,
    swaps,
    tiff_shape,
    webp_shape,
)
from guardrail.polyglots import second_nature
from guardrail.types import Image

MIB = 1024 * 1024

FORMATS: dict[str, str] = {
    "PNG": "image/png",
    "JPEG": "image/jpeg",
    "MPO": "image/jpeg",
    "WEBP": "image/webp",
    "GIF": "image/gif",
    "BMP": "image/bmp",
    "TIFF": "image/tiff",
    "AVIF": "image/avif",
}
"""Pillow's names of the formats that are read, and their media types."""

_OPENED = [name for name in FORMATS if name != "MPO"]  # a JPEG that turns out to be one

READABLE = "PNG, JPEG, WebP, GIF, BMP, TIFF or AVIF"

_WARNINGS = Lock()
_ALIASES = {
    "image/jpg": "image/jpeg",
    "image/pjpeg": "image/jpeg",
    "image/x-png": "image/png",
    "image/x-ms-bmp": "image/bmp",
    "image/x-bmp": "image/bmp",
    "image/tif": "image/tiff",
}
_DATA_URL = re.compile(r"data:([^,;]*)((?:;[^,;]*)*),", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ImageLimits:
    """What a picture, and all pictures of one request together, may be.

    Attributes:
        max_bytes: Encoded bytes of one picture.
        max_total_bytes: Encoded bytes of all pictures of a request.
        max_pixels: Width times height, over all frames of an animation.
        max_side: Pixels of the longer side.
        max_frames: Frames of an animation.
        max_count: Pictures of a request.
        normalise: Whether each is made anew from its pixels before it is scanned and forwarded.
    """

    max_bytes: int = 20 * MIB
    max_total_bytes: int = 64 * MIB
    max_pixels: int = 50_000_000
    max_side: int = 16_384
    max_frames: int = 24
    max_count: int = 64
    normalise: bool = False


def from_data_url(url: str, limits: ImageLimits, ref: str = "") -> bytes:
    """The bytes of a ``data:`` URL (RFC 2397), which must be base64.

    The claimed media type is not believed: ``probe`` looks at the bytes, ``check_claim`` compares.

    Raises:
        ImageError: Not base64, or longer than allowed; known before anything is decoded.
    """
    head = _DATA_URL.match(url)
    if head is None:
        raise ImageError("not a data: URL; expected data:image/png;base64,…", ref=ref)
    if not head[2].lower().endswith(";base64"):
        raise ImageError("the data: URL is not base64; send data:image/png;base64,…", ref=ref)
    length = len(url) - head.end()
    if length > limits.max_bytes * 4 // 3 + 4:
        raise _too_large(f"about {length * 3 // 4} bytes", f"{limits.max_bytes} bytes", ref)
    try:
        data = b64decode(url[head.end() :], validate=True)
    except (Base64Error, ValueError) as error:
        raise ImageError(f"the data: URL is not valid base64: {error}", ref=ref) from None
    if not data:
        raise ImageError("the picture is empty", ref=ref)
    return data


def probe(data: bytes, limits: ImageLimits, ref: str = "") -> Image:
    """What ``data`` is, by its signature and headers alone.

    Raises:
        ImageError: Not a picture that is read here, broken, or beyond a limit.
    """
    if len(data) > limits.max_bytes:
        raise _too_large(f"{len(data)} bytes", f"{limits.max_bytes} bytes", ref)
    name, (width, height, frames) = _header(data, limits.max_frames + 1, ref)
    if width < 1 or height < 1:
        raise ImageError(
            f"the picture is {width} x {height} pixels; send one of at least 1 x 1", ref=ref
        )
    if max(width, height) > limits.max_side:
        raise _too_large(f"{width} x {height} pixels", f"{limits.max_side} a side", ref)
    if frames > limits.max_frames:
        raise _too_large("too many frames", f"{limits.max_frames} frames", ref)
    if width * height * frames > limits.max_pixels:
        shape = f"{width} x {height} pixels in {frames} frames"
        raise _too_large(shape, f"{limits.max_pixels} pixels", ref)
    if other := second_nature(data):
        raise ImageError(f"the picture is also {other}; send a plain picture", ref=ref)
    return Image(data, FORMATS[name], width, height, frames, sha256(data).hexdigest())


def check_count(count: int, limits: ImageLimits, ref: str) -> None:
    """Whether a request may have ``count`` pictures; ``ref`` is the one that is too many.

    Raises:
        ImageError: It may not (status 413).
    """
    if count > limits.max_count:
        message = f"{count} pictures; at most {limits.max_count} a request"
        raise ImageError(message, ref=ref, status=413)


def check_claim(url: str, image: Image, ref: str = "") -> None:
    """Compares what a ``data:`` URL says it holds with what the bytes are.

    Raises:
        ImageError: They differ: a server that believes the URL reads other bytes than were scanned.
    """
    head = _DATA_URL.match(url)
    claimed = head[1].strip().lower() if head else ""
    if _ALIASES.get(claimed, claimed) != image.media_type:
        raise ImageError(
            f"the data: URL says {claimed or 'nothing'!r}, but the bytes are {image.media_type}; "
            f"send data:{image.media_type};base64,…",
            ref=ref,
        )


def _too_large(what: str, limit: str, ref: str) -> ImageError:
    return ImageError(f"the picture is too large: {what}; at most {limit}", ref=ref, status=413)


def _header(data: bytes, most: int, ref: str) -> tuple[str, Shape]:
    try:
        if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
            # Pillow's WebP plug-in allocates the whole canvas when it opens a file.
            return "WEBP", webp_shape(data, most)
        walked = _walked(data, most)  # first: a hostile one takes Pillow seconds to open
        # One at a time: catch_warnings changes what the whole process does with warnings.
        with _WARNINGS, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # limits are checked here, with our own numbers
            with Pillow.open(io.BytesIO(data), formats=_OPENED) as opened:
                return opened.format or "", walked or _shape(opened, data)
    except UnidentifiedImageError:
        raise ImageError(f"not a picture; expected {READABLE}", ref=ref) from None
    except Pillow.DecompressionBombError:
        raise _too_large("a decompression bomb", "the pixels of an honest one", ref) from None
    except Exception as error:  # noqa: BLE001 - a header parser on hostile bytes may raise anything
        raise ImageError(
            f"the picture's header is broken ({type(error).__name__}); save it anew, e.g. as PNG",
            ref=ref,
        ) from None


def _walked(data: bytes, most: int) -> Shape | None:
    """What our own walk over the container says, None where Pillow may be asked."""
    match data[:4]:
        case b"GIF8":
            return gif_shape(data, most)
        case b"II*\0" | b"MM\0*" | b"II+\0" | b"MM\0+":
            return tiff_shape(data, most)
        case b"\x89PNG":
            check_png(data)
        case _ if data[:2] == b"\xff\xd8":
            check_jpeg(data)
        case _:
            pass
    return None


def _shape(opened: Pillow.Image, data: bytes) -> Shape:
    width, height = opened.size
    turned = check_png(data) if opened.format == "PNG" else None
    if turned is None:
        # The base class: for a PNG the plug-in's own method would decode the pixels.
        turned = swaps(Pillow.Image.getexif(opened))
    if turned:
        width, height = height, width
    still = opened.format in ("JPEG", "MPO")  # readers show the first picture of an MPO
    return width, height, 1 if still else int(getattr(opened, "n_frames", 1))
