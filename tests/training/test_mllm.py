"""What a model is fed: pictures in [0, 1] with gradients, prompts and answers as ids."""

from __future__ import annotations

import pytest
import torch

from guardrail_training.mllm import Mllm, load_mllm
from guardrail_training.text_guard.records import DataError
from tests.training.one_thread import one_thread
from tests.training.small import small_folder, small_mllm

__all__ = ["one_thread"]

PROMPTS = ["Is there a star?", "What does the picture say?"]
ANSWERS = ["No, there is none.", "It says nothing."]


@pytest.fixture(scope="module")
def mllm():
    return small_mllm()


def pictures(count=2):
    return torch.rand((count, 3, 32, 32), generator=torch.Generator().manual_seed(0))


def test_pixels_become_what_the_processor_makes_of_them(mllm):
    from PIL import Image

    array = (torch.rand(32, 32, 3) * 255).to(torch.uint8)
    theirs = mllm.processor.image_processor(Image.fromarray(array.numpy()), return_tensors="pt")

    mine = mllm.pixel_values(array.permute(2, 0, 1)[None].float() / 255)

    assert torch.allclose(mine, theirs["pixel_values"], atol=1e-5)


def test_a_picture_of_another_size_is_scaled_and_stays_in_reach_of_gradients(mllm):
    large = torch.rand(1, 3, 48, 64).requires_grad_()

    scaled = mllm.pixel_values(large)
    scaled.sum().backward()

    assert scaled.shape == (1, 3, 32, 32)
    assert float(large.grad.abs().sum()) > 0


def test_features_are_what_the_projector_reads(mllm):
    mine = mllm.features(mllm.tower, pictures())
    theirs = mllm.model.model.multi_modal_projector(mine)

    found = mllm.model.model.get_image_features(pixel_values=mllm.pixel_values(pictures()))
    assert mine.shape == (2, 16, 128)
    assert torch.allclose(theirs, torch.stack(list(found.pooler_output)), atol=1e-5)


def test_a_conversation_marks_the_answer_and_the_mark_that_ends_it(mllm):
    tokens = mllm.conversations(PROMPTS, ANSWERS)

    words = [
        mllm.processor.tokenizer.decode(row[mask])
        for row, mask in zip(tokens.input_ids, tokens.answer, strict=True)
    ]
    assert words == ["No, there is none. <end>", "It says nothing. <end>"]
    assert bool((tokens.attention_mask[tokens.answer] == 1).all())


def test_a_conversation_begins_with_its_prompt_and_holds_a_place_a_patch(mllm):
    asked, told = mllm.prompts(PROMPTS[:1]), mllm.conversations(PROMPTS[:1], ANSWERS[:1])

    length = asked.input_ids.shape[1]
    assert told.input_ids[0, :length].tolist() == asked.input_ids[0].tolist()
    assert int((asked.input_ids == mllm.model.config.image_token_id).sum()) == 16
    assert not bool(told.answer[0, :length].any())


def test_prompts_are_padded_before_and_conversations_behind(mllm):
    assert mllm.prompts(PROMPTS).attention_mask[:, -1].tolist() == [1, 1]
    assert mllm.conversations(PROMPTS, ANSWERS).attention_mask[:, 0].tolist() == [1, 1]


def test_log_probabilities_are_those_of_the_tokens_that_stand_there(mllm):
    tokens = mllm.conversations(PROMPTS, ANSWERS)

    with torch.no_grad():
        chosen, words = mllm.log_probabilities(mllm.model, pictures(), tokens)

    place = int(tokens.answer[0].nonzero()[0])
    word = int(tokens.input_ids[0, place])
    assert float(chosen[0, place - 1]) == pytest.approx(float(words[0, place - 1, word]))
    assert torch.allclose(words.exp().sum(-1), torch.ones(words.shape[:2]), atol=1e-5)


def test_a_row_scores_alike_in_any_company(mllm):
    together = mllm.conversations(PROMPTS, ANSWERS)
    alone = mllm.conversations(PROMPTS[:1], ANSWERS[:1])

    with torch.no_grad():
        both, _ = mllm.log_probabilities(mllm.model, pictures(), together)
        one, _ = mllm.log_probabilities(mllm.model, pictures()[:1], alone)

    assert both[0][together.answer[0, 1:]].tolist() == pytest.approx(
        one[0][alone.answer[0, 1:]].tolist(), abs=1e-4
    )


def test_an_answer_s_likelihood_has_a_gradient_at_the_pixels(mllm):
    images = pictures().requires_grad_()

    chosen, _ = mllm.log_probabilities(mllm.model, images, mllm.conversations(PROMPTS, ANSWERS))
    (gradient,) = torch.autograd.grad(chosen.sum(), images)

    assert float(gradient.abs().sum()) > 0


def test_what_the_model_says_is_its_likeliest_word_each_time(mllm):
    said = mllm.answers(mllm.model, pictures(1), PROMPTS[:1], most_tokens=3)[0]

    tokens = mllm.conversations(PROMPTS[:1], [said])
    _, words = mllm.log_probabilities(mllm.model, pictures(1), tokens)
    first = int(tokens.answer[0].nonzero()[0])
    greedy = words[0, first - 1].argmax()
    assert int(greedy) == int(tokens.input_ids[0, first])


def test_a_model_in_training_is_in_training_afterwards(mllm):
    mllm.model.train()

    mllm.answers(mllm.model, pictures(1), PROMPTS[:1], most_tokens=1)

    assert mllm.model.training
    mllm.model.eval()


def test_changed_tokens_are_those_that_a_diff_replaces(mllm):
    marks = mllm.changed_tokens("Where is it?", "It is at the red star.", "It is at the blue star.")

    ids = mllm.conversations(["Where is it?"], ["It is at the red star."])
    words = mllm.processor.tokenizer.convert_ids_to_tokens(ids.input_ids[ids.answer])
    assert [word for word, marked in zip(words, marks, strict=True) if marked] == ["red"]


def test_a_model_comes_back_from_its_folder(mllm, tmp_path):
    again = load_mllm(small_folder(tmp_path))

    tokens = mllm.conversations(PROMPTS, ANSWERS)
    mine, _ = mllm.log_probabilities(mllm.model, pictures(), tokens)
    theirs, _ = again.log_probabilities(again.model, pictures(), tokens)
    assert torch.allclose(mine, theirs, atol=1e-6)


def test_a_folder_without_a_model_is_refused_with_the_remedy(tmp_path):
    with pytest.raises(DataError, match=r"cannot be loaded.*save_pretrained"):
        load_mllm(tmp_path)


def test_a_model_without_a_known_vision_encoder_is_refused(mllm):
    with pytest.raises(DataError, match=r"no vision encoder among .*vision_tower"):
        Mllm(torch.nn.Linear(1, 1), mllm.processor)


def test_a_template_that_rewrites_prompts_is_refused(mllm, monkeypatch):
    monkeypatch.setattr(mllm, "_written", lambda _, answer=None: "a" if answer is None else "b")

    with pytest.raises(DataError, match="template writes a prompt differently"):
        mllm.conversations(["x"], ["y"])
