"""What Gemini requests, replies and streams are read as, and what the guard says in that format."""

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
from guardrail.types import Action, Conversation, Drop, ReplaceImage
from tests.adapters.laws import read, told
from tests.adapters.strategies import splits
from tests.adapters.twins import (
    WIRE,
    Gemini,
    array_stream,
    as_array,
    as_events,
    documents,
    event_stream,
    gemini,
    request,
    response,
    said,
    seen,
)
from tests.kit import ALLOW_OPAQUE, WordDetector, context, stage

RICH = (WIRE / "rich.request.json").read_bytes()
SECRET = "bad"
NO = "I can't help with that."
FORMS = [(as_events, event_stream), (as_array, array_stream)]


def test_system_contents_and_stop_sequences_are_read():
    assert seen(gemini.parse((WIRE / "plain.request.json").read_bytes())) == [
        ("/contents/0/parts/0/text", "text", "user", "When does the tide turn? é 😀"),
        ("/systemInstruction/parts/0/text", "text", "system", "One sentence."),
        ("/generationConfig/stopSequences/0", "text", "user", "THE END"),
    ]


def test_every_part_of_the_rich_recording_is_read():
    found = seen(gemini.parse(RICH))

    contents = [(ref[9:], kind, source) for ref, kind, source, _ in found if "/contents" in ref]
    assert contents == [
        ("/0/parts/0/text", "text", "user"),
        ("/0/parts/1/inlineData", "image", "user"),
        ("/0/parts/2/inline_data", "file", "user"),
        ("/0/parts/3/inlineData", "audio", "user"),
        ("/0/parts/4/fileData", "opaque", "user"),
        ("/0/parts/5/hologram/payload", "text", "user"),
        ("/1/parts/0/text", "text", "assistant"),
        ("/1/parts/1/functionCall/args", "tool_call", "assistant"),
        ("/1/parts/2/functionCall", "tool_call", "assistant"),
        ("/1/parts/3/executableCode/code", "text", "assistant"),
        ("/1/parts/4/codeExecutionResult/output", "text", "tool"),
        ("/2/parts/0/functionResponse/response/result", "text", "tool"),
        ("/2/parts/0/functionResponse/parts/0/inlineData", "image", "tool"),
        ("/3/parts/0/text", "text", "user"),
    ]
    for expected in [
        ("/cachedContent", "opaque", "system", "cachedContent"),
        ("/system_instruction/parts/0/text", "text", "system", "Be brief."),
        ("/tools/1/googleSearch", "opaque", "system", "googleSearch"),
        ("/tools/2/code_execution", "opaque", "system", "codeExecution"),
        ("/generation_config/response_schema/description", "text", "system", "An answer."),
    ]:
        assert expected in found
    arguments = next(text for ref, _, _, text in found if ref.endswith("/args"))
    assert arguments == '{"city":"Oslo","note":"café","days":[1,2.5]}'


def test_letters_of_the_url_safe_alphabet_are_read_as_base64():
    picture = next(p for p in gemini.parse(RICH).parts if p.url.startswith("data:image/gif"))

    assert "AP///yH5" in picture.url


def test_the_path_names_model_and_method():
    conversation = as_events.parse(request({"text": "x"}))

    assert (conversation.model, conversation.stream) == ("gemini-2.0-flash", True)
    assert not gemini.parse(request({"text": "x"})).stream
    assert Gemini().addressed("/elsewhere", b"").parse(request()).model == ""
    tuned = Gemini().addressed("/v1/projects/p/models/tuned%2Dmodel:generateContent", b"")
    assert tuned.parse(request()).model == "tuned-model"


def test_a_rich_reply_is_read_part_by_part():
    found = seen(gemini.parse_reply((WIRE / "rich.reply.json").read_bytes()))

    assert [(ref.removeprefix("/candidates/0"), kind) for ref, kind, *_ in found] == [
        ("/content/parts/0/text", "text"),
        ("/content/parts/1/text", "text"),
        ("/content/parts/2/functionCall/args", "tool_call"),
        ("/content/parts/3/inlineData", "image"),
        ("/groundingMetadata/webSearchQueries/0", "text"),
        ("/groundingMetadata/groundingChunks/0/web/uri", "text"),
        ("/groundingMetadata/groundingChunks/0/web/title", "text"),
    ]


