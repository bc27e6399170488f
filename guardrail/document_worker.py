"""Reads documents in a process that may die: run as a script, talks over its pipes.

It imports PDFium, a hardened XML reader and numpy, never this package, and lives under the same
limits as the pictures' worker. For each job it reads a line of JSON ``{"bytes": n, "type": t,
"pages": p, "characters": c, "side": s}`` and n bytes. It answers with a line of JSON
``{"pages": [[bytes of text, height, width], …]}`` followed by each page's text in UTF-8 and its RGB
pixels (none where height and width are 0), or with ``{"error": "…"}``. After a PDF's pages come its
properties, and the sheets from which small pages are cut.
"""

from __future__ import annotations

import json
import re
import resource
import sys
from collections.abc import Iterator
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

MAX_MEMORY = 3 * 1024**3
MAX_ELEMENTS = 20_000
MAX_SHAPES = 200
"""Shapes of an SVG: more of them can spell out words that are in no text."""

MAX_CRUMBS = 20
"""Texts of an SVG with less than three letters: more of them can be put in any order."""

MAX_NOTES = 1000
"""Notes and form fields of one page of a PDF."""

MAX_NOTE_BYTES = 65_536
"""Of one of them, in UTF-16."""

MAX_PROPERTIES = 10_000
"""Characters of a PDF's title, author and the like."""

SHEET = 1.25
"""Long side of a cropped page's sheet up to which the sheet is drawn in its page's place."""

_EVERYWHERE = (-1e9, -1e9, 1e9, 1e9)
_MARKUP = 4
"""Bytes of an SVG a character of its texts."""

Seen = tuple[str, NDArray[np.uint8] | None]

_TEXTS = frozenset({"text", "tspan", "textPath", "title", "desc", "style", "metadata"})
_SHAPES = frozenset({"rect", "circle", "ellipse", "line", "use"})
_INERT = frozenset(
    {
        *("svg", "g", "defs", "symbol", "a", "switch", "marker", "clipPath", "mask", "stop"),
        *("linearGradient", "radialGradient", "pattern", "filter", "feGaussianBlur", "feOffset"),
        *("feMerge", "feMergeNode", "feFlood", "feBlend", "feColorMatrix", "feComposite"),
        *("feDropShadow", "namedview", "RDF", "Work", "Agent", "format", "type", "creator"),
        *("rights", "date", "license"),
    }
)
_AWAY = re.compile(r"url\s*\(\s*[\"']?\s*(?!#)|@import|expression\s*\(|\\", re.IGNORECASE)


class Refused(Exception):  # noqa: N818 - it says why, in words for the sender
    """The document is not read; the message says why."""


def limit() -> None:
    """Bounds what this process may take from the machine."""
    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY, MAX_MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def pages_of(data: bytes, job: dict[str, Any]) -> list[Seen]:
    """Text and look of each page.

    Raises:
        Refused: It is more than is read, or cannot be read.
        Exception: Whatever a reader raises on broken bytes.
    """
    pages: list[Seen] = []
    if job["type"] == "application/pdf":
        pages += _pdf(data, job)
    else:
        pages.append((svg_text(data, job["characters"]), None))
    if sum(len(text) for text, _ in pages) > job["characters"]:
        raise Refused(f"it has more than {job['characters']} characters")
    return pages


def _pdf(data: bytes, job: dict[str, Any]) -> Iterator[Seen]:
    import pypdfium2  # noqa: PLC0415 - 60 ms that only a PDF costs

    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        locked = "password" in str(error).lower()
        raise Refused("it needs a password" if locked else "it is broken") from None
    if len(document) > job["pages"]:
        raise Refused(f"it has {len(document)} pages; at most {job['pages']} are read")
    document.init_forms()
    left = job["characters"]
    sheets: list[Seen] = []
    for number in range(len(document)):
        text = _page_text(document[number], left)
        left -= len(text)
        shown, *sheet = _pictures(document, number, job["side"])
        sheets += [("", one) for one in sheet]
        yield text, shown
    notes = "\n".join(value for value in document.get_metadata_dict(skip_empty=True).values())
    if len(notes) > MAX_PROPERTIES:
        raise Refused(f"its properties have more than {MAX_PROPERTIES} characters")
    if notes:
        yield notes, None
    yield from sheets


def _page_text(page: Any, most: int) -> str:
    layer = page.get_textpage()
    if layer.count_chars() > most:
        raise Refused("it has too many characters")
    said = [str(layer.get_text_range()), *_annotations(page)]
    return "\n".join(text for text in said if text)


def _annotations(page: Any) -> Iterator[str]:
    """What notes and form fields hold beside what is drawn of them."""
    import ctypes  # noqa: PLC0415

    from pypdfium2 import raw  # noqa: PLC0415

    count = raw.FPDFPage_GetAnnotCount(page)
    if count > MAX_NOTES:
        raise Refused(f"a page has {count} notes and fields; at most {MAX_NOTES} are read")
    for number in range(count):
        note = raw.FPDFPage_GetAnnot(page, number)
        for key in (b"Contents", b"V"):
            size = raw.FPDFAnnot_GetStringValue(note, key, None, 0)
            if size > MAX_NOTE_BYTES:
                raise Refused(f"a note has more than {MAX_NOTE_BYTES // 2} characters")
            if size > 2:
                buffer = ctypes.create_string_buffer(size)
                kept = ctypes.cast(buffer, ctypes.POINTER(ctypes.c_ushort))
                raw.FPDFAnnot_GetStringValue(note, key, kept, size)
                yield buffer.raw.decode("utf-16-le", "ignore").rstrip("\0")
        raw.FPDFPage_CloseAnnot(note)


