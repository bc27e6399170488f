from __future__ import annotations

import csv
import math
from collections import OrderedDict
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from guardrail_training.clip.batches import NOTHING, Batch
from guardrail_training.clip.errors import ClipTrainingError
from guardrail_training.clip.fit import (
    Learner,
    Settings,
    caption_loss,
    category_loss,
    fit,
    log_step,
    prepared,
)

CAPTIONS = np.eye(4, 6, dtype=np.float32)[None]
NAN = float("nan")


class Colours:
    """Plain pictures, one caption a colour; the first is dangerous."""

    def batch(self, count, rng, plain=0.0):
        thing = rng.integers(0, 4, count)
        colours = np.array([[255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 255, 255]], np.uint8)
        pictures = np.broadcast_to(colours[thing][:, None, None], (count, 8, 8, 3)).copy()
        labels = np.zeros((count, 5), np.float32)
        labels[:, 0] = thing == 0
        return Batch(pictures, thing.astype(np.int64), labels)


def learner(seed=0, trunk=None):
    torch.manual_seed(seed)
    below = nn.Sequential(trunk or nn.Identity(), nn.AvgPool2d(8))
    parts = {"trunk": below, "flat": nn.Flatten(), "proj": nn.Linear(3, 6)}
    model = nn.Module()
    model.visual = nn.Sequential(OrderedDict(parts))
    model.logit_scale = nn.Parameter(torch.tensor(math.log(1 / 0.07)))
    return Learner(model, CAPTIONS)


def test_the_caption_loss_by_hand():
    seen = torch.tensor([[1.0, 0.0]])
    captions = torch.tensor([[1.0, 0.0], [0.0, 1.0]])

    loss = caption_loss(seen, captions, torch.tensor([0]), torch.tensor(2.0))

    assert float(loss) == pytest.approx(-math.log(math.exp(2) / (math.exp(2) + 1)))


def test_near_synonyms_of_the_right_caption_are_not_held_against_a_picture():
    seen = torch.tensor([[1.0, 0.0]])
    captions = torch.tensor([[1.0, 0.0], [0.9, math.sqrt(1 - 0.81)], [0.0, 1.0]])

    with_twin = caption_loss(seen, captions, torch.tensor([0]), torch.tensor(5.0))
    without = caption_loss(seen, captions[[0, 2]], torch.tensor([0]), torch.tensor(5.0))

    assert float(with_twin) == pytest.approx(float(without))


def test_pictures_without_captions_cost_nothing():
    none = torch.zeros((0, 2))

    assert float(caption_loss(none, torch.eye(2), torch.zeros(0).long(), torch.tensor(1.0))) == 0


def test_unknown_labels_are_left_out_and_positives_weigh_four_times():
    odds = torch.tensor([[0.0, 0.0], [0.0, 7.0]])
    labels = torch.tensor([[1.0, 0.0], [0.0, NAN]])

    loss = category_loss(odds, labels)

    assert float(loss) == pytest.approx((4 + 1 + 1) * math.log(2) / 3)


def test_pictures_are_normalised_channels_first():
    pictures = np.zeros((1, 2, 2, 3), np.uint8)
    pictures[0, 0, 1] = (255, 0, 51)

    found = prepared(pictures)

    assert found.shape == (1, 3, 2, 2)
    assert found[0, :, 0, 1].tolist() == pytest.approx([1.0, -1.0, -0.6], abs=1e-6)


def test_the_tower_s_own_layers_learn_at_a_part_of_the_rate():
    one = learner(trunk=nn.Conv2d(3, 3, 1))
    weights = [one.model.visual.trunk[0].weight, one.model.visual.proj.weight]
    before = [weight.detach().clone() for weight in weights]

    fit(one, Colours(), Settings(40, 32, 1e-2, trunk=0.1, stop_after=1))

    moved = [float((a.detach() - b).abs().median()) for a, b in zip(weights, before, strict=True)]
    assert moved[0] / moved[1] == pytest.approx(0.1, rel=0.05)  # Adam's first step is its rate


@pytest.mark.parametrize("learns", [True, False])
def test_layers_that_do_not_learn_keep_their_statistics(learns):
    one = learner(trunk=nn.BatchNorm2d(3).requires_grad_(learns))

    fit(one, Colours(), Settings(2, 32, 1e-2))

    assert bool(one.model.visual.trunk[0].running_mean.any()) is learns


def test_a_run_does_not_go_on_from_another_tower_s(tmp_path):
    fit(learner(), Colours(), Settings(2, 8, material="a"), tmp_path / "state.pt")

    with pytest.raises(ClipTrainingError, match="other settings or pictures"):
        fit(learner(), Colours(), Settings(2, 8, material="b"), tmp_path / "state.pt")


