"""From a configuration to a model folder whose tower alone has changed."""

from __future__ import annotations

import pytest
import torch

from guardrail_training.adpo.classes import Probed, class_accuracy, fitted_heads
from guardrail_training.adpo.config import HardenConfig
from guardrail_training.adpo.pictures import FolderPictures, Row, Rows, WorldPictures, collate
from guardrail_training.adpo.train import harden, transplant
from guardrail_training.mllm import load_mllm
from guardrail_training.runs import LossTrainer
from guardrail_training.text_guard.records import DataError
from tests.training.small import small_folder, small_mllm


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    return small_folder(tmp_path_factory.mktemp("base"))


def settings(base, method, **run):
    return HardenConfig.model_validate(
        {
            "method": method,
            "model": str(base),
            "pictures": {"kind": "world", "count": 8},
            "attack": {"eps": 2, "steps": 1},
            "head_steps": 2,
            "most_tokens": 3,
            "run": {"steps": 2, "batch": 2, "rate": 1e-3, "save_every": 2, "log_every": 1} | run,
        }
    )


@pytest.mark.parametrize("method", ["fare", "tecoa", "adpo"])
def test_only_the_tower_of_the_written_model_has_changed(base, tmp_path, method):
    before = load_mllm(base).model.state_dict()

    folder = harden(settings(base, method), tmp_path)

    after = load_mllm(folder).model.state_dict()
    changed = {name for name in before if not torch.equal(before[name], after[name])}
    assert changed
    assert all(".vision_tower." in name for name in changed)
    assert (tmp_path / "log.csv").exists()


def test_the_same_seed_gives_the_same_tower_and_another_seed_another(base, tmp_path):
    towers = [
        load_mllm(harden(settings(base, "fare", seed=seed), tmp_path / str(n))).tower.state_dict()
        for n, seed in enumerate((1, 1, 2))
    ]

    same = [all(torch.equal(towers[0][name], one[name]) for name in one) for one in towers]
    assert same == [True, True, False]


@pytest.mark.parametrize("method", ["fare", "adpo"])
def test_a_run_that_was_cut_ends_where_an_uninterrupted_one_does(
    base, tmp_path, method, monkeypatch
):
    """Attacks included, which start at random; and an MLLM's weights, whose names Trainer forgets."""
    run = {"steps": 3, "save_every": 2, "rate": 1e-2}
    whole = harden(settings(base, method, **run), tmp_path / "a")
    calls = []
    true = LossTrainer.compute_loss

    def cut(self, *args, **kwargs):
        calls.append(1)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return true(self, *args, **kwargs)

    monkeypatch.setattr(LossTrainer, "compute_loss", cut)
    with pytest.raises(KeyboardInterrupt):
        harden(settings(base, method, **run), tmp_path / "b")
    monkeypatch.undo()
    resumed = harden(settings(base, method, **run), tmp_path / "b")

    first, second = (load_mllm(one).tower.state_dict() for one in (whole, resumed))
    assert all(torch.equal(first[name], second[name]) for name in first)


def test_a_transplanted_tower_sees_as_it_did_and_the_rest_stays():
    source, into = small_mllm(0), small_mllm(1)
    images = torch.rand(1, 3, 32, 32)
    language = {k: v.clone() for k, v in into.model.model.language_model.state_dict().items()}

    transplant(source, into)

    mine, theirs = (one.features(one.tower, images) for one in (source, into))
    assert torch.equal(mine, theirs)
    kept = into.model.model.language_model.state_dict()
    assert all(torch.equal(kept[name], language[name]) for name in language)


def test_a_tower_of_another_shape_is_not_transplanted():
    source, into = small_mllm(), small_mllm()
    into.tower.vision_model = torch.nn.Linear(2, 2)

    with pytest.raises(DataError, match="the encoders differ"):
        transplant(source, into)


def test_heads_are_fitted_while_the_tower_stands_still_and_then_frozen():
    mllm = small_mllm()
    rows = WorldPictures(count=64, seed=1)
    before = {name: one.clone() for name, one in mllm.tower.state_dict().items()}

    probed = fitted_heads(mllm, rows, rows.rows(32), 20, seed=0)

    assert all(torch.equal(one, before[name]) for name, one in mllm.tower.state_dict().items())
    learning = {name for name, one in probed.named_parameters() if one.requires_grad}
    assert learning
    assert all("tower" in name for name in learning)


def test_heads_on_a_folder_s_classes_learn_them(tmp_path):
    mllm = small_mllm()
    rows = Rows(
        [
            Row(
                torch.full((3, 32, 32), 250 * (n % 2), dtype=torch.uint8),
                "?",
                torch.tensor([n % 2]),
            )
            for n in range(16)
        ]
    )

    source = FolderPictures(kind="folder", folder=tmp_path)
    probed = fitted_heads(mllm, source, rows, 30, seed=0)

    assert isinstance(probed, Probed)
    assert class_accuracy(probed, collate(list(rows))) == 1.0
