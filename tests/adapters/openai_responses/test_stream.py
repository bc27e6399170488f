"""Streams: repetitions, redaction under the core's hold-back, and the native end."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrail.adapter import Refusal
from guardrail.cache import VerdictCache
from guardrail.errors import WireError
from guardrail.pipeline import run
from guardrail.redact import MASK
from guardrail.stream import Hold, HoldBack
from guardrail.types import Action, Conversation
from tests.adapters.answers import WIRE, Tale, documents, message, responses, text_part
from tests.adapters.laws import read, told
from tests.adapters.strategies import splits
from tests.kit import ALLOW_OPAQUE, WordDetector, context, stage

SECRET = "bad"
NO = "I can't help with that."
TEXT = "/output/0/content/0/text"


async def held(chunks, action, window=6):
    """What leaves of a stream whose content is searched for a word."""
    steps = ((stage(WordDetector(SECRET), action),),)

    async def inspect(parts):
        return await run(steps, parts, context(), VerdictCache(), None, ALLOW_OPAQUE)

    reader = responses.events(Conversation((), "m", stream=True))
    back = HoldBack(reader, inspect, Hold(window=window, tail=len(SECRET)))
    out = b"".join([await back.feed(data) for data in chunks if not back.blocked])
    if not back.blocked:
        out += await back.close()
    return out, back


def test_a_rich_stream_says_everything_once():
    texts, _ = told(read(responses, [(WIRE / "rich.sse").read_bytes()]))

    assert {ref: text for ref, text in texts.items() if text} == {
        "/output/0/summary/0/text": "They ask.",
        "/output/1/content/0/text": "High water.",
        "/output/1/content/0/annotations/0/url": "https://tides.example",
        "/output/1/content/0/annotations/0/title": "Tides",
        "/output/2/arguments": '{"city": "Oslo"}',
    }


def test_a_repetition_that_differs_is_a_text_of_its_own():
    tale = Tale().begin().says("fine")
    tale.items[0] = message(text_part("not what was streamed"))

    texts, _ = told(read(responses, [tale.end().body]))

    assert texts == {TEXT: "fine", f"{TEXT}/-1": "not what was streamed"}


def test_what_is_said_at_the_end_alone_is_judged_too():
    tale = Tale().begin()
    tale.items.append(message(text_part("late")))

    texts, _ = told(read(responses, [tale.end().body]))

    assert texts == {TEXT: "late"}


@pytest.mark.parametrize("window", [1, 6, None])
@given(st.data(), st.lists(st.sampled_from(["good ", "b", "a", "d", "bad", "!"]), max_size=10))
async def test_a_word_is_redacted_wherever_it_is_repeated(window, data, words):
    body = Tale().begin().says(*words, logprobs=True).says("and ", "b", "ad").end().body

    out, _ = await held(data.draw(splits(body)), Action.REDACT, window)

    assert SECRET not in out.decode()
    texts, _ = told(read(responses, [out]))
    assert not [ref for ref in texts if "/-" in ref]  # all repetitions agree with the pieces
    assert texts.get("/output/1/content/0/text") == f"and {MASK}"


async def test_a_redacted_text_leaves_no_log_probabilities_behind():
    body = Tale().begin().says("a ", "bad", " one", logprobs=True).end().body

    out, _ = await held([body], Action.REDACT)

    assert b'"token"' not in out


async def test_a_dropped_call_is_json_wherever_it_is_repeated():
    body = Tale().begin().calls('{"text": "b', 'ad"}').end().body

    out, _ = await held([body], Action.REDACT, None)

    final = documents(out)[-1]["response"]["output"][0]
    assert json.loads(final["arguments"]) == {"removed": "[removed]"}
    assert SECRET not in out.decode()


async def test_an_allowed_stream_leaves_byte_for_byte():
    body = (WIRE / "rich.sse").read_bytes()

    out, _ = await held([body], Action.REDACT)

    assert out == body


@given(st.data(), st.integers(0, 20), st.sampled_from(["native", "message"]), st.integers(1, 40))
async def test_a_block_at_any_place_ends_the_response_natively(data, before, style, window):
    body = Tale().begin().says("fine").says(*["xxx"] * before, "bad", "y").end().body

    out, back = await held(data.draw(splits(body)), Action.BLOCK, window)
    out += back.finish(Refusal(NO, style, "v1"))

    assert back.blocked
    assert SECRET not in out.decode()
    seen = documents(out)
    assert [one["sequence_number"] for one in seen] == list(range(len(seen)))
    last = seen[-1]
    response = last["response"]
    status, field = {"native": ("incomplete", "refusal"), "message": ("completed", "text")}[style]
    assert (last["type"], response["status"]) == (f"response.{status}", status)
    assert response["id"] == "resp_1"
    assert response["output"][0]["content"][0][field] == NO
    added = [one["output_index"] for one in seen if one["type"] == "response.output_item.added"]
    assert added == list(range(len(added)))


async def test_a_block_before_the_first_event_is_a_whole_response():
    reader = responses.events(Conversation((), "m", stream=True))

    told_ = documents(reader.finish(Refusal(NO, verdict_id="v1")))

    assert [one["type"] for one in told_][0::7] == ["response.created", "response.incomplete"]
    assert told_[0]["response"]["id"] == "resp_v1"


async def test_a_block_in_the_style_of_an_error_is_an_error_event():
    _, back = await held([Tale().begin().says("bad bad").end().body], Action.BLOCK)

    (event,) = documents(back.finish(Refusal(NO, "error")))

    assert (event["type"], event["code"], event["message"]) == ("error", "content_filter", NO)


def test_an_opaque_item_of_a_stream_can_be_replaced():
    tale = Tale().begin()
    item = {"type": "item_reference", "id": "x"}
    tale.items.append(item)
    tale.event("response.output_item.done", output_index=0, item=item)
    body = tale.end().body
    reader = responses.events(Conversation(()))
    events = [*reader.feed(body), *reader.close()]

    out = documents(reader.rewrite(events, {"/output/0": "[removed]"}))

    assert out[1]["item"]["content"][0]["text"] == "[removed]"
    assert out[2]["response"]["output"][0]["type"] == "message"


@pytest.mark.parametrize(
    "tale",
    [
        Tale().begin().event("response.output_text.delta", output_index=-1, delta="x"),
        Tale()
        .begin()
        .event("response.output_text.delta", output_index=0, content_index=0, delta=3),
        Tale().begin().event("response.output_item.done", output_index=0, item={"role": "x"}),
        Tale().begin().event("response.completed", response={"output": {}}),
        Tale().begin().says("no end", end=False),
    ],
)
def test_a_stream_that_is_none_is_the_upstreams_fault(tale):
    with pytest.raises(WireError) as error:
        read(responses, [tale.body])

    assert error.value.status == 502


def test_unknown_events_do_not_pass_unseen():
    body = Tale().begin().event("response.surprise", words="read me").end().body

    texts, _ = told(read(responses, [body]))

    assert texts == {"/words/-1": "read me"}
