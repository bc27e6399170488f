"""``unsafe_image`` from pixels to findings, on a model that knows colours."""

from __future__ import annotations

import json
from threading import Event

import numpy as np
import pytest
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont

from guardrail.context import ExchangeContext
from guardrail.errors import ModelError
from guardrail.registry import detector_class
from guardrail.types import Box, Conversation
from guardrail_detectors.unsafe_image import UnsafeImage, UnsafeImageConfig
from tests.detectors.clip.tiny import COLOURS, clip_folder, plain, seal
from tests.kit import no_upstream, picture

OWN = {"redness": {"prompts": ["a photo of red"], "negatives": ["a photo of green"]}}


async def judged(frames, **settings):
    """The findings, by category, of a picture that decodes to ``frames``."""
    detector = UnsafeImage(UnsafeImageConfig.model_validate(settings))
    await detector.load()
    return await inspected(detector, frames)


async def inspected(detector, frames):
    async def pixels(image):
        return frames

    context = ExchangeContext("input", Conversation(()), pixels, no_upstream)
    found = await detector.inspect([picture()], context)
    assert {one.category for one in found} <= detector.categories
    return {one.category: one for one in found}


async def test_trained_heads_and_sentences_are_reported_side_by_side(tiny):
    found = await judged([plain("red")], model=str(tiny), categories=OWN, negatives=["blue"])

    assert found["weapons"].score > 0.9
    assert found["redness"].score > 0.9
    assert "drugs" not in found


async def test_a_whole_still_picture_has_no_box(tiny):
    found = await judged([plain("red")], model=str(tiny))

    assert found["weapons"].box is None
    assert found["weapons"].excerpt == ""


async def test_a_small_object_is_found_by_its_tile(tiny):
    frame = plain("green", 600, 600)
    frame[370:, 370:] = COLOURS["red"]

    with_tiles = await judged([frame], model=str(tiny), tiles=13)
    without = await judged([frame], model=str(tiny), tiles=0)

    assert with_tiles["weapons"].score > 0.9
    assert with_tiles["weapons"].box == Box(360, 360, 600, 600)
    assert without.get("weapons", None) is None or without["weapons"].score < 0.2


async def test_what_lies_beside_the_middle_square_is_seen(tiny):
    frame = plain("green", 900, 200)
    frame[:, 700:] = COLOURS["red"]

    found = await judged([frame], model=str(tiny))

    assert found["weapons"].score > 0.9
    assert found["weapons"].box == Box(720, 0, 900, 200)


async def test_a_frame_of_an_animation_is_named(tiny):
    found = await judged([plain("green"), plain("red"), plain("green")], model=str(tiny))

    assert found["weapons"].box == Box(0, 0, 40, 40, frame=1)
    assert found["drugs"].box.frame == 0


async def test_what_only_a_reader_without_transparency_sees_is_seen(tiny):
    frame = np.dstack([plain("red"), np.zeros((40, 40), np.uint8)])

    assert (await judged([frame], model=str(tiny)))["weapons"].score > 0.9


def covered_with(words, colour, ink):
    """A plain picture, and large words on it in another colour."""
    image = Pillow.new("RGB", (480, 480), COLOURS[colour])
    draw = ImageDraw.Draw(image)
    for row in (0, 150, 300):
        draw.text(
            (40, row),
            words,
            fill=COLOURS[ink],
            font=ImageFont.load_default(150),
            stroke_width=16,
            stroke_fill=COLOURS[ink],
        )
    return np.array(image)


async def test_the_text_on_a_picture_is_painted_over_and_both_scores_are_told(tiny):
    frame = covered_with("RED", "green", "red")

    plainly = await judged([frame], model=str(tiny), mask_text=False, tiles=0)
    masked = await judged([frame], model=str(tiny), tiles=0)

    moved = plainly["drugs"].score, masked["drugs"].score
    assert moved[0] < 0.5
    assert moved[1] > 0.9
    assert (
        masked["drugs"].excerpt
        == f"{moved[0]:.2f} as shown, {moved[1]:.2f} with its text painted over"
    )


