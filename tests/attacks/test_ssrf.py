"""No spelling of an address that is not public is fetched, before or after redirects and DNS."""

from __future__ import annotations

import asyncio
import contextlib
from ipaddress import ip_address

import pytest

from guardrail.addresses import INLINE, RemoteRules, checked_url, is_allowed
from guardrail.errors import ImageError
from guardrail.fetch import fetch, system_resolve

RULES = RemoteRules(schemes=("https", "http"), ports=(80, 443))

REFUSED_URLS = [
    "http://127.0.0.1/", "http://127.1/", "http://127.0.1/", "http://2130706433/", "http://0x7f000001/",
    "http://0x7f.0x0.0x0.0x1/", "http://0177.0.0.1/", "http://017700000001/", "http://0/", "http://0.0.0.0/",
    "http://127.0.0.1./", "http://1.1.1.1.0x7f000001/", "http://[::1]/", "http://[::]/", "http://[::ffff:127.0.0.1]/",
    "http://[::ffff:7f00:1]/", "http://[::127.0.0.1]/", "http://[64:ff9b::7f00:1]/", "http://[64:ff9b:1::a00:1]/",
    "http://[2002:7f00:1::]/", "http://[2001:0:4136:e378:8000:63bf:80ff:fffe]/", "http://[fe80::1]/",
    "http://[fe80::1%25eth0]/", "http://[fc00::1]/", "http://[fec0::1]/", "http://[ff02::1]/", "http://10.0.0.1/",
    "http://172.16.0.1/", "http://172.31.255.255/", "http://192.168.0.1/", "http://169.254.169.254/latest/meta-data/",
    "http://100.64.0.1/", "http://198.18.0.1/", "http://192.0.0.170/", "http://224.0.0.1/", "http://240.0.0.1/",
    "http://255.255.255.255/", "http://192.0.2.1/", "http://[2001:db8::1]/", "http://localhost/",
    "http://localhost.localdomain:443/", "http://user@127.0.0.1/", "http://example.com@127.0.0.1/",
    "http://127.0.0.1#@example.com/", "http://127.0.0.1\\@example.com/", "http://example.com\\.evil/",
    "http:///127.0.0.1/", "http:127.0.0.1", "//127.0.0.1/", "http://127.0.0.1\t/", "http://127.0.0.1\n.example.com/",
    "http://exa mple.com/", "http://ⓔxample.com/", "http://127。0。0。1/", "http://[::1/", "http://::1/",
    "http://example.com:22/", "http://example.com:99999/", "http://example.com:-1/", "ftp://example.com/a.png",
    "file:///etc/passwd", "gopher://127.0.0.1:6379/_", "data:image/png;base64,AAAA", "javascript:alert(1)",
    "http://-example.com/", "http://exa_mple..com/", "http://%31%32%37.0.0.1/", "",
]  # fmt: skip


@pytest.mark.parametrize("url", REFUSED_URLS)
async def test_a_url_that_could_lead_inside_is_refused_without_a_connection(url, monkeypatch):
    async def no_connection(*_: object, **__: object) -> None:
        raise AssertionError("a connection was made")

    monkeypatch.setattr("guardrail.fetch._get", no_connection)

    with pytest.raises(ImageError) as refused:
        await fetch(url, RULES, 1000)

    assert "127.0.0.1" not in str(refused.value)


def test_there_are_many_spellings():
    assert len(set(REFUSED_URLS)) >= 60


@pytest.mark.parametrize("address", ["1.1.1.1", "93.184.216.34", "2606:4700:4700::1111"])
def test_a_public_address_is_allowed(address):
    assert is_allowed(ip_address(address), RULES)


def test_a_network_that_the_policy_names_is_allowed():
    rules = RemoteRules(allow_private=("10.1.0.0/16", "fd00::/8"))

    assert is_allowed(ip_address("10.1.2.3"), rules)
    assert is_allowed(ip_address("fd00::1"), rules)
    assert not is_allowed(ip_address("10.2.0.1"), rules)
    assert not is_allowed(ip_address("127.0.0.1"), rules)


def test_hosts_are_matched_in_lower_case_and_without_the_last_dot():
    rules = RemoteRules(allow_hosts=("*.example.com",), deny_hosts=("bad.example.com",))

    assert checked_url("https://IMG.Example.COM./a.png", rules).host == "img.example.com"
    for url in ("https://example.org/", "https://bad.example.com/", "https://BAD.EXAMPLE.COM./"):
        with pytest.raises(ImageError, match="allowed"):
            checked_url(url, rules)


# From here on with servers on the loopback, which a policy would have to allow.

OPEN = {"allow_private": ("127.0.0.0/8",), "schemes": ("http",), "timeout_s": 2.0}


@contextlib.asynccontextmanager
async def server(answer):
    """A server that hands each connection's request line to ``answer`` with the writer."""
    seen: list[str] = []

    async def handle(reader, writer):
        line = (await reader.readline()).decode()
        while (await reader.readline()).strip():
            pass
        seen.append(line.split(" ")[1])
        with contextlib.suppress(ConnectionError, asyncio.CancelledError):
            await answer(seen[-1], writer)
        writer.close()

    listening = await asyncio.start_server(handle, "127.0.0.1", 0)
    try:
        yield listening.sockets[0].getsockname()[1], seen
    finally:
        listening.close()


