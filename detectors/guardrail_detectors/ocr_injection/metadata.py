"""Text beside the pixels: EXIF, XMP, IPTC, comments, PNG text chunks, whatever follows the picture.

A file is not parsed for it, because nobody knows which fields a reader shows: what is printable in
it is read, wherever it stands. Compressed pixels hold no such runs by chance (a run of 12 letters
or spaces comes once in 10^5 bytes of noise, and does not look like words). Pixels that are not
compressed do, so they are left out; compressed text is inflated, up to a limit.

Sources: PNG (third edition) 11.3.3; TIFF 6.0 section 2.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator
from html import unescape

from guardrail.errors import ImageError

MOST_CHARACTERS = 60_000
"""Of words; editors write up to 20,000."""

_MOST_INFLATED = 1 << 22  # bytes, of all compressed texts of a file
_MOST_RUN = 1 << 16  # bytes: what is looked at in one go keeps all threads waiting
_MOST_PIECES = 4096
_MOST_PAGES = 256
_PACKED = {  # what stands before the compressed text
    b"zTXt": re.compile(rb"[^\0]*\0\0"),
    b"iTXt": re.compile(rb"[^\0]*\0\x01\0[^\0]*\0[^\0]*\0"),
}
_DIRECTORIES = frozenset({0x8769, 0x8825, 0x014A})  # EXIF, GPS, sub-pages
_PIXELS = frozenset({0x0111, 0x0117, 0x0144, 0x0145, 0x015B})  # strips, tiles, JPEG tables
_HEAD_BYTES = 65_536
_LETTER = rb"[\t\n\r\x20-\x7e]"
_ANY_LETTER = _LETTER + rb"|[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}"
_ANY_RUN = re.compile(rb"(?:" + _ANY_LETTER + rb"){12,}")
_RUN, _WIDE_RUN = re.compile(_LETTER + rb"+"), re.compile(rb"(?:" + _LETTER + rb"\0)+")
# What each byte is: 1 a letter, 2 a zero. A search for twelve ones takes 1.5 ms a megabyte, the
# regular expression ten times that.
_KINDS = bytes(1 if re.match(_LETTER, bytes([n])) else 2 * (n == 0) for n in range(256))
# Bounded, and begun at no letter but the first of a name: a long one is looked at once.
_TAGS = re.compile(r"</?[\w:.-]{1,64}|(?<![\w:.-])[\w:.-]{1,64}\s{0,8}=\s{0,8}(?=[\"'])|[<>]")
_LONG_NUMBER = re.compile(r"&#\d{8,}")  # no character, and html.unescape fails on its digits
_WORD = re.compile(r"[^\W\d_]{2,40}[\w'-]{0,20}[.,:;!?)\"']*")
_ODD = re.compile(r"://|[{}|\\^~]|^(?:uuid|xmp)\b|^#|[A-Fa-f0-9]{16}")


def texts_beside(data: bytes, media_type: str) -> list[str]:
    """Each run of words in the file beside its pixels, at least three words long.

    Args:
        data: The file.
        media_type: By signature.

    Raises:
        ImageError: More words, or more compressed text, than any honest file has.
    """
    found: dict[str, None] = {}
    total = 0
    for block in _blocks(data, media_type):
        for text in _words(block):
            if text not in found:
                found[text] = None
                total += len(text)
        if total > MOST_CHARACTERS:
            raise _too_much(f"{MOST_CHARACTERS} characters of text")
    return list(found)


def _blocks(data: bytes, media_type: str) -> Iterator[bytes]:
    match media_type:
        case "image/png":
            yield from _png(data)
        case "image/tiff":
            yield from _tiff(data)
        case "image/bmp":
            return
        case _:
            yield data


def _png(data: bytes) -> Iterator[bytes]:
    """Every chunk but the pixels', inflated where it is compressed text, and what follows."""
    at, room = 8, _MOST_INFLATED
    for _ in range(_MOST_PIECES):
        if at + 8 > len(data):
            return
        length, kind = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        body = data[at + 8 : at + 8 + length]
        at += 12 + length
        if kind in (b"zTXt", b"iTXt"):
            head, plain = _inflated(kind, body, room)
            room -= len(plain)
            yield head + b"\n" + plain
        elif kind not in (b"IDAT", b"fdAT", b"PLTE", b"iCCP"):
            yield body
        if kind == b"IEND":
            break
    else:  # thousands of small IDAT chunks: there is text behind them or there is none
        at = data.rfind(b"IDAT") + 4
    yield data[at:]


