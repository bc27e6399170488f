"""``adversarial_image`` from pixels to a finding, on a model that single pixels mislead."""

from __future__ import annotations

from threading import Event

import numpy as np
import pytest

from guardrail.context import ExchangeContext
from guardrail.errors import ModelError
from guardrail.registry import detector_class
from guardrail.types import Box, Conversation
from guardrail_detectors.adversarial_image import AdversarialImage, AdversarialImageConfig
from tests.detectors.adversarial_image.test_disturbances import attack, scene
from tests.kit import no_upstream, picture

pytestmark = pytest.mark.usefixtures("calibrated")

CLEAN = scene(32, 32)
ATTACKED = attack(CLEAN, 8)


async def inspected(detector, frames):
    async def pixels(image):
        return frames

    context = ExchangeContext("output", Conversation(()), pixels, no_upstream)
    return await detector.inspect([picture()], context)


async def score(fragile, *frames):
    detector = AdversarialImage(AdversarialImageConfig(model=str(fragile)))
    await detector.load()
    found = await inspected(detector, frames)
    return found[0].score if found else 0.0


async def test_an_attacked_picture_scores_above_a_clean_one(fragile):
    assert await score(fragile, ATTACKED) > await score(fragile, CLEAN) + 0.2


async def test_the_worst_frame_counts_and_is_named(fragile):
    detector = AdversarialImage(AdversarialImageConfig(model=str(fragile)))
    await detector.load()

    (found,) = await inspected(detector, [CLEAN, ATTACKED, CLEAN])

    assert found.box == Box(0, 0, 32, 32, frame=1)
    assert found.category == "adversarial_image"


async def test_a_still_picture_has_no_box(fragile):
    detector = AdversarialImage(AdversarialImageConfig(model=str(fragile)))
    await detector.load()

    (found,) = await inspected(detector, [ATTACKED])

    assert found.box is None


async def test_the_same_picture_scores_the_same(fragile):
    assert await score(fragile, ATTACKED) == await score(fragile, ATTACKED)


async def test_the_smallest_picture_is_judged(fragile):
    assert 0 <= await score(fragile, np.zeros((1, 1, 3), np.uint8)) <= 1


async def test_nothing_is_judged_before_the_model_is_loaded(fragile):
    with pytest.raises(ModelError, match="before load"):
        await inspected(AdversarialImage(AdversarialImageConfig(model=str(fragile))), [CLEAN])


def test_its_version_names_the_model(fragile):
    detector = AdversarialImage(AdversarialImageConfig(model=str(fragile)))

    assert detector.version.startswith("1+tiny_clip-1-")
    assert detector.remarks == ()


def test_a_policy_finds_it_by_its_name():
    assert detector_class("adversarial_image") is AdversarialImage


async def test_no_frame_is_measured_once_nobody_waits(fragile, monkeypatch):
    detector = AdversarialImage(AdversarialImageConfig(model=str(fragile)))
    await detector.load()
    stop, pictures = Event(), detector._model.pictures
    asked = []
    monkeypatch.setattr(
        detector._model,
        "pictures",
        lambda tensors: (asked.append(len(tensors)), stop.set(), pictures(tensors))[-1],
    )

    found = detector._judge(detector._model, "/0", [ATTACKED, CLEAN, ATTACKED], stop)

    assert (found, len(asked)) == ([], 1)