def reply(body: bytes, *headers: str, status: str = "200 OK") -> bytes:
    lines = [f"HTTP/1.1 {status}", f"content-length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


def answering(data: bytes):
    async def answer(path, writer):
        writer.write(data)
        await writer.drain()

    return answer


def rules(port: int, **more: object) -> RemoteRules:
    return RemoteRules(ports=(port,), **{**OPEN, **more})


async def test_what_is_fetched_are_the_bytes_that_were_sent():
    async with server(answering(reply(b"pixels"))) as (port, seen):
        body = await fetch(f"http://127.0.0.1:{port}/a%2Fb.png?x=%20", rules(port), 100)

    assert body == b"pixels"
    assert seen == ["/a%2Fb.png?x=%20"]


async def test_a_name_is_looked_up_once_and_the_connection_goes_to_what_was_checked():
    answers = iter([["127.0.0.1"], ["10.0.0.1"]])
    asked = []

    async def rebinding(host, port):
        asked.append(host)
        return next(answers)

    async with server(answering(reply(b"pixels"))) as (port, _):
        body = await fetch(f"http://pictures.test:{port}/", rules(port), 100, resolve=rebinding)

    assert body == b"pixels"
    assert asked == ["pictures.test"]


async def test_one_private_address_among_public_ones_spoils_the_host():
    async def both(host, port):
        return ["93.184.216.34", "10.0.0.1"]

    with pytest.raises(ImageError, match="not a public address"):
        await fetch("http://pictures.test/", RULES, 100, resolve=both)


async def test_a_name_without_an_address_is_not_explained_further():
    async def nothing(host, port):
        raise OSError("secret.internal does not resolve")

    with pytest.raises(ImageError, match=f"^the picture could not be fetched; {INLINE}$"):
        await fetch("http://pictures.test/", RULES, 100, resolve=nothing)


@pytest.mark.parametrize(
    "location",
    [
        "http://169.254.169.254/",
        "http://[::1]/",
        "file:///etc/passwd",
        "//10.0.0.1/",
        "http://localhost:1/",
    ],
)
async def test_a_redirect_inside_is_refused(location):
    async with server(answering(reply(b"", f"location: {location}", status="302 Found"))) as (
        port,
        _,
    ):
        with pytest.raises(ImageError):
            await fetch(f"http://127.0.0.1:{port}/", rules(port), 100)


async def test_a_redirect_that_keeps_the_rules_is_followed():
    async def answer(path, writer):
        found = path == "/there"
        writer.write(reply(b"pixels") if found else reply(b"", "location: /there", status="307 x"))

    async with server(answer) as (port, seen):
        assert await fetch(f"http://127.0.0.1:{port}/here", rules(port), 100) == b"pixels"

    assert seen == ["/here", "/there"]


async def test_redirects_end():
    async with server(answering(reply(b"", "location: /again", status="301 x"))) as (port, seen):
        with pytest.raises(ImageError, match="more than 3 times"):
            await fetch(f"http://127.0.0.1:{port}/", rules(port), 100)

    assert len(seen) == 4


@pytest.mark.parametrize(
    "answer",
    [
        reply(bytes(200)),
        b"HTTP/1.1 200 OK\r\n\r\n" + bytes(200),
        b"HTTP/1.1 200 OK\r\ncontent-length: 9999999\r\n\r\nx",
    ],
)
async def test_a_body_over_the_limit_is_cut(answer):
    async with server(answering(answer)) as (port, _):
        with pytest.raises(ImageError, match="longer than 100 bytes") as refused:
            await fetch(f"http://127.0.0.1:{port}/", rules(port), 100)

    assert refused.value.status == 413


async def test_a_body_that_trickles_for_ever_is_cut_by_time():
    async def trickle(path, writer):
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.02)

    async with server(trickle) as (port, _):
        with pytest.raises(ImageError, match="in time"):
            await fetch(f"http://127.0.0.1:{port}/", rules(port, timeout_s=0.3), 10**9)


async def test_a_server_that_never_answers_is_left():
    async def silent(path, writer):
        await asyncio.sleep(30)

    async with server(silent) as (port, _):
        with pytest.raises(ImageError, match="in time"):
            await fetch(f"http://127.0.0.1:{port}/", rules(port, timeout_s=0.3), 100)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (reply(b"no", status="404 Not Found"), "answered 404"),
        (reply(b"x", "content-encoding: gzip"), "compressed"),
        (b"garbage\r\n\r\n", "could not be fetched"),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\nshort", "could not be fetched"),
    ],
)
async def test_anything_but_a_plain_answer_is_refused(answer, words):
    async with server(answering(answer)) as (port, _):
        with pytest.raises(ImageError, match=words):
            await fetch(f"http://127.0.0.1:{port}/", rules(port), 100)


async def test_the_system_resolver_is_asked_for_names():
    assert "127.0.0.1" in await system_resolve("localhost", 80)
