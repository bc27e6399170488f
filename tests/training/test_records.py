from __future__ import annotations

import json

import pytest

from guardrail_training.text_guard.records import DataError, Record, distinct, read_records

LINE = {"id": "a", "text": "some text", "label": "benign", "split": "train", "meta": {}}


def write(folder, *rows, name="some_set"):
    path = folder / f"{name}.jsonl"
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
    return path


def test_a_line_becomes_a_record_of_its_file(tmp_path):
    row = {**LINE, "label": "injection", "split": "dev", "meta": {"attack": "some"}}

    (record,) = read_records([write(tmp_path, row)])

    assert record == Record(
        "a", "some text", "injection", "some_set", held_out=True, attack="some", meta=row["meta"]
    )


def test_a_picture_is_read_by_the_text_drawn_into_it(tmp_path):
    drawn = {**LINE, "image": "a.png", "text": "What is it?", "meta": {"ocr_text": "drawn"}}
    blank = {**LINE, "image": "b.png", "text": "What is it?", "meta": {"ocr_text": ""}}

    records = list(read_records([write(tmp_path, drawn, blank)]))

    assert [(one.text, one.image) for one in records] == [
        ("drawn", tmp_path / "a.png"),
        ("", tmp_path / "b.png"),
    ]


def test_line_separators_inside_a_text_do_not_end_the_line(tmp_path):
    row = {**LINE, "text": "one\u2028two\u0085three"}

    assert [one.text for one in read_records([write(tmp_path, row)])] == [row["text"]]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", r"some_set\.jsonl:2: expected an object with text, label and split"),
        ("[]", r"some_set\.jsonl:2: expected an object"),
        ('{"id": "a", "text": "b"}', r"some_set\.jsonl:2: .*label"),
        (
            '{"id": "a", "text": "b", "label": "bad"}',
            "label 'bad'; expected one of: benign, harmful",
        ),
    ],
)
def test_a_wrong_line_is_named(tmp_path, line, message):
    path = write(tmp_path, LINE)
    path.write_text(path.read_text() + line + "\n")

    with pytest.raises(DataError, match=message):
        list(read_records([path]))


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(DataError, match=r"none\.jsonl: cannot be read"):
        list(read_records([tmp_path / "none.jsonl"]))


def record(text, label="benign", name="a"):
    return Record(name, text, label, "set")


LONG = "the quick brown fox jumps over the lazy dog and runs away from the angry farmer at dawn"


def test_a_near_repetition_is_dropped():
    kept = distinct([record(LONG), record(LONG.upper() + "!"), record(LONG + " today")])

    assert kept == [record(LONG)]


def test_another_label_is_no_repetition():
    assert len(distinct([record(LONG), record(LONG, "harmful")])) == 2


def test_different_texts_are_kept():
    texts = ["", "one", "two", LONG, LONG[::-1], "short text here"]

    assert len(distinct(map(record, texts))) == len(texts)
