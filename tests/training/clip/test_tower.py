from __future__ import annotations

import json
from dataclasses import replace

import pytest
import timm
import torch
from safetensors.torch import save_file

from guardrail_training.clip.__main__ import CONFIG
from guardrail_training.clip.captions import TEMPLATES, captions, embedded
from guardrail_training.clip.config import read_config
from guardrail_training.clip.errors import ClipTrainingError
from guardrail_training.clip.export import load
from guardrail_training.clip.tower import Tower, at_rest, build, configuration, restore, save
from guardrail_training.clip.vocabulary import trimmed
from tests.training.encoder.tiny import base_model

TINY = Tower("test_efficientnet", 32)


@pytest.fixture(scope="module")
def text(tmp_path_factory):
    folder = tmp_path_factory.mktemp("text")
    return trimmed(str(base_model(folder / "base")), folder / "small", 100)


def trunk(seed=0, name=TINY.name):
    torch.manual_seed(seed)
    return timm.create_model(name, num_classes=0)


def test_the_tower_that_ships_has_at_most_twelve_million_weights():
    settings = read_config(CONFIG)

    weights = sum(one.numel() for one in trunk(name=settings.tower).parameters())

    assert 3_000_000 < weights < 12_000_000


def test_the_lowest_layers_of_the_tower_that_ships_keep_weights_and_statistics(text):
    settings = read_config(CONFIG)
    tower = Tower(settings.tower, 32, layers=settings.layers)
    visual = build(text, tower, 0).visual.train()

    at_rest(visual)

    learning = {
        ".".join(name.split(".")[1:3])
        for name, one in visual.named_parameters()
        if one.requires_grad
    }
    assert learning == {"blocks.2", "blocks.3", "blocks.4", "blocks.5", "blocks.6", "conv_head.weight",
                        "bn2.weight", "bn2.bias", "proj.weight"}  # fmt: skip
    before = visual.trunk.bn1.running_mean.clone(), visual.trunk.bn2.running_mean.clone()
    visual(torch.randn(4, 3, 32, 32))
    assert torch.equal(visual.trunk.bn1.running_mean, before[0])
    assert not torch.equal(visual.trunk.bn2.running_mean, before[1])


def test_a_tower_starts_with_the_weights_of_a_file(text, tmp_path):
    save_file(trunk(7).state_dict(), tmp_path / "tower.safetensors")

    visual = build(text, replace(TINY, weights=tmp_path / "tower.safetensors"), 0).visual

    for name, one in trunk(7).state_dict().items():
        assert torch.equal(visual.trunk.state_dict()[name], one)


def port(folder, change=lambda one: one):
    """The weights under other names, as another package keeps them."""
    kept = {f"_{name}": one for name, one in timm.create_model(TINY.name).state_dict().items()}
    torch.save(change(kept), folder / "port.pth")
    return kept


def test_weights_under_other_names_are_taken_by_their_order(tmp_path):
    renamed = port(tmp_path)
    found = trunk(3)

    restore(found, tmp_path / "port.pth")

    assert all(torch.equal(one, renamed[f"_{name}"]) for name, one in found.state_dict().items())


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda kept: {"state_dict": kept, "epoch": 3}, "expected a state dict"),
        (lambda kept: list(kept.values()), "expected a state dict"),
        (lambda _: None, "expected a state dict"),
        (lambda _: {}, "another network"),
        (lambda kept: dict(reversed(kept.items())), "another network"),
        (lambda kept: {name: one.long() for name, one in kept.items()}, "kind of number"),
        (lambda kept: {name: one * float("nan") if one.is_floating_point() else one
                       for name, one in kept.items()}, "no numbers"),
        (lambda kept: dict(sorted(kept.items())), "another network"),
    ],
)  # fmt: skip
def test_what_only_looks_like_the_tower_s_weights_is_refused(tmp_path, change, message):
    port(tmp_path, change)
    found = trunk(3)
    before = {name: one.clone() for name, one in found.state_dict().items()}

    with pytest.raises(ClipTrainingError, match=message):
        restore(found, tmp_path / "port.pth")

    assert all(torch.equal(one, before[name]) for name, one in found.state_dict().items())


