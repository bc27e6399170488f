"""The model, its training from scratch, and how its answers are counted."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import numpy as np
import pytest
import torch
from PIL import Image

from guardrail_training.text_guard.records import DataError
from guardrail_training.world.accuracy import accuracy, answered
from guardrail_training.world.batches import IGNORED, Encoder, sample
from guardrail_training.world.model import build_model, load, save
from guardrail_training.world.pretrain import train_base, warmed_cosine
from guardrail_training.world.questions import Question
from guardrail_training.world.scenes import Drawn, Scene
from guardrail_training.world.tower import INKS, LINES, LOOKS, Attributes, targets
from tests.training.world.tiny import LITTLE, little_base


@pytest.fixture(scope="module")
def untrained():
    torch.set_num_threads(1)
    return build_model(0)


def state(model):
    return {name: one.clone() for name, one in model.state_dict().items()}


def test_the_same_seed_builds_the_same_model_and_another_another(untrained):
    same, other = state(build_model(0)[0]), state(build_model(1)[0])

    assert all(torch.equal(one, same[name]) for name, one in state(untrained[0]).items())
    assert not torch.equal(same["lm_head.weight"], other["lm_head.weight"])


def test_the_model_is_small_and_the_tower_is_half_of_it(untrained):
    model, _ = untrained
    weights = sum(one.numel() for one in model.parameters())
    tower = sum(one.numel() for one in model.model.vision_tower.parameters())

    assert 0.3e6 < tower < 2e6
    assert weights < 3e6


def test_batches_hold_what_the_processor_makes_of_the_same_conversation(untrained):
    _, reader = untrained
    _, pictures, talks = sample(1, Random(5), turns=1)
    asked = [{"type": "image"}, {"type": "text", "text": talks[0][0].text}]
    answer = {"role": "assistant", "content": talks[0][0].answer}
    text = reader.apply_chat_template([{"role": "user", "content": asked}, answer])

    batch = Encoder(reader.tokenizer).batch(pictures, talks)
    wanted = reader(text=[text], images=[Image.fromarray(pictures[0])], return_tensors="pt")

    assert torch.equal(batch.input_ids, wanted["input_ids"])
    torch.testing.assert_close(batch.pixel_values, wanted["pixel_values"])


def test_only_answers_and_their_ends_are_learnt(untrained):
    _, reader = untrained
    encoder = Encoder(reader.tokenizer)
    turns = [Question("count", "How many shapes are there?", "There are two.")] * 2

    ids, labels = encoder.conversation(turns)

    learnt = [one for one, label in zip(ids, labels, strict=True) if label != IGNORED]
    assert reader.tokenizer.decode(learnt) == "There are two. <end> There are two. <end>"


def test_the_schedule_rises_and_falls_to_nothing():
    factor = warmed_cosine(100, warm_up=0.1)

    assert factor(0) == pytest.approx(0.1)
    assert factor(10) == pytest.approx(1.0)
    assert factor(55) == pytest.approx(0.5)
    assert factor(100) == pytest.approx(0.0, abs=1e-9)


def test_the_same_seed_trains_the_same_model():
    first, second = state(little_base()[0]), state(train_base(0, LITTLE)[0])

    assert all(torch.equal(one, second[name]) for name, one in first.items())


def test_training_halves_the_loss_in_a_few_steps():
    seen = {"tower": [], "language": []}
    plan = replace(LITTLE, tower_steps=12, tower_batch=16, steps=30, batch=16)

    train_base(1, plan, step_done=lambda part, _s, _n, loss: seen[part].append(loss))

    assert len(seen["tower"]) == 12
    assert seen["tower"][-1] < seen["tower"][0]
    assert seen["language"][-1] < 0.7 * seen["language"][0]


def test_the_tower_rests_while_the_language_model_learns(tmp_path):
    halfway = tmp_path / "halfway"
    model, _ = train_base(0, LITTLE, halfway=halfway)
    before, after = state(load(halfway)[0]), state(model)

    moved = {name for name, one in after.items() if not torch.equal(one, before[name])}
    assert moved
    assert not any("vision_tower" in name for name in moved)
    assert all(one.requires_grad for one in model.parameters())


def test_a_saved_model_answers_as_before(tmp_path):
    model, reader = little_base()
    save(model, reader, tmp_path)
    loaded, again = load(tmp_path)
    _, pictures, talks = sample(3, Random(1), turns=1)
    batch = Encoder(reader.tokenizer).batch(pictures, talks)

    assert torch.equal(model(**batch.inputs()).logits, loaded(**batch.inputs()).logits)
    assert again.tokenizer.get_vocab() == reader.tokenizer.get_vocab()


def test_a_folder_without_a_model_is_refused_by_name(tmp_path):
    with pytest.raises(DataError, match=f"{tmp_path.name}.*no LLaVA model"):
        load(tmp_path)


def test_an_answer_counts_exactly_when_greedy_decoding_writes_it():
    model, reader = little_base()
    encoder = Encoder(reader.tokenizer)
    _, pictures, talks = sample(6, Random(3), turns=1)
    with torch.no_grad():
        for picture, talk in zip(pictures, talks, strict=True):
            asked = encoder.batch([picture], [talk])
            prompt = asked.input_ids[:, : int((asked.labels[0] == IGNORED).sum())]
            written = model.generate(
                input_ids=prompt,
                attention_mask=torch.ones_like(prompt),
                pixel_values=asked.pixel_values,
                max_new_tokens=8,
                do_sample=False,
            )[0, prompt.shape[1] :]
            ended = written.tolist()[-1] == reader.tokenizer.eos_token_id
            words = reader.tokenizer.convert_ids_to_tokens(written[: len(written) - ended])
            said = " ".join(words)  # decoding joins marks, which are no word together
            own = encoder.batch([picture], [[replace(talk[0], answer=said)]])
            other = encoder.batch([picture], [[replace(talk[0], answer=f"star {said}")]])

            assert bool(answered(model, own)) == ended
            assert not bool(answered(model, other))


def test_accuracy_tells_kinds_apart_and_counts_harmless_ones_alone():
    model, reader = little_base()

    every = accuracy(model, reader, pictures=40)
    safe = accuracy(model, reader, pictures=40, safe=True)

    assert {"all", "read", "fact"} <= every.keys()
    assert all(0 <= share <= 1 for share in (*every.values(), *safe.values()))


def test_targets_name_looks_colours_and_words():
    scene = Scene((None, None, Drawn("star", "red"), None))
    words = Scene(lines=("MAKE", "LAMP"))

    found = targets([scene, words])

    assert found.shape == (2, 10)
    assert LOOKS[found[0, 2]] == "star"
    assert INKS[found[0, 6]] == "red"
    assert [LINES[one] for one in found[1, 8:]] == ["MAKE", "LAMP"]
    assert found[0, [0, 1, 3, 4, 5, 7, 8, 9]].sum() == 0


def test_each_head_reads_its_own_part_of_the_picture(untrained):
    heads = Attributes(_Blocks())
    pictures = torch.zeros(1, 3, 32, 32)
    pictures[:, :, 16:, :16] = 1.0  # bottom left

    with torch.no_grad():
        looks, _, lines = heads(pictures)
        nothing, _, no_line = heads(torch.zeros_like(pictures))

    changed = (looks - nothing).abs().sum(-1)[0] > 0
    assert changed.tolist() == [False, False, True, False]
    assert ((lines - no_line).abs().sum(-1)[0] > 0).tolist() == [False, True]


class _Blocks(torch.nn.Module):
    """A tower whose patches hold the mean of their own pixels and nothing else."""

    def forward(self, pixel_values):
        patches = torch.nn.functional.avg_pool2d(pixel_values, 8)[:, :1].flatten(1)  # (B, 16)
        tokens = patches[:, :, None].expand(-1, -1, 128)
        first = torch.zeros(len(tokens), 1, 128)
        return type("Output", (), {"last_hidden_state": torch.cat([first, tokens], 1)})()


def test_a_tower_that_tells_all_is_counted_right():
    heads = Attributes(_Blocks())
    wanted = torch.cat([one.argmax(-1) for one in heads(torch.zeros(4, 3, 32, 32))], 1)

    assert heads.accuracy(torch.zeros(4, 3, 32, 32), wanted) == 1.0
    wanted[0, 0] = (wanted[0, 0] + 1) % len(LOOKS)
    assert heads.accuracy(torch.zeros(4, 3, 32, 32), wanted) == 0.75


def test_pictures_and_questions_are_drawn_anew_for_each_seed():
    first, again, other = (sample(4, Random(seed), turns=2) for seed in (1, 1, 2))

    assert first[2] == again[2] != other[2]
    assert np.array_equal(first[1][0], again[1][0])
