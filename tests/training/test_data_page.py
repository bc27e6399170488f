"""The page about the text guard's data names what the shipped settings read."""

from __future__ import annotations

import re
from pathlib import Path

import guardrail_training
from guardrail_training.text_guard.config import read_config
from guardrail_training.text_guard.records import LABELS, read_records

HOME = Path(guardrail_training.__file__).parent
PAGE = (HOME / "text_guard" / "README.md").read_text("utf-8")
ROW = re.compile(r"^\| `((?:text|images)/\w+\.jsonl)` \| (.*?) \| (.*?) \| (.*?) \|", re.MULTILINE)
SETTINGS = ("text_guard_encoder.yaml", "text_guard_linear.yaml")


def test_every_set_of_the_shipped_settings_has_its_source_and_licence():
    wanted = {name for file in SETTINGS for name in read_config(HOME / "configs" / file).sets}
    rows = {name: rest for name, *rest in ROW.findall(PAGE)}

    assert set(rows) == wanted
    assert all(source and licence for _, source, licence in rows.values())


def test_every_label_is_named():
    assert all(f"`{label}`" in PAGE for label in LABELS)


def test_a_line_of_the_form_that_the_page_shows_is_read(tmp_path):
    (tmp_path / "mine.jsonl").write_text(
        '{"id": "a", "text": "Do it.", "label": "injection", "split": "dev", '
        '"meta": {"attack": "Do it."}}\n'
        '{"id": "b", "image": "b.png", "text": null, "label": "benign", "split": "train", '
        '"meta": {"ocr_text": "Hello"}}\n'
    )

    typed, drawn = read_records([tmp_path / "mine.jsonl"])

    assert (typed.text, typed.attack, typed.held_out) == ("Do it.", "Do it.", True)
    assert (drawn.text, drawn.image) == ("Hello", tmp_path / "b.png")
