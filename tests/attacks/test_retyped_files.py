"""The same bytes sent as another type: what was read as one is not known as the other."""

from __future__ import annotations

import json
from base64 import b64encode

import pytest

from guardrail import Action, Guard
from guardrail.errors import ImageError
from guardrail.policy import parse_policy
from tests.attacks.hostile_files import drawing

UNREADABLE = drawing("<path d='M0 0'/>")
ESCAPED = b'{"note": "\\u0062\\u0061\\u0064"}'
PLAIN = "text/plain"


def policy(documents: str = "{}"):
    return parse_policy(f"""
version: 1
name: files
documents: {documents}
input:
  - detect: tests.attacks.page_words:PageWords
    rules: [{{category: hate, at_least: 0.5, action: block}}]
    on_error: block
    timeout_s: 20
""")


def body(*files: tuple[bytes, str]) -> bytes:
    """A message of ``files``: bytes, and the media type that is claimed for them."""
    content = [
        {
            "type": "file",
            "file": {"file_data": f"data:{kind};base64,{b64encode(data).decode()}"},
        }
        for data, kind in files
    ]
    return json.dumps({"model": "m", "messages": [{"role": "user", "content": content}]}).encode()


async def action(guard: Guard, *files: tuple[bytes, str]) -> Action:
    return (await guard.acheck_body(body(*files)))[1].action


@pytest.fixture
async def guard():
    made = Guard(policy())
    yield made
    await made.close()


async def test_a_drawing_that_is_refused_is_refused_after_it_passed_as_a_text(guard):
    for _ in range(2):
        assert await action(guard, (UNREADABLE, PLAIN)) is Action.ALLOW

        with pytest.raises(ImageError, match="<path>"):
            await action(guard, (UNREADABLE, "image/svg+xml"))


async def test_a_drawing_beside_the_same_bytes_as_a_text_is_read_as_a_drawing(guard):
    with pytest.raises(ImageError, match="<path>"):
        await action(guard, (UNREADABLE, PLAIN), (UNREADABLE, "image/svg+xml"))


async def test_escapes_of_json_are_undone_after_the_same_bytes_passed_as_a_text(guard):
    assert await action(guard, (ESCAPED, PLAIN)) is Action.ALLOW

    assert await action(guard, (ESCAPED, "application/json")) is Action.BLOCK
    assert await action(guard, (ESCAPED, PLAIN), (ESCAPED, "application/json")) is Action.BLOCK


async def test_a_file_that_a_lenient_policy_read_passes_no_stricter_limit(guard):
    long = (b"x" * 100, PLAIN)
    strict = Guard(policy("{max_characters: 50}"), previous=guard)

    assert await action(guard, long) is Action.ALLOW
    with pytest.raises(ImageError, match="more than 50 characters"):
        await action(strict, long)
