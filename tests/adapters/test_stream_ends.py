"""What events of a stream say beside their texts: which answer, and what is whole."""

from __future__ import annotations

import json

import pytest

from guardrail.adapter import addressed
from guardrail.registry import adapter, adapter_for_path
from guardrail.types import Conversation
from guardrail_adapters import sse
from tests.adapters.laws import read
from tests.adapters.twins import as_events, response
from tests.e2e.voices import VOICES

VOICE_NAMES = [type(voice).__name__ for voice in VOICES]


def lens(voice):
    path, _, query = voice.address("m", stream=True).partition("?")
    return addressed(adapter(adapter_for_path(path)), path, query.encode())


def calls_of(events):
    """Refs of tool calls, each with the numbers of the events that add to it."""
    found: dict[str, list[int]] = {}
    for number, event in enumerate(events):
        for delta in event.deltas:
            if delta.kind == "tool_call":
                found.setdefault(delta.ref, []).extend([number] * bool(delta.text))
    return found


def end_of(events, ref):
    """The number of the first event that ends ``ref``; None for none."""
    for number, event in enumerate(events):
        if any(ref == end or ref.startswith(f"{end}/") for end in event.ends):
            return number
    return None


@pytest.mark.parametrize("voice", VOICES, ids=VOICE_NAMES)
def test_a_tool_call_is_ended_when_all_of_it_came_and_not_before(voice):
    events = read(lens(voice), voice.call_events())
    calls = calls_of(events)

    assert calls
    for ref, added in calls.items():
        end = end_of(events, ref)
        assert end is not None, ref
        assert end >= max(added, default=0), ref


@pytest.mark.parametrize("voice", VOICES, ids=VOICE_NAMES)
def test_an_answer_alone_is_the_first(voice):
    events = read(lens(voice), voice.events(["one ", "two"]))

    assert {delta.choice for event in events for delta in event.deltas} == {0}


def chat_event(index, delta, reason=None):
    choice = {"index": index, "delta": delta, "finish_reason": reason}
    return sse.event(json.dumps({"id": "c", "choices": [choice]}))


def test_answers_of_a_chat_are_told_apart_and_each_ends_its_own_calls():
    call = {"index": 0, "id": "c", "function": {"name": "f", "arguments": "{}"}}
    stream = [
        chat_event(0, {"content": "a"}),
        chat_event(1, {"content": "b"}),
        chat_event(1, {"tool_calls": [call]}),
        chat_event(1, {}, "tool_calls"),
        chat_event(0, {}, "stop"),
    ]

    events = read(adapter("openai_chat"), stream)

    assert [[delta.choice for delta in event.deltas] for event in events] == [[0], [1], [1], [], []]
    assert [event.ends for event in events] == [(), (), (), ("/choices/1",), ("/choices/0",)]


def test_two_answers_in_one_chunk_are_told_apart():
    choices = [{"index": n, "delta": {"content": f"{n}"}, "finish_reason": "stop"} for n in (0, 1)]
    stream = [sse.event(json.dumps({"id": "c", "choices": choices}))]

    (event,) = read(adapter("openai_chat"), stream)

    assert [(delta.choice, delta.text) for delta in event.deltas] == [(0, "0"), (1, "1")]
    assert event.ends == ("/choices/0", "/choices/1")


def test_answers_of_a_completion_are_told_apart():
    stream = [
        sse.event(json.dumps({"choices": [{"index": n, "text": "x", "finish_reason": "stop"}]}))
        for n in (1, 0)
    ]

    events = read(adapter("openai_completions"), stream)

    assert [event.deltas[0].choice for event in events] == [1, 0]


def test_candidates_of_gemini_are_told_apart_and_a_call_is_whole_at_once():
    call = {"functionCall": {"name": "f", "args": {"a": 1}}}
    stream = [
        b"data: %s\n\n" % json.dumps(response({"text": "a"}, index=1)).encode(),
        b"data: %s\n\n" % json.dumps(response(call, index=1)).encode(),
        b"data: %s\n\n" % json.dumps(response({"text": "b"}, index=0)).encode(),
    ]
    reader = as_events.events(Conversation((), "m", stream=True))

    events = [event for data in stream for event in reader.feed(data)]

    assert [event.deltas[0].choice for event in events] == [1, 1, 0]
    assert events[1].ends == (events[1].deltas[0].ref,)
    assert events[0].ends == events[2].ends == ()


def test_arguments_that_are_said_again_end_a_call_and_an_items_beginning_does_not():
    item = {"type": "function_call", "id": "f", "call_id": "c", "name": "f", "arguments": ""}
    said = [
        {"type": "response.output_item.added", "output_index": 0, "item": item},
        {"type": "response.function_call_arguments.delta", "output_index": 0, "delta": "{}"},
        {"type": "response.function_call_arguments.done", "output_index": 0, "arguments": "{}"},
        {"type": "response.completed", "response": {"output": []}},
    ]
    stream = [sse.event(json.dumps({"sequence_number": n, **one})) for n, one in enumerate(said)]

    events = read(adapter("openai_responses"), stream)

    assert [event.ends for event in events] == [(), (), ("/output/0/arguments",), ()]
