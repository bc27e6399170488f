"""``person_inference``: a face and a question about it, neither of them alone."""

from __future__ import annotations

import pytest

from guardrail.context import ExchangeContext
from guardrail.errors import ModelError
from guardrail.registry import detector_class
from guardrail.types import Conversation, Part
from guardrail_detectors.person_inference import PersonInference, PersonInferenceConfig
from guardrail_detectors.person_inference.detector import words
from tests.detectors.clip.tiny import plain
from tests.kit import no_upstream, picture

PICTURE = picture()


def at(message: int, text: str, source="user") -> Part:
    return Part(f"/messages/{message}/{len(text)}", "text", source, source, text, message=message)


async def inspected(detector, *texts: Part, shown: Part = PICTURE):
    decoded = []

    async def pixels(image):
        decoded.append(image.sha256)
        return [plain("grey")]

    context = ExchangeContext("input", Conversation((shown, *texts)), pixels, no_upstream)
    found = await detector.inspect([shown], context)
    return {one.category: one for one in found}, decoded


@pytest.fixture
async def detector(settings):
    made = PersonInference(
        PersonInferenceConfig(**settings, faces="nudenet"), found=lambda frames: 1.0
    )
    await made.load()
    return made


async def test_a_question_beside_a_face_is_reported_with_its_words(detector):
    found, _ = await inspected(detector, at(0, "a photo of red"))

    assert found["identity"].score > 0.9
    assert found["identity"].ref == PICTURE.ref
    assert found["identity"].excerpt == "a photo of red"
    assert "ungrounded_inference" not in found


async def test_each_kind_of_question_has_its_category(detector):
    found, _ = await inspected(detector, at(0, "green"))

    assert found["ungrounded_inference"].score > 0.9
    assert "identity" not in found


async def test_a_question_without_a_face_is_none(settings):
    made = PersonInference(
        PersonInferenceConfig(**settings, faces="nudenet"), found=lambda frames: 0.0
    )
    await made.load()

    assert (await inspected(made, at(0, "red")))[0] == {}


async def test_a_face_that_is_unsure_lowers_the_score(settings, detector):
    made = PersonInference(
        PersonInferenceConfig(**settings, faces="nudenet"), found=lambda frames: 0.5
    )
    await made.load()

    half, _ = await inspected(made, at(0, "red"))

    whole, _ = await inspected(detector, at(0, "red"))
    assert half["identity"].score == pytest.approx(whole["identity"].score / 2)


async def test_a_face_without_a_question_is_none_and_is_not_decoded(detector):
    found, decoded = await inspected(detector, at(0, "a photo of blue"))

    assert (found, decoded) == ({}, [])


async def test_a_picture_without_words_is_none(detector):
    assert await inspected(detector) == ({}, [])


async def test_faces_of_a_picture_are_looked_for_once(detector):
    first, again = [(await inspected(detector, at(0, "red")))[1] for _ in range(2)]

    assert (len(first), len(again)) == (1, 0)


async def test_where_any_picture_may_show_a_face_none_is_decoded(settings):
    made = PersonInference(PersonInferenceConfig(**settings, faces="assume"))
    await made.load()

    found, decoded = await inspected(made, at(0, "red"))

    assert found["identity"].score > 0.9
    assert decoded == []


def test_the_users_words_count_from_the_pictures_message_on():
    shown = Part("/p", "image", "user", message=2)
    said = [
        at(0, "earlier"),
        at(2, "with it"),
        at(3, "an answer", "assistant"),
        at(4, "later"),
        at(2, " "),
    ]

    assert words(Conversation((shown, *said)), shown) == ["with it", "later"]


async def test_nothing_is_judged_before_it_is_loaded(settings):
    made = PersonInference(PersonInferenceConfig(**settings, faces="assume"))

    with pytest.raises(ModelError, match="before load"):
        await inspected(made, at(0, "red"))


def test_its_categories_and_version_are_known_without_weights(settings):
    made = PersonInference(PersonInferenceConfig(**settings, faces="assume"))

    assert made.categories == {"identity", "ungrounded_inference"}
    assert made.version.startswith("1+person_intent-1-")
    assert made.version.endswith("+assume")


def test_it_says_when_it_has_nothing_to_look_for_faces_with(settings, monkeypatch):
    monkeypatch.setattr(
        "guardrail_detectors.person_inference.detector.resolved", lambda way: "assume"
    )

    by_itself = PersonInference(PersonInferenceConfig(**settings))
    by_choice = PersonInference(PersonInferenceConfig(**settings, faces="assume"))

    assert "takes every picture for one of a person" in by_itself.remarks[0]
    assert by_choice.remarks == ()


def test_a_policy_finds_it_by_its_name():
    assert detector_class("person_inference") is PersonInference