def test_a_tower_learns_colours_in_seconds():
    one = learner()

    done = fit(one, Colours(), Settings(60, 32, 5e-2, seed=1))

    batch = Colours().batch(64, np.random.default_rng(9))
    with torch.no_grad():
        seen = nn.functional.normalize(one.model.visual(prepared(batch.pictures)), dim=-1)
    assert done == 60
    assert (seen @ one.captions[0].T).argmax(1).tolist() == batch.thing.tolist()
    assert not one.training


def test_a_run_in_pieces_does_every_step_once_and_goes_on_where_it_stopped(tmp_path):
    state, steps = tmp_path / "state.pt", []

    for seed in (0, 5):  # the second learner starts elsewhere: what it knows comes from the file
        one = learner(seed)
        fit(
            one,
            Colours(),
            Settings(10, 8, 1e-2, stop_after=6),
            state,
            lambda step, _loss: steps.append(step),
        )

    kept = torch.load(state, weights_only=True)
    assert steps == list(range(1, 11))
    assert kept[3] == 10
    assert all(torch.equal(kept[0][name], value) for name, value in one.state_dict().items())


def test_a_run_that_was_cut_off_ends_with_the_weights_of_one_that_was_not(tmp_path):
    whole, first, second = learner(), learner(), learner(5)
    cut = Settings(10, 8, 1e-2, seed=4, stop_after=6)

    fit(whole, Colours(), Settings(10, 8, 1e-2, seed=4))
    for one in (first, second):
        fit(one, Colours(), cut, tmp_path / "state.pt")

    pairs = zip(whole.parameters(), second.parameters(), strict=True)
    assert all(torch.equal(*pair) for pair in pairs)


def test_a_run_that_was_killed_between_two_saves_ends_the_same(tmp_path, monkeypatch):
    monkeypatch.setattr("guardrail_training.clip.fit._KEPT_EVERY", 4)
    whole, first, second = learner(), learner(), learner(5)
    settings = Settings(10, 8, 1e-2, seed=4)

    def killed(step, _loss):
        if step == 7:
            raise KeyboardInterrupt

    fit(whole, Colours(), settings)
    with pytest.raises(KeyboardInterrupt):
        fit(first, Colours(), settings, tmp_path / "state.pt", killed)
    fit(second, Colours(), settings, tmp_path / "state.pt")

    pairs = zip(whole.parameters(), second.parameters(), strict=True)
    assert all(torch.equal(*pair) for pair in pairs)


@pytest.mark.parametrize("other", [{"steps": 12}, {"rate": 2e-2}, {"seed": 9}, {"batch": 4}])
def test_the_state_of_another_run_is_refused(tmp_path, other):
    settings = Settings(10, 8, 1e-2, stop_after=2)
    fit(learner(), Colours(), settings, tmp_path / "state.pt")

    with pytest.raises(ClipTrainingError, match="of a run with other settings"):
        fit(learner(), Colours(), replace(settings, **other), tmp_path / "state.pt")


def test_the_state_is_kept_on_the_way_and_never_half_written(tmp_path, monkeypatch):
    monkeypatch.setattr("guardrail_training.clip.fit._KEPT_EVERY", 4)
    state, kept = tmp_path / "state.pt", []

    def step_done(step, _loss):
        kept.append(torch.load(state, weights_only=True)[3] if state.exists() else 0)

    fit(learner(), Colours(), Settings(10, 8, 1e-2), state, step_done)

    assert kept == [0, 0, 0, 0, 4, 4, 4, 4, 8, 8]
    assert torch.load(state, weights_only=True)[3] == 10
    assert list(tmp_path.iterdir()) == [state]


def test_the_same_seed_trains_the_same_weights():
    first, second = learner(), learner()
    for one in (first, second):
        fit(one, Colours(), Settings(5, 8, 1e-2, seed=3))

    pairs = zip(first.parameters(), second.parameters(), strict=True)
    assert all(torch.equal(*pair) for pair in pairs)


def test_a_batch_of_nothing_but_scenery_still_trains_the_heads():
    one = learner()
    loss = one(
        prepared(np.zeros((2, 8, 8, 3), np.uint8)),
        torch.tensor([NOTHING, NOTHING]),
        torch.zeros((2, 5)),
        0,
    )

    loss.backward()

    assert one.heads.weight.grad is not None
    assert math.isfinite(float(loss.detach()))


def test_the_log_has_one_header(tmp_path):
    for step in (1, 2):
        log_step(tmp_path / "log.csv", step, 0.5, [1e-3])
    log_step(None, 3, 0.5, [1e-3])

    with (tmp_path / "log.csv").open() as file:
        rows = list(csv.reader(file))
    assert rows == [["step", "loss", "rate"], ["1", "0.5", "0.001"], ["2", "0.5", "0.001"]]


def test_the_scale_stays_below_a_hundred():
    one = learner()
    one.model.logit_scale.data.fill_(9.0)

    loud = one(
        prepared(Colours().batch(4, np.random.default_rng(0)).pictures),
        torch.arange(4),
        torch.zeros((4, 5)),
        0,
    )

    assert float(loud.detach()) < 220
