"""Conversations in the model's own words, and labels on answers only."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from PIL import Image

from guardrail_training.mllm import load_pretrained
from guardrail_training.text_guard.records import DataError
from guardrail_training.vlguard.chat import IGNORED, Collator, Examples, open_picture
from guardrail_training.vlguard.records import Example, read_vlguard


@pytest.fixture(params=["base", "qwen"])
def reader(request):
    return load_pretrained(str(request.getfixturevalue(request.param)))[1]


@pytest.fixture
def examples(data):
    return read_vlguard(data / "train.json", data / "images")[:5]


def test_the_answer_and_its_end_are_learnt_and_nothing_else(reader, examples):
    batch = Collator(reader)(examples)

    for row, labels, example in zip(batch["input_ids"], batch["labels"], examples, strict=True):
        learnt = reader.tokenizer.decode(row[labels != IGNORED])
        assert learnt == f"{example.response} <end>"
        assert torch.equal(labels[labels != IGNORED], row[labels != IGNORED])


def test_answers_are_found_where_the_tokenizer_joins_them_with_the_prompt(
    reader, examples, monkeypatch
):
    collator = Collator(reader)
    quick = collator(examples)["labels"]

    monkeypatch.setattr(collator, "_starts", lambda *_: None)

    assert torch.equal(collator(examples)["labels"], quick)


def test_tokens_that_do_not_end_a_row_are_not_taken_for_its_answer(reader, examples):
    collator = Collator(reader)
    batch = collator(examples)
    tails = [f"{one.response}<end>" for one in examples]

    assert collator._starts(batch, tails) is not None
    assert collator._starts(batch, ["Yes, there is.<end>", *tails[1:]]) is None


def test_the_prompt_is_written_by_the_models_own_template(base, qwen, examples):
    one = replace(examples[0], instruction="Is there a star?")
    llava, other = (
        Collator(load_pretrained(str(folder))[1]).prompt(one) for folder in (base, qwen)
    )

    assert llava == "<user><image> Is there a star?<assistant>"
    assert other == (
        "<user><|vision_start|><|image_pad|><|vision_end|> Is there a star?<assistant>"
    )


def test_instructions_without_a_picture_go_with_those_that_have_one(reader, examples):
    alone = Example(None, "Is there a star?", "Yes, there is.", "helpful")

    mixture = Collator(reader)([examples[0], alone])
    words = Collator(reader)([alone])

    assert "pixel_values" in mixture
    assert "pixel_values" not in words
    assert (words["labels"] != IGNORED).sum() == 6


def test_padding_goes_where_it_is_asked_for_and_the_tokenizer_is_left_as_it_was(reader):
    collator = Collator(reader)
    before = reader.tokenizer.padding_side
    texts = ["<user> Is there a star?", "<user> Is"]

    left, right = (collator.encode(texts, [], side)["attention_mask"] for side in ("left", "right"))

    assert left[1].tolist() == right[1].tolist()[::-1]
    assert left[1, 0] == 0
    assert reader.tokenizer.padding_side == before


def test_a_processor_without_a_template_is_refused(reader):
    reader.chat_template = None

    with pytest.raises(DataError, match="no chat template"):
        Collator(reader)


def test_a_template_that_rewrites_the_prompt_is_refused(base, examples):
    reader = load_pretrained(str(base))[1]
    reader.chat_template = "{{ messages | length }}{% if add_generation_prompt %}?{% endif %}"

    with pytest.raises(DataError, match="another prompt once the answer follows"):
        Collator(reader)(examples[:1])


def test_pictures_of_every_mode_are_read_as_rgb(tmp_path):
    for mode in ("L", "RGBA", "P", "1"):
        Image.new(mode, (3, 2)).save(tmp_path / f"{mode}.png")

        picture = open_picture(tmp_path / f"{mode}.png")

        assert (picture.mode, picture.size) == ("RGB", (3, 2))


def test_what_is_no_picture_is_named(tmp_path):
    (tmp_path / "a.png").write_bytes(b"no picture")

    with pytest.raises(DataError, match=r"a\.png: is no picture"):
        open_picture(tmp_path / "a.png")


def test_a_picture_that_is_cut_off_is_named(tmp_path):
    Image.effect_noise((64, 64), 50).save(tmp_path / "a.png")
    whole = (tmp_path / "a.png").read_bytes()
    (tmp_path / "a.png").write_bytes(whole[: len(whole) // 2])

    with pytest.raises(DataError, match=r"a\.png: is no picture"):
        open_picture(tmp_path / "a.png")


def test_a_picture_with_too_many_pixels_is_refused_before_it_is_decoded(tmp_path, monkeypatch):
    monkeypatch.setattr("guardrail_training.vlguard.chat.MAX_PIXELS", 100)
    Image.new("RGB", (20, 20)).save(tmp_path / "a.png")

    with pytest.raises(DataError, match="more than 100 pixels"):
        open_picture(tmp_path / "a.png")


def test_examples_are_found_by_number(examples):
    found = Examples(examples)

    assert len(found) == 5
    assert found[3] is examples[3]