def _pictures(document: Any, number: int, side: int) -> Iterator[NDArray[np.uint8]]:
    """The page as readers show it: some draw what its CropBox leaves, others its MediaBox.

    A sheet a little larger than the page is drawn in its place, so large that nothing on the page
    becomes smaller; from a larger one the page is drawn first.
    """
    page = document[number]
    box, shown = page.get_bbox(), max(page.get_size())
    page.set_cropbox(*_EVERYWHERE)  # get_mediabox does not tell an inherited one
    whole = max(page.get_size())
    if page.get_bbox() == box:
        yield _look(page, side, shown)
        return
    sheet = document[number]  # read anew: shadings end where the box was when a page was read
    near = whole <= SHEET * shown
    if shown > 0 and not near:
        page.set_cropbox(*box)
        yield _look(page, side, shown)
    yield _look(sheet, side, shown if near else whole)


def _look(page: Any, side: int, longest: float) -> NDArray[np.uint8]:
    """The page on white, RGB, ``longest`` units of it at most ``side`` pixels."""
    if not longest > 0:
        raise Refused("a page has no size")
    bitmap = page.render(scale=min(4.0, side / longest), rev_byteorder=True)
    return np.array(bitmap.to_numpy()[:, :, :3], np.uint8)


def svg_text(data: bytes, most: int = 1_000_000) -> str:
    """All text of an SVG: what is drawn, titles, descriptions, labels, metadata, comments.

    Args:
        data: The file.
        most: Characters of its texts; markup may take four times as many bytes.

    Raises:
        Refused: It is longer than that, or holds what can show words that are no text: pictures,
            paths, scripts, other documents, or more shapes than a simple drawing has.
    """
    from defusedxml import ElementTree  # noqa: PLC0415
    from defusedxml.common import DefusedXmlException  # noqa: PLC0415

    if len(data) > _MARKUP * most:
        raise Refused(f"it has more than {most} characters")
    try:
        root = ElementTree.fromstring(data, forbid_dtd=True)
    except DefusedXmlException:
        raise Refused("it declares a document type or entities") from None
    except ElementTree.ParseError:
        raise Refused("it is no well-formed XML") from None
    texts: list[str] = []
    shapes = 0
    for count, element in enumerate(root.iter()):
        if count >= MAX_ELEMENTS:
            raise Refused(f"it has more than {MAX_ELEMENTS} elements")
        name = _local(element.tag)
        shapes += name in _SHAPES
        if name not in _TEXTS | _SHAPES | _INERT:
            raise Refused(f"it holds <{name[:40]}>, which may show words that are no text")
        _check_attributes(element.attrib)
        if name == "style" and _AWAY.search(element.text or ""):
            raise Refused("its style refers to something outside itself")
        texts += [element.text or "", *element.attrib.values(), element.tail or ""]
    if shapes > MAX_SHAPES:
        raise Refused(f"it has more than {MAX_SHAPES} shapes")
    texts += [
        one.decode("utf-8", "replace") for one in re.findall(rb"<!--(.*?)-->", data, re.DOTALL)
    ]
    if sum(len(text) for text in texts if _speaks(text)) > _MARKUP * most:
        raise Refused(f"it has more than {most} characters")
    return _joined(root, texts)


def _joined(root: Any, texts: list[str]) -> str:
    """What is drawn as one text, and every piece once more that is none of it."""
    pieces = [list(one.itertext()) for one in _drawn(root)]
    drawn = ["".join(one).strip() for one in pieces]
    if sum(0 < len(text) < 3 for text in drawn) > MAX_CRUMBS:
        raise Refused("its letters stand one by one, in any order")
    told = {" ".join(piece.split()) for one in [drawn, *pieces] for piece in one}
    rest = dict.fromkeys(" ".join(text.split()) for text in texts)
    whole = " ".join(" ".join(drawn).split())
    return "\n\n".join([whole, *(one for one in rest if _speaks(one) and one not in told)])


def _drawn(root: Any) -> Iterator[Any]:
    """The text elements in reading order; one within another is part of that."""
    waiting = [root]
    while waiting:
        one = waiting.pop()
        if _local(one.tag) == "text":
            yield one
        else:
            waiting += reversed(one)


def _speaks(text: str) -> bool:
    return any(map(str.isalpha, text))


def _check_attributes(attributes: dict[str, str]) -> None:
    for key, value in attributes.items():
        name = _local(key)
        if name.lower().startswith("on"):
            raise Refused("it holds a script")
        if name in ("href", "src") and not value.startswith("#"):
            raise Refused("it refers to something outside itself")
        if name == "style" and _AWAY.search(value):
            raise Refused("its style refers to something outside itself")


def _local(tag: Any) -> str:
    """The name without its namespace; "" for what is no element."""
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def serve(source: BinaryIO, sink: BinaryIO) -> None:
    """Says that it is ready, then answers jobs until the pipe closes."""
    sink.write(b"{}\n")
    sink.flush()
    while line := source.readline():
        job = json.loads(line)
        data = source.read(job["bytes"])
        try:
            pages = [(t.encode("utf-8", "replace"), p) for t, p in pages_of(data, job)]
        except Refused as refusal:
            sink.write(json.dumps({"error": str(refusal)}).encode() + b"\n")
        except Exception as error:  # noqa: BLE001 - readers raise anything; the parent is told
            sink.write(json.dumps({"error": type(error).__name__}).encode() + b"\n")
        else:
            sizes = [[len(t), *(p.shape[:2] if p is not None else (0, 0))] for t, p in pages]
            sink.write(json.dumps({"pages": sizes}).encode() + b"\n")
            for text, pixels in pages:
                sink.write(text)
                if pixels is not None:
                    sink.write(np.ascontiguousarray(pixels).data)
        sink.flush()


if __name__ == "__main__":
    limit()
    serve(sys.stdin.buffer, sys.stdout.buffer)
