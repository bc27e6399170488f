"""A policy's system prompt in a request."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrail.errors import WireError
from tests.adapters.chat import chat
from tests.adapters.strategies import bodies, requests

NEW = b'{"role":"system","content":"P"}'
NEW_DEVELOPER = NEW.replace(b"system", b"developer")

CASES = [
    (
        "prepend",
        b'{"messages": [ {"role":"user"} ]}',
        b'{"messages": [ %s,{"role":"user"} ]}' % NEW,
    ),
    ("append", b'{"messages": [ {"role":"user"} ]}', b'{"messages": [ %s,{"role":"user"} ]}' % NEW),
    (
        "append",
        b'{"messages":[{"role":"system"},{"role":"user"},{"role":"system"}]}',
        b'{"messages":[{"role":"system"},%s,{"role":"user"},{"role":"system"}]}' % NEW,
    ),
    (
        "append",
        b'{"messages":[{"role":"developer"},{"role":"system"}]}',
        b'{"messages":[{"role":"developer"},{"role":"system"},%s]}' % NEW_DEVELOPER,
    ),
    (
        "sandwich",
        b'{"messages":[{"role":"user"}],"n":1.0}',
        b'{"messages":[%s,{"role":"user"},%s],"n":1.0}' % (NEW, NEW),
    ),
    (
        "replace",
        b'{"messages":[{"role":"system"}, {"role":"user"}, {"role":"developer"}]}',
        b'{"messages":[%s, {"role":"user"}]}' % NEW,
    ),
    ("replace", b'{"messages":[{"role":"system"}]}', b'{"messages":[%s]}' % NEW),
    (
        "prepend",
        b'{"messages":[{"role":"user"},{"role":"developer"}]}',
        b'{"messages":[%s,{"role":"user"},{"role":"developer"}]}' % NEW_DEVELOPER,
    ),
    ("sandwich", b'{"messages":[]}', b'{"messages":[%s]}' % NEW),
]


@pytest.mark.parametrize(("insert", "body", "expected"), CASES)
def test_the_message_stands_where_the_policy_says_and_other_bytes_stay(insert, body, expected):
    assert chat.with_system(body, "P", insert) == expected


@given(bodies(requests), st.sampled_from(["prepend", "append", "sandwich", "replace"]))
def test_no_other_message_changes(text, insert):
    before = json.loads(text)

    after = json.loads(chat.with_system(text.encode(), "P!", insert))

    ours = [m for m in after["messages"] if m == {"role": m["role"], "content": "P!"}]
    rest = [m for m in after["messages"] if m not in ours]
    removed = ("system", "developer") if insert == "replace" else ()
    assert rest == [m for m in before["messages"] if m["role"] not in removed and m not in ours]
    assert {**after, "messages": 0} == {**before, "messages": 0}


@pytest.mark.parametrize("body", [b"{}", b'{"messages":{}}', b"[]"])
def test_a_body_without_messages_cannot_have_one(body):
    with pytest.raises(WireError):
        chat.with_system(body, "P", "prepend")