def test_the_weights_of_another_network_are_refused(tmp_path):
    save_file(timm.create_model("test_vit").state_dict(), tmp_path / "other.safetensors")

    with pytest.raises(ClipTrainingError, match="another network"):
        restore(trunk(), tmp_path / "other.safetensors")


@pytest.mark.parametrize("name", ["tower.safetensors", "tower.pth"])
def test_a_file_that_holds_no_weights_is_refused(tmp_path, name):
    (tmp_path / name).write_bytes(b"cos\nsystem\n(S'true'\ntR.")

    with pytest.raises(ClipTrainingError, match="no weights") as raised:
        restore(trunk(), tmp_path / name)

    assert "weights_only" not in str(raised.value)


@pytest.mark.parametrize("name", ["none.safetensors", "none.pth"])
def test_a_file_that_is_not_there_is_refused(tmp_path, name):
    with pytest.raises(ClipTrainingError, match="no weights"):
        restore(trunk(), tmp_path / name)


def test_an_unknown_architecture_is_named(text):
    with pytest.raises(ClipTrainingError, match="no_such_net"):
        build(text, Tower("no_such_net", 32), 0)


def test_a_missing_file_of_weights_is_named(text, tmp_path):
    with pytest.raises(ClipTrainingError, match="there is no such file"):
        build(text, replace(TINY, weights=tmp_path / "none.pth"), 0)


def test_more_layers_than_the_tower_has_are_refused(text):
    with pytest.raises(ClipTrainingError, match="no more than that"):
        build(text, replace(TINY, layers=900), 0)


def test_a_file_of_weights_is_told_by_its_digest(tmp_path):
    (tmp_path / "a.pth").write_bytes(b"abc")

    assert replace(TINY, weights=tmp_path / "a.pth").source() == {
        "name": "a.pth",
        "sha256": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    }
    assert TINY.source() == {}
    assert replace(TINY, weights="timm").source()["name"].endswith("(timm)")


def test_normalisations_without_weights_do_not_matter():
    model = torch.nn.Sequential(torch.nn.BatchNorm2d(3, affine=False)).train()

    at_rest(model)

    assert model[0].training


def test_embeddings_are_as_wide_as_the_sentence_encoder(text):
    model = build(text, TINY, 0)

    assert configuration(text, TINY)["embed_dim"] == 32
    assert model.eval().encode_image(torch.zeros(1, 3, 32, 32)).shape == (1, 32)


def test_the_same_seed_builds_the_same_tower(text):
    one, other, third = (build(text, TINY, seed).visual for seed in (3, 3, 4))

    weights = [
        dict(tower.named_parameters())["trunk.conv_stem.weight"] for tower in (one, other, third)
    ]
    assert torch.equal(weights[0], weights[1])
    assert not torch.equal(weights[0], weights[2])


def test_the_text_tower_does_not_learn(text):
    assert not any(one.requires_grad for one in build(text, TINY, 0).text.transformer.parameters())


def test_a_saved_model_is_an_open_clip_folder(text):
    model = build(text, TINY, 5).eval()

    again = load(save(model, text, TINY))

    shown = torch.rand(2, 3, 32, 32)
    assert torch.allclose(again.model.encode_image(shown), model.encode_image(shown))
    content = json.loads((text / "open_clip_config.json").read_text())
    assert content["preprocess_cfg"]["resize_mode"] == "squash"


def test_captions_come_by_template_and_embed_in_any_company(text):
    source = load(save(build(text, TINY, 5), text, TINY))
    said = captions(["a bomb", "apples"])

    together = embedded(source.model, source.tokenizer, [*said[0], "count the ships " * 5])
    alone = embedded(source.model, source.tokenizer, ["apples"])

    assert said == [[one.format(thing) for thing in ("a bomb", "apples")] for one in TEMPLATES]
    assert together.shape == (3, 32)
    assert abs(float(together[1] @ alone[0]) - 1) < 1e-4
