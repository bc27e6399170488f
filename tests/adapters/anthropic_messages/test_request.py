"""What a Messages request is read as."""

from __future__ import annotations

import pytest

from guardrail.errors import WireError
from tests.adapters.claude import PNG, WIRE, claude, request, seen, user


def parts(*blocks, **fields):
    return seen(claude.parse(request(user(list(blocks)), **fields)))


def test_system_prompt_and_messages_are_texts_of_their_authors():
    body = request(user("Hi"), {"role": "assistant", "content": "Hello"}, system="Be brief.")

    assert seen(claude.parse(body)) == [
        ("/messages/0/content", "text", "user", "Hi"),
        ("/messages/1/content", "text", "assistant", "Hello"),
        ("/system", "text", "system", "Be brief."),
    ]


def test_model_and_stream_are_told():
    conversation = claude.parse((WIRE / "pictures.request.json").read_bytes())

    assert (conversation.model, conversation.stream) == ("claude-sonnet-4-5", True)


def test_every_block_of_the_recording_with_pictures_is_read():
    found = seen(claude.parse((WIRE / "pictures.request.json").read_bytes()))

    block = "/messages/0/content"
    assert [(ref, kind, source) for ref, kind, source, _ in found] == [
        ("/system/0/text", "text", "system"),
        (f"{block}/0/source", "image", "user"),
        (f"{block}/1/source", "image", "user"),
        (f"{block}/2/source", "opaque", "user"),
        (f"{block}/3/source/data", "tool_result", "tool"),
        (f"{block}/3/title", "text", "tool"),
        (f"{block}/3/context", "text", "tool"),
        (f"{block}/4/source", "file", "tool"),
        (f"{block}/5/source", "opaque", "tool"),
        (f"{block}/6/source/content/0/text", "tool_result", "tool"),
        (f"{block}/7/source", "text", "tool"),
        (f"{block}/7/content/0/text", "tool_result", "tool"),
        (f"{block}/7/title", "text", "tool"),
        (f"{block}/8/text", "text", "user"),
    ]


def test_every_block_of_the_recording_with_tools_is_read():
    found = seen(claude.parse((WIRE / "tools.request.json").read_bytes()))

    for expected in [
        ("/tools/0/description", "text", "system", "The weather of a city."),
        ("/tools/2", "opaque", "system", "web_search_20250305"),
        ("/mcp_servers/0", "opaque", "system", "mcp_servers"),
        ("/container", "opaque", "system", "container"),
        ("/stop_sequences/0", "text", "user", "THE END"),
        ("/messages/1/content/0/thinking", "text", "assistant", "They want the weather."),
        ("/messages/1/content/1", "opaque", "assistant", "redacted_thinking"),
        (
            "/messages/1/content/3/input",
            "tool_call",
            "assistant",
            '{"city":"Oslo","note":"café / \\"now\\"","days":[1,2.5]}',
        ),
        ("/messages/1/content/5/content/0/title", "text", "tool", "Weather"),
        ("/messages/2/content/0/content/0/text", "tool_result", "tool", "4 degrees, rain"),
        ("/messages/2/content/1/content", "tool_result", "tool", "not found"),
        ("/messages/2/content/2", "opaque", "user", "container_upload"),
        ("/messages/2/content/3", "opaque", "user", "hologram"),
    ]:
        assert expected in found
    pictures = [(ref, source) for ref, kind, source, _ in found if kind == "image"]
    assert pictures == [("/messages/2/content/0/content/1/source", "tool")]
    assert not [ref for ref, *_ in found if "signature" in ref]


def test_tools_of_the_caller_are_not_opaque():
    body = request(user("x"), tools=[{"type": "bash_20250124", "name": "bash"}])

    assert "opaque" not in {kind for _, kind, *_ in seen(claude.parse(body))}


def test_a_field_that_is_not_known_is_read():
    assert parts({"type": "text", "text": "a", "x": {"note": "read me"}})[1][3] == "read me"
    assert ("/x_note", "text", "user", "read me") in parts(x_note="read me")


@pytest.mark.parametrize(
    "media_type", ["image/png;base64,AAAA", "image/png,AAAA", "", "png", "image/png\n"]
)
def test_a_media_type_cannot_reach_into_the_picture(media_type):
    source = {"type": "base64", "media_type": media_type, "data": PNG}

    with pytest.raises(WireError, match=r"/source/media_type: expected a media type"):
        parts({"type": "image", "source": source})


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"[]", "expected a JSON object"),
        (b"{}", "/messages: expected an array"),
        (b'{"messages": {}}', "/messages: expected an array"),
        (b'{"messages": ["x"]}', "/messages/0: expected a message"),
        (request({"role": "tool", "content": "x"}), "/messages/0/role: unknown role 'tool'"),
        (request(user(None)), "/messages/0/content: expected a string or a list"),
        (request(user(["x"])), "/messages/0/content/0: expected a content block"),
        (request(user([{"text": "x"}])), "/messages/0/content/0/type: expected a string"),
        (request(user([{"type": "text"}])), "/messages/0/content/0/text: expected a string"),
        (request(user([{"type": "image"}])), "/messages/0/content/0/source: expected an object"),
        (
            request(user([{"type": "image", "source": {"type": "url", "url": 3}}])),
            "/messages/0/content/0/source/url: expected the picture's",
        ),
        (
            request(user([{"type": "tool_use", "name": "n", "input": "{}"}])),
            "/messages/0/content/0/input: expected an object",
        ),
        (request(stream="yes"), "/stream: expected true or false"),
        (request(tools={}), "/tools: expected an array"),
    ],
)
def test_a_malformed_request_is_refused_by_name(body, message):
    with pytest.raises(WireError) as error:
        claude.parse(body)

    assert str(error.value).startswith(message) or message in str(error.value)
    assert error.value.status == 400
