"""Window mode, answers held apart, and tool calls held until they are whole.

The wire format is that of ``test_stream``: a line per event, ``ref:text``. A ref's first letter says
what the part is (``a`` text, ``t`` a tool call, ``o`` opaque), a digit behind it which answer it
belongs to; ``end ref`` says that nothing will be added.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guardrail.adapter import Delta, Event
from guardrail.cache import VerdictCache
from guardrail.errors import WireError
from guardrail.pipeline import run
from guardrail.redact import MASK
from guardrail.stream import Hold, HoldBack
from guardrail.types import Action, Outcome, Part
from tests.guardrail.test_stream import Lines, lines, said
from tests.kit import ALLOW_OPAQUE, WordDetector, context, stage

KINDS = {"a": "text", "t": "tool_call", "o": "opaque"}
WINDOW = Hold(window=8, exposed=8)


class Kinds(Lines):
    def _event(self, raw: bytes) -> Event:
        line = raw.decode().rstrip("\n")
        if line.startswith("end "):
            return Event(raw, ends=(line.removeprefix("end "),))
        ref, colon, text = line.partition(":")
        choice = int("0" + re.sub(r"\D", "", ref))
        return Event(raw, (Delta(ref, KINDS[ref[0]], text, "", choice),) if colon else ())


class Watched:
    """A held stream; remembers what was judged, and what had left when."""

    def __init__(self, hold: Hold, action: Action = Action.BLOCK) -> None:
        self.judged: dict[str, str] = {}
        self.calls: list[dict[str, str]] = []
        self.out = b""
        self.exposed: list[dict[str, int]] = []
        self._steps = [(stage(WordDetector(), action),)]
        self.held = HoldBack(Kinds(), self._inspect, hold)

    async def _inspect(self, parts: Sequence[Part]) -> Outcome:
        read = [part for part in parts if part.kind != "opaque"]
        outcome = await run(self._steps, read, context(*read), VerdictCache(0), None, ALLOW_OPAQUE)
        self.calls.append({part.ref: part.text for part in parts})
        if outcome.action is not Action.BLOCK:
            self.judged = self.calls[-1]
        return outcome

    async def feed(self, data: bytes) -> bytes:
        out = await self.held.feed(data)
        self.out += out
        self.exposed.append(self.unjudged())
        return out

    def unjudged(self) -> dict[str, int]:
        """Characters of each answer that left and were not judged."""
        found: dict[str, int] = {}
        for ref in {line.split(":")[0] for line in self.out.decode().split("\n") if ":" in line}:
            choice = re.sub(r"\D", "", ref)
            more = len(said(self.out, ref)) - len(self.judged.get(ref, ""))
            found[choice] = found.get(choice, 0) + max(0, more)
        return found

    async def all(self, *chunks: bytes) -> bytes:
        for chunk in chunks:
            await self.feed(chunk)
            if self.held.blocked:
                return self.out
        self.out += await self.held.close()
        return self.out


async def test_text_leaves_as_it_comes_until_a_window_is_unjudged():
    watched = Watched(WINDOW)

    assert await watched.feed(lines("12345")) == lines("12345")
    assert await watched.feed(lines("678")) == lines("678")
    assert watched.calls == []
    assert await watched.feed(lines("9")) == lines("9")
    assert watched.calls == [{"a": "123456789"}]


async def test_an_event_longer_than_the_window_is_judged_before_it_leaves():
    watched = Watched(WINDOW)

    assert await watched.feed(lines("this is bad")) == b""
    assert watched.held.blocked


async def test_no_more_than_the_window_leaves_before_a_block():
    watched = Watched(WINDOW)

    out = await watched.all(lines("bad"), lines(" 23"), lines("45"), lines("6789"))

    assert watched.held.blocked
    assert out == lines("bad", " 23", "45")


async def test_what_is_opaque_waits_for_a_judgement_and_all_behind_it():
    watched = Watched(WINDOW)

    assert await watched.feed(lines("12") + lines("", ref="o") + lines("34")) == lines("12")
    assert await watched.feed(lines("56789")) == lines("", ref="o") + lines("34", "56789")


@pytest.mark.parametrize("hold", [WINDOW, Hold(window=4), Hold(window=None)], ids=str)
async def test_a_tool_call_is_judged_whole_and_not_before(hold):
    watched = Watched(hold)

    out = await watched.all(
        lines("go on"), lines('{"to":', ref="t"), lines('"ba', ref="t"), lines('d"}', ref="t")
    )

    assert watched.held.blocked or "bad" not in said(watched.out, "t")
    assert all(call.get("t") in (None, '{"to":"bad"}') for call in watched.calls)
    assert "t:" not in out.decode()


@pytest.mark.parametrize("hold", [WINDOW, Hold(window=4)], ids=str)
async def test_a_tool_call_leaves_in_one_go_once_it_ended_and_was_judged(hold):
    watched = Watched(hold)

    for piece in ("12345", "6789"):
        assert await watched.feed(lines(piece, ref="t")) == b""
    assert watched.calls == []
    end = b"end t\n"
    assert await watched.feed(end) == lines("12345", "6789", ref="t") + end
    assert watched.calls == [{"t": "123456789"}]


async def test_a_short_tool_call_that_ended_waits_for_its_judgement():
    watched = Watched(WINDOW)

    assert await watched.feed(lines("1", ref="t") + b"end t\n") == b""
    assert await watched.held.close() == lines("1", ref="t") + b"end t\n"


async def test_a_tool_call_that_goes_on_after_its_end_is_judged_again():
    watched = Watched(Hold(window=1))

    await watched.all(lines("1", ref="t"), b"end t\n", lines("bad", ref="t"))

    assert [call["t"] for call in watched.calls] == ["1", "1bad"]
    assert watched.held.blocked
    assert said(watched.out, "t") == "1"


async def test_an_end_is_of_all_that_lies_below_it():
    watched = Watched(Hold(window=1))

    await watched.feed(lines("1", ref="t1/x") + lines("2", ref="t12/x"))
    out = await watched.feed(b"end t1\n")

    assert out == lines("1", ref="t1/x")


async def test_a_text_behind_a_growing_tool_call_waits_for_it():
    watched = Watched(WINDOW)

    assert await watched.feed(lines("1", ref="t") + lines("abc")) == b""
    assert watched.held.holds


@pytest.mark.parametrize("exposed", [0, 8])
async def test_each_answer_has_a_window_of_its_own(exposed):
    watched = Watched(Hold(window=8, exposed=exposed))

    for ref in ("a1", "a2", "a3"):
        await watched.feed(lines("123456", ref=ref))
    assert watched.calls == []
    await watched.feed(lines("789", ref="a2"))

    assert watched.calls == [{"a1": "123456", "a2": "123456789", "a3": "123456"}]
    assert watched.out.count(b"\n") == 4


async def test_parts_of_one_answer_share_its_window():
    watched = Watched(Hold(window=8))

    await watched.feed(lines("12345", ref="a1/reasoning") + lines("678", ref="a1/content"))

    assert len(watched.calls) == 1


async def test_a_redaction_of_what_had_left_ends_the_stream_rather_than_pretend():
    watched = Watched(WINDOW, Action.REDACT)

    with pytest.raises(WireError, match="released"):
        await watched.all(lines("bad", "45678", "9"))


async def test_after_a_redaction_the_rest_is_held_like_in_hold_mode():
    watched = Watched(Hold(window=4, exposed=4, tail=7), Action.REDACT)

    out = await watched.all(*(lines(piece) for piece in ("1234", "bad5", "6789", "0ba", "d!", "x")))

    assert said(out) == f"1234{MASK}567890{MASK}!x"


pieces = st.lists(
    st.tuples(st.sampled_from(["a", "a1", "a2", "t", "o2"]), st.text("abd x", max_size=7)),
    max_size=30,
)
cuts = st.lists(st.integers(0, 400), max_size=8)
holds = st.sampled_from(
    [Hold(window=1), Hold(window=10), Hold(window=None), *(Hold(n, exposed=n) for n in (1, 5, 20))]
)


def stream(drawn: list[tuple[str, str]], ends: bool) -> bytes:
    body = b"".join(lines(text, ref=ref) for ref, text in drawn)
    return body + (b"end t\n" if ends else b"") + lines("tail", "end")


def split(data: bytes, at: list[int]) -> list[bytes]:
    edges = [0, *sorted(min(where, len(data)) for where in at), len(data)]
    return [data[start:end] for start, end in itertools.pairwise(edges)]


def each_line(data: bytes) -> list[bytes]:
    return [line + b"\n" for line in data.split(b"\n")[:-1]]


@settings(max_examples=300, deadline=None)
@given(pieces, st.booleans(), holds)
async def test_at_most_the_window_of_each_answer_was_ever_exposed(drawn, ends, hold):
    watched = Watched(hold)

    await watched.all(*each_line(stream(drawn, ends)))

    assert all(count <= hold.exposed for one in watched.exposed for count in one.values())


@settings(max_examples=300, deadline=None)
@given(pieces, st.booleans(), holds, cuts)
async def test_any_splitting_releases_the_same_texts_and_judges_the_same(drawn, ends, hold, at):
    data = stream(drawn, ends)
    whole, cut = Watched(hold), Watched(hold)

    await whole.all(data)
    await cut.all(*split(data, at))

    assert whole.calls == cut.calls
    assert whole.held.outcome.action is cut.held.outcome.action
    for ref in ("a", "a1", "a2", "t", "o2"):
        assert said(whole.out, ref) == said(cut.out, ref)


@settings(max_examples=300, deadline=None)
@given(pieces, st.booleans(), holds, cuts)
async def test_a_match_is_seen_wherever_it_straddles_and_calls_never_leave_unjudged(
    drawn, ends, hold, at
):
    watched = Watched(hold)
    texts = {
        ref: "".join(text for name, text in drawn if name == ref) for ref in ("a", "a1", "a2", "t")
    }
    texts["a"] += "tailend"

    await watched.all(*split(stream(drawn, ends), at))

    assert watched.held.blocked == any("bad" in text for text in texts.values())
    assert "bad" not in said(watched.out, "t")
    assert said(watched.out, "t") in (watched.judged.get("t", ""), "", texts["t"])
    if not watched.held.blocked:
        assert watched.out == stream(drawn, ends)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.text("abd x", max_size=7), max_size=30), st.sampled_from([1, 4, 20]), cuts)
async def test_a_redacted_stream_reads_like_the_redacted_whole(texts, window, at):
    watched = Watched(Hold(window, tail=3 + window, exposed=window), Action.REDACT)

    out = await watched.all(*split(lines(*texts), at))

    assert said(out) == re.sub("(?:bad)+", MASK, "".join(texts))
