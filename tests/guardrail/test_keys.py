"""The keys that a request carries."""

from __future__ import annotations

import pytest

from guardrail.errors import WireError
from guardrail.keys import api_keys, check_keys, without_key


@pytest.mark.parametrize(
    ("headers", "query", "keys"),
    [
        ((), b"", ()),
        (((b"authorization", b"Bearer a"),), b"", ("a",)),
        (((b"authorization", b"bearer a"),), b"", ("a",)),
        (((b"authorization", b"Basic a"),), b"", ("Basic a",)),
        (((b"authorization", b"a"),), b"", ("a",)),
        (((b"x-api-key", b"bearer a"),), b"", ("bearer a",)),
        (((b"x-api-key", b"a"), (b"authorization", b"Bearer b")), b"key=c", ("a", "b", "c")),
        (((b"x-other", b"a"),), b"alt=sse&other=b", ()),
    ],
)
def test_every_key_is_found_where_it_stands(headers, query, keys):
    assert api_keys(headers, query) == keys


def test_a_credential_may_stand_in_several_headers_and_in_each_once():
    several = ((b"x-api-key", b"a"), (b"api-key", b"b"), (b"x", b"a"), (b"x", b"b"))
    check_keys(several, b"key=c", routed=False)

    with pytest.raises(WireError, match="the header api-key is given more than once"):
        check_keys(((b"api-key", b"a"), (b"api-key", b"a")), b"", routed=False)


def test_one_key_leads_to_a_route_wherever_it_is_repeated():
    check_keys(((b"x-api-key", b"a"), (b"authorization", b"bearer a")), b"key=a", routed=True)

    with pytest.raises(WireError, match="carries 2 API keys, and is routed by its key; send one"):
        check_keys(((b"x-api-key", b"a"),), b"key=b", routed=True)


@pytest.mark.parametrize(
    ("query", "left"),
    [
        (b"", b""),
        (b"key=a", b""),
        (b"alt=sse&key=a", b"alt=sse"),
        (b"%6Bey=a&x=%20&key&key=b", b"x=%20"),
        (b"keys=a&Key=b", b"keys=a&Key=b"),
    ],
)
def test_a_query_loses_its_key_and_nothing_else(query, left):
    assert without_key(query) == left
    assert api_keys((), left) == ()
