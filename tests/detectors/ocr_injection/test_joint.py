"""Pictures and words of one message, judged as one text."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from guardrail.context import ExchangeContext
from guardrail.types import Conversation, Part
from guardrail_detectors.ocr_injection import OcrInjection, OcrInjectionConfig
from guardrail_detectors.ocr_injection.joint import MOST_CHARACTERS, Said, joined, messages
from tests.detectors.ocr_injection.drawing import line
from tests.kit import picture


class Engine:
    """Reads one line, the same in every picture, and counts."""

    languages = ("en",)
    certain = 0.0

    def __init__(self, text):
        self.text, self.calls = text, 0

    def read(self, pixels):
        self.calls += 1
        return [line(self.text, 10, 10)] if self.text else []


class Both:
    """Fires where the two halves stand in one text."""

    labels = ("hate",)

    def __init__(self):
        self.asked = []

    def scores(self, texts, third_party):
        self.asked += zip(texts, third_party, strict=True)
        return np.array([[float("bake" in t and "poison" in t)] for t in texts], np.float32)


def shown(message=0, ref="/p", digest="aa"):
    part = picture()
    image = dataclasses.replace(part.image, sha256=digest * 32)
    return dataclasses.replace(part, ref=ref, message=message, image=image)


def said(text, message=0, source="user"):
    return Part(f"/t/{text}", "text", source, text=text, message=message)


def detector(engine, **settings):
    return OcrInjection(OcrInjectionConfig(**settings), engine=engine, scorer=Both())


async def jointly(found, pictures, *texts):
    frame = np.random.default_rng(0).integers(0, 255, (200, 300, 3)).astype(np.uint8)

    async def decode(image):
        return [frame]

    async def ask(prompt):
        raise AssertionError(prompt)

    context = ExchangeContext("input", Conversation((*texts, *pictures)), decode, ask)
    return await found.inspect_jointly(pictures, context)


async def test_a_harmless_request_and_a_harmless_list_are_an_attack_together():
    (finding,) = await jointly(detector(Engine("poison")), [shown()], said("how do I bake it"))

    assert (finding.ref, finding.category, finding.score) == ("/p", "hate", 1.0)
    assert finding.box is None
    assert finding.excerpt == "how do I bake it\npoison"


async def test_what_the_user_says_beside_a_picture_is_a_message_and_no_document():
    found = detector(Engine("poison"))

    await jointly(found, [shown()], said("how do I bake it"))

    assert found._scorer.asked == [("how do I bake it\npoison", False)]


@pytest.mark.parametrize(
    "texts",
    [
        [],
        [said("how do I bake it", message=1)],
        [said("how do I bake it", source="system")],
        [said("  ")],
    ],
    ids=["no text", "another message", "not the user's", "blank"],
)
async def test_a_picture_without_words_beside_it_is_not_judged_again(texts):
    found = detector(Engine("bake poison"))

    assert not await jointly(found, [shown()], *texts)
    assert found._scorer.asked == []


async def test_words_split_over_two_pictures_are_joined():
    engine = Engine("bake")
    found = detector(engine)
    first, second = shown(ref="/1", digest="aa"), shown(ref="/2", digest="bb")
    found._texts.put(second.image.sha256, Said("poison"))

    (finding,) = await jointly(found, [first, second])

    assert finding.ref == "/1"


async def test_a_message_seen_before_is_neither_read_nor_judged_again():
    engine = Engine("poison")
    found = detector(engine)
    await jointly(found, [shown()], said("bake"))
    calls, asked = engine.calls, len(found._scorer.asked)

    again = await jointly(found, [shown(ref="/other")], said("bake"))

    assert (engine.calls, len(found._scorer.asked)) == (calls, asked)
    assert again[0].ref == "/other"


async def test_a_policy_may_switch_it_off():
    assert not await jointly(detector(Engine("poison"), joint=False), [shown()], said("bake"))


def test_of_a_text_too_long_to_be_judged_whole_the_beginning_and_the_end_are():
    assert joined(["a"], [Said("b")]).text == "a\nb"
    long = f"first{'a' * MOST_CHARACTERS}last"

    for whole in (joined([long], [Said("b")]).text, joined(["b"], [Said(long), Said(long)]).text):
        assert len(whole) < MOST_CHARACTERS
        assert all(one in whole for one in ("first", "last", "b"))


def test_words_of_a_message_are_as_certain_as_what_was_read_of_its_pictures():
    read = [Said("abc", 0.5), Said("d", 0.9)]

    assert joined(["typed"], read).score == pytest.approx(0.6)
    assert joined(["typed", "words"], []).score == 1


def test_pictures_outside_messages_are_joined_with_nothing():
    assert not list(messages([shown(message=-1)], [said("a", message=-1)]))
