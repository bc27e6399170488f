"""Stages in order over the parts of one body."""

from __future__ import annotations

import pytest

from guardrail.cache import VerdictCache
from guardrail.errors import ImageError
from guardrail.opaque import OpaqueActions
from guardrail.pipeline import run
from guardrail.redact import MASK
from guardrail.types import (
    Action,
    Box,
    Coverage,
    Drop,
    Finding,
    Image,
    Part,
    ReplaceImage,
    ReplaceText,
)
from tests.kit import ALLOW_OPAQUE, BrokenDetector, WordDetector, context, picture, stage, text


async def never_paint(image, boxes):
    raise AssertionError("nothing should be painted")


async def outcome_of(steps, *parts, opaque=ALLOW_OPAQUE, paint=never_paint, **more):
    return await run(steps, parts, context(*parts), VerdictCache(0), paint, opaque, **more)


async def test_stages_run_in_the_order_of_the_policy():
    order = []

    class Noting(WordDetector):
        async def inspect(self, parts, context):
            order.append(self.word)
            return []

    await outcome_of([(stage(Noting(word=w), name=w),) for w in "cab"], text("x"))

    assert order == ["c", "a", "b"]


async def test_no_stage_runs_after_a_block():
    later = WordDetector()

    outcome = await outcome_of([(stage(),), (stage(later, name="later"),)], text("bad"))

    assert outcome.action is Action.BLOCK
    assert later.calls == []
    assert [verdict.stage for verdict in outcome.verdicts] == ["words"]


async def test_every_member_of_a_group_has_its_verdict_even_when_one_blocks():
    group = (stage(), stage(WordDetector(word="x"), Action.FLAG, name="other"))

    outcome = await outcome_of([group], text("bad x"))

    assert [v.action for v in outcome.verdicts] == [Action.BLOCK, Action.FLAG]


async def test_a_later_stage_sees_the_redacted_text():
    later = WordDetector()
    steps = [(stage(action=Action.REDACT),), (stage(later, name="later"),)]

    outcome = await outcome_of(steps, text("a bad word"))

    assert later.calls == [[f"a {MASK} word"]]
    assert outcome.edits == {"/messages/0/content": ReplaceText(f"a {MASK} word")}
    assert outcome.action is Action.REDACT


async def test_redactions_of_two_stages_add_up():
    steps = [
        (stage(action=Action.REDACT),),
        (stage(WordDetector(word="word"), Action.REDACT, name="second"),),
    ]

    outcome = await outcome_of(steps, text("a bad word"))

    assert outcome.edits["/messages/0/content"] == ReplaceText(f"a {MASK} {MASK}")


class Boxed(WordDetector):
    """Sees something in every picture whose bytes are not ``clean``."""

    def __init__(self, box):
        super().__init__(kinds=frozenset({"image"}))
        self.box = box

    async def inspect(self, parts, context):
        dirty = [part for part in parts if part.image.data != b"clean"]
        return [Finding(part.ref, "hate", 0.9, box=self.box) for part in dirty]


async def test_a_redacted_picture_is_painted_read_again_and_replaced():
    async def paint(image, boxes):
        assert boxes == [Box(0, 0, 2, 2)]
        return ReplaceImage(b"clean", "image/png"), Image(b"clean", "image/png", 10, 10, 1, "00")

    part = picture()
    outcome = await outcome_of([(stage(Boxed(Box(0, 0, 2, 2)), Action.REDACT),)], part, paint=paint)

    assert outcome.edits == {part.ref: ReplaceImage(b"clean", "image/png")}
    assert outcome.coverage[part.ref] == Coverage("transformed", ("words",))


async def test_a_picture_whose_finding_survives_the_paint_is_dropped():
    async def paint(image, boxes):
        return ReplaceImage(b"still", "image/png"), Image(b"still", "image/png", 10, 10, 1, "00")

    part = picture()
    outcome = await outcome_of([(stage(Boxed(Box(0, 0, 2, 2)), Action.REDACT),)], part, paint=paint)

    assert outcome.edits == {part.ref: Drop()}


