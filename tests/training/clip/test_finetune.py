"""A tiny ViT learns which of two captions goes with red, its text tower locked."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
import torch

from guardrail_detectors.clip import load_clip
from guardrail_training.clip.config import FinetuneConfig
from guardrail_training.clip.errors import ClipTrainingError
from guardrail_training.clip.export import load
from guardrail_training.clip.finetune import finetune, locked, pair_loss, read_pairs
from tests.training.clip.architectures import known
from tests.training.clip.test_labelled import picture

COLOURS = {"a red thing": (230, 10, 10), "a blue thing": (10, 10, 230)}


@pytest.fixture(scope="module", autouse=True)
def _known(tmp_path_factory):
    known(tmp_path_factory.mktemp("known"))


@pytest.fixture
def data(tmp_path):
    rows = []
    for number in range(8):
        for text, colour in COLOURS.items():
            name = f"{number}-{text[2:5]}.png"
            picture(tmp_path / name, colour)
            rows.append(json.dumps({"image": name, "text": text}))
    (tmp_path / "pairs.jsonl").write_text("\n".join(rows) + "\n")
    return tmp_path


def config(**changed):
    settings = {"kind": "finetune", "model": "tiny-vit", "pairs": "pairs.jsonl", "batch": 8}
    return FinetuneConfig.model_validate(settings | {"steps": 25, "rate": 2e-3} | changed)


def test_the_fine_tuned_model_finds_the_right_caption(data):
    out = finetune(config(), data, data / "out", log=data / "log.csv")

    model = load_clip(str(out))
    shown = [np.full((40, 40, 3), colour, np.uint8) for colour in COLOURS.values()]
    cosines = (
        model.pictures([model.folder.preprocess(one) for one in shown])
        @ model.texts(list(COLOURS)).T
    )
    assert cosines.argmax(1).tolist() == [0, 1]
    losses = [float(line.split(",")[1]) for line in (data / "log.csv").read_text().split()[1:]]
    assert len(losses) == 25
    assert losses[-1] < losses[0]


def test_only_the_picture_tower_and_the_temperature_learn():
    model = load("tiny-vit").model

    locked(model, 0)

    learning = {name.split(".")[0] for name, one in model.named_parameters() if one.requires_grad}
    assert learning == {"visual", "logit_scale"}


def test_the_topmost_groups_alone_can_learn():
    model = load("tiny-vit").model

    locked(model, 1)

    assert not model.visual.conv1.weight.requires_grad
    assert model.visual.proj.requires_grad


def test_steps_can_be_capped(data):
    out = finetune(config(), data, data / "out", max_steps=1)

    manifest = json.loads((out / "manifest.json").read_text())
    assert manifest["training_data"] == {"pairs": 16, "steps": 1, "batch": 8}


def test_the_pair_loss_by_hand():
    seen = torch.tensor([[1.0, 0.0], [0.0, 1.0]])

    loss = pair_loss(seen, seen, torch.tensor(3.0), ["a", "b"])

    assert float(loss) == pytest.approx(-math.log(math.exp(3) / (math.exp(3) + 1)))


def test_pairs_with_the_same_text_are_no_negatives():
    seen = torch.tensor([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]])

    loss = pair_loss(seen, seen, torch.tensor(3.0), ["a", "a", "b"])

    # Of three pairs each sees one negative, or, for b, two of them.
    one, two = (math.log(1 + n * math.exp(-3)) for n in (1, 2))
    assert float(loss) == pytest.approx((2 * one + two) / 3, rel=1e-4)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "cannot be read"),
        ('{"image": "1.png"}\n', r":1: expected an object with image and text"),
        ("[]\n", ":1: expected an object"),
        ('{"image": "1.png", "text": "a"}\n', "1 pairs; two at least"),
    ],
)
def test_pairs_that_are_wrong_are_named(tmp_path, content, said):
    path = tmp_path / "pairs.jsonl"
    if content is not None:
        path.write_text(content)

    with pytest.raises(ClipTrainingError, match=said):
        read_pairs(path)
