from __future__ import annotations

import json

import pytest
import timm
import torch

from guardrail_training.clip.captions import TEMPLATES, captions, embedded
from guardrail_training.clip.export import load
from guardrail_training.clip.tower import build, configuration, guardrail_resnet10, save
from guardrail_training.clip.vocabulary import trimmed
from tests.training.encoder.tiny import base_model


@pytest.fixture(scope="module")
def text(tmp_path_factory):
    folder = tmp_path_factory.mktemp("text")
    return trimmed(str(base_model(folder / "base")), folder / "small", 100)


def test_the_picture_tower_is_small():
    weights = sum(one.numel() for one in guardrail_resnet10(num_classes=0).parameters())

    assert 2_500_000 < weights < 3_000_000


def test_timm_knows_the_architecture_by_name():
    assert timm.create_model("guardrail_resnet10", num_classes=0).num_features == 320


def test_there_are_no_pretrained_weights_to_ask_for():
    with pytest.raises(ValueError, match="no pretrained weights"):
        guardrail_resnet10(pretrained=True)


def test_embeddings_are_as_wide_as_the_sentence_encoder(text):
    model = build(text, 32, 0)

    assert configuration(text, 32)["embed_dim"] == 32
    assert model.eval().encode_image(torch.zeros(1, 3, 32, 32)).shape == (1, 32)


def test_the_same_seed_builds_the_same_tower(text):
    one, other, third = (build(text, 32, seed).visual for seed in (3, 3, 4))

    weights = [
        dict(tower.named_parameters())["trunk.conv1.0.weight"] for tower in (one, other, third)
    ]
    assert torch.equal(weights[0], weights[1])
    assert not torch.equal(weights[0], weights[2])


def test_the_text_tower_does_not_learn(text):
    assert not any(one.requires_grad for one in build(text, 32, 0).text.transformer.parameters())


def test_a_saved_model_is_an_open_clip_folder(text):
    model = build(text, 32, 5).eval()

    again = load(save(model, text, 32))

    shown = torch.rand(2, 3, 32, 32)
    assert torch.allclose(again.model.encode_image(shown), model.encode_image(shown))
    content = json.loads((text / "open_clip_config.json").read_text())
    assert content["preprocess_cfg"]["resize_mode"] == "squash"


def test_captions_come_by_template_and_embed_in_any_company(text):
    source = load(save(build(text, 32, 5), text, 32))
    said = captions(["a bomb", "apples"])

    together = embedded(source.model, source.tokenizer, [*said[0], "count the ships " * 5])
    alone = embedded(source.model, source.tokenizer, ["apples"])

    assert said == [[one.format(thing) for thing in ("a bomb", "apples")] for one in TEMPLATES]
    assert together.shape == (3, 32)
    assert abs(float(together[1] @ alone[0]) - 1) < 1e-4
