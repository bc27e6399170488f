"""What operators read when an upstream fails holds none of the client's keys."""

from __future__ import annotations

import logging

import pytest

from guardrail import Request, WireError
from guardrail.policy_parts import UpstreamRules
from guardrail.upstream import Upstream
from guardrail.wire import read_all
from tests.e2e.test_failures import raw_upstream

HALF = b"HTTP/1.1 200 OK\r\ncontent-length: 99999\r\n\r\n{"


async def whole(upstream, request):
    return await read_all((await upstream.send(request)).body, 1000)


@pytest.mark.parametrize("answer", [b"garbage that is no HTTP\r\n\r\n", b"", HALF])
@pytest.mark.parametrize("query", [b"key=SECRET", b"a='&key=SECRET", b'a=">?&key=SECRET'])
async def test_a_key_in_the_query_is_not_logged(answer, query, caplog):
    caplog.set_level(logging.DEBUG, "guardrail")
    with raw_upstream(answer) as (url, _):
        upstream = Upstream(UpstreamRules(base_url=url))
        with pytest.raises(WireError) as caught:
            await whole(upstream, Request("POST", "/v1/models/m", query, (), b"{}"))
        await upstream.close()

    assert "SECRET" not in caplog.text + str(caught.value)
    assert url in caplog.text
