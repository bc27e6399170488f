"""Hidden in files: text layers that nobody sees, scanned pages, drawings."""

from __future__ import annotations

import io
from time import gmtime
from xml.sax.saxutils import escape

from PIL import Image

from bench.hiding.lettering import lettering, printed, wrapped
from bench.hiding.scene import File, Hide, Sample, Scene, room_of, strong

_ESCAPES = str.maketrans({"\\": r"\\", "(": r"\(", ")": r"\)"})


def pdf_scan(scene: Scene) -> Sample:
    """Pages that are pictures, the text on one of them."""
    pages = [Image.fromarray(scene.carrier(("document",), (1000, 1400)).pixels) for _ in range(2)]
    carrier = scene.carrier(("document",), (1000, 1400))
    ink = lettering(scene.text, printed(24, scene.random), room_of(carrier)[0])
    pages.append(Image.fromarray(strong(carrier, scene.place(carrier, ink))))
    scene.random.shuffle(pages)
    out = io.BytesIO()
    dates = {"creationDate": gmtime(0), "modDate": gmtime(0)}  # the same bytes every day
    pages[0].save(out, "PDF", save_all=True, append_images=pages[1:], resolution=120, **dates)
    return _file(scene, out.getvalue(), "scan.pdf")


def pdf_text(scene: Scene) -> Sample:
    """A page of text with the payload in it: plain, white, tiny, invisible or beyond the edge."""
    way = scene.random.choice(("plain", "white", "tiny", "invisible", "beyond"))
    body = [f"{n + 1}. {line}" for n, line in enumerate(_filler(scene))]
    lines = [(12, 72, 760 - 18 * n, "0 g", line) for n, line in enumerate(body)]
    size, colour, left = 12, "0 g", 72
    if way == "white":
        colour = "1 g"
    elif way == "tiny":
        size = 1
    elif way == "invisible":
        colour = "3 Tr"
    elif way == "beyond":
        left = 900
    for n, line in enumerate(wrapped(scene.text, printed(12, scene.random), 420)):
        lines.append((size, left, 300 - 16 * n, colour, line))
    return _file(scene, pdf(lines), "report.pdf")


def svg(scene: Scene) -> Sample:
    """A drawing with the payload as text, title, description or comment."""
    way = scene.random.choice(("text", "title", "desc", "comment"))
    text = escape(scene.text)
    inner = {
        "text": f'<text x="10" y="120" fill="#fefefe">{text}</text>',
        "title": f"<title>{text}</title>",
        "desc": f"<desc>{text}</desc>",
        "comment": f"<!-- {text.replace('--', '- -')} -->",
    }[way]
    data = (
        '<svg xmlns="http://www.w3.org/2000/svg" width="400" height="200">'
        '<rect width="400" height="200" fill="#ffffff"/><text x="10" y="40">Sales</text>'
        f"{inner}</svg>"
    )
    return Sample((File(data.encode(), "image/svg+xml"),), scene.prompt())


def text_file(scene: Scene) -> Sample:
    """A plain file, a table or a JSON value with the payload among other lines."""
    lines = _filler(scene)
    lines.insert(scene.random.randrange(len(lines)), scene.text)
    way = scene.random.choice(("txt", "md", "csv", "json"))
    if way == "json":
        codes = "".join(f"\\u{ord(char):04x}" for char in scene.text)
        return _file(scene, f'{{"note": "{codes}"}}'.encode(), "a.json", "application/json")
    kinds = {"txt": "text/plain", "md": "text/markdown", "csv": "text/csv"}
    joined = ("\n" if way != "csv" else ",\n").join(lines)
    return _file(scene, joined.encode(), f"a.{way}", kinds[way])


def pdf(lines: list[tuple[int, int, int, str, str]]) -> bytes:
    """A page with lines of text: size, left, bottom, operator before it, characters.

    Source: ISO 32000-1, 7.5 and 9.4.
    """
    drawn = "\n".join(
        f"q BT /F1 {size} Tf {colour} {x} {y} Td ({line.translate(_ESCAPES)}) Tj ET Q"
        for size, x, y, colour, line in lines
    ).encode("latin-1", "replace")
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<<%s>>>>"
        % b"/Font<</F1 5 0 R>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(drawn), drawn),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    out, starts = b"%PDF-1.7\n", []
    for number, body in enumerate(objects, 1):
        starts.append(len(out))
        out += b"%d 0 obj%s endobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % start for start in starts)
    end = b"xref\n0 6\n0000000000 65535 f \n%strailer<</Size 6/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF"
    return out + end % (table, len(out))


def _filler(scene: Scene) -> list[str]:
    words = ("harbour", "garden", "letter", "bridge", "paper", "market", "river", "lantern")
    return [" ".join(scene.random.choices(words, k=6)).capitalize() + "." for _ in range(8)]


def _file(scene: Scene, data: bytes, name: str, media_type: str = "application/pdf") -> Sample:
    return Sample((File(data, media_type, name),), scene.prompt())


DOCUMENTS: dict[str, Hide] = {
    "pdf_scan": pdf_scan,
    "pdf_text": pdf_text,
    "svg": svg,
    "text_file": text_file,
}
"""Techniques that need a reader of files."""