async def test_where_text_covers_much_the_higher_score_counts(tiny):
    frame = covered_with("RED", "green", "red")
    plainly = await judged([frame], model=str(tiny), mask_text=False, tiles=0)

    masked = await judged([frame], model=str(tiny), tiles=0)

    for category, finding in plainly.items():
        assert masked[category].score >= finding.score - 1e-6


async def test_where_text_covers_little_it_counts_for_nothing(tiny):
    image = Pillow.new("RGB", (480, 480), COLOURS["grey"])
    font = ImageFont.load_default(60)
    ImageDraw.Draw(image).text((120, 200), "RED CAR", fill=COLOURS["red"], font=font)
    frame = np.array(image)

    plainly = await judged([frame], model=str(tiny), mask_text=False, tiles=0)
    masked = await judged([frame], model=str(tiny), tiles=0)

    assert plainly["weapons"].score > 0.5
    assert "weapons" not in masked or masked["weapons"].score < plainly["weapons"].score / 3


@pytest.mark.parametrize("size", [(1, 1), (1, 500), (500, 1)])
async def test_the_smallest_pictures_are_judged(tiny, size):
    assert "weapons" in await judged([plain("red", *size)], model=str(tiny))


async def test_the_same_picture_scores_the_same_in_any_company(tiny):
    detector = UnsafeImage(UnsafeImageConfig(model=str(tiny)))
    await detector.load()
    alone = await inspected(detector, [plain("red")])

    both = await inspected(detector, [plain("red"), plain("blue")])

    assert both["weapons"].score == pytest.approx(alone["weapons"].score, abs=1e-5)


def test_the_verdict_names_the_model_that_was_chosen(tiny, home):
    clip_folder(home / "models" / "vit_b_32")
    seal(home / "models" / "vit_b_32", name="vit_b_32", version="7")

    by_choice = UnsafeImage(UnsafeImageConfig())
    by_name = UnsafeImage(UnsafeImageConfig(model=str(tiny)))

    assert by_choice.version.startswith("2+vit_b_32-7-")
    assert by_name.version.startswith("2+tiny_clip-1-")


def test_another_file_of_the_model_is_another_version(tiny):
    before = UnsafeImage(UnsafeImageConfig(model=str(tiny))).version
    golden = json.loads((tiny / "golden.json").read_text())
    (tiny / "golden.json").write_text(json.dumps(golden, indent=1))
    seal(tiny, ("weapons", "drugs"))

    assert UnsafeImage(UnsafeImageConfig(model=str(tiny))).version != before


def test_its_categories_are_known_without_reading_weights(tiny):
    (tiny / "visual.onnx").unlink()
    detector = UnsafeImage(UnsafeImageConfig(model=str(tiny), categories=OWN, shipped=["drugs"]))

    assert detector.categories == {"drugs", "redness"}


async def test_a_model_that_is_not_whole_is_refused_when_it_is_loaded(tiny):
    (tiny / "visual.onnx").unlink()

    with pytest.raises(ModelError, match=r"visual\.onnx: missing"):
        await UnsafeImage(UnsafeImageConfig(model=str(tiny))).load()


async def test_nothing_is_judged_before_the_model_is_loaded(tiny):
    with pytest.raises(ModelError, match="before load"):
        await inspected(UnsafeImage(UnsafeImageConfig(model=str(tiny))), [plain("red")])


async def test_cuda_is_refused_where_there_is_none(tiny):
    with pytest.raises(ModelError, match="no execution provider CUDAExecutionProvider"):
        await UnsafeImage(UnsafeImageConfig(model=str(tiny), device="cuda")).load()


def test_a_policy_finds_it_by_its_name():
    assert detector_class("unsafe_image") is UnsafeImage


async def test_no_frame_is_looked_at_once_nobody_waits(tiny):
    detector = UnsafeImage(UnsafeImageConfig(model=str(tiny)))
    await detector.load()
    stop, seen = Event(), []
    scores = detector._judge.scores
    detector._judge.scores = lambda tensors: (
        seen.append(len(tensors)),
        stop.set(),
        scores(tensors),
    )[-1]

    found = detector._judge("/0", [plain("red"), plain("blue"), plain("green")], stop)

    assert (found, len(seen)) == ([], 1)
