"""Streamed replies: read in any split, rewritten, and ended early."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrail.adapter import Refusal
from guardrail.errors import WireError
from tests.adapters.chat import STREAMS, WIRE, chat, chunk, documents, request, stream, user
from tests.adapters.strategies import splits, streams, texts

DONE = b"data: [DONE]\n\n"


def read(*chunks, reader=None):
    reader = reader or stream()
    events = [event for data in chunks for event in reader.feed(data)]
    return events + list(reader.close())


def said(events):
    """What each part says in sum, by ref."""
    told = {}
    for event in events:
        for delta in event.deltas:
            told[delta.ref] = told.get(delta.ref, "") + delta.text
    return told


def recorded(name):
    return read((WIRE / name).read_bytes())


def test_there_are_recordings_to_look_at():
    assert len(STREAMS) == 4


def test_the_words_of_a_plain_stream_add_up_to_its_content():
    events = recorded("plain.sse")

    assert said(events) == {"/choices/0/message/content": "Saturn has rings – so has Jupiter."}
    assert [len(event.deltas) for event in events] == [0, 1, 1, 0, 1, 0, 0, 0]


def test_every_piece_has_the_ref_that_it_has_in_the_whole_reply():
    events = recorded("rich.sse")

    first, second = "/choices/0/message", "/choices/1/message"
    assert said(events) == {
        f"{first}/tool_calls/0/function/arguments": '{"to": "Porto"}',
        f"{first}/reasoning_content": "They want Porto.",
        f"{first}/tool_calls/1/custom/input": "ls",
        f"{second}/content": "Looking it up",
        f"{second}/audio/data": "",
        f"{second}/audio/transcript": "spoken",
        f"{second}/sidecar/-": "",
    }
    kinds = {
        delta.ref: (delta.kind, delta.name) for event in events for delta in event.deltas[::-1]
    }
    assert kinds[f"{first}/tool_calls/1/custom/input"] == ("tool_call", "shell")
    assert kinds[f"{second}/audio/data"][0] == "audio"
    assert kinds[f"{second}/sidecar/-"] == ("opaque", "sidecar")
    assert events[1].deltas[0].name == "find_trains"


def test_a_chunk_in_several_data_lines_is_one_chunk_and_done_needs_no_mark():
    assert said(recorded("multiline.sse")) == {"/choices/0/message/content": "split over lines"}


def test_an_error_in_the_stream_ends_it_without_a_part():
    assert said(recorded("error.sse")) == {}


@pytest.mark.parametrize("path", STREAMS, ids=lambda path: path.name)
def test_the_bytes_of_the_events_are_the_recorded_stream(path):
    body = path.read_bytes()

    for size in (1, 2, 3, 64, len(body)):
        events = read(*(body[i : i + size] for i in range(0, len(body), size)))
        assert b"".join(event.raw for event in events) == body


@given(st.data(), streams())
def test_any_split_gives_the_same_events_and_pieces(data, body):
    chunks = data.draw(splits(body))

    assert read(*chunks) == read(body)


@given(streams(), st.data())
def test_rewritten_pieces_say_the_new_text_and_other_events_keep_their_bytes(body, data):
    events = read(body)
    refs = sorted(said(events))
    new = {ref: data.draw(texts) for ref in refs if data.draw(st.booleans())}

    out = read(stream().rewrite(events, new))

    expected = said(events) | new
    assert {r: t for r, t in said(out).items() if t} == {r: t for r, t in expected.items() if t}
    for before, after in zip(events, out, strict=True):
        if not {delta.ref for delta in before.deltas} & set(new):
            assert after.raw == before.raw


@given(streams())
def test_rewriting_nothing_gives_the_bytes_back(body):
    assert stream().rewrite(read(body), {}) == body


def test_the_first_piece_carries_the_new_text_and_the_rest_of_the_event_stays():
    events = read(
        b'data: { "choices" : [{"index":0,"delta":{"content":"a\\u0062"} }], "x": 1.50}\n\n',
        chunk({"content": "cd"}),
        DONE,
    )

    out = stream().rewrite(events[:2], {"/choices/0/message/content": "[redacted]"})

    assert out == (
        b'data: { "choices" : [{"index":0,"delta":{"content":"[redacted]"} }], "x": 1.50}\n\n'
        + chunk({"content": ""})
    )


def test_log_probabilities_go_with_the_text_that_they_spell():
    logprobs = {"content": [{"token": "secret", "logprob": -1}]}
    events = read(
        chunk({"content": "secret"}, logprobs=logprobs),
        chunk({"content": ""}, logprobs=logprobs),
        chunk({"content": "open"}, index=1, logprobs=logprobs),
        DONE,
    )

    out = stream().rewrite(events[:3], {"/choices/0/message/content": "***"})

    first, second, third = documents(out)
    assert first["choices"][0]["logprobs"] is second["choices"][0]["logprobs"] is None
    assert third["choices"][0]["logprobs"] == logprobs


def test_log_probabilities_without_a_word_wait_for_a_judgement_too():
    events = read(chunk({}, logprobs={"content": [{"token": "secret"}]}), DONE)

    assert [delta.ref for delta in events[0].deltas] == ["/choices/0/message/content"]


def test_a_text_without_a_place_in_the_events_is_an_error_not_a_loss():
    events = read(chunk({}, logprobs={"content": []}), DONE)

    with pytest.raises(WireError, match="has a place for '/choices/0/message/content'"):
        stream().rewrite(events, {"/choices/0/message/content": "lost"})


def test_audio_goes_with_the_transcript_that_it_speaks():
    events = read(chunk({"audio": {"data": "AAAA"}}), chunk({"audio": {"transcript": "no"}}), DONE)

    out = stream().rewrite(events, {"/choices/0/message/audio/transcript": "***"})

    assert [d["choices"][0]["delta"]["audio"] for d in documents(out)[:2]] == [
        {"data": ""},
        {"transcript": "***"},
    ]


def test_a_dropped_structure_becomes_null():
    events = read(chunk({"sidecar": {"a": "b"}}), DONE)

    out = stream().rewrite(events, {"/choices/0/message/sidecar/-": "[removed]"})

    assert documents(out)[0]["choices"][0]["delta"] == {"sidecar": None}


DELTAS = [
    ({"aside": "text"}, {"/choices/0/message/aside": "text"}),
    ({"aside": "user"}, {"/choices/0/message/aside": "user"}),
    ({"a/b": "x"}, {"/choices/0/message/a~1b": "x"}),
    ({"aside": {"n": [1, None]}}, {}),
    ({"aside": ["x"]}, {"/choices/0/message/aside/-": ""}),
    ({"content": [{"type": "thinking"}]}, {"/choices/0/message/content/-": ""}),
    ({"role": "assistant"}, {}),
    ({"role": "a role that talks"}, {"/choices/0/message/role": "a role that talks"}),
    ({"annotations": [{"url": "u"}]}, {"/choices/0/message/annotations/0/url": "u"}),
    (
        {"annotations": [{"url": "data:text/html;base64,AA"}]},
        {"/choices/0/message/annotations/0/url/-": ""},
    ),
    (
        {"reasoning_details": [{"text": "user"}]},
        {"/choices/0/message/reasoning_details/0/text": "user"},
    ),
    ({"function_call": {"arguments": "{"}}, {"/choices/0/message/function_call/arguments": "{"}),
    (
        {"function_call": {"name": "f", "extra": "x"}},
        {
            "/choices/0/message/function_call/arguments": "",
            "/choices/0/message/function_call/extra": "x",
        },
    ),
    (
        {"tool_calls": [{"index": 3, "id": "say this"}]},
        {"/choices/0/message/tool_calls/3/id": "say this"},
    ),
    (
        {"tool_calls": [{"function": {"name": "do it"}}]},
        {
            "/choices/0/message/tool_calls/0/function/arguments": "",
            "/choices/0/message/tool_calls/0/function/name": "do it",
        },
    ),
    (
        {"tool_calls": [{"index": 0, "blob": {"a": "b"}}]},
        {"/choices/0/message/tool_calls/0/blob/-": ""},
    ),
    ({"tool_calls": [{"index": 0, "id": None, "type": "function"}]}, {}),
    ({"audio": {"id": "audio_1", "expires_at": 5, "data": ""}}, {}),
    ({"audio": {"transcript": "user"}}, {"/choices/0/message/audio/transcript": "user"}),
    ({"content": None, "refusal": ""}, {}),
]


@pytest.mark.parametrize(("delta", "expected"), DELTAS)
def test_a_piece_of_any_kind_is_told_under_its_ref(delta, expected):
    assert said(read(chunk(delta), DONE)) == expected


def test_unknown_strings_beside_the_delta_are_texts():
    body = (
        b'data: {"choices":[{"text":"legacy","delta":null}],"note":"n","id":"i","usage":null}\n\n'
    )

    assert said(read(body, DONE)) == {"/choices/0/text": "legacy", "/note": "n"}


def test_an_error_beside_choices_hides_nothing():
    body = b'data: {"choices":[{"delta":{"content":"a"}}],"error":{"message":"m"}}\n\n'

    assert said(read(body)) == {"/choices/0/message/content": "a", "/error/message": "m"}


BROKEN = [
    (b"data: {\n\n", "not JSON"),
    (b"data: [DONE] and more\n\n", "not JSON"),
    (b"data: []\n\n", "expected a JSON object"),
    (b'data: {"a":1,"a":2}\n\n', "stands twice"),
    (b'data: {"choices":{}}\n\n', "/choices: expected an array"),
    (b'data: {"choices":[1]}\n\n', "/choices/0: expected an object"),
    (b'data: {"choices":[{"index":-1}]}\n\n', "from 0 to 1023, got -1"),
    (b'data: {"choices":[{"index":"0"}]}\n\n', "from 0 to 1023"),
    (b'data: {"choices":[{"delta":"x"}]}\n\n', "/choices/0/delta: expected an object"),
    (chunk({"tool_calls": {}}), "tool_calls: expected an array"),
    (chunk({"tool_calls": [1]}), "tool_calls/0: expected an object"),
    (chunk({"tool_calls": [{"index": True}]}), "tool_calls/0/index: expected an integer"),
    (chunk({"tool_calls": [{"function": []}]}), "function: expected an object"),
    (chunk({"tool_calls": [{"function": {"arguments": {}}}]}), "arguments: expected a string"),
    (chunk({"function_call": {"name": 5}}), "name: expected a string"),
    (chunk({"audio": [1]}), "audio: expected an object"),
    (b"data: \xff\n\n", "not UTF-8"),
]


@pytest.mark.parametrize(("body", "message"), BROKEN)
def test_a_malformed_chunk_is_the_upstreams_fault(body, message):
    with pytest.raises(WireError, match="upstream") as error:
        read(body)

    assert error.value.status == 502
    assert message in str(error.value)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b": only a comment\n\n",
        chunk({"content": "a"}),
        chunk({}, finish_reason="stop") + chunk({"content": "a"}, index=1),
    ],
)
def test_a_stream_that_ends_early_is_the_upstreams_fault(body):
    with pytest.raises(WireError, match="ended early") as error:
        read(body)

    assert error.value.status == 502


@pytest.mark.parametrize(
    "body",
    [
        DONE,
        b"data: [DONE]",
        chunk({}, finish_reason="stop"),
        chunk({}, finish_reason="length") + b": x",
    ],
)
def test_a_stream_ends_with_its_mark_or_with_every_choice_finished(body):
    assert b"".join(event.raw for event in read(body)) == body


def test_a_last_event_without_its_blank_line_is_read_all_the_same():
    body = chunk({"content": "a"}) + chunk({"content": "hidden"}, finish_reason="stop").rstrip()

    assert said(read(body)) == {"/choices/0/message/content": "ahidden"}


def test_the_keep_alive_is_a_comment():
    assert read(stream().keep_alive + DONE)[0].deltas == ()


def blocked(refusal, *chunks, **fields):
    """What ends a stream of which these chunks were fed."""
    reader = stream(chat.parse(request(user("hi"), stream=True, **fields)))
    for data in chunks:
        reader.feed(data)
    return documents(reader.finish(refusal))


HEAD = b'data: {"id":"chatcmpl-7","model":"m-1","created":7,"choices":[{"delta":{"role":"assistant"}}]}\n\n'


def test_a_block_ends_the_stream_natively_under_the_streams_own_identity():
    said_, end, done = blocked(Refusal("No."), HEAD, chunk({"content": "bad"}))

    assert {said_["id"], end["id"]} == {"chatcmpl-7"}
    assert (said_["model"], said_["created"], said_["object"]) == (
        "m-1",
        7,
        "chat.completion.chunk",
    )
    assert said_["choices"][0]["delta"] == {"content": "No.", "refusal": "No."}
    assert end["choices"][0] == {
        "index": 0,
        "delta": {},
        "logprobs": None,
        "finish_reason": "content_filter",
    }
    assert done == "[DONE]"


def test_a_block_before_the_first_chunk_says_who_speaks_and_when():
    said_, _, _ = blocked(Refusal("No.", verdict_id="v1"))

    assert said_["choices"][0]["delta"]["role"] == "assistant"
    assert (said_["id"], said_["created"], said_["model"]) == ("chatcmpl-v1", 1_760_000_000, "m")


def test_a_block_ends_every_choice_even_one_whose_end_may_still_be_held_back():
    ended = blocked(Refusal("No."), HEAD, chunk({}, finish_reason="stop"), chunk({}, index=4), n=2)

    assert [d["choices"][0]["index"] for d in ended[:-1]] == [0, 0, 1, 1, 4, 4]


USAGE = {"prompt_tokens": 3, "completion_tokens": 4, "total_tokens": 7}
USAGE_CHUNK = b'data: {"choices":[],"usage":%s}\n\n' % json.dumps(USAGE).encode()


@pytest.mark.parametrize(
    ("refusal", "chunks", "options", "expected"),
    [
        (Refusal("No."), [USAGE_CHUNK], {"include_usage": True}, [USAGE]),
        (
            Refusal("No.", usage={"total_tokens": 1}),
            [],
            {"include_usage": True},
            [{"total_tokens": 1}],
        ),
        (Refusal("No."), [], {"include_usage": True}, []),
        (Refusal("No."), [USAGE_CHUNK], {"include_usage": False}, []),
        (Refusal("No."), [USAGE_CHUNK], None, []),
    ],
)
def test_the_usage_is_reported_where_it_is_asked_for_and_known(refusal, chunks, options, expected):
    ended = blocked(refusal, HEAD, *chunks, stream_options=options)

    assert [d["usage"] for d in ended[:-1] if not d["choices"]] == expected


def test_a_block_in_the_style_of_a_message_is_an_ordinary_end():
    said_, end, _ = blocked(Refusal("No.", style="message"), HEAD)

    assert said_["choices"][0]["delta"] == {"content": "No."}
    assert end["choices"][0]["finish_reason"] == "stop"


def test_a_block_in_the_style_of_an_error_is_an_error_event():
    error, done = blocked(Refusal("No.", style="error", param="/messages/0"), HEAD)

    assert error["error"]["code"] == "content_filter"
    assert (error["error"]["message"], error["error"]["param"], done) == (
        "No.",
        "/messages/0",
        "[DONE]",
    )


def test_a_failure_ends_the_stream_with_an_error_event():
    error, done = documents(stream().fail("The upstream hung up.", "upstream_error"))

    assert error == {
        "error": {
            "message": "The upstream hung up.",
            "type": "server_error",
            "param": None,
            "code": "upstream_error",
        }
    }
    assert done == "[DONE]"
