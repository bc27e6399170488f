"""Pictures of the world and of folders, as rows of the same shape."""

from __future__ import annotations

import pytest
import torch
from PIL import Image

from guardrail_training.adpo.pictures import FolderPictures, WorldPictures, collate
from guardrail_training.text_guard.records import DataError


def test_the_world_asks_only_what_needs_the_picture():
    rows = list(WorldPictures(count=60, seed=3).rows(32))

    assert len(rows) == 60
    assert not [row for row in rows if "How do I" in row.prompt and "join them" not in row.prompt]
    assert all(row.answer for row in rows)
    assert rows[0].targets.shape == (10,)


def test_the_same_seed_draws_the_same_pictures_and_another_seed_others():
    first, again, other = (list(WorldPictures(count=5, seed=s).rows(32)) for s in (1, 1, 2))

    assert all(torch.equal(a.pixels, b.pixels) for a, b in zip(first, again, strict=True))
    assert not torch.equal(first[0].pixels, other[0].pixels)


def test_folders_are_classes_and_prompts_are_asked_in_turn(tmp_path):
    for name, colour in (("cat/1.png", "red"), ("cat/2.jpg", "red"), ("dog/1.png", "blue")):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        Image.new("RGB", (40, 20), colour).save(tmp_path / name)
    (tmp_path / "notes.txt").write_text("no picture", "utf-8")

    rows = list(FolderPictures(kind="folder", folder=tmp_path, prompts=("a?", "b?")).rows(16))

    assert [(row.prompt, int(row.targets[0])) for row in rows] == [("a?", 0), ("b?", 0), ("a?", 1)]
    assert rows[2].pixels.shape == (3, 16, 16)
    assert rows[2].pixels[:, 8, 8].tolist() == [0, 0, 255]


def test_a_batch_is_in_zero_to_one():
    batch = collate(list(WorldPictures(count=4, seed=0).rows(32)))

    assert batch["images"].shape == (4, 3, 32, 32)
    assert 0 <= float(batch["images"].min()) < float(batch["images"].max()) <= 1
    assert len(batch["prompts"]) == len(batch["answers"]) == 4


def test_a_folder_without_pictures_is_refused(tmp_path):
    with pytest.raises(DataError, match=r"holds no pictures \(\.bmp, \.jpeg"):
        FolderPictures(kind="folder", folder=tmp_path).rows(16)


def test_a_file_that_is_no_picture_is_named(tmp_path):
    (tmp_path / "broken.png").write_bytes(b"no picture")

    with pytest.raises(DataError, match=r"broken\.png: cannot be read as a picture"):
        FolderPictures(kind="folder", folder=tmp_path).rows(16)