def test_errors_have_no_parts_and_arrays_have_those_of_their_elements():
    assert gemini.parse_reply((WIRE / "error.reply.json").read_bytes()).parts == ()
    array = gemini.parse_reply((WIRE / "array.reply.json").read_bytes())
    assert [part.text for part in array.parts] == ["The tide ", 'turns. }]"']


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"[]", "expected a JSON object"),
        (b"{}", "/contents: expected an array"),
        (b'{"contents": {}}', "/contents: expected an array"),
        (b'{"contents": ["x"]}', "/contents/0: expected a content"),
        (b'{"contents": [{"role": "dog"}]}', "/contents/0/role: unknown role 'dog'"),
        (b'{"contents": [{"parts": ["x"]}]}', "/contents/0/parts/0: expected a part"),
        (request({"text": 3}), "/contents/0/parts/0/text: expected a string"),
        (request({"inlineData": {"mimeType": "image/png;base64,A", "data": "x"}}), "mimeType"),
        (request({"inlineData": {"mimeType": "image/png"}}), "/inlineData/data: expected"),
        (request({"functionCall": {"name": "n", "args": "x"}}), "args: expected an object"),
        (request({"functionCall": {"name": 3}}), "/functionCall/name: expected a string"),
        (
            request({"inlineData": {"mimeType": "a/b", "data": "x"}, "inline_data": {}}),
            "inline_data: this field stands twice",
        ),
        (request({"text": "x"}, tools=[3]), "/tools/0: expected an object"),
    ],
)
def test_a_malformed_request_is_refused_by_name(body, message):
    with pytest.raises(WireError) as error:
        gemini.parse(body)

    assert message in str(error.value)
    assert error.value.status == 400


@pytest.mark.parametrize(
    ("own", "insert", "expected"),
    [
        ({}, "prepend", ["Ours."]),
        ({"systemInstruction": {"parts": []}}, "append", ["Ours."]),
        ({"systemInstruction": {"parts": [{"text": "Own."}]}}, "prepend", ["Ours.", "Own."]),
        ({"systemInstruction": "Own."}, "append", ["Own.", "Ours."]),
        (
            {"system_instruction": {"parts": [{"text": "Own."}]}},
            "sandwich",
            ["Ours.", "Own.", "Ours."],
        ),
        ({"system_instruction": {"parts": [{"text": "Own."}]}}, "replace", ["Ours."]),
    ],
)
def test_a_system_prompt_is_put_into_the_system_instruction(own, insert, expected):
    body = request({"text": "Hi"}, **own)

    after = json.loads(gemini.with_system(body, "Ours.", insert))

    (key,) = [key for key in after if key.startswith("system")]
    assert [part["text"] for part in after[key]["parts"]] == expected
    assert after["contents"] == json.loads(body)["contents"]


def test_pictures_keep_the_way_of_writing_and_drops_are_texts():
    body = request({"inline_data": {"mime_type": "image/png", "data": "AAAA"}})
    ref = "/contents/0/parts/0/inline_data"

    drawn = json.loads(gemini.render(body, {ref: ReplaceImage(b"abc", "image/webp")}))
    dropped = json.loads(gemini.render(body, {ref: Drop("gone")}))

    assert drawn["contents"][0]["parts"] == [
        {"inline_data": {"mime_type": "image/webp", "data": "YWJj"}}
    ]
    assert dropped["contents"][0]["parts"] == [{"text": "gone"}]


def test_dropped_calls_are_calls_still():
    refs = ["/contents/1/parts/1/functionCall/args", "/contents/1/parts/2/functionCall"]

    after = json.loads(gemini.render(RICH, {ref: Drop("gone") for ref in refs}))

    parts = after["contents"][1]["parts"]
    assert parts[1]["functionCall"]["args"] == {"removed": "gone"}
    assert parts[2]["functionCall"] == {"name": "removed", "args": {"removed": "gone"}}


# Streams.


async def held(lens, chunks, action, window=6):
    """What leaves of a stream whose content is searched for a word."""
    steps = ((stage(WordDetector(SECRET), action),),)

    async def inspect(parts):
        return await run(steps, parts, context(), VerdictCache(), None, ALLOW_OPAQUE)

    reader = lens.events(Conversation((), "m", stream=True))
    back = HoldBack(reader, inspect, Hold(window=window, tail=len(SECRET)))
    out = b"".join([await back.feed(data) for data in chunks if not back.blocked])
    if not back.blocked:
        out += await back.close()
    return out, back


def stream_of(write, words):
    pieces = [response({"text": word}, finish="") for word in words]
    return write(*pieces, response({"text": ""}, usageMetadata={"totalTokenCount": 9}))


@pytest.mark.parametrize(("lens", "write"), FORMS)
@given(st.data(), st.lists(st.sampled_from(["good ", "b", "a", "d", "bad"]), max_size=8))
async def test_a_word_is_redacted_however_it_is_cut(lens, write, data, words):
    body = stream_of(write, words)

    out, _ = await held(lens, data.draw(splits(body)), Action.REDACT)

    assert SECRET not in said(out)
    assert said(out).replace(MASK, "") == "".join(words).replace("bad", "")


@pytest.mark.parametrize(("lens", "write"), FORMS)
async def test_an_allowed_stream_leaves_byte_for_byte(lens, write):
    body = stream_of(write, ["all ", "is ", "well"])

    out, _ = await held(lens, [body], Action.REDACT)

    assert out == body


@pytest.mark.parametrize(("lens", "write"), FORMS)
@given(st.data(), st.integers(0, 8), st.integers(1, 30))
async def test_a_block_at_any_place_ends_the_stream_natively(lens, write, data, before, window):
    body = stream_of(write, ["xxx"] * before + ["bad", "y", "y"])

    out, back = await held(lens, data.draw(splits(body)), Action.BLOCK, window)
    out += back.finish(Refusal(NO))

    last = documents(out)[-1]
    assert SECRET not in said(out)
    assert said(out).endswith(NO)
    assert last["candidates"][0]["finishReason"] == "SAFETY"


