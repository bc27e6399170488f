"""Pairs on disk, and the pictures beside them."""

from __future__ import annotations

import json
import math

import pytest
import torch
from PIL import Image

from guardrail_training.preference.records import (
    Pair,
    Pairs,
    collate,
    read_pairs,
    write_pairs,
)
from guardrail_training.text_guard.records import DataError

GIVEN = {"id": "1", "image": "a.png", "prompt": "?", "chosen": "yes", "rejected": "no"}


def written(tmp_path, *lines):
    file = tmp_path / "pairs.jsonl"
    file.write_text(
        "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines)
    )
    return file


def test_pairs_come_back_as_they_were_written(tmp_path):
    pairs = [
        Pair(**GIVEN),
        Pair(**(GIVEN | {"id": "2", "score_chosen": 2.0, "score_rejected": -1})),
    ]

    write_pairs(tmp_path / "new" / "pairs.jsonl", pairs)

    assert read_pairs(tmp_path / "new" / "pairs.jsonl") == pairs


def test_a_margin_is_the_gap_of_scores_or_unknown():
    assert Pair(**GIVEN, score_chosen=2, score_rejected=-1).margin == 3
    assert math.isnan(Pair(**GIVEN, score_chosen=2).margin)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (GIVEN | {"chosen": ""}, "chosen"),
        (GIVEN | {"label": 1}, "label"),
        ({"id": "1"}, "image"),
        ('{"id": NaN}', "line 2"),
        ("[]", "line 2"),
        (GIVEN | {"id": "0"}, "'0' is there twice"),
        (GIVEN | {"score_chosen": "high"}, "score_chosen"),
    ],
)
def test_a_line_that_is_no_pair_is_named(tmp_path, line, says):
    with pytest.raises(DataError, match=says) as caught:
        read_pairs(written(tmp_path, GIVEN | {"id": "0"}, line))

    assert "line 2" in str(caught.value)


def test_an_empty_file_and_a_missing_one_are_refused(tmp_path):
    with pytest.raises(DataError, match="holds no pairs"):
        read_pairs(written(tmp_path, ""))
    with pytest.raises(DataError, match="cannot be read"):
        read_pairs(tmp_path / "nothing.jsonl")


def test_a_batch_holds_pictures_scaled_to_the_model_s_size(tmp_path):
    Image.new("RGB", (10, 20), (255, 0, 0)).save(tmp_path / "a.png")
    rows = Pairs([Pair(**GIVEN, score_chosen=2, score_rejected=1)], tmp_path, 8)

    batch = collate([rows[0]])

    assert len(rows) == 1
    assert batch["images"].shape == (1, 3, 8, 8)
    assert batch["images"][0, :, 4, 4].tolist() == [1.0, 0.0, 0.0]
    assert (batch["prompts"], batch["chosen"], batch["rejected"]) == (["?"], ["yes"], ["no"])
    assert torch.equal(batch["margin"], torch.tensor([1.0]))


@pytest.mark.parametrize(
    ("image", "says"),
    [("../a.png", "is outside"), ("/etc/passwd", "is outside"), ("b.png", "is not in")],
)
def test_pictures_outside_the_folder_or_missing_are_refused(tmp_path, image, says):
    (tmp_path / "in").mkdir()
    Image.new("RGB", (4, 4)).save(tmp_path / "a.png")

    with pytest.raises(DataError, match=rf"pair '1': image.*{says}"):
        Pairs([Pair(**(GIVEN | {"image": image}))], tmp_path / "in", 8)


def test_a_file_that_is_no_picture_is_named(tmp_path):
    (tmp_path / "a.png").write_bytes(b"nothing")

    with pytest.raises(DataError, match=r"a\.png: cannot be read as a picture"):
        Pairs([Pair(**GIVEN)], tmp_path, 8)[0]
