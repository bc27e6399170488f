"""Pictures before they are decoded: what the bytes are, and whether they keep the limits.

Everything here reads headers only. The pixels are decoded by ``guardrail.decode`` in a process of
its own.
"""

from __future__ import annotations

import io
import re
import struct
import warnings
from base64 import b64decode
from binascii import Error as Base64Error
from dataclasses import dataclass
from hashlib import sha256

from PIL import Image as Pillow
from PIL import UnidentifiedImageError

from guardrail.errors import ImageError
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

_ORIENTATION = 0x0112  # EXIF tag, 5 to 8 swap the sides
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
    """

    max_bytes: int = 20 * MIB
    max_total_bytes: int = 64 * MIB
    max_pixels: int = 50_000_000
    max_side: int = 16_384
    max_frames: int = 64
    max_count: int = 64


def from_data_url(url: str, limits: ImageLimits, ref: str = "") -> bytes:
    """The bytes of a ``data:`` URL (RFC 2397), which must be base64.

    The claimed media type is not believed: ``probe`` looks at the bytes.

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
    name, width, height, frames = _header(data, limits, ref)
    if width < 1 or height < 1:
        raise ImageError(f"the picture is {width} x {height} pixels", ref=ref)
    if max(width, height) > limits.max_side:
        raise _too_large(f"{width} x {height} pixels", f"{limits.max_side} a side", ref)
    if frames > limits.max_frames:
        raise _too_large("too many frames", f"{limits.max_frames} frames", ref)
    if width * height * frames > limits.max_pixels:
        shape = f"{width} x {height} pixels in {frames} frames"
        raise _too_large(shape, f"{limits.max_pixels} pixels", ref)
    return Image(data, FORMATS[name], width, height, frames, sha256(data).hexdigest())


def _too_large(what: str, limit: str, ref: str) -> ImageError:
    return ImageError(f"the picture is too large: {what}; at most {limit}", ref=ref, status=413)


def _header(data: bytes, limits: ImageLimits, ref: str) -> tuple[str, int, int, int]:
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        # Pillow's WebP plug-in allocates the whole canvas when it opens a file.
        return ("WEBP", *_webp(data, limits, ref))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # limits are checked here, with our own numbers
            with Pillow.open(io.BytesIO(data), formats=_OPENED) as opened:
                return _opened(opened, data, limits)
    except UnidentifiedImageError:
        raise ImageError(f"not a picture; expected {READABLE}", ref=ref) from None
    except Pillow.DecompressionBombError:
        raise _too_large("a decompression bomb", f"{limits.max_pixels} pixels", ref) from None
    except Exception as error:  # noqa: BLE001 - a header parser on hostile bytes may raise anything
        message = f"the picture's header is broken ({type(error).__name__})"
        raise ImageError(message, ref=ref) from None


def _opened(opened: Pillow.Image, data: bytes, limits: ImageLimits) -> tuple[str, int, int, int]:
    name = opened.format or ""
    width, height = opened.size
    turned = _png_swaps(data) if name == "PNG" else _swaps(opened.getexif())
    if turned:
        width, height = height, width
    if name == "GIF":
        return name, width, height, _gif_frames(data, limits.max_frames + 1)
    if name == "TIFF":
        return name, width, height, _seek_frames(opened, limits.max_frames + 1)
    frames = 1 if name in ("JPEG", "MPO") else int(getattr(opened, "n_frames", 1))
    return name, width, height, frames


def _swaps(exif: Pillow.Exif) -> bool:
    value = exif.get(_ORIENTATION, 1)
    return isinstance(value, int) and 5 <= value <= 8


def _png_swaps(data: bytes) -> bool:
    """Whether an eXIf chunk turns a PNG; Pillow would decode all of it to find out."""
    at = 8
    while at + 8 <= len(data):
        length, kind = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        if kind == b"eXIf":
            return _exif_swaps(data[at + 8 : at + 8 + min(length, 64 * 1024)])
        at += 12 + length
    return False


def _seek_frames(opened: Pillow.Image, most: int) -> int:
    for frame in range(most):
        try:
            opened.seek(frame)
        except EOFError:
            return frame
    return most


def _gif_frames(data: bytes, most: int) -> int:
    """Image descriptors of a GIF, up to ``most``; the pixel data is skipped, not decoded.

    Source: GIF89a specification, sections 17 to 27.
    """
    at = 13 + _colour_table(data[10])
    frames = 0
    while at < len(data) and frames < most:
        match data[at]:
            case 0x2C:  # image descriptor, then the code size and data
                frames += 1
                at = _skip_blocks(data, at + 11 + _colour_table(data[at + 9]))
            case 0x21:  # extension: label, then data
                at = _skip_blocks(data, at + 2)
            case _:  # the trailer, or bytes that no reader understands
                break
    return max(frames, 1)


def _colour_table(packed: int) -> int:
    return 3 << ((packed & 7) + 1) if packed & 0x80 else 0


def _skip_blocks(data: bytes, at: int) -> int:
    while at < len(data) and data[at]:
        at += data[at] + 1
    return at + 1


def _webp(data: bytes, limits: ImageLimits, ref: str) -> tuple[int, int, int]:
    """Width, height and frames of a WebP. Source: RFC 9649."""
    size: tuple[int, int] | None = None
    frames, at, swapped = 0, 12, False
    while at + 8 <= len(data) and frames <= limits.max_frames:
        kind, length = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8], "little")
        body = data[at + 8 : at + 8 + min(length, 64 * 1024)]
        if kind in (b"VP8X", b"VP8 ", b"VP8L"):
            size = size or _webp_size(kind, body)
        elif kind == b"ANMF":
            frames += 1
        elif kind == b"EXIF":
            swapped = _exif_swaps(body)
        at += 8 + length + (length & 1)
    if size is None:
        raise ImageError("the WebP picture has no frame header", ref=ref)
    width, height = reversed(size) if swapped else size
    return width, height, max(frames, 1)


def _webp_size(kind: bytes, body: bytes) -> tuple[int, int] | None:
    if len(body) < 10:
        return None
    if kind == b"VP8X":
        width, height = body[4:7], body[7:10]
        return int.from_bytes(width, "little") + 1, int.from_bytes(height, "little") + 1
    if kind == b"VP8L":
        bits = int.from_bytes(body[1:5], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    width_, height_ = struct.unpack("<HH", body[6:10])
    return width_ & 0x3FFF, height_ & 0x3FFF


def _exif_swaps(body: bytes) -> bool:
    exif = Pillow.Exif()
    try:
        exif.load(body)
    except Exception:  # noqa: BLE001 - hostile bytes; without a readable tag nothing is turned
        return False
    return _swaps(exif)
