"""Messages to clients say the cause, the limit and the way out."""

from __future__ import annotations

import struct

import pytest

from guardrail.addresses import INLINE, RemoteRules, checked_url
from guardrail.check_api import judged, plain
from guardrail.errors import ImageError, WireError
from guardrail.fetch import fetch
from guardrail.files import check_text
from guardrail.guard import Guard
from guardrail.images import ImageLimits, probe
from guardrail.policy_parts import UpstreamRules
from guardrail.upstream import Upstream
from guardrail.wire import Request
from tests.guardrail.test_fetch import rules, server

WEBP = b"RIFF\0\0\0\0WEBP"
WEBP_OF_NOTHING = WEBP + b"VP8 " + struct.pack("<I", 10) + b"\0\0\0\x9d\x01\x2a" + bytes(4)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("https://a.test:65536/", "port is no number up to 65535"),
        ("https://[::1/", "brackets hold no IPv6 address"),
        ("https://a.test:444/", "allowed: 443, 8443"),
        ("https://2130706433/", "four decimal numbers"),
        ("https://b.test/", "list of allowed hosts"),
        ("https://no.a.test/", "is not allowed"),
    ],
)
def test_a_wrong_address_of_a_picture_names_the_fault_and_a_way_without_it(url, words):
    allowed = RemoteRules(
        ports=(443, 8443), allow_hosts=("*a.test", "2*"), deny_hosts=("no.a.test",)
    )

    with pytest.raises(ImageError, match=words) as refused:
        checked_url(url, allowed)

    assert str(refused.value).endswith(INLINE)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n", "404 instead of 200"),
        (b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 0\r\n\r\n", "compressed"),
        (b"garbage\r\n\r\n", "could not be fetched"),
    ],
)
async def test_a_picture_that_cannot_be_fetched_can_be_sent_inline(answer, words):
    async with server([answer]) as (port, _):
        with pytest.raises(ImageError, match=f"{words}.*{INLINE}"):
            await fetch(f"http://127.0.0.1:{port}/", rules(port), 100)


async def test_a_fetch_that_is_late_names_its_limit():
    async def resolve(host: str, port: int) -> list[str]:
        raise TimeoutError

    with pytest.raises(ImageError, match=rf"in time \(7 s\); {INLINE}"):
        await fetch("https://a.test/", RemoteRules(timeout_s=7.0), 100, resolve=resolve)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (WEBP_OF_NOTHING, "0 x 0 pixels; send one of at least 1 x 1"),
        (WEBP, r"header is broken \(.*\); save it anew"),
    ],
)
def test_a_broken_picture_names_what_to_send_instead(data, words):
    with pytest.raises(ImageError, match=words):
        probe(data, ImageLimits())


@pytest.mark.parametrize(
    ("data", "head", "words"),
    [
        (b"ok \xff", "data:text/plain;base64,", "not UTF-8 at byte 3; save it as UTF-8"),
        ("é\x07".encode(), "data:text/plain;base64,", r"U\+0007 at character 1"),
        (b"ok", "data:text/plain;charset=utf-16;base64,", "names a charset besides UTF-8"),
    ],
)
def test_a_file_that_is_no_text_names_the_cause_that_it_has(data, head, words):
    with pytest.raises(ImageError, match=words):
        check_text(data, head, "/f")


async def test_what_http_forbids_is_not_said_of_headers_alone():
    upstream = Upstream(UpstreamRules(base_url="http://127.0.0.1:9"))

    try:
        with pytest.raises(WireError, match="method, path or a header"):
            await upstream.send(Request("PO ST", "/v1/models"))
    finally:
        await upstream.close()


async def test_a_check_without_its_key_is_told_where_the_key_goes():
    async def body():
        yield b"{}"

    guard = Guard.from_policy("default")
    reply = await judged(guard, plain, body(), (), "k")

    assert reply.status == 401
    for words in (b"--check-key-env", b"Authorization: Bearer KEY", b"x-api-key"):
        assert words in reply.body
