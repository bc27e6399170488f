"""One stage over its parts: deadline, cache, contract, failure."""

from __future__ import annotations

import asyncio
import logging

import pytest

from guardrail.cache import VerdictCache
from guardrail.errors import ImageError, OverloadError
from guardrail.inspection import INLINE_CHARACTERS, checked, run_stage, selected
from guardrail.types import Action, Finding, Part
from tests.kit import BrokenDetector, WordDetector, context, picture, stage, text


async def verdict_of(one, *parts, cache=None):
    return await run_stage(one, parts, context(*parts), VerdictCache(0) if cache is None else cache)


async def test_a_match_is_judged_by_the_rules():
    verdict = await verdict_of(stage(), text("a bad word"))

    assert verdict.action is Action.BLOCK
    assert verdict.findings[0].span == (2, 5)
    assert verdict.refs == ("/messages/0/content",)


async def test_findings_below_every_threshold_are_kept_and_allowed():
    verdict = await verdict_of(stage(WordDetector(score=0.1)), text("bad"))

    assert verdict.action is Action.ALLOW
    assert len(verdict.findings) == 1


def test_a_stage_gets_only_the_kinds_and_sources_it_reads():
    one = stage(sources=frozenset({"user"}))
    parts = [text("u"), Part("/t", "tool_result", "tool", text="t"), picture()]

    assert selected(one, parts) == [parts[0]]


def test_a_picture_without_bytes_is_not_sent_to_any_detector():
    one = stage(WordDetector(kinds=frozenset({"image"})))

    assert selected(one, [Part("/i", "image", "user", url="https://example.com/a.png")]) == []


async def test_a_stage_without_parts_does_not_call_its_detector():
    detector = WordDetector()

    verdict = await verdict_of(stage(detector), picture())

    assert detector.calls == []
    assert verdict.refs == ()


@pytest.mark.parametrize(("on_error", "action"), [("block", Action.BLOCK), ("allow", Action.ALLOW)])
@pytest.mark.parametrize(
    ("fault", "named"),
    [
        ({"error": RuntimeError("boom")}, "error"),
        ({"error": OverloadError("full")}, "overload"),
        ({"error": MemoryError()}, "error"),
        ({"sleep_s": 30.0}, "timeout"),
    ],
)
async def test_a_failing_detector_does_what_on_error_says(on_error, action, fault, named, caplog):
    caplog.set_level(logging.CRITICAL, "guardrail")
    one = stage(BrokenDetector(**fault), on_error=on_error, timeout_s=0.01)

    verdict = await verdict_of(one, text("x"))

    assert (verdict.action, verdict.error, verdict.findings) == (action, named, ())


async def test_a_failure_is_logged_with_its_traceback(caplog):
    await verdict_of(stage(BrokenDetector(error=RuntimeError("boom"))), text("x"))

    assert "boom" in caplog.text
    assert "Traceback" in caplog.text


async def test_a_picture_that_does_not_decode_is_the_clients_fault_not_the_detectors():
    one = stage(BrokenDetector(error=ImageError("truncated", ref="/x")))

    with pytest.raises(ImageError, match="truncated"):
        await verdict_of(one, text("x"))


async def test_a_part_that_cannot_be_read_passes_marked_where_the_policy_says_allow():
    one = stage(BrokenDetector(error=ImageError("truncated", ref="/x")), on_error="allow")

    verdict = await verdict_of(one, text("hello"))

    assert (verdict.action, verdict.error) == (Action.ALLOW, "error")


@pytest.mark.parametrize(
    ("finding", "message"),
    [
        (Finding("/a", "hate", 1.5), "outside"),
        (Finding("/a", "hate", -0.1), "outside"),
        (Finding("/a", "hate", float("nan")), "outside"),
        (Finding("/a", "surprise", 0.5), "never announced"),
        (Finding("/elsewhere", "hate", 0.5), "not among the parts"),
        (Finding("/a", "hate", 0.5, (0, 99)), "outside the text"),
        (Finding("/a", "hate", 0.5, (3, 1)), "outside the text"),
    ],
)
def test_findings_that_break_the_contract_are_a_failure_not_a_clean_part(finding, message):
    with pytest.raises(ValueError, match=message):
        checked(stage(), [text("abc", "/a")], [finding])


async def test_a_part_seen_before_is_not_inspected_again():
    detector, cache = WordDetector(per_part=True), VerdictCache()
    one = stage(detector)
    await verdict_of(one, text("bad", "/a"), cache=cache)

    verdict = await verdict_of(one, text("bad", "/b"), text("new", "/c"), cache=cache)

    assert detector.calls == [["bad"], ["new"]]
    assert verdict.cached == 1
    assert [finding.ref for finding in verdict.findings] == ["/b"]


async def test_a_failure_is_not_remembered():
    cache = VerdictCache()
    broken = BrokenDetector(per_part=True, error=RuntimeError("once"))
    one = stage(broken)
    await verdict_of(one, text("x"), cache=cache)
    broken.error = None

    assert (await verdict_of(one, text("x"), cache=cache)).error is None
    assert len(cache) == 1


async def test_a_detector_that_judges_parts_together_is_never_cached():
    detector, cache = WordDetector(), VerdictCache()
    await verdict_of(stage(detector), text("bad"), cache=cache)
    await verdict_of(stage(detector), text("bad"), cache=cache)

    assert len(detector.calls) == 2


@pytest.mark.parametrize("length", [10, INLINE_CHARACTERS + 1])
async def test_an_inline_detector_says_the_same_on_the_loop_and_in_a_worker(length):
    one = stage(WordDetector(inline=True))

    verdict = await verdict_of(one, text("bad" + "x" * length))

    assert verdict.action is Action.BLOCK


async def test_an_inline_detector_that_awaits_is_a_failure_in_the_worker(caplog):
    one = stage(BrokenDetector(inline=True, sleep_s=0.01))

    verdict = await verdict_of(one, text("x" * (INLINE_CHARACTERS + 1)))

    assert verdict.error == "error"
    assert "inline" in caplog.text


class Noting(WordDetector):
    """Says how it looked at a part."""

    def notes(self, part):
        return [f"read {len(part.text)} letters"] if part.text else []


async def test_how_parts_were_looked_at_is_in_the_verdict_whether_cached_or_not():
    one, cache = stage(Noting(per_part=True)), VerdictCache(8)

    first = await verdict_of(one, text("four"), text("", "/b"), cache=cache)
    again = await verdict_of(one, text("four"), text("", "/b"), cache=cache)

    assert first.notes == {"/messages/0/content": ("read 4 letters",)}
    assert (again.cached, again.notes) == (2, first.notes)


async def test_notes_that_fail_are_the_stages_failure(caplog):
    class Broken(WordDetector):
        def notes(self, part):
            raise RuntimeError("forgotten")

    with caplog.at_level(logging.ERROR):
        verdict = await verdict_of(stage(Broken()), text("fine"))

    assert (verdict.error, verdict.action) == ("error", Action.BLOCK)


class Waiting(WordDetector):
    """Takes as long for the parts together as for each of them."""

    async def inspect(self, parts, context):
        await asyncio.sleep(0.15)
        return await super().inspect(parts, context)

    async def inspect_jointly(self, parts, context):
        await asyncio.sleep(0.15)
        return []


async def test_a_stage_has_one_deadline_for_all_that_it_asks_of_its_detector():
    one = stage(Waiting(per_part=True), timeout_s=0.2)

    verdict = await verdict_of(one, text("fine"))

    assert (verdict.error, verdict.action) == ("timeout", Action.BLOCK)
    assert verdict.seconds < 0.28
