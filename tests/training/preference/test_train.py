"""The preference trainer: every objective by name, what learns, and that it learns the preference."""

from __future__ import annotations

import shutil
import subprocess
import sys

import pytest
import torch
from PIL import Image
from pydantic import ValidationError
from typer.testing import CliRunner

from guardrail_training.adapt import learn_only, role
from guardrail_training.mllm import load_mllm
from guardrail_training.objectives.registry import OBJECTIVES
from guardrail_training.preference.__main__ import app
from guardrail_training.preference.records import Pair, collate, write_pairs
from guardrail_training.preference.train import (
    PreferenceConfig,
    align,
    attacked,
    preference_loss,
    prepared,
)
from guardrail_training.preference.views import Asked, scored
from guardrail_training.text_guard.records import DataError
from tests.training.small import small_folder, small_mllm

SAID = [("It is red.", "It is blue."), ("Yes, there is.", "No, there is none.")]


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A model, four pairs and their pictures."""
    home = tmp_path_factory.mktemp("home")
    small_folder(home / "model")
    pairs = []
    for number in range(4):
        Image.new("RGB", (32, 32), (60 * number, 90, 200 - 40 * number)).save(
            home / f"{number}.png"
        )
        chosen, rejected = SAID[number % 2]
        pairs.append(
            Pair(
                id=str(number),
                image=f"{number}.png",
                prompt="Is there a star?" if number % 2 else "What colour is the star?",
                chosen=chosen,
                rejected=rejected,
                score_chosen=1.0 + number,
                score_rejected=0.0,
            )
        )
    write_pairs(home / "pairs.jsonl", pairs)
    return home


def config(home, objective, **changed):
    given = {
        "objective": objective,
        "model": str(home / "model"),
        "pairs": str(home / "pairs.jsonl"),
        "images": str(home),
        "attack": {"eps": 4, "steps": 1},
        "run": {"steps": 2, "batch": 2, "rate": 1e-3, "save_every": 2},
    }
    return PreferenceConfig.model_validate(given | changed)


def one_batch(rows):
    return collate([rows[number] for number in range(4)])


@pytest.mark.parametrize("name", OBJECTIVES)
def test_every_objective_learns_the_parts_that_shall_and_no_others(home, name):
    mllm, rows, loss = prepared(config(home, name))
    torch.manual_seed(0)

    value, _ = loss(mllm.model, one_batch(rows))
    value.backward()

    inner = mllm.model.model
    assert torch.isfinite(value)
    assert all(one.grad is None for one in inner.vision_tower.parameters())
    assert any(one.grad is not None for one in inner.multi_modal_projector.parameters())
    assert any(one.grad is not None for one in inner.language_model.parameters())


@pytest.mark.parametrize(
    ("name", "expected"),
    [("dpo", 0.6931), ("image_dpo", 0.6931), ("mdpo", 3 * 0.6931), ("ipo", 25.0), ("kto", 1.0)],
)
def test_a_policy_that_is_still_its_reference_has_the_loss_of_no_preference(home, name, expected):
    mllm, rows, loss = prepared(config(home, name))

    value, _ = loss(mllm.model, one_batch(rows))

    assert float(value.detach()) == pytest.approx(expected, rel=1e-3)


@pytest.mark.parametrize("name", ["dpo", "simpo", "kto"])
def test_one_batch_of_preferences_is_learnt_by_heart(home, name):
    weights = {"beta": 0.5, "gamma": 1.0}
    mllm, rows, loss = prepared(config(home, name, weights=weights))
    batch = one_batch(rows)
    optimiser = torch.optim.Adam([p for p in mllm.model.parameters() if p.requires_grad], 2e-3)

    for _ in range(25):
        value, _ = loss(mllm.model, batch)
        optimiser.zero_grad()
        value.backward()
        optimiser.step()

    pair = {
        "chosen": Asked(batch["images"], batch["prompts"], batch["chosen"]),
        "rejected": Asked(batch["images"], batch["prompts"], batch["rejected"]),
    }
    with torch.no_grad():
        found = scored(mllm, mllm.model, None, pair)
    assert bool((found["chosen"].log_ratio > found["rejected"].log_ratio + 1).all())


def test_views_are_scored_as_each_would_be_alone():
    mllm = small_mllm()
    images = torch.rand(2, 3, 32, 32)
    prompts = ["Is there a star?", "What colour is the star?"]
    long, short = ["No, there is none."] * 2, ["It is red."] * 2

    with torch.no_grad():
        views = {"chosen": Asked(images, prompts, long), "rejected": Asked(images, prompts, short)}
        both = scored(mllm, mllm.model, None, views)
        alone = scored(mllm, mllm.model, None, {"rejected": Asked(images, prompts, short)})

    mine, theirs = both["rejected"].log_ratio, alone["rejected"].log_ratio
    assert torch.allclose(mine, theirs, atol=1e-4)


def test_changed_segments_and_divergences_are_marked_where_they_are():
    mllm, reference = small_mllm(0), small_mllm(1)
    images = torch.rand(1, 3, 32, 32)
    asked = {"chosen": Asked(images, ["?"], ["It is red."], ["It is blue."])}

    with torch.no_grad():
        found = scored(mllm, mllm.model, reference.model, asked, divergences=True)["chosen"]
        same = scored(mllm, mllm.model, mllm.model, asked, divergences=True)["chosen"]

    words = mllm.conversations(["?"], ["It is red."]).input_ids[0, 1:]
    assert mllm.processor.tokenizer.decode(words[found.changed[0]]) == "red"
    assert float(found.divergence[found.mask].min()) > 0
    assert float(same.divergence.abs().max()) < 1e-5


def test_an_attack_makes_the_rejected_answers_likelier_than_they_were(home):
    mllm, rows, _ = prepared(config(home, "adversarial_dpo"))
    batch = one_batch(rows)

    def liked(images):
        views = {
            "chosen": Asked(images, batch["prompts"], batch["chosen"]),
            "rejected": Asked(images, batch["prompts"], batch["rejected"]),
        }
        with torch.no_grad():
            found = scored(mllm, mllm.model, None, views)
        return float((found["rejected"].log_ratio - found["chosen"].log_ratio).sum())

    settings = config(home, "dpo").attack.model_copy(update={"steps": 4})
    moved = attacked(mllm, settings, batch)

    assert liked(moved) > liked(batch["images"])
    assert float((moved - batch["images"]).abs().max()) <= 4 / 255 + 1e-6


def test_another_reference_may_be_given(home, tmp_path):
    small_folder(tmp_path / "other", seed=1)
    mllm, rows, loss = prepared(config(home, "dpo", reference=str(tmp_path / "other")))

    value, _ = loss(mllm.model, one_batch(rows))

    assert abs(float(value.detach()) - 0.6931) > 1e-4


def test_an_objective_without_reference_keeps_none(home):
    given = config(home, "simpo")
    mllm, rows, _ = prepared(given)

    value, _ = preference_loss(mllm, None, given)(mllm.model, one_batch(rows))

    assert torch.isfinite(value)


@pytest.mark.parametrize("parts", [("vision",), ("projector",), ("language",)])
def test_any_part_may_learn_alone(parts):
    mllm = small_mllm()

    learn_only(mllm.model, parts)

    inner = mllm.model.model
    by_name = {
        "vision": inner.vision_tower,
        "projector": inner.multi_modal_projector,
        "language": inner.language_model,
    }
    for name, part in by_name.items():
        assert {one.requires_grad for one in part.parameters()} == {name in parts}, name


def test_a_model_without_a_known_projector_is_refused():
    mllm = small_mllm()
    mllm.model.model.odd = mllm.model.model.multi_modal_projector
    del mllm.model.model.multi_modal_projector

    with pytest.raises(
        DataError, match=r"no projector among the modules .*known: .*multi_modal_projector"
    ):
        learn_only(mllm.model, ("language",))


def test_pairs_without_scores_are_refused_where_scores_are_needed(home, tmp_path):
    pair = {"id": "x", "image": "0.png", "prompt": "?", "chosen": "a", "rejected": "b"}
    write_pairs(tmp_path / "bare.jsonl", [Pair(**pair)])

    with pytest.raises(DataError, match=r"mm_rlhf needs score_chosen.*1 pairs lack them, e.g. 'x'"):
        prepared(config(home, "mm_rlhf", pairs=str(tmp_path / "bare.jsonl")))


def test_an_objective_that_is_not_known_is_refused_when_settings_are_read(home):
    with pytest.raises(ValidationError, match="known: dpo, ipo"):
        config(home, "ppo")


def test_a_run_writes_a_model_that_has_learnt_and_its_log(home, tmp_path):
    folder = align(config(home, "mdpo"), tmp_path)

    before, after = (load_mllm(one).model.state_dict() for one in (home / "model", folder))
    changed = {name for name in before if not torch.equal(before[name], after[name])}
    assert any("language_model" in name for name in changed)
    assert not any("vision_tower" in name for name in changed)
    assert "gap" in (tmp_path / "log.csv").read_text().splitlines()[0]


LORA = {"rank": 2, "alpha": 4, "dropout": 0.1}


def test_by_lora_only_adapters_learn_and_the_model_without_them_is_the_reference(home):
    mllm, rows, loss = prepared(config(home, "dpo", lora=LORA, parts=("language",)))
    batch = one_batch(rows)
    learnt = [name for name, one in mllm.model.named_parameters() if one.requires_grad]
    first, _ = loss(mllm.model.train(), batch)
    first.backward()

    torch.optim.Adam([one for one in mllm.model.parameters() if one.requires_grad], 1e-2).step()
    second, _ = loss(mllm.model.eval(), batch)

    assert learnt
    assert all(".lora_" in name for name in learnt)
    assert float(first.detach()) == pytest.approx(0.6931, rel=1e-3)
    assert float(second.detach()) < 0.69


def test_a_run_by_lora_goes_on_from_its_adapters_and_writes_whole_weights(home, tmp_path):
    run = {"steps": 4, "batch": 2, "rate": 1e-2, "save_every": 2, "tensorboard": True}
    given = config(home, "dpo", lora=LORA, run=run)

    folder = align(given, tmp_path / "whole")
    shutil.copytree(tmp_path / "whole", tmp_path / "cut")
    shutil.rmtree(tmp_path / "cut" / "model")
    again = align(given, tmp_path / "cut")

    before, after, resumed = (
        load_mllm(one).model.state_dict() for one in (home / "model", folder, again)
    )
    changed = {name for name in before if not torch.equal(before[name], after[name])}
    assert before.keys() == after.keys()
    assert {role(name) for name in changed} == {"projector", "language"}
    assert all(torch.equal(one, resumed[name]) for name, one in after.items())
    assert list((tmp_path / "whole").rglob("events.out.tfevents.*"))


def test_the_command_tries_a_batch_runs_and_refuses(home, tmp_path):
    file = tmp_path / "run.yaml"
    file.write_text(config(home, "dpo").model_dump_json(), "utf-8")
    out = str(tmp_path / "out")

    dry = CliRunner().invoke(app, ["--config", str(file), "--out", out, "--dry-run"])
    real = CliRunner().invoke(app, ["--config", str(file), "--out", out, "--max-steps", "1"])
    file.write_text("objective: ppo\n", "utf-8")
    bad = CliRunner().invoke(app, ["--config", str(file), "--out", out])

    assert (dry.exit_code, real.exit_code, bad.exit_code) == (0, 0, 2), real.output
    assert "dpo: 4 pairs" in dry.output
    assert (tmp_path / "out" / "model" / "config.json").exists()
    assert "objective" in bad.output


@pytest.mark.slow
def test_two_processes_learn_what_one_learns_from_the_same_pairs(home, tmp_path):
    """Batches of two in each of two processes are one batch of four."""
    run = {"steps": 2, "rate": 1e-3, "save_every": 2, "log_every": 1}
    files = []
    for batch in (4, 2):
        files.append(tmp_path / f"{batch}.yaml")
        files[-1].write_text(config(home, "dpo", run=run | {"batch": batch}).model_dump_json())
    alone = align(PreferenceConfig.model_validate_json(files[0].read_text()), tmp_path / "alone")

    command = [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node=2", "--standalone"]
    module = ["-m", "guardrail_training.preference", "--config", str(files[1])]
    done = subprocess.run(
        [*command, *module, "--out", str(tmp_path / "both")], capture_output=True, text=True
    )

    assert done.returncode == 0, done.stderr[-2000:]
    one, two = (load_mllm(f).model.state_dict() for f in (alone, tmp_path / "both" / "model"))
    # Two steps of 1e-3 in all. Where a gradient is nearly nothing, Adam divides it by nearly nothing,
    # and the last bit of a sum shows: one weight in 18,624 differs by 1.5e-5, the others by less.
    assert all(torch.allclose(one[name], two[name], atol=5e-5) for name in one)
    assert not all(
        torch.equal(one[name], load_mllm(home / "model").model.state_dict()[name]) for name in one
    )
