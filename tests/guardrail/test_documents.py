"""Documents read in a real worker process, and one that lies."""

from __future__ import annotations

import io
import json

import pytest
from PIL import Image

from guardrail import documents
from guardrail.decode import Decoder
from guardrail.documents import MOST_SIDE, SIDE, Documents
from guardrail.errors import ImageError, OverloadError
from guardrail.files import FileLimits
from guardrail.types import File
from tests.attacks.hostile_files import PDF, SVG, drawing, page, pdf
from tests.guardrail.test_document_worker import cropped

LIMITS = FileLimits()


def file(data: bytes, media_type: str = PDF) -> File:
    return File(data, media_type, "00" * 32)


def scan(*sizes: tuple[int, int]) -> bytes:
    out = io.BytesIO()
    first, *rest = (Image.effect_noise(size, 60).convert("RGB") for size in sizes)
    first.save(out, "PDF", save_all=True, append_images=rest)
    return out.getvalue()


@pytest.fixture
async def reader():
    made = Documents()
    yield made
    await made.close()


async def test_a_page_has_its_text_and_its_look(reader):
    (first,) = await reader.pages(file(page()), LIMITS)

    assert first.text == "hello"
    assert first.pixels.shape == (240, 360, 3)
    assert first.pixels.min() < 80
    assert first.pixels[0, 0].tolist() == [255, 255, 255]


async def test_every_page_is_drawn_with_its_long_side_as_models_see_it(reader):
    pages = await reader.pages(file(scan((500, 900), (900, 500))), LIMITS)

    shapes = [one.pixels.shape[:2] for one in pages if one.pixels is not None]
    assert [max(shape) for shape in shapes] == [SIDE, SIDE]
    assert [shape[0] > shape[1] for shape in shapes] == [True, False]


async def test_red_is_red(reader):
    content = b"1 0 0 rg 0 0 90 60 re f"

    (first,) = await reader.pages(file(page(content)), LIMITS)

    assert first.pixels[100, 100].tolist() == [255, 0, 0]


@pytest.mark.parametrize(
    "content",
    [
        b"BT 3 Tr /F1 12 Tf 9 9 Td (secret) Tj ET",
        b"BT 1 g /F1 12 Tf 9 9 Td (secret) Tj ET",
        b"BT /F1 0.5 Tf 9 9 Td (secret) Tj ET",
        b"BT /F1 12 Tf 900 9 Td (secret) Tj ET",
    ],
    ids=["invisible", "white", "tiny", "beyond the edge"],
)
async def test_text_that_nobody_sees_is_text(reader, content):
    (first,) = await reader.pages(file(page(content)), LIMITS)

    assert "secret" in first.text


async def test_notes_and_titles_are_read(reader):
    note = b"<</Type/Annot/Subtype/Text/Rect[0 0 9 9]/Contents(a note)>>"
    data = pdf(
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 90 60]/Annots[%s]>>" % note,
        b"<</Title(the title)>>",
    ).replace(b"trailer<<", b"trailer<</Info 4 0 R")

    first, notes = await reader.pages(file(data), LIMITS)

    assert "a note" in first.text
    assert "the title" in notes.text
    assert notes.pixels is None


async def test_a_text_is_one_page(reader):
    (only,) = await reader.pages(file(b"hello", "text/plain"), LIMITS)

    assert (only.text, only.pixels) == ("hello", None)


async def test_escapes_in_json_are_undone(reader):
    data = json.dumps({"a": ["gr\u00fc\u00dfe"], "b\u00fc": 1}).encode()

    (only,) = await reader.pages(file(data, "application/json"), LIMITS)

    assert only.text.startswith('{"a"')
    assert {"gr\u00fc\u00dfe", "b\u00fc"} <= set(only.text.split("\n"))


async def test_json_that_is_none_is_still_a_text(reader):
    (only,) = await reader.pages(file(b"{\\", "application/json"), LIMITS)

    assert only.text == "{\\"


async def test_a_drawing_is_its_text(reader):
    (only,) = await reader.pages(file(drawing("<text>hello</text>"), SVG), LIMITS)

    assert (only.text, only.pixels) == ("hello", None)


@pytest.mark.parametrize(
    ("data", "limits", "words"),
    [
        (scan((9, 9), (9, 9), (9, 9)), FileLimits(max_pages=2), "has 3 pages; at most 2"),
        (page(), FileLimits(max_characters=4), "too many characters"),
        (b"%PDF-1.7", LIMITS, "it is broken"),
        (pdf(b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[]>>"), LIMITS, "broken"),
    ],
    ids=["pages", "characters", "broken", "empty"],
)
async def test_what_is_not_read_is_refused_with_the_reason(reader, data, limits, words):
    with pytest.raises(ImageError, match=words):
        await reader.pages(file(data), limits)

    assert len(await reader.pages(file(page()), LIMITS)) == 1


async def test_a_text_beyond_the_limit_is_refused(reader):
    with pytest.raises(ImageError, match="more than 4 characters"):
        await reader.pages(file(b"hello", "text/plain"), FileLimits(max_characters=4))


@pytest.mark.parametrize(
    "answer",
    [
        "[]",
        '{"pages": []}',
        '{"pages": [[-1, 0, 0]]}',
        '{"pages": [[1, 9000, 9]]}',
        '{"pages": [[1, 9]]}',
        '{"pages": [[99999999, 0, 0]]}',
        '{"pages": [[1, 0, 0], [1, 0, 0], [1, 0, 0], [1, 0, 0]]}',
        "hello",
    ],
)
async def test_a_worker_that_was_taken_over_is_not_believed(answer, tmp_path):
    script = tmp_path / "worker.py"
    script.write_text(
        "import sys\nprint('{}', flush=True)\n"
        f"sys.stdin.buffer.readline(); print({answer!r}, flush=True)\n"
    )
    reader = Documents(Decoder(workers=1, timeout_s=5.0, script=script, what="document"))

    try:
        with pytest.raises(ImageError, match="document cannot be decoded: its decoder failed"):
            await reader.pages(file(page()), FileLimits(max_pages=1))
    finally:
        await reader.close()


async def test_a_closed_reader_takes_no_documents():
    reader = Documents()
    await reader.close()

    with pytest.raises(OverloadError, match="documents are waiting"):
        await reader.pages(file(page()), LIMITS)


def test_no_page_beyond_the_limit_is_waited_for():
    answer = {"pages": [[1, 0, 0]] * 5}

    # Two pages, the properties, and two sheets from which the pages are cut.
    assert len(documents._sizes(answer, FileLimits(max_pages=2))) == 5
    with pytest.raises(ValueError, match="without pages"):
        documents._sizes(answer, FileLimits(max_pages=1))


def test_pages_are_drawn_as_large_as_the_answer_may_be():
    with pytest.raises(ValueError, match="without a size"):
        documents._size([0, MOST_SIDE + 1, 1])

    assert documents._size([0, MOST_SIDE, 1]) == (0, MOST_SIDE, 1)


@pytest.mark.parametrize("crop", ["0 0 800 1000", "0 0 90 60"])
async def test_a_cropped_page_is_drawn_no_larger_than_the_answer_may_be(reader, crop):
    data = cropped(f"/MediaBox[0 0 1000 1250]/CropBox[{crop}]")

    pages = await reader.pages(file(data), LIMITS)

    assert max(max(one.pixels.shape) for one in pages) in (SIDE, MOST_SIDE - 1)
    assert all("below" in one.text for one in pages[:1])
