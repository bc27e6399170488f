"""Hostile picture files, made here byte by byte."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

from PIL import Image

SIGNATURE = b"\x89PNG\r\n\x1a\n"


def encoded(
    kind: str = "PNG", size: tuple[int, int] = (32, 24), mode: str = "RGB", **more
) -> bytes:
    out = io.BytesIO()
    Image.effect_noise(size, 60).convert(mode).save(out, kind, **more)
    return out.getvalue()


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png(width: int, height: int, pixels: bytes = b"", *extra: bytes) -> bytes:
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return (
        SIGNATURE
        + head
        + b"".join(extra)
        + chunk(b"IDAT", zlib.compress(pixels))
        + chunk(b"IEND", b"")
    )


def bomb(side: int = 60_000) -> bytes:
    """A PNG of a few bytes that declares ``side`` squared pixels."""
    return png(side, side, bytes(1000))


def text_bomb() -> bytes:
    """A small PNG whose text chunk inflates to 64 MiB."""
    packed = zlib.compress(bytes(64 * 1024 * 1024), 9)
    return png(4, 4, bytes(20), chunk(b"zTXt", b"Comment\0\0" + packed))


def many_frames(count: int) -> bytes:
    """A GIF of ``count`` frames of one pixel."""
    head = b"GIF89a" + struct.pack("<HHBBB", 1, 1, 0x80, 0, 0) + bytes(6)
    frame = b"\x2c" + struct.pack("<HHHHB", 0, 0, 1, 1, 0) + b"\x02\x02\x44\x01\x00"
    return head + frame * count + b"\x3b"


def with_zip(picture: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(zipfile.ZipInfo("instructions.txt"), "hello")  # dated 1980, always
    return picture + out.getvalue()


def with_page(picture: bytes) -> bytes:
    return picture + b"<html><script>alert(1)</script></html>"


def with_pdf(picture: bytes) -> bytes:
    return picture[:8] + chunk(b"tEXt", b"a\0%PDF-1.7\n") + picture[8:]