@pytest.mark.parametrize(("lens", "write"), FORMS)
@pytest.mark.parametrize("begun", [False, True])
def test_an_error_or_a_failure_leaves_a_stream_that_can_be_read(lens, write, begun):
    for how in ("finish", "fail"):
        reader = lens.events(Conversation((), "m"))
        head = write(response({"text": "a"}, finish="")).removesuffix(b"\n]") if begun else b""
        reader.feed(head)
        end = (
            reader.finish(Refusal(NO, "error"))
            if how == "finish"
            else reader.fail("The upstream hung up.", "upstream_error")
        )

        assert documents(head + end)[-1]["error"]["details"][0]["reason"] in (
            "content_filter",
            "upstream_error",
        )


def test_thoughts_calls_and_pictures_of_a_stream_are_told_apart():
    body = event_stream(
        response({"text": "Hm.", "thought": True}, {"text": "Look"}, finish=""),
        response({"functionCall": {"name": "send", "args": {"to": "x"}}}, finish=""),
        response({"inlineData": {"mimeType": "image/png", "data": "AAAA"}}, {"text": "!"}),
    )

    events = read(as_events, [body])

    kinds = [(d.ref.rpartition("parts/")[2], d.kind, d.text) for e in events for d in e.deltas]
    assert kinds == [
        ("thought", "text", "Hm."),
        ("text", "text", "Look"),
        ("0/functionCall/args/-1", "tool_call", '{"to":"x"}'),
        ("0/inlineData/-2", "image", ""),
        ("text", "text", "!"),
    ]


def test_calls_and_pictures_of_a_stream_can_be_taken_out():
    body = event_stream(
        response({"functionCall": {"name": "send", "args": {"to": "x"}}}, finish=""),
        response({"inlineData": {"mimeType": "image/png", "data": "AAAA"}}),
    )
    events = read(as_events, [body])
    refs = [delta.ref for event in events for delta in event.deltas]
    texts = {refs[0]: '{"removed": "x"}', refs[1]: "[removed]"}

    out = documents(as_events.events(Conversation(())).rewrite(events, texts))

    assert out[0]["candidates"][0]["content"]["parts"][0]["functionCall"]["args"] == {
        "removed": "x"
    }
    assert out[1]["candidates"][0]["content"]["parts"] == [{"text": "[removed]"}]


@pytest.mark.parametrize(
    ("lens", "body"),
    [
        (as_events, event_stream(response({"text": "no end"}, finish=""))),
        (as_events, b""),
        (as_events, b"data: [1]\n\n"),
        (as_array, b""),
        (as_array, array_stream(response({"text": "x"})).removesuffix(b"]")),
        (as_array, b'{"candidates": []}'),
        (as_array, array_stream(response({"text": "x"})) + b"[]"),
        (as_array, b"[[]]"),
        (as_array, b'[{"candidates": [{"content": {"parts": [{"text": "\xff"}]}}]}]'),
    ],
)
def test_a_stream_that_is_none_is_the_upstreams_fault(lens, body):
    with pytest.raises(WireError) as error:
        read(lens, [body])

    assert error.value.status == 502


def test_the_array_recording_adds_up():
    texts, raw = told(read(as_array, [(WIRE / "array.reply.json").read_bytes()]))

    assert texts == {"/candidates/0/content/parts/text": 'The tide turns. }]"'}
    assert raw == (WIRE / "array.reply.json").read_bytes()


# What the guard says.


@pytest.mark.parametrize("lens", [gemini, as_events, as_array])
@pytest.mark.parametrize(("style", "reason"), [("native", "SAFETY"), ("message", "STOP")])
def test_a_refusal_has_the_form_that_was_asked_for(lens, style, reason):
    reply = lens.refusal(lens.parse(request({"text": "x"})), Refusal(NO, style, "v1"))

    told_ = documents(reply.body)[0] if lens is not gemini else json.loads(reply.body)
    assert (reply.status, told_["candidates"][0]["finishReason"]) == (200, reason)
    assert told_["candidates"][0]["content"]["parts"] == [{"text": NO}]
    assert ("promptFeedback" in told_) == (style == "native")
    assert told_["responseId"] == "v1"


def test_a_refusal_of_an_answer_reports_its_usage():
    refusal = Refusal(NO, usage={"totalTokenCount": 8})

    told_ = json.loads(gemini.refusal(gemini.parse(request()), refusal).body)

    assert told_["usageMetadata"] == {"totalTokenCount": 8}
    assert "promptFeedback" not in told_


def test_errors_are_in_the_providers_envelope():
    reply = gemini.error(503, "Busy.", "guardrail_unavailable", "/contents")

    error = json.loads(reply.body)["error"]
    assert (reply.status, error["code"], error["status"]) == (503, 503, "UNAVAILABLE")
    assert error["details"][0]["metadata"] == {"field": "/contents"}


def test_a_question_is_a_request_that_parses():
    (part,) = gemini.parse(gemini.question(Conversation((), "m"), "Is this safe?")).parts

    assert (part.text, part.source) == ("Is this safe?", "user")
