"""Hold-back: nothing unjudged leaves, however the bytes are split.

The wire format here is the smallest that keeps the protocol: a line per event, ``ref:text``.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guardrail.adapter import Delta, Event
from guardrail.cache import VerdictCache
from guardrail.errors import WireError
from guardrail.pipeline import run
from guardrail.redact import MASK
from guardrail.stream import Hold, HoldBack, common_suffix
from guardrail.types import Action, Drop, Outcome, Part
from tests.kit import ALLOW_OPAQUE, WordDetector, context, stage


class Lines:
    """A reader of ``ref:text`` lines; a line without a colon carries no text."""

    keep_alive = b"\n"

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> Sequence[Event]:
        *lines, self._rest = (self._rest + data).split(b"\n")
        return [self._event(line + b"\n") for line in lines]

    def close(self) -> Sequence[Event]:
        if self._rest:
            raise WireError("truncated", status=502)
        return []

    def _event(self, raw: bytes) -> Event:
        ref, colon, text = raw.decode().rstrip("\n").partition(":")
        return Event(raw, (Delta(ref, "text", text),) if colon else ())

    def rewrite(self, events, texts):
        left = dict(texts)
        out = []
        for event in events:
            if event.deltas and event.deltas[0].ref in texts:
                ref = event.deltas[0].ref
                out.append(f"{ref}:{left.pop(ref, '')}\n".encode())
            else:
                out.append(event.raw)
        return b"".join(out)


def said(out: bytes, ref: str = "a") -> str:
    lines = [line.partition(":") for line in out.decode().split("\n")]
    return "".join(text for name, colon, text in lines if colon and name == ref)


def judging(detector: WordDetector, action: Action = Action.BLOCK):
    seen: list[str] = []

    async def inspect(parts: Sequence[Part]) -> Outcome:
        seen.extend(part.text for part in parts)
        steps = [(stage(detector, action),)]
        return await run(steps, parts, context(*parts), VerdictCache(0), None, ALLOW_OPAQUE)

    return inspect, seen


async def run_through(data: bytes, hold: Hold, detector=None, action=Action.BLOCK, splits=()):
    inspect, seen = judging(detector or WordDetector(), action)
    held = HoldBack(Lines(), inspect, hold)
    edges = [0, *sorted(splits), len(data)]
    out = b""
    for start, end in itertools.pairwise(edges):
        out += await held.feed(data[start:end])
        if held.blocked:
            return out, seen, held
    return out + await held.close(), seen, held


def lines(*texts: str, ref: str = "a") -> bytes:
    return b"".join(f"{ref}:{text}\n".encode() for text in texts)


async def test_an_allowed_stream_leaves_byte_for_byte():
    data = b"start\n" + lines("hello ", "world ", "again") + b"usage\n"

    out, _, _ = await run_through(data, Hold(window=8))

    assert out == data


async def test_what_carries_no_text_leaves_at_once_while_nothing_is_held():
    inspect, _ = judging(WordDetector())
    held = HoldBack(Lines(), inspect, Hold(window=100))

    assert await held.feed(b"role\n") == b"role\n"
    assert await held.feed(b"a:text\nrole\n") == b""
    assert held.holds


async def test_text_waits_until_a_window_is_full():
    inspect, seen = judging(WordDetector())
    held = HoldBack(Lines(), inspect, Hold(window=10))

    first = await held.feed(lines("12345"))
    second = await held.feed(lines("67890"))

    assert first == b""
    assert second == lines("12345", "67890")
    assert seen == ["1234567890"]


async def test_a_block_releases_nothing_of_its_window():
    out, _, held = await run_through(lines("fine text ", "then bad"), Hold(window=10))

    assert held.blocked
    assert out == lines("fine text ")


async def test_a_match_that_straddles_two_windows_is_seen():
    out, _, held = await run_through(lines("xxxxxxxxba", "dxxxxxxxxx"), Hold(window=10))

    assert held.blocked
    assert "bad" not in said(out)


async def test_buffer_mode_judges_once_at_the_end():
    out, seen, _ = await run_through(lines("one ", "two "), Hold(window=None))

    assert seen == ["one two "]
    assert said(out) == "one two "


async def test_a_redaction_that_straddles_two_windows_is_whole_thanks_to_the_tail():
    data = lines("xxxxxxxxba", "d and more", " text here")

    out, _, _ = await run_through(data, Hold(window=10, tail=3), action=Action.REDACT)

    assert said(out) == f"xxxxxxxx{MASK} and more text here"


async def test_without_a_tail_a_straddling_redaction_ends_the_stream_rather_than_leak():
    data = lines("xxxxxxxxba", "d and more")

    with pytest.raises(WireError, match="released"):
        await run_through(data, Hold(window=10, tail=0), action=Action.REDACT)


async def test_a_detector_without_a_lookback_holds_everything_when_it_may_redact():
    out, seen, _ = await run_through(
        lines("xxxxxxxxba", "d and more"), Hold(window=10, tail=None), action=Action.REDACT
    )

    assert said(out) == f"xxxxxxxx{MASK} and more"
    assert len(seen) > 1


async def test_choices_are_held_and_redacted_apart():
    data = lines("bad one", ref="a") + lines("good one", ref="b")

    out, _, _ = await run_through(data, Hold(window=100, tail=3), action=Action.REDACT)

    assert said(out, "a") == f"{MASK} one"
    assert said(out, "b") == "good one"


async def test_a_truncated_stream_releases_nothing_that_was_held():
    inspect, _ = judging(WordDetector())
    held = HoldBack(Lines(), inspect, Hold(window=100))
    out = await held.feed(b"a:secret\na:cut o")

    with pytest.raises(WireError, match="truncated"):
        await held.close()
    assert out == b""


async def test_more_than_may_be_held_is_an_upstream_error():
    inspect, _ = judging(WordDetector())
    held = HoldBack(Lines(), inspect, Hold(window=None, max_bytes=20))

    with pytest.raises(WireError, match="larger"):
        await held.feed(lines("x" * 30))


@pytest.mark.parametrize("hold", [Hold(window=10), Hold(exposed=20)])
async def test_what_was_released_counts_as_well(hold):
    inspect, _ = judging(WordDetector())
    held = HoldBack(Lines(), inspect, replace(hold, max_bytes=2000))

    released = [await held.feed(lines("x" * 20)) for _ in range(60)]
    with pytest.raises(WireError, match="larger") as caught:
        await held.feed(lines("x" * 20) * 60)

    assert caught.value.status == 502
    assert len(b"".join(released)) > 1000


async def test_a_dropped_part_becomes_its_notice():
    async def inspect(parts):
        return Outcome(Action.REDACT, edits={"a": Drop("[gone]")})

    held = HoldBack(Lines(), inspect, Hold(window=None))
    await held.feed(lines("one", "two"))

    assert said(await held.close()) == "[gone]"


pieces = st.lists(st.text(alphabet="abd :x", max_size=7), max_size=30)
windows = st.sampled_from([1, 3, 10, 50, None])


@settings(max_examples=1000, deadline=None)
@given(pieces, windows, st.lists(st.integers(0, 300), max_size=8))
async def test_any_splitting_of_the_bytes_releases_the_same_and_judges_the_same(texts, window, at):
    data = b"go\n" + lines(*texts)
    splits = [min(where, len(data)) for where in at]

    whole, seen, held = await run_through(data, Hold(window))
    split, seen_split, held_split = await run_through(data, Hold(window), splits=splits)

    assert said(whole) == said(split)
    assert held.outcome.action is held_split.outcome.action
    assert seen == seen_split


@settings(max_examples=1000, deadline=None)
@given(pieces, windows, st.lists(st.integers(0, 300), max_size=8))
async def test_what_leaves_is_a_prefix_that_was_judged_and_not_blocked(texts, window, at):
    data = lines(*texts)
    splits = [min(where, len(data)) for where in at]

    out, seen, held = await run_through(data, Hold(window), splits=splits)

    allowed = [text for text in seen if "bad" not in text]
    assert "".join(texts).startswith(said(out))
    assert any(text.startswith(said(out)) for text in [*allowed, ""])
    assert held.blocked == ("bad" in "".join(texts))


@given(pieces, windows, st.lists(st.integers(0, 300), max_size=8))
async def test_a_redacted_stream_reads_like_the_redacted_whole(texts, window, at):
    data = lines(*texts)
    splits = [min(where, len(data)) for where in at]

    out, _, _ = await run_through(data, Hold(window, tail=3), action=Action.REDACT, splits=splits)

    assert said(out) == re.sub("(?:bad)+", MASK, "".join(texts))


@given(st.text("ab", max_size=8), st.text("ab", max_size=8), st.text("ab", max_size=8))
def test_the_common_suffix_is_common_and_longest(one, other, suffix):
    count = common_suffix(one + suffix, other + suffix)

    assert count >= len(suffix)
    assert (one + suffix).endswith((other + suffix)[len(other + suffix) - count :])
