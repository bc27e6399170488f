"""What learns: projector and language model, by adapters or in full; the tower never."""

from __future__ import annotations

import pytest
import torch

from guardrail_training.adapt import AdaptersOff, learn_only, learning, role, with_lora
from guardrail_training.mllm import load_pretrained
from guardrail_training.settings import Lora
from guardrail_training.text_guard.records import DataError
from guardrail_training.vlguard.chat import Collator
from guardrail_training.vlguard.records import read_vlguard
from tests.training.vlguard.conftest import base, data, qwen

__all__ = ["base", "data", "qwen"]

TUNED = ("projector", "language")
SMALL = Lora(rank=2, alpha=4, dropout=0.0)


@pytest.fixture(params=["base", "qwen"])
def loaded(request):
    return load_pretrained(str(request.getfixturevalue(request.param)))


@pytest.fixture
def batch(loaded, data):
    return Collator(loaded[1])(read_vlguard(data / "train.json", data / "images")[:4])


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("model.vision_tower.encoder.layers.0.mlp.fc1.weight", "tower"),
        ("model.visual.blocks.0.norm1.weight", "tower"),
        ("model.visual.merger.mlp.0.weight", "projector"),
        ("model.multi_modal_projector.linear_1.weight", "projector"),
        ("model.connector.modality_projection.proj.weight", "projector"),
        ("model.language_model.layers.0.mlp.up_proj.weight", "language"),
        ("base_model.model.model.language_model.layers.0.mlp.up_proj.lora_A.default.weight",
         "language"),
        ("lm_head.weight", "head"),
    ],
)  # fmt: skip
def test_a_weight_is_known_by_its_name(name, expected):
    assert role(name) == expected


def gradients(model, batch):
    """Roles with a gradient that is not zero, and those with none."""
    model(**batch).loss.backward()
    found = {"with": set(), "without": set()}
    for name, one in model.named_parameters():
        moved = one.grad is not None and bool(one.grad.abs().sum() > 0)
        found["with" if moved else "without"].add(role(name))
    return found


def test_in_full_tuning_every_weight_but_the_towers_gets_a_gradient(loaded, batch):
    model, _ = loaded
    learn_only(model, TUNED)

    found = gradients(model, batch)

    assert found["with"] == {"projector", "language", "head"}
    assert found["without"] == {"tower"}


def test_with_adapters_only_they_and_the_projector_get_a_gradient(loaded, batch):
    model = with_lora(loaded[0], SMALL)

    gradients(model, batch)
    moved = {n for n, one in model.named_parameters() if one.grad is not None and one.grad.any()}

    assert moved
    assert all("lora_B" in name or role(name) == "projector" for name in moved)
    assert any(role(name) == "projector" for name in moved)
    assert {role(name) for name in moved} == {"projector", "language"}


def test_every_linear_layer_of_the_language_model_has_an_adapter_and_no_other(loaded):
    model = with_lora(loaded[0], SMALL)

    names = [name for name, _ in model.named_parameters()]
    adapted = {name.split(".lora_A")[0] for name in names if ".lora_A." in name}
    linear = {
        name
        for name, one in model.named_modules()
        if isinstance(one, torch.nn.Linear | type(None)) or hasattr(one, "base_layer")
    }
    wanted = {
        n for n in linear if role(n) == "language" and hasattr(model.get_submodule(n), "lora_A")
    }
    assert adapted == wanted
    assert all(role(name) == "language" for name in adapted)
    assert len(adapted) == 7 * model.config.get_text_config().num_hidden_layers


def test_adapters_that_learnt_nothing_change_nothing(loaded, batch):
    model, _ = loaded
    before = model.eval()(**batch).logits

    adapted = with_lora(model, SMALL).eval()

    assert torch.equal(adapted(**batch).logits, before)


def test_a_projector_stays_when_its_part_shall_not_learn(loaded):
    model = with_lora(loaded[0], SMALL, ("language",))

    assert {name for name, one in model.named_parameters() if one.requires_grad} == {
        name for name, _ in model.named_parameters() if ".lora_" in name
    }


def test_adapters_are_put_on_the_tower_when_it_shall_learn(loaded):
    model = with_lora(loaded[0], SMALL, ("vision",))

    learnt = {role(name) for name, one in model.named_parameters() if one.requires_grad}
    assert learnt == {"tower"}


def test_a_projector_alone_has_nothing_to_adapt(loaded):
    with pytest.raises(DataError, match="add one to `parts`"):
        with_lora(loaded[0], SMALL, ("projector",))


def test_with_adapters_off_the_model_is_what_it_was_before_they_learnt(loaded, batch):
    model, _ = loaded
    before = model.eval()(**batch).logits
    adapted = with_lora(model, Lora(rank=2, alpha=4, dropout=0.5)).train()
    with torch.no_grad():
        for one in adapted.parameters():
            if one.requires_grad:
                one.add_(0.1)

    off = AdaptersOff(adapted)(**batch).logits

    assert torch.equal(off, before)
    assert adapted.training
    assert not torch.allclose(adapted.eval()(**batch).logits, before)


def test_what_learns_is_counted_by_role(base):
    model, _ = load_pretrained(str(base))
    total = sum(one.numel() for one in model.parameters())
    tower = sum(one.numel() for one in model.model.vision_tower.parameters())

    learn_only(model, TUNED)

    assert sum(learning(model).values()) == total - tower
    assert "tower" not in learning(model)


def test_a_model_without_a_known_tower_is_refused(base):
    with pytest.raises(
        DataError, match=r"no vision tower among the modules bias, weight; known: .*vision_tower"
    ):
        learn_only(torch.nn.Linear(2, 2), TUNED)


@pytest.mark.parametrize("what", ["nothing", "bert"])
def test_what_is_no_image_text_to_text_model_is_refused_by_name(tmp_path, what):
    folder = tmp_path / what
    if what == "bert":
        from tests.training.encoder.tiny import base_model

        base_model(folder)

    with pytest.raises(DataError, match=f"{what}.*cannot be loaded"):
        load_pretrained(str(folder))
