"""``nudity`` from pixels to boxes, and to a picture painted over."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image as Pillow
from pydantic import ValidationError

from guardrail.context import ExchangeContext
from guardrail.errors import ModelError
from guardrail.paint import paint_over
from guardrail.redact import boxes_of
from guardrail.registry import detector_class
from guardrail.types import Box, Conversation
from guardrail_detectors.nudity import Nudity, NudityConfig
from tests.detectors.nudity.harmless import figure
from tests.detectors.nudity.test_network import saved
from tests.kit import no_upstream, picture

NAMES = "{0: 'FEET_EXPOSED', 1: 'FACE_FEMALE'}"


async def inspected(detector, *frames):
    async def pixels(image):
        return frames

    context = ExchangeContext("input", Conversation(()), pixels, no_upstream)
    return await detector.inspect([picture()], context)


async def loaded(**settings):
    detector = Nudity(NudityConfig.model_validate(settings))
    await detector.load()
    return detector


async def test_only_the_parts_that_were_asked_for_are_reported(tmp_path):
    rows = [[50, 50, 20, 20, 0.9, 0], [150, 150, 20, 20, 0, 0.8]]
    weights = saved(tmp_path / "n.onnx", rows, NAMES)
    detector = await loaded(weights=weights, parts=["feet_exposed"], tiles=0)

    (found,) = await inspected(detector, figure())

    assert (found.category, found.excerpt) == ("sexual_content", "feet exposed")
    assert found.box == Box(40, 40, 60, 60)
    assert found.score == pytest.approx(0.9)


async def test_by_default_feet_and_faces_are_nothing_to_report(tmp_path):
    rows = [[50, 50, 20, 20, 0.9, 0], [150, 150, 20, 20, 0, 0.8]]
    detector = await loaded(weights=saved(tmp_path / "n.onnx", rows, NAMES))

    assert await inspected(detector, figure()) == []


async def test_a_frame_is_named(tmp_path):
    weights = saved(tmp_path / "n.onnx", [[50, 50, 20, 20, 0.9, 0]], NAMES)
    detector = await loaded(weights=weights, parts=["feet_exposed"], tiles=0)

    found = await inspected(detector, figure(), np.zeros((320, 320, 3), np.uint8))

    assert [one.box.frame for one in found] == [0, 1]


async def test_parts_of_a_long_picture_are_looked_at(tmp_path):
    weights = saved(tmp_path / "n.onnx", [[50, 50, 20, 20, 0.9, 0]], NAMES)
    detector = await loaded(weights=weights, parts=["feet_exposed"])

    found = await inspected(detector, np.zeros((320, 640, 3), np.uint8))

    assert Box(40, 40, 60, 60) in [one.box for one in found]
    assert max(one.box.right for one in found) > 360


async def test_what_is_found_can_be_painted_over(tmp_path):
    weights = saved(tmp_path / "n.onnx", [[50, 50, 20, 20, 0.9, 0]], NAMES)
    detector = await loaded(weights=weights, parts=["feet_exposed"], tiles=0)
    part = picture()

    boxes = boxes_of(part, await inspected(detector, figure()))
    edit = paint_over(part.image, [figure()], boxes)

    painted = np.asarray(Pillow.open(io.BytesIO(edit.data)))
    assert painted[40:60, 40:60].max() == 0
    assert np.array_equal(painted[100:], figure()[100:])


async def test_the_real_network_finds_a_box_that_painting_takes_away():
    pytest.importorskip("nudenet", reason="the extra `nudity` is not installed")
    detector = await loaded(parts=["buttocks_covered", "face_female", "face_male"], tiles=0)
    first = await inspected(detector, figure())

    edit = paint_over(picture().image, [figure()], [one.box for one in first])

    again = await inspected(detector, np.asarray(Pillow.open(io.BytesIO(edit.data))))
    assert max(one.score for one in first) > 0.1
    assert max((one.score for one in again), default=0) < 0.07


async def test_nothing_is_seen_before_the_network_is_loaded():
    with pytest.raises(ModelError, match="before load"):
        await inspected(Nudity(NudityConfig()), figure())


@pytest.mark.parametrize(
    "given", [{"parts": []}, {"parts": ["elbows"]}, {"tiles": -1}, {"threshold": 0.5}]
)
def test_settings_that_mean_nothing_are_refused(given):
    with pytest.raises(ValidationError):
        NudityConfig.model_validate(given)


def test_a_policy_finds_it_by_its_name_and_a_verdict_names_the_package():
    assert detector_class("nudity") is Nudity
    assert Nudity(NudityConfig()).version.startswith("1+nudenet-")


async def test_other_weights_at_the_same_place_are_another_version_and_are_loaded(tmp_path):
    path = saved(tmp_path / "n.onnx", [[50, 50, 20, 20, 0.9, 0]], NAMES)
    before = await loaded(weights=path, parts=["feet_exposed"], tiles=0)
    saved(path, [[50, 50, 20, 20, 0.4, 0]], NAMES)

    after = await loaded(weights=path, parts=["feet_exposed"], tiles=0)

    assert before.version != after.version
    (found,) = await inspected(after, figure())
    assert found.score == pytest.approx(0.4)