def _inflated(kind: bytes, body: bytes, room: int) -> tuple[bytes, bytes]:
    """The head of a text chunk and its text made plain; all of it is head where none is packed.

    Raises:
        ImageError: There are more than ``room`` bytes of it.

    Source: PNG (third edition) 11.3.3.3 and 11.3.3.4.
    """
    packed = _PACKED[kind].match(body)
    if packed is None:
        return body, b""
    unpacking = zlib.decompressobj()
    try:
        plain = unpacking.decompress(body[packed.end() :], room + 1)
    except zlib.error:
        return body, b""
    if len(plain) > room:
        raise _too_much(f"{_MOST_INFLATED} bytes of compressed text")
    return packed[0], plain


def _too_much(what: str) -> ImageError:
    return ImageError(
        f"the picture carries more than {what} in its metadata; send it without", status=413
    )


def _tiff(data: bytes) -> Iterator[bytes]:
    """The values of all tags that hold bytes or characters, of every page."""
    order = "<" if data[:2] == b"II" else ">"
    if data[2:4] not in (b"*\0", b"\0*"):  # BigTIFF: pages of over 4 GiB
        return
    waiting, seen = [struct.unpack_from(order + "I", data, 4)[0]], set[int]()
    while waiting and len(seen) < _MOST_PAGES:
        at = waiting.pop()
        if at in seen or not 8 <= at <= len(data) - 2:
            continue
        seen.add(at)
        (count,) = struct.unpack_from(order + "H", data, at)
        at += 2
        for entry in range(at, min(at + 12 * count, len(data) - 11), 12):
            tag, kind, size, value = struct.unpack_from(order + "HHII", data, entry)
            if tag in _DIRECTORIES:
                waiting.append(value)
            elif kind in (1, 2, 7) and tag not in _PIXELS:
                start = value if size > 4 else entry + 8
                yield data[start : start + size]
        if at + 12 * count + 4 <= len(data):
            waiting += struct.unpack_from(order + "I", data, at + 12 * count)


def _words(block: bytes) -> Iterator[str]:
    for run in dict.fromkeys(_runs(block)):
        plain = run
        if "<" in run or "&" in run:
            plain = _TAGS.sub(" ", unescape(_LONG_NUMBER.sub(" ", run)))
        pieces = [one for one in plain.split() if len(one) < 60 and not _ODD.search(one)]
        words = sum(_WORD.fullmatch(one.strip("\"'(<")) is not None for one in pieces)
        if words >= max(3, len(pieces) // 3):
            yield " ".join(pieces)


def _runs(block: bytes) -> Iterator[str]:
    """Runs of twelve letters: in ASCII and UTF-16 anywhere, in UTF-8 near both ends of the block.

    Compressed pixels are full of what could be the beginning of other letters in UTF-8.
    """
    kinds = block.translate(_KINDS)
    for sign, pattern in ((b"\1" * 12, _RUN), (b"\1\2" * 12, _WIDE_RUN)):
        at = kinds.find(sign)
        while at >= 0 and (run := pattern.match(block, at, at + _MOST_RUN)):
            yield run[0].replace(b"\0", b"").decode("ascii")
            at = kinds.find(sign, run.end())
    ends = (
        (block,) if len(block) <= 2 * _HEAD_BYTES else (block[:_HEAD_BYTES], block[-_HEAD_BYTES:])
    )
    for end in ends:
        yield from (run.decode("utf-8", "replace") for run in _ANY_RUN.findall(end))
