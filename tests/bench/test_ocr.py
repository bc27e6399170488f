"""The OCR bench reads what it drew, and reports cost and quality of the same readings."""

from __future__ import annotations

import numpy as np
import pytest

from bench.ocr import (
    Row,
    Sample,
    compare,
    graphic,
    parts_of,
    photographs,
    share,
    show,
    texture,
    written,
)
from tests.guardrail.picture_files import noise, saved


def test_a_round_that_does_not_count_comes_first_and_both_readers_see_every_picture():
    seen = []

    def reader(name):
        return lambda pixels: seen.append((name, pixels[0, 0, 0])) or "orders are"

    samples = [
        Sample("a", np.full((1, 1, 3), 1, np.uint8), "orders are late"),
        Sample("b", np.full((1, 1, 3), 2, np.uint8)),
    ]
    rows = compare(samples, {"x": reader("x"), "y": reader("y")}, rounds=2)

    assert seen[:4] == [("x", 1), ("y", 1), ("x", 2), ("y", 2)]
    assert len(seen) == 3 * 4
    assert [(row.sample, row.reader) for row in rows] == [
        ("a", "x"),
        ("a", "y"),
        ("b", "x"),
        ("b", "y"),
    ]
    assert rows[0].read == pytest.approx(9 / 13)
    assert (rows[2].read, rows[2].noise) == (None, 10)


@pytest.mark.parametrize(
    ("words", "text", "expected"),
    [
        ("abc def", "abcdef", 1.0),
        ("abc def", "xx DEF", 0.5),
        ("abc def", "ab de", 0.0),
        ("abcd", "", 0.0),
    ],
)
def test_what_was_read_is_counted_in_runs_of_three_letters(words, text, expected):
    assert share(words, text) == expected


def test_pictures_have_one_size_and_their_words():
    page = written("page", 20, 20)

    assert {one.pixels.shape for one in (page, graphic(), texture())} == {(768, 1024, 3)}
    assert len(page.words.split()) > 100
    assert graphic().words == texture().words == ""


def test_photographs_come_by_name_and_are_scaled(tmp_path):
    for name in ("b.png", "a.jpg", "notes.txt"):
        (tmp_path / name).write_bytes(saved(noise(), "PNG"))

    assert [one.pixels.shape for one in photographs(tmp_path, 5)] == [(768, 1024, 3)] * 2


def test_the_table_has_a_row_for_each():
    rows = [
        Row("six lines", "ours", 1.0, 2.0, 3.0, 0.5, 0),
        Row("photo", "ours", 1.0, 2.0, 3.0, None, 4),
    ]

    assert show(rows).row_count == 2


def test_the_parts_of_a_reading_are_told_with_the_real_engine():
    pixels = written("one", 1, 28).pixels[:200, :600]

    spent = parts_of(Sample("one", np.ascontiguousarray(pixels)), threads=2, rounds=1)

    assert set(spent) == {"contrast", "detection", "recognition", "signs of scaling"}
    assert spent["detection"] > 0
