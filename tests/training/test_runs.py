"""Runs: accumulation, resumption, logs, and losses that go wrong."""

from __future__ import annotations

import csv

import pytest
import torch
from pydantic import ValidationError
from torch import nn
from torch.utils.data import TensorDataset

from guardrail_training.runs import CURVES, LOG, LossTrainer, Run, claim, train, write_log
from guardrail_training.settings import read_settings
from guardrail_training.text_guard.records import DataError
from tests.training.one_thread import one_thread

__all__ = ["one_thread"]


def rows(count=32):
    generator = torch.Generator().manual_seed(0)
    inputs = torch.randn((count, 4), generator=generator)
    return TensorDataset(inputs, inputs @ torch.tensor([1.0, -2.0, 0.5, 3.0]))


def collate(pairs):
    return {"x": torch.stack([a for a, _ in pairs]), "y": torch.stack([b for _, b in pairs])}


def squared(model, batch):
    value = (model(batch["x"])[:, 0] - batch["y"]).square().mean()
    return value, {"half": float(value.detach()) / 2}


def fitted(out, seed=0, loss=squared, **settings):
    torch.manual_seed(seed)
    model = nn.Linear(4, 1)
    run = Run(
        **({"rate": 0.05, "batch": 8, "steps": 8, "log_every": 2, "save_every": 4} | settings)
    )
    train(model, rows(), collate, loss, run, out)
    return model.weight.detach().clone()


def test_accumulated_passes_equal_one_large_batch(tmp_path):
    whole = fitted(tmp_path / "a", batch=16)
    parts = fitted(tmp_path / "b", batch=4, accumulate=4)

    assert torch.allclose(whole, parts, atol=1e-6)


def test_a_run_that_was_cut_ends_where_an_uninterrupted_one_does(tmp_path):
    uninterrupted = fitted(tmp_path / "a", steps=8)

    calls = []

    def cut(model, batch):
        calls.append(1)
        if len(calls) == 7:
            raise KeyboardInterrupt
        return squared(model, batch)

    with pytest.raises(KeyboardInterrupt):
        fitted(tmp_path / "b", steps=8, loss=cut)
    torch.manual_seed(99)
    resumed = fitted(tmp_path / "b", steps=8, seed=5)

    assert torch.equal(uninterrupted, resumed)


def test_random_numbers_of_a_resumed_run_go_on_where_they_were(tmp_path):
    """Attacks start at random: the third draw must not depend on whether the run was cut."""

    def drawn(seen):
        def loss(model, batch):
            seen.append(float(torch.rand(())))
            if len(seen) == 3 and stop:
                raise KeyboardInterrupt
            return squared(model, batch)

        return loss

    whole, first, rest = [], [], []
    stop = False
    fitted(tmp_path / "a", loss=drawn(whole), steps=4, save_every=2)
    stop = True
    with pytest.raises(KeyboardInterrupt):
        fitted(tmp_path / "b", loss=drawn(first), steps=4, save_every=2)
    stop = False
    fitted(tmp_path / "b", loss=drawn(rest), steps=4, save_every=2)

    assert first[:2] + rest == whole


def test_the_log_has_a_line_each_few_steps_with_what_was_noted(tmp_path):
    fitted(tmp_path)

    with (tmp_path / LOG).open(encoding="utf-8") as handle:
        lines = list(csv.DictReader(handle))
    assert [line["step"] for line in lines] == ["1", "2", "4", "6", "8"]
    assert float(lines[-1]["half"]) == pytest.approx(float(lines[-1]["loss"]) / 2, rel=1e-4)
    assert (tmp_path / CURVES).read_bytes().startswith(b"\x89PNG")


def test_curves_are_written_for_tensorboard_where_settings_say_so(tmp_path):
    for name in ("with", "without"):
        fitted(tmp_path / name, tensorboard=name == "with")

    assert [path.relative_to(tmp_path).parts[0] for path in tmp_path.rglob("events.out.*")] == [
        "with"
    ]


def test_rows_with_further_columns_widen_the_log(tmp_path):
    write_log(tmp_path / "log.csv", [{"loss": 1.0, "step": 1}, {"loss": 2.0, "step": 2, "late": 3}])

    assert (tmp_path / "log.csv").read_text() == "step,loss,late\n1,1.0,\n2,2.0,3\n"


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_a_loss_that_is_not_finite_ends_the_run(tmp_path, bad):
    with pytest.raises(
        FloatingPointError, match=r"step 1: the loss is (nan|inf), no longer finite"
    ):
        fitted(tmp_path, loss=lambda model, batch: (squared(model, batch)[0] * bad, {}))


def test_one_batch_is_learnt_by_heart(tmp_path):
    weight = fitted(tmp_path, steps=150, batch=32, rate=0.2, clip=100, save_every=150, log_every=50)

    assert weight.flatten().tolist() == pytest.approx([1.0, -2.0, 0.5, 3.0], abs=0.05)


def test_the_learning_rate_is_warmed_up(tmp_path):
    fitted(tmp_path, warm_up=4, log_every=1)

    with (tmp_path / LOG).open(encoding="utf-8") as handle:
        rates = [float(line["learning_rate"]) for line in csv.DictReader(handle)]
    assert rates.index(max(rates)) == 4
    assert max(rates) == pytest.approx(0.05)


def test_an_evaluation_may_ask_for_outputs(tmp_path):
    trainer = LossTrainer(squared, model=nn.Linear(4, 1), args=Run().arguments(tmp_path))
    batch = collate([rows()[0]])

    value, outputs = trainer.compute_loss(trainer.model, batch, return_outputs=True)

    assert value.shape == ()
    assert outputs == {}


@pytest.mark.parametrize("bad", [{"steps": 0}, {"rate": 0}, {"clip": 0}, {"epochs": 3}])
def test_settings_out_of_range_are_refused(bad):
    with pytest.raises(ValidationError):
        Run.model_validate(bad)


def test_settings_are_read_strictly_and_the_file_is_named(tmp_path):
    file = tmp_path / "run.yaml"
    file.write_text("steps: 5\nstep: 6\n", "utf-8")

    with pytest.raises(DataError, match=r"run\.yaml.*\n.*step"):
        read_settings(file, Run)
    file.write_text("steps: 5\n", "utf-8")
    assert read_settings(file, Run).steps == 5


def test_settings_that_are_no_text_are_refused_by_their_name(tmp_path):
    (tmp_path / "run.yaml").write_bytes(b"steps: \xff")

    with pytest.raises(DataError, match=r"run\.yaml: .*decode"):
        read_settings(tmp_path / "run.yaml", Run)


def test_settings_that_are_not_there_name_those_that_ship(tmp_path):
    with pytest.raises(DataError, match=r"cannot be read.*text_guard_encoder\.yaml"):
        read_settings(tmp_path / "nothing.yaml", Run)


def test_a_run_s_settings_are_kept_beside_it_and_run_again(tmp_path):
    claim(tmp_path / "new", Run(steps=5))
    claim(tmp_path / "new", Run(steps=5))

    assert read_settings(tmp_path / "new" / "config.yaml", Run) == Run(steps=5)


def test_a_folder_with_a_run_of_other_settings_is_not_gone_on_with(tmp_path):
    claim(tmp_path, Run(seed=1))

    with pytest.raises(DataError, match=r"run of other settings, see config\.yaml"):
        claim(tmp_path, Run(seed=2))


def test_only_the_first_process_writes_settings(tmp_path, monkeypatch):
    monkeypatch.setenv("RANK", "1")

    claim(tmp_path, Run())

    assert not list(tmp_path.iterdir())
