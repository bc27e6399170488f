"""What a Responses request and reply are read as."""

from __future__ import annotations

import json

import pytest

from guardrail.errors import WireError
from guardrail.types import Drop, ReplaceImage
from tests.adapters.answers import (
    WIRE,
    message,
    request,
    response,
    responses,
    seen,
    text_part,
    user,
)

RICH = (WIRE / "rich.request.json").read_bytes()


def test_a_string_is_the_users_and_instructions_are_the_systems():
    assert seen(responses.parse((WIRE / "plain.request.json").read_bytes())) == [
        ("/input", "text", "user", "When does the tide turn? é 😀"),
        ("/instructions", "text", "system", "One sentence."),
    ]


def test_every_item_of_the_rich_recording_is_read():
    found = [(ref, kind, source) for ref, kind, source, _ in seen(responses.parse(RICH))]

    assert [one for one in found if one[0].startswith("/input")] == [
        ("/input/0/content", "text", "system"),
        ("/input/1/content/0/text", "text", "user"),
        ("/input/1/content/1/image_url", "image", "user"),
        ("/input/1/content/2/file_id", "opaque", "user"),
        ("/input/1/content/3/file_data", "file", "user"),
        ("/input/1/content/3/filename", "text", "user"),
        ("/input/1/content/4/file_url", "opaque", "user"),
        ("/input/1/content/5/input_audio/data", "audio", "user"),
        ("/input/1/content/6", "opaque", "user"),
        ("/input/2/summary/0/text", "text", "assistant"),
        ("/input/2/encrypted_content", "opaque", "assistant"),
        ("/input/3/content/0/text", "text", "assistant"),
        ("/input/3/content/0/annotations/0/url", "text", "assistant"),
        ("/input/3/content/0/annotations/0/title", "text", "assistant"),
        ("/input/4/arguments", "tool_call", "assistant"),
        ("/input/5/output", "tool_result", "tool"),
        ("/input/6/output/0/text", "tool_result", "tool"),
        ("/input/6/output/1/image_url", "image", "tool"),
        ("/input/7/input", "tool_call", "assistant"),
        ("/input/8/output/image_url", "image", "tool"),
        ("/input/9/action/type", "text", "assistant"),
        ("/input/9/action/query", "text", "assistant"),
        ("/input/9/action/sources/0/type", "text", "assistant"),
        ("/input/9/action/sources/0/url", "text", "assistant"),
        ("/input/10/arguments", "tool_call", "assistant"),
        ("/input/10/output", "tool_result", "tool"),
        ("/input/11", "opaque", "assistant"),
    ]


def test_tools_formats_and_stored_prompts_are_the_systems():
    found = seen(responses.parse(RICH))

    for expected in [
        ("/instructions", "text", "system", "Be brief."),
        ("/tools/0/description", "text", "system", "The weather of a city."),
        ("/tools/1", "opaque", "system", "web_search"),
        ("/tools/2", "opaque", "system", "mcp"),
        ("/text/format/schema/description", "text", "system", "An answer."),
        ("/prompt/id", "opaque", "system", "prompt"),
        ("/prompt/variables/who", "text", "user", "the captain"),
    ]:
        assert expected in found
    assert not [ref for ref, kind, *_ in found if ref.startswith("/tools/3") and kind == "opaque"]


def test_a_stored_prompt_without_an_id_has_no_part_that_cannot_be_edited():
    body = json.dumps(json.loads(RICH) | {"prompt": {"variables": {"who": "the cook"}}}).encode()
    found = responses.parse(body)

    refs = [one.ref for one in found.parts if one.ref.startswith("/prompt")]
    assert refs == ["/prompt/variables/who"]
    assert responses.render(body, {one.ref: Drop("gone") for one in found.parts}) != body


def test_a_rich_reply_is_read_item_by_item():
    found = seen(responses.parse_reply((WIRE / "rich.reply.json").read_bytes()))

    for expected in [
        ("/output/0/summary/0/text", "text", "assistant", "They ask."),
        ("/output/1/action/query", "text", "assistant", "tides oslo"),
        ("/output/2/content/0/text", "text", "assistant", "High water is at six."),
        ("/output/2/content/1/refusal", "text", "assistant", "No more."),
        ("/output/3/arguments", "tool_call", "assistant", '{"city":"Oslo"}'),
        ("/output/4/result", "image", "assistant", "data:image/png;base64,iVBORw0KGgo="),
        ("/output/4/revised_prompt", "text", "assistant", "A ship at sea."),
        ("/output/5/light", "text", "assistant", "bright words"),
    ]:
        assert expected in found
    assert not [ref for ref, *_ in found if ref.startswith("/tools")]