async def test_a_picture_with_a_finding_without_a_box_is_dropped_and_no_later_stage_sees_it():
    later = Boxed(None)
    steps = [(stage(Boxed(None), Action.REDACT),), (stage(later, name="later"),)]

    outcome = await outcome_of(steps, picture())

    assert outcome.edits == {picture().ref: Drop()}
    assert outcome.verdicts[1].refs == ()


async def test_a_stage_with_when_runs_only_once_a_score_is_high_enough():
    gated = WordDetector()
    steps = [(stage(WordDetector(score=0.4)),), (stage(gated, name="gated", when=0.3),)]

    await outcome_of(steps, text("fine"))
    calm = len(gated.calls)
    await outcome_of(steps, text("bad"))

    assert (calm, len(gated.calls)) == (0, 1)


async def test_the_score_of_the_other_side_counts_for_when():
    gated = WordDetector()

    await outcome_of([(stage(gated, when=0.3),)], text("fine"), top_score=0.35)

    assert len(gated.calls) == 1


async def test_a_stage_that_failed_under_allow_leaves_a_visible_mark_and_no_coverage():
    broken = stage(BrokenDetector(error=RuntimeError()), on_error="allow", name="broken")

    outcome = await outcome_of([(broken,)], text("x"))

    assert outcome.action is Action.ALLOW
    assert outcome.degraded == ("broken",)
    assert outcome.coverage["/messages/0/content"] == Coverage(
        "skipped", reason="stage broken failed: error"
    )


async def test_every_part_is_covered_exactly_once():
    parts = [
        text("x", "/a"),
        picture(ref="/b"),
        Part("/c", "opaque", "user", name="hologram"),
        Part("/d", "audio", "user"),
    ]

    outcome = await outcome_of([(stage(),)], *parts)

    assert {ref: covered.state for ref, covered in outcome.coverage.items()} == {
        "/a": "scanned",
        "/b": "skipped",
        "/c": "opaque",
        "/d": "opaque",
    }
    assert outcome.coverage["/b"].reason == "no stage reads image from user"
    assert outcome.coverage["/c"].reason == "nothing reads 'hologram'"


@pytest.mark.parametrize(
    ("part", "actions"),
    [
        (Part("/c", "opaque", "user", name="hologram"), OpaqueActions(unknown=Action.FLAG)),
        (Part("/c", "audio", "user"), OpaqueActions(audio=Action.FLAG)),
        (Part("/c", "file", "user"), OpaqueActions(file=Action.FLAG)),
        (Part("/c", "image", "user", url="https://x"), OpaqueActions(unknown=Action.FLAG)),
    ],
)
async def test_an_opaque_part_does_what_the_policy_says_and_blocks_by_default(part, actions):
    untouched = WordDetector()

    blocked = await outcome_of([(stage(untouched),)], part, text("x"), opaque=OpaqueActions())
    flagged = await outcome_of([(stage(),)], part, text("x"), opaque=actions)

    assert (blocked.action, flagged.action) == (Action.BLOCK, Action.FLAG)
    assert untouched.calls == []
    assert blocked.verdicts[0].findings[0].category == "opaque"


async def test_audio_that_a_stage_reads_is_not_opaque():
    reader = WordDetector(kinds=frozenset({"audio"}))

    outcome = await outcome_of(
        [(stage(reader),)], Part("/a", "audio", "user"), opaque=OpaqueActions()
    )

    assert outcome.coverage["/a"].state == "scanned"


@pytest.mark.parametrize("members", [1, 2])
async def test_an_unreadable_picture_is_raised_as_itself(members):
    error = ImageError("truncated", ref="/x")
    group = tuple(stage(BrokenDetector(error=error), name=str(n)) for n in range(members))

    with pytest.raises(ImageError, match="truncated"):
        await outcome_of([group], text("x"))
