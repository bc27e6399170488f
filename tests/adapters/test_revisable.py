"""A conversation that goes on, usages in sum, questions about pictures: the same in every format."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrail.errors import WireError
from guardrail.registry import ADAPTERS, adapter
from guardrail.revisable import added, revisable
from guardrail.types import Conversation, Image
from guardrail_adapters.ollama import OllamaGenerate
from guardrail_adapters.pointer import lookup
from guardrail_adapters.splice import locate
from tests.adapters.chat import chat
from tests.adapters.claude import claude
from tests.adapters.laws import read, told
from tests.adapters.strategies import bodies, requests
from tests.adapters.twins import array_stream, as_array, as_events, gemini, response

HERE = Path(__file__).parent
DRAFT, INSTRUCTION = 'It says "no"\n\u2028', "Say it better: \U0001f600"
responses, ollama = adapter("openai_responses"), adapter("ollama_chat")


@dataclass
class Format:
    """One format: its adapter, recordings, and where in them things stand."""

    lens: Any
    folder: str
    said: str
    usage: str
    tokens: int
    earlier: dict
    streams: tuple = ()

    def files(self, kind):
        found = sorted((HERE / self.folder / "wire").glob(f"*{kind}"))
        return [path for path in found if "embed" not in path.name and "generate" not in path.name]


FORMATS = {
    "chat": Format(
        chat,
        "openai_chat",
        "/messages",
        "/usage",
        11,
        {"prompt_tokens": 4, "completion_tokens": 7, "total_tokens": 11},
        (("sse", chat, ("/usage",)),),
    ),
    "messages": Format(
        claude,
        "anthropic_messages",
        "/messages",
        "/usage",
        11,
        {"input_tokens": 4, "output_tokens": 7},
        (("sse", claude, ("/usage", "/message/usage")),),
    ),
    "responses": Format(
        responses,
        "openai_responses",
        "/input",
        "/usage",
        11,
        {"input_tokens": 4, "output_tokens": 7, "total_tokens": 11},
        (("sse", responses, ("/response/usage",)),),
    ),
    "gemini": Format(
        gemini,
        "gemini",
        "/contents",
        "/usageMetadata",
        11,
        {"promptTokenCount": 4, "candidatesTokenCount": 7, "totalTokenCount": 11},
        (("sse", as_events, ("/usageMetadata",)),),
    ),
    "ollama": Format(
        ollama,
        "ollama",
        "/messages",
        "",
        11,
        {"prompt_eval_count": 4, "eval_count": 7},
        (("ndjson", ollama, ("",)),),
    ),
}
RECORDED = [
    pytest.param(format_, path, id=f"{name}-{path.name}")
    for name, format_ in FORMATS.items()
    for path in format_.files("request.json")
]
IMAGE = Image(b"\x89PNG\r\n\x1a\npixels", "image/png", 2, 2, 1, sha256(b"x").hexdigest())


@pytest.fixture(params=FORMATS.values(), ids=FORMATS)
def form(request):
    return request.param


def words(message):
    """What a message says, in any of the formats."""
    return message.get("content") or message["parts"][0]["text"]


@pytest.mark.parametrize(("form", "path"), RECORDED)
def test_a_conversation_goes_on_behind_its_last_message_and_nothing_else_changes(form, path):
    body = path.read_bytes()
    before = json.loads(body)
    asked = before.get(form.said[1:])

    after = form.lens.continued(body, DRAFT, INSTRUCTION)

    messages = json.loads(after)[form.said[1:]]
    assert [words(one) for one in messages[-2:]] == [DRAFT, INSTRUCTION]
    assert [one["role"] for one in messages[-2:]] in (["assistant", "user"], ["model", "user"])
    assert {**json.loads(after), form.said[1:]: 0} == {**before, form.said[1:]: 0}
    if isinstance(asked, list):
        assert messages[:-2] == asked
        _, end = locate(body.decode(), [form.said])[form.said]
        assert after.startswith(body.decode()[: end - 1].rstrip().encode())
        assert after.endswith(body.decode()[end:].encode())


@pytest.mark.parametrize(("form", "path"), RECORDED)
def test_what_was_added_is_read_as_the_models_and_the_users_words(form, path):
    body = path.read_bytes()

    parts = form.lens.parse(form.lens.continued(body, DRAFT, INSTRUCTION)).parts

    said = [(part.source, part.text) for part in parts]
    assert ("assistant", DRAFT) in said
    assert ("user", INSTRUCTION) in said
    assert [part.text for part in form.lens.parse(body).parts if part.kind == "text"] == [
        part.text for part in parts if part.kind == "text" and part.text not in (DRAFT, INSTRUCTION)
    ]


@given(bodies(requests), st.text(max_size=40), st.text(max_size=40))
def test_no_byte_before_or_behind_the_messages_changes(text, draft, instruction):
    start, end = locate(text, ["/messages"])["/messages"]

    after = chat.continued(text.encode(), draft, instruction).decode()

    assert after[:start] == text[:start]
    assert after.endswith(text[end:])
    *kept, said, asked = json.loads(after)["messages"]
    assert kept == json.loads(text)["messages"]
    assert (said["content"], asked["content"]) == (draft, instruction)


@pytest.mark.parametrize("fields", [{"input": "Hi"}, {"input": None}, {}])
def test_a_text_as_input_becomes_the_message_that_it_stands_for(fields):
    body = json.dumps(
        {"model": "m", **fields, "text": {"format": {"type": "json_object"}}}
    ).encode()

    after = json.loads(responses.continued(body, "draft", "better"))

    before = [{"role": "user", "content": "Hi"}] if fields.get("input") else []
    said = [{"role": "assistant", "content": "draft"}, {"role": "user", "content": "better"}]
    assert after["input"] == before + said
    assert after["text"] == {"format": {"type": "json_object"}}


@pytest.mark.parametrize("lens", [chat, claude, gemini, ollama])
def test_a_body_without_messages_cannot_go_on(lens):
    with pytest.raises(WireError):
        lens.continued(b'{"model":"m"}', "a", "b")


def test_formats_without_a_conversation_say_so():
    known = {name for name in ADAPTERS if revisable(adapter(name)) is not None}

    assert known == {
        "anthropic_count_tokens",
        "anthropic_messages",
        "gemini",
        "ollama_chat",
        "ollama_embed",
        "ollama_generate",
        "openai_chat",
        "openai_responses",
    }
    assert OllamaGenerate().continued(b'{"prompt":"x"}', "a", "b") is None
    assert adapter("ollama_embed").continued(b'{"input":"x"}', "a", "b") is None


def test_the_usage_of_a_whole_reply_is_the_sum(form):
    count = 0
    for path in form.files("reply.json"):
        body = path.read_bytes()
        before = json.loads(body)
        if isinstance(before, list) or not isinstance(lookup_or_none(before, form.usage), dict):
            continue
        after = json.loads(form.lens.counted(body, form.earlier))

        own, new = lookup(before, form.usage), lookup(after, form.usage)
        for key, value in form.earlier.items():
            if key in own:
                count += 1
                assert new[key] == own[key] + value
        assert {k: v for k, v in new.items() if k not in form.earlier} == {
            k: v for k, v in own.items() if k not in form.earlier
        }
    assert count


def lookup_or_none(document, pointer):
    try:
        return lookup(document, pointer)
    except WireError:
        return None


def test_a_reply_that_says_nothing_of_usage_stays_as_it_is(form):
    body = b'{"choices" : [], "content":[],"output":[],"candidates":[]}'

    assert form.lens.counted(body, form.earlier) == body


def test_the_usage_of_a_stream_is_the_sum_wherever_it_says_one(form):
    for suffix, lens, places in form.streams:
        seen = 0
        for path in form.files(suffix):
            events = read(lens, [path.read_bytes()])
            reader = lens.events(Conversation((), "m", stream=True))

            after = reader.counted(events, form.earlier)

            assert told(events)[0] == told(after)[0]
            for old, new in zip(events, after, strict=True):
                seen += check_counted(old, new, places, form.earlier)
            again = read(lens, [b"".join(one.raw for one in after)])
            assert told(again)[0] == told(events)[0]
        assert seen


def check_counted(old, new, places, earlier):
    """How many numbers of one event are sums now; bytes of an event without any stay."""
    data = getattr(old.document, "data", "")
    document = json.loads(data) if data else {}
    usages = [lookup_or_none(document, place) for place in places]
    own = [
        (usage, key)
        for usage in usages
        if isinstance(usage, dict)
        for key in earlier
        if key in usage
    ]
    if not own:
        assert new.raw == old.raw
        return 0
    assert new.document.data.encode() in new.raw
    changed = json.loads(new.document.data)
    for place, usage in zip(places, usages, strict=True):
        for key, value in earlier.items():
            if isinstance(usage, dict) and key in usage:
                assert lookup(changed, place)[key] == usage[key] + value
    return len(own)


def test_a_reader_tells_what_its_stream_used(form):
    for suffix, lens, _ in form.streams:
        used = []
        for path in form.files(suffix):
            reader = lens.events(Conversation((), "m", stream=True))
            reader.feed(path.read_bytes())
            used.append(reader.usage)
        assert any(used)


def test_the_usage_of_an_array_in_pieces_is_the_sum_and_its_brackets_stay():
    pieces = [{**response({"text": "é"}), "usageMetadata": {"totalTokenCount": n}} for n in (2, 5)]
    stream = array_stream(*pieces)

    after = as_array.events(Conversation(())).counted(
        read(as_array, [stream]), FORMATS["gemini"].earlier
    )

    raw = b"".join(one.raw for one in after)
    assert [one["usageMetadata"]["totalTokenCount"] for one in json.loads(raw)] == [13, 16]
    assert raw == stream.replace(b'Count": 2', b'Count": 13').replace(b'Count": 5', b'Count": 16')


def test_tokens_are_those_read_and_written(form):
    assert form.lens.tokens(form.earlier) == form.tokens
    assert form.lens.tokens({}) == 0


def test_a_question_can_be_about_pictures(form):
    asked = form.lens.question(Conversation((), "m"), "What is it?", (IMAGE,))

    parts = form.lens.parse(asked).parts
    (shown,) = [part for part in parts if part.kind == "image"]
    assert "What is it?" in [part.text for part in parts]
    assert b64decode(shown.url.rpartition(",")[2]) == IMAGE.data
    assert shown.url.startswith("data:image/png;base64,")
    assert b"What is it?" in form.lens.question(Conversation((), "m"), "What is it?")
    assert b64encode(IMAGE.data) not in form.lens.question(Conversation((), "m"), "What is it?")


def test_a_generation_can_be_asked_about_pictures():
    lens = OllamaGenerate()

    asked = lens.question(Conversation((), "m"), "What is it?", (IMAGE,))

    assert [part.kind for part in lens.parse(asked).parts] == ["text", "image"]


@pytest.mark.parametrize(
    ("lens", "path", "credential"),
    [
        (chat, "/v1/chat/completions", (b"authorization", b"Bearer k")),
        (claude, "/v1/messages", (b"x-api-key", b"k")),
    ],
)
def test_a_judge_is_asked_at_its_formats_own_place(lens, path, credential):
    where, headers = lens.asking("k")
    without = lens.asking("")[1]

    assert where == path
    assert credential in headers
    assert credential[0] not in dict(without)
    assert dict(without)[b"content-type"] == b"application/json"


def test_usages_add_up_number_by_number():
    one = {"a": 1, "b": {"c": 2, "x": "s"}, "flag": True, "list": [1]}
    other = {"a": 3, "b": {"c": 4, "d": 5}, "flag": True, "e": 6, "list": [2]}

    assert added(one, other) == {
        "a": 4,
        "b": {"c": 6, "x": "s", "d": 5},
        "flag": True,
        "e": 6,
        "list": [1],
    }
