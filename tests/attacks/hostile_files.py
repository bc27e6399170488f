"""Broken and hostile files in any number, from a seed."""

from __future__ import annotations

import json
import random
import struct
import zlib
from base64 import b64encode
from dataclasses import dataclass

from tests.attacks.files import (
    SIGNATURE,
    bomb,
    chunk,
    encoded,
    many_frames,
    png,
    text_bomb,
    with_page,
    with_pdf,
    with_zip,
)

FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "AVIF")
TYPES = {name: f"image/{name.lower()}" for name in FORMATS}
WHOLE = {name: encoded(name) for name in FORMATS}
PDF, SVG = "application/pdf", "image/svg+xml"


@dataclass(frozen=True)
class Hostile:
    name: str
    data: bytes
    media_type: str

    def body(self) -> bytes:
        url = f"data:{self.media_type};base64,{b64encode(self.data).decode()}"
        item = (
            {"type": "image_url", "image_url": {"url": url}}
            if self.media_type.startswith("image/")
            else {"type": "file", "file": {"filename": "", "file_data": url}}
        )
        message = {"role": "user", "content": [item]}
        return json.dumps({"model": "m", "messages": [message]}).encode()


def pdf(*objects: bytes, root: int = 1, info: int = 0) -> bytes:
    """A PDF of these objects, the first the catalogue; the cross-reference table is right."""
    out, starts = b"%PDF-1.7\n", []
    for number, body in enumerate(objects, 1):
        starts.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % start for start in starts)
    size = len(objects) + 1
    return (
        out
        + b"xref\n0 %d\n0000000000 65535 f \n" % size
        + table
        + b"trailer<</Size %d/Root %d 0 R" % (size, root)
        + (b"/Info %d 0 R" % info if info else b"")
        + b">>\nstartxref\n%d\n%%%%EOF" % len(out)
    )


def page(content: bytes = b"BT /F1 12 Tf 9 9 Td (hello) Tj ET", box: str = "0 0 90 60") -> bytes:
    packed = zlib.compress(content)
    return pdf(
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[%s]/Contents 4 0 R/Resources<<%s>>>>"
        % (box.encode(), b"/Font<</F1<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>"),
        b"<</Length %d/Filter/FlateDecode>>stream\n%s\nendstream" % (len(packed), packed),
    )


def drawing(inner: str = "<text>hello</text>", before: str = "") -> bytes:
    return f'{before}<svg xmlns="http://www.w3.org/2000/svg">{inner}</svg>'.encode()


def bombs() -> list[Hostile]:
    """Small files that ask for much."""
    grow = "".join(f'<!ENTITY e{n + 1} "{f"&e{n};" * 10}">' for n in range(9))
    entities = f'<!DOCTYPE svg [<!ENTITY e0 "ha">{grow}]>'
    outside = '<!DOCTYPE svg [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
    loop = pdf(
        b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[2 0 R 2 0 R]/Count 99999999>>"
    )
    deep = pdf(b"<</Type/Catalog/Pages " + b"[" * 20_000 + b">>")
    form = (
        b"<</Type/XObject/Subtype/Form/BBox[0 0 9 9]/Length 6/Resources<</XObject<</X 1 0 R>>>>>>"
    )
    return [
        Hostile("png pixels", bomb(), TYPES["PNG"]),
        Hostile("png text", text_bomb(), TYPES["PNG"]),
        Hostile("gif frames", many_frames(5000), TYPES["GIF"]),
        Hostile("png and zip", with_zip(WHOLE["PNG"]), TYPES["PNG"]),
        Hostile("gif and page", with_page(WHOLE["GIF"]), TYPES["GIF"]),
        Hostile("png and pdf", with_pdf(WHOLE["PNG"]), TYPES["PNG"]),
        Hostile("svg entities", drawing("<text>&e9;</text>", entities), SVG),
        Hostile("svg outside", drawing("<text>&e;</text>", outside), SVG),
        Hostile("svg deep", drawing("<g>" * 50_000 + "</g>" * 50_000), SVG),
        Hostile("svg wide", drawing("<g/>" * 200_000), SVG),
        Hostile("pdf loop", loop, PDF),
        Hostile("pdf deep", deep, PDF),
        Hostile("pdf form in itself", pdf(form), PDF),
        Hostile("pdf inflated", page(b"q Q\n" * 8_000_000), PDF),
        Hostile("pdf huge page", page(box="0 0 900000 900000"), PDF),
        Hostile("pdf flat page", page(box="0 0 14400 0.001"), PDF),
        Hostile("pdf upside down", page(box="90 60 0 0"), PDF),
        Hostile("pdf and zip", with_zip(page()), PDF),
    ]


def hostile(count: int, seed: int) -> list[Hostile]:
    """``count`` files: all of ``bombs`` and, of the same seed always the same, changed ones."""
    draw = random.Random(seed)
    found = bombs()[:count]
    while len(found) < count:
        found.append(_changed(draw, len(found)))
    return found


def _changed(draw: random.Random, number: int) -> Hostile:
    kind = draw.choice((*FORMATS, *FORMATS, "PDF", "SVG"))
    whole = {"PDF": page(), "SVG": drawing("<g><text>hello</text></g>"), **WHOLE}[kind]
    media_type = {"PDF": PDF, "SVG": SVG, **TYPES}[kind]
    way, change = draw.choice(_WAYS)
    if way == "sizes":
        kind, media_type = "PNG", TYPES["PNG"]
    return Hostile(f"{number} {kind} {way}", change(draw, whole), media_type)


def _flipped(draw: random.Random, data: bytes) -> bytes:
    changed = bytearray(data)
    for _ in range(draw.randint(1, 8)):
        changed[draw.randrange(len(changed))] = draw.randrange(256)
    return bytes(changed)


def _head(draw: random.Random, data: bytes) -> bytes:
    head = _flipped(draw, data[4:64])
    return data[:4] + head + data[64:]


def _cut(draw: random.Random, data: bytes) -> bytes:
    return data[: draw.randrange(4, len(data))]


def _doubled(draw: random.Random, data: bytes) -> bytes:
    at, to = sorted((draw.randrange(len(data)), draw.randrange(len(data))))
    return data[:to] + data[at:to] * draw.randint(1, 40) + data[to:]


def _noise(draw: random.Random, data: bytes) -> bytes:
    return data[: draw.randint(4, 24)] + draw.randbytes(draw.randint(0, 4000))


def _sizes(draw: random.Random, data: bytes) -> bytes:
    width, height = (draw.choice((0, 1, 3, 40, 70_000, 2**31 - 1)) for _ in range(2))
    extra = chunk(draw.randbytes(4), draw.randbytes(20))
    return png(width, height, draw.randbytes(draw.randint(0, 3000)), extra)


def _checksums(draw: random.Random, data: bytes) -> bytes:
    at = data.find(b"IDAT")
    if not data.startswith(SIGNATURE) or at < 0:
        return _flipped(draw, data)
    return data[:-4] + struct.pack(">I", draw.getrandbits(32))


_WAYS = (
    ("flipped", _flipped),
    ("head", _head),
    ("cut", _cut),
    ("doubled", _doubled),
    ("noise", _noise),
    ("sizes", _sizes),
    ("checksums", _checksums),
)
