"""Picture containers walked by their structure alone: size, frames, orientation, and no pixel.

The readers here exist where Pillow's own would allocate the canvas, decode frames, believe the
first page, or take seconds: 20 MB of empty PNG chunks, JPEG fill bytes or GIF extensions cost it
up to 5 s under the interpreter's lock (measured). So every walk is bounded in pieces.

Sources: PNG (third edition) 5.3; ITU-T T.81 B.1.1; GIF89a sections 17 to 27; RFC 9649 (WebP);
TIFF 6.0 section 2 and BigTIFF.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator, Mapping

from PIL import Image as Pillow

Shape = tuple[int, int, int]
"""Width and height as displayed, and the number of frames."""

MAX_PIECES = 4096
"""Chunks, segments, extensions or tags before the pixels; cameras and editors write < 400."""

MAX_DATA_PIECES = 262_144
"""All blocks together: 64 MiB of GIF in blocks of 255 bytes."""

_ORIENTATION = 0x0112  # EXIF and TIFF tag; 5 to 8 swap the sides
_XMP_ORIENTATION = re.compile(rb'tiff:Orientation(?:="|>)([0-9])')
_HEADER_BYTES = 64 * 1024
_BARE_MARKERS = frozenset({0xC8, *range(0xD0, 0xDA), *range(0xF0, 0xFE)})  # no length follows
_TIFF_TYPES = {1: "B", 3: "H", 4: "I", 16: "Q"}
_TIFF_TAGS = frozenset({256, 257, _ORIENTATION})  # width, height


def swaps(exif: Pillow.Exif) -> bool:
    """Whether the orientation tag puts the picture on its side."""
    value = exif.get(_ORIENTATION, 1)
    return isinstance(value, int) and 5 <= value <= 8


def check_jpeg(data: bytes) -> None:
    """Counts segments, fill bytes and junk before the scan, each of which costs a reader time.

    Raises:
        ValueError: There are more than ``MAX_PIECES``.
    """
    at = 2
    for _ in range(MAX_PIECES):
        if at + 1 >= len(data) or data[at : at + 2] == b"\xff\xda":
            return
        if data[at] != 0xFF or data[at + 1] == 0xFF:
            at += 1
        elif data[at + 1] == 0 or data[at + 1] in _BARE_MARKERS:
            at += 2
        else:
            at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    raise ValueError("too many segments")


def check_png(data: bytes) -> bool | None:
    """Whether an eXIf chunk puts a PNG on its side, None where there is no such chunk.

    Raises:
        ValueError: There are too many chunks.
    """
    at, before, turned = 8, True, None
    for count in range(MAX_DATA_PIECES):
        if at + 8 > len(data):
            return turned
        length, kind = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        before = before and kind != b"IDAT"
        if before and count > MAX_PIECES:
            break
        if kind == b"eXIf":
            turned = swaps(_exif(data[at + 8 : at + 8 + min(length, _HEADER_BYTES)]))
        at += 12 + length
    raise ValueError("too many chunks")


def gif_shape(data: bytes, most: int) -> Shape:
    """The canvas of a GIF, grown to hold every frame as readers grow it; frames up to ``most``.

    Bytes that begin no block are stepped over, because readers step over them: a frame behind one
    is shown.

    Raises:
        ValueError: There are too many blocks.
        IndexError: It ends in the middle of a header.
    """
    width, height, packed = struct.unpack_from("<HHB", data, 6)
    at, frames = 13 + _colour_table(packed), 0
    pieces = iter(range(MAX_DATA_PIECES))
    for _ in pieces:
        if at >= len(data) or data[at] == 0x3B or frames >= most:
            return width, height, max(frames, 1)
        if data[at] == 0x2C:  # image descriptor, then the code size and data
            left, top, wide, high, packed = struct.unpack_from("<HHHHB", data, at + 1)
            width, height = max(width, left + wide), max(height, top + high)
            frames += 1
            at = _skip_blocks(data, at + 11 + _colour_table(packed), pieces)
        elif data[at] == 0x21:  # extension: label, then data
            at = _skip_blocks(data, at + 2, pieces)
        else:
            at += 1
    raise ValueError("too many blocks")


def _colour_table(packed: int) -> int:
    return 3 << ((packed & 7) + 1) if packed & 0x80 else 0


def _skip_blocks(data: bytes, at: int, pieces: Iterator[int]) -> int:
    while at < len(data) and data[at] and next(pieces, None) is not None:
        at += data[at] + 1
    return at + 1


def webp_shape(data: bytes, most: int) -> Shape:
    """Canvas and frames of a WebP, frames up to ``most``.

    Raises:
        ValueError: No chunk says the size, or there are too many chunks.
    """
    size: tuple[int, int] | None = None
    frames, at = 0, 12
    notes: dict[bytes, bytes] = {}
    for _ in range(MAX_PIECES):
        if at + 8 > len(data) or frames >= most:
            break
        kind, length = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8], "little")
        body = data[at + 8 : at + 8 + min(length, _HEADER_BYTES)]
        if kind in (b"VP8X", b"VP8 ", b"VP8L"):
            size = size or _webp_size(kind, body)
        elif kind == b"ANMF":
            frames += 1
        elif kind in (b"EXIF", b"XMP ") and data[12:16] == b"VP8X":
            notes.setdefault(kind, body)
        at += 8 + length + (length & 1)
    else:
        raise ValueError("too many chunks")
    if size is None:
        raise ValueError("no frame header")
    width, height = reversed(size) if _turned(notes) else size
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


def tiff_shape(data: bytes, most: int) -> Shape:
    """The largest width and height of a TIFF's pages, and their number up to ``most``.

    Raises:
        ValueError: A page without a size, or too many tags.
        struct.error: It ends in the middle of a directory.
    """
    order = "<" if data[:2] == b"II" else ">"
    big = data[2:4] in (b"+\0", b"\0+")
    word, start = ("Q", 8) if big else ("I", 4)
    (at,) = struct.unpack_from(order + word, data, start)
    seen: set[int] = set()
    width = height = tags = 0
    while at and at not in seen and len(seen) < most:
        seen.add(at)
        (count,) = struct.unpack_from(order + ("Q" if big else "H"), data, at)
        at, tags = at + (8 if big else 2), tags + count
        if tags > MAX_PIECES:
            raise ValueError("too many tags")
        across, down = _page_size(data, at, count, order, big=big)
        width, height = max(width, across), max(height, down)
        (at,) = struct.unpack_from(order + word, data, at + count * (20 if big else 12))
    return width, height, max(len(seen), 1)


def _page_size(data: bytes, at: int, count: int, order: str, *, big: bool) -> tuple[int, int]:
    found: dict[int, int] = {}
    step, value_at = (20, 12) if big else (12, 8)
    for entry in range(at, at + count * step, step):
        tag, kind = struct.unpack_from(order + "HH", data, entry)
        if tag in _TIFF_TAGS and kind in _TIFF_TYPES and (big or kind != 16):
            (found[tag],) = struct.unpack_from(order + _TIFF_TYPES[kind], data, entry + value_at)
    width, height = found.get(256, 0), found.get(257, 0)
    if not width or not height:
        raise ValueError("a page without a size")
    return (height, width) if 5 <= found.get(_ORIENTATION, 1) <= 8 else (width, height)


def _turned(notes: Mapping[bytes, bytes]) -> bool:
    """XMP is asked only where EXIF does not say."""
    exif = _exif(notes.get(b"EXIF", b""))
    if _ORIENTATION in exif:
        return swaps(exif)
    said = _XMP_ORIENTATION.search(notes.get(b"XMP ", b""))
    return said is not None and 5 <= int(said[1]) <= 8


def _exif(body: bytes) -> Pillow.Exif:
    exif = Pillow.Exif()
    try:
        exif.load(body)
    except Exception:  # noqa: BLE001 - hostile bytes; without a readable tag nothing is turned
        return Pillow.Exif()
    return exif
