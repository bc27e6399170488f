"""Fine-tuning: what one step computes, and that runs can be cut and go on."""

from __future__ import annotations

import csv
import math

import pytest
import torch
from torch.nn.functional import cross_entropy

from guardrail_training.adapt import role
from guardrail_training.mllm import load_pretrained
from guardrail_training.runs import LOG
from guardrail_training.text_guard.records import DataError
from guardrail_training.vlguard.chat import IGNORED, Collator
from guardrail_training.vlguard.fit import CHECKPOINTS, fit, make_trainer, prepared
from guardrail_training.vlguard.records import read_vlguard
from tests.training.vlguard.sets import settings

pytestmark = pytest.mark.filterwarnings("ignore:.*pin_memory.*:UserWarning")


@pytest.fixture(scope="module")
def examples(data):
    return read_vlguard(data / "train.json", data / "images")[:16]


def tuned(base, examples, out, config, **options):
    model, reader = load_pretrained(str(base))
    return fit(model, reader, examples, config, out, **options).state_dict()


def rows(out):
    with (out / LOG).open(newline="") as file:
        return list(csv.DictReader(file))


def test_the_first_loss_is_the_mean_cross_entropy_of_the_answers(base, examples, tmp_path):
    model, reader = load_pretrained(str(base))
    batch = Collator(reader)(examples)
    with torch.no_grad():
        logits = model(**{k: one for k, one in batch.items() if k != "labels"}).logits[:, :-1]
    wanted = cross_entropy(
        logits.flatten(0, 1), batch["labels"][:, 1:].flatten(), ignore_index=IGNORED
    )

    tuned(base, examples, tmp_path, settings(batch=16, method="full"), max_steps=1)

    assert float(rows(tmp_path)[0]["loss"]) == pytest.approx(float(wanted), rel=1e-4)


@pytest.mark.parametrize("method", ["lora", "full"])
def test_the_tower_stays_and_the_rest_learns(base, examples, tmp_path, method):
    before = load_pretrained(str(base))[0].state_dict()

    after = tuned(base, examples, tmp_path, settings(method=method))

    assert after.keys() == before.keys()
    moved = {role(name) for name, one in after.items() if not torch.equal(one, before[name])}
    learnt = {"projector", "language"} | ({"head"} if method == "full" else set())
    assert moved == learnt


def test_accumulated_batches_equal_one_large_batch(base, examples, tmp_path):
    """Answers of unlike lengths: a mean of means would differ."""
    large, small = (
        tuned(base, examples, tmp_path / name, settings(method="full", **changed))
        for name, changed in (
            ("large", {"batch": 16}),
            ("small", {"batch": 4, "accumulation": 4}),
        )
    )

    for name, one in large.items():
        torch.testing.assert_close(one, small[name], atol=2e-5, rtol=1e-3)
    first = [float(rows(tmp_path / name)[0]["loss"]) for name in ("large", "small")]
    assert first[0] == pytest.approx(first[1], rel=1e-4)


@pytest.mark.parametrize("method", ["lora", "full"])
def test_a_run_that_was_cut_and_resumed_equals_one_that_was_not(base, examples, tmp_path, method):
    config = settings(method=method, batch=4, epochs=2, save_every=100)

    whole = tuned(base, examples, tmp_path / "whole", config)
    tuned(base, examples, tmp_path / "cut", config, max_steps=3)
    resumed = tuned(base, examples, tmp_path / "cut", config, resume=True)

    assert all(torch.equal(one, resumed[name]) for name, one in whole.items())
    assert rows(tmp_path / "cut") == rows(tmp_path / "whole")
    assert [int(row["step"]) for row in rows(tmp_path / "cut")] == list(range(1, 9))


def test_the_learning_rate_rises_and_falls_as_a_cosine(base, examples, tmp_path):
    config = settings(batch=2, epochs=1, warm_up=0.25, method="full")

    tuned(base, examples, tmp_path, config)

    found = [float(row["learning_rate"]) for row in rows(tmp_path)]
    warm, steps = 2, 8
    falling = [
        config.rate * 0.5 * (1 + math.cos(math.pi * (n - warm) / (steps - warm)))
        for n in range(warm, steps)
    ]
    assert found == pytest.approx([0.0, config.rate / 2, *falling])


def test_the_same_seed_gives_the_same_weights(base, examples, tmp_path):
    first, again, other = (
        tuned(base, examples, tmp_path / str(n), settings(seed=seed), max_steps=1)
        for n, seed in enumerate((3, 3, 4))
    )

    assert all(torch.equal(one, again[name]) for name, one in first.items())
    assert not all(torch.equal(one, other[name]) for name, one in first.items())


def test_one_batch_is_learnt_by_heart(base, examples, tmp_path):
    config = settings(method="full", rate=1e-2, epochs=120, batch=4)

    tuned(base, examples[:4], tmp_path, config)

    found = rows(tmp_path)
    assert float(found[-1]["loss"]) < 0.1 < float(found[0]["loss"])


def test_bfloat16_learns_too(base, examples, tmp_path):
    tuned(base, examples, tmp_path, settings(bf16=True, epochs=3))

    losses = [float(row["loss"]) for row in rows(tmp_path)]
    assert losses[-1] < losses[0]


def test_a_loss_that_is_no_number_ends_the_run(base, examples, tmp_path):
    model, reader = load_pretrained(str(base))
    with torch.no_grad():
        model.lm_head.weight.fill_(float("nan"))

    with pytest.raises(FloatingPointError, match=r"step 1: the loss is nan.*lower `rate`"):
        fit(model, reader, examples, settings(method="full"), tmp_path)


def test_nothing_to_resume_from_is_said_so(base, examples, tmp_path):
    with pytest.raises(DataError, match="no checkpoint to resume from"):
        tuned(base, examples, tmp_path, settings(), resume=True)


def test_curves_are_written_for_tensorboard(base, examples, tmp_path):
    tuned(base, examples, tmp_path, settings(tensorboard=True), max_steps=1)

    assert list((tmp_path / CHECKPOINTS).rglob("events.out.tfevents.*"))


def test_another_architecture_is_tuned_by_the_same_code(qwen, examples, tmp_path):
    before = load_pretrained(str(qwen))[0].state_dict()

    after = tuned(qwen, examples, tmp_path, settings())

    moved = {role(name) for name, one in after.items() if not torch.equal(one, before[name])}
    assert moved == {"projector", "language"}


def test_the_trainer_reads_every_example_once_an_epoch(base, examples, tmp_path):
    model, reader = load_pretrained(str(base))
    trainer = make_trainer(prepared(model, settings()), reader, examples, settings(), tmp_path)

    batches = list(trainer.get_train_dataloader())

    assert sum(len(batch["labels"]) for batch in batches) == len(examples)