def test_an_error_has_no_parts():
    assert responses.parse_reply((WIRE / "error.reply.json").read_bytes()).parts == ()


def test_a_redacted_answer_loses_its_log_probabilities():
    body = (WIRE / "plain.reply.json").read_bytes()

    after = json.loads(responses.render(body, {"/output/0/content/0/text": Drop("gone")}))
    (part,) = after["output"][0]["content"]

    assert part == {"type": "output_text", "text": "gone", "annotations": []}


def test_pictures_are_replaced_in_the_form_that_stands_there():
    body = (WIRE / "rich.reply.json").read_bytes()
    picture = ReplaceImage(b"abc", "image/webp")

    drawn = json.loads(responses.render(body, {"/output/4/result": picture}))
    sent = json.loads(responses.render(RICH, {"/input/1/content/1/image_url": picture}))

    assert drawn["output"][4]["result"] == "YWJj"
    assert sent["input"][1]["content"][1]["image_url"] == "data:image/webp;base64,YWJj"


def test_what_is_dropped_leaves_a_note_of_the_right_kind():
    refs = ["/input/1/content/3/file_data", "/input/11", "/input/2/summary/0/text"]
    refs += ["/input/4/arguments", "/input/2/encrypted_content", "/input/3/content/0/text"]

    after = json.loads(responses.render(RICH, {ref: Drop("gone") for ref in refs}))["input"]

    assert after[1]["content"][3] == {"type": "input_text", "text": "gone"}
    assert after[11] == {"type": "message", "role": "user", "content": "gone"}
    assert after[2]["summary"] == [{"type": "summary_text", "text": "gone"}]
    assert json.loads(after[4]["arguments"]) == {"removed": "gone"}
    assert after[2]["encrypted_content"] is None
    assert after[3]["content"][0]["type"] == "output_text"


@pytest.mark.parametrize(
    ("own", "insert", "expected"),
    [
        (None, "prepend", "Ours."),
        ("", "sandwich", "Ours."),
        ("Own.", "prepend", "Ours.\n\nOwn."),
        ("Own.", "append", "Own.\n\nOurs."),
        ("Own.", "sandwich", "Ours.\n\nOwn.\n\nOurs."),
        ("Own.", "replace", "Ours."),
    ],
)
def test_a_system_prompt_is_put_into_the_instructions(own, insert, expected):
    body = request(user("Hi"), **({} if own is None else {"instructions": own}))

    after = responses.with_system(body, "Ours.", insert)

    assert json.loads(after) == {**json.loads(body), "instructions": expected}


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"[]", "expected a JSON object"),
        (b'{"input": 3}', "/input: expected a string or an array"),
        (request("x"), "/input/0: expected an item"),
        (request({"role": "tool", "content": "x"}), "/input/0/role: unknown role 'tool'"),
        (request({"type": 3}), "/input/0/type: expected a string"),
        (request(user(3)), "/input/0/content: expected an array"),
        (request(user([{"text": "x"}])), "/input/0/content/0/type: expected a string"),
        (request(user([{"type": "input_text"}])), "/input/0/content/0/text: expected a string"),
        (request(user([{"type": "input_image"}])), "/input/0/content/0: expected a picture"),
        (request({"type": "function_call", "name": "n"}), "/input/0/arguments: expected a string"),
        (request({"type": "function_call", "arguments": ""}), "/input/0/name: expected a string"),
        (request({"type": "function_call_output"}), "/input/0/output: expected an array"),
        (request(stream=1), "/stream: expected true or false"),
        (request(instructions=[]), "/instructions: expected a string"),
    ],
)
def test_a_malformed_request_is_refused_by_name(body, said):
    with pytest.raises(WireError) as error:
        responses.parse(body)

    assert said in str(error.value)
    assert error.value.status == 400


@pytest.mark.parametrize("body", [b"{", b"[]", b"{}", b'{"output": {}}', b'{"output": [3]}'])
def test_a_reply_that_is_no_response_is_the_upstreams_fault(body):
    with pytest.raises(WireError, match="the upstream's reply") as error:
        responses.parse_reply(body)

    assert error.value.status == 502


def test_an_item_without_type_or_role_is_a_reference():
    assert seen(responses.parse(request({"id": "msg_1"})))[0][1] == "opaque"


def test_a_failed_response_has_its_parts():
    body = json.dumps(response(message(text_part("Half")), status="failed", error={"code": "x"}))

    assert [part.text for part in responses.parse_reply(body.encode()).parts] == ["Half"]
