"""What everyday texts are taken from, and how they are counted."""

from __future__ import annotations

import gzip
from random import Random

import numpy as np
import pytest

from bench.everyday_texts import LENGTH, _row, kinds, passage, strangers, text_of
from guardrail_training.text_guard.records import shingles


@pytest.fixture
def root(tmp_path):
    long = "The tide table is printed on the back of the door. " * 40
    for number in range(3):
        folder = tmp_path / "usr/share/doc" / f"p{number}"
        folder.mkdir(parents=True)
        (folder / "changelog.gz").write_bytes(gzip.compress(long.encode()))
        (folder / "copyright").write_text("short")
    (folder / "README").write_bytes(b"\xff\xfe" * 300)
    scripts = tmp_path / "usr/bin"
    scripts.mkdir()
    (scripts / "go").write_text("#!/bin/sh\n" + "echo harbour\n" * 60)
    (scripts / "elf").write_bytes(b"\x7fELF" + b"x" * 900)
    manuals = tmp_path / "usr/share/man/man1"
    manuals.mkdir(parents=True)
    manual = ".TH TIDE 1\n.B tide\n" + "Shows \\fItides\\fR of a port.\n" * 30
    (manuals / "tide.1.gz").write_bytes(gzip.compress(manual.encode()))
    return tmp_path


def test_passages_are_found_by_kind_and_what_is_no_text_or_short_is_not(root):
    found = dict(kinds(root, 2, Random(0), ["numpy"]))

    assert [len(found[name]) for name in ("changelogs", "README, NEWS, FAQ", "copyright files")] == [
        2, 0, 0
    ]  # fmt: skip
    assert [text[:9] for text in found["scripts"]] == ["#!/bin/sh"]
    assert found["manuals"][0].startswith("TIDE 1\ntide\nShows tides of a port.")
    assert len(found["descriptions of Python packages"]) == 2


def test_a_passage_has_at_most_its_length():
    text = "".join(map(str, range(2000)))

    assert len(passage(text, Random(1))) == LENGTH
    assert passage(text, Random(1)) in text
    assert passage("few words", Random(1)) == "few words"


@pytest.mark.parametrize("spoil", [slice(-12), slice(12), slice(12, 40)])
def test_a_file_that_is_cut_off_or_spoilt_is_no_text(tmp_path, spoil):
    path = tmp_path / "x.gz"
    whole = gzip.compress(bytes(range(32, 127)) * 40)
    path.write_bytes(whole[:10] + b"\xff" * 9 if spoil == slice(12, 40) else whole[spoil])

    assert not text_of(path)


def test_a_small_file_that_unpacks_to_much_is_not_read(tmp_path):
    path = tmp_path / "x.gz"
    path.write_bytes(gzip.compress(b"a " * 2_000_000))

    assert not text_of(path)


def test_passages_that_were_learnt_are_left_out():
    learnt = "the tide turns twice a day in this harbour and nobody minds it at all"
    other = "the ferry leaves at seven from the northern pier whatever the weather says"

    assert strangers([learnt, other, f"{other} and {learnt}"], shingles(learnt)) == [other]


def test_counts_are_of_what_reaches_each_score():
    message, tool = np.array([0.1, 0.6, 0.95, 0.9]), np.array([0.1, 0.1, 0.1, 0.86])

    row = _row(message, tool)

    assert row == ["3", "2", "2", "2", "15.0% to 85.0%", "1", "1", "1", "0"]
