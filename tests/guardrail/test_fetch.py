"""What is sent when a picture is fetched, and what is made of odd answers.

Where a fetch may lead is in tests/attacks/test_ssrf.py.
"""

from __future__ import annotations

import asyncio
import contextlib
import gzip
from collections.abc import Sequence

import pytest

from guardrail.addresses import INLINE, RemoteRules
from guardrail.errors import ImageError
from guardrail.fetch import fetch

OK = b"HTTP/1.1 200 OK\r\n"


@contextlib.asynccontextmanager
async def server(answers: Sequence[bytes]):
    """Answers one connection after the other, the last answer again; yields its port and the requests it saw."""
    requests: list[str] = []
    connections: list[asyncio.Task[None]] = []

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connections.append(asyncio.current_task())
        with contextlib.closing(writer), contextlib.suppress(ConnectionError, EOFError):
            requests.append((await reader.readuntil(b"\r\n\r\n")).decode())
            writer.write(answers[min(len(requests), len(answers)) - 1])
            await writer.drain()

    listening = await asyncio.start_server(handle, "127.0.0.1", 0)
    try:
        yield listening.sockets[0].getsockname()[1], requests
    finally:
        listening.close()
        await asyncio.wait_for(asyncio.gather(*connections, return_exceptions=True), 5)


def rules(port: int, **more: object) -> RemoteRules:
    settings = {"allow_private": ("127.0.0.0/8",), "schemes": ("http",), "timeout_s": 3.0, **more}
    return RemoteRules(ports=(port,), **settings)


async def fetched(*answers: bytes, max_bytes: int = 100, **more: object) -> bytes:
    async with server(answers) as (port, _):
        return await fetch(f"http://127.0.0.1:{port}/", rules(port, **more), max_bytes)


def redirect(location: str) -> bytes:
    return f"HTTP/1.1 302 Found\r\nlocation: {location}\r\ncontent-length: 0\r\n\r\n".encode()


async def test_the_request_carries_nothing_of_ours(monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    first = redirect("/next").replace(b"\r\n\r\n", b"\r\nset-cookie: a=b\r\n\r\n")
    async with server([first, OK + b"content-length: 1\r\n\r\nx"]) as (port, requests):
        await fetch(f"http://127.0.0.1:{port}/", rules(port), 100)

    assert len(requests) == 2
    for request in requests:
        names = {line.partition(":")[0].lower() for line in request.split("\r\n")[1:] if line}
        assert names <= {"host", "accept", "accept-encoding", "connection"}


async def test_the_host_header_keeps_the_name_while_the_connection_is_pinned():
    async def resolve(host: str, port: int) -> list[str]:
        return ["127.0.0.1"]

    async with server([OK + b"content-length: 1\r\n\r\nx"]) as (port, requests):
        await fetch(f"http://img.test:{port}/a", rules(port), 100, resolve=resolve)

    assert f"host: img.test:{port}" in requests[0].lower()


@pytest.mark.parametrize("kind", ["text/html", "application/octet-stream", "", "image/svg+xml"])
async def test_the_content_type_is_not_believed_either_way(kind):
    head = f"content-type: {kind}\r\ncontent-length: 6\r\n\r\n".encode()

    assert await fetched(OK + head + b"pixels") == b"pixels"


async def test_a_chunked_body_is_put_together():
    chunks = b"transfer-encoding: chunked\r\n\r\n3\r\npix\r\n3\r\nels\r\n0\r\n\r\n"

    assert await fetched(OK + chunks) == b"pixels"


async def test_a_body_of_exactly_the_limit_is_taken():
    head = b"content-length: 100\r\n\r\n"

    assert await fetched(OK + head + bytes(100)) == bytes(100)


@pytest.mark.parametrize("coding", ["gzip", "GZIP", "deflate", "br", "zstd", "gzip, identity"])
async def test_a_compressed_body_is_refused_however_it_is_called(coding):
    body = gzip.compress(bytes(1000))
    head = f"content-encoding: {coding}\r\ncontent-length: {len(body)}\r\n\r\n".encode()

    with pytest.raises(ImageError, match="compressed, unasked"):
        await fetched(OK + head + body)


async def test_what_claims_to_be_plain_is_taken_as_it_is_even_if_compressed():
    body = gzip.compress(bytes(1000))

    assert await fetched(OK + f"content-length: {len(body)}\r\n\r\n".encode() + body) == body


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"\x00" * 50,
        b"HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: ten\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\npixels",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\npix",
        b"HTTP/1.1 200 OK\r\nx: " + b"a" * 100_000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"x: y\r\n" * 100_000 + b"\r\n",
        b"HTTP/9.9 banana\r\n\r\n",
        b"\x16\x03\x01\x02\x00",
    ],
    ids=lambda answer: repr(answer[:40]),
)
async def test_an_answer_that_is_no_http_is_an_image_error(answer):
    with pytest.raises(ImageError, match="could not be fetched"):
        await fetched(answer)


@pytest.mark.parametrize("status", ["204 No Content", "206 Partial", "304 Not", "401 Who", "500 x"])
async def test_any_status_but_200_is_named(status):
    with pytest.raises(ImageError, match=f"answered {status[:3]}"):
        await fetched(f"HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n".encode())


async def test_a_redirect_to_nowhere_is_named_by_its_status():
    with pytest.raises(ImageError, match="answered 302"):
        await fetched(b"HTTP/1.1 302 Found\r\ncontent-length: 0\r\n\r\n")


@pytest.mark.parametrize(
    ("location", "words"),
    [
        ("http://127.0.0.1:1/", "port 1"),
        ("https://127.0.0.1/", "start with"),
        ("http://user@127.0.0.1/", "credentials"),
        ("data:image/png;base64,AAAA", "start with"),
        ("http://[::ffff:127.0.0.1]:{port}/", "not a public address"),
        ("http://2130706433:{port}/", "malformed host"),
        ("http://127.0.0.1:{port}/\u00e9", "percent-encoded"),
        ("/a b", "percent-encoded"),
    ],
)
async def test_a_redirect_is_checked_like_the_first_url(location, words):
    answers: list[bytes] = []
    async with server(answers) as (port, requests):
        answers.append(redirect(location.replace("{port}", str(port))))
        with pytest.raises(ImageError, match=words):
            await fetch(f"http://127.0.0.1:{port}/", rules(port), 100)

    assert len(requests) == 1


async def test_no_redirect_is_followed_where_the_policy_allows_none():
    async with server([redirect("/next")]) as (port, requests):
        with pytest.raises(ImageError, match="more than 0 times"):
            await fetch(f"http://127.0.0.1:{port}/", rules(port, max_redirects=0), 100)

    assert len(requests) == 1


async def test_a_name_that_answers_public_first_and_private_after_a_redirect_is_refused():
    answers = iter([["127.0.0.1"], ["10.0.0.1"]])

    async def rebinding(host: str, port: int) -> list[str]:
        return next(answers)

    async with server([redirect("/again")]) as (port, requests):
        with pytest.raises(ImageError, match="not a public address"):
            await fetch(f"http://img.test:{port}/", rules(port), 100, resolve=rebinding)

    assert len(requests) == 1


@pytest.mark.parametrize("found", [[], ["fe80::1%eth0"], ["8.8.8.8", "::1"]])
async def test_a_name_without_public_addresses_alone_is_refused(found):
    async def resolve(host: str, port: int) -> list[str]:
        return found

    with pytest.raises(ImageError, match=f"^the picture's host is not a public address; {INLINE}$"):
        await fetch("https://img.test/", RemoteRules(), 100, resolve=resolve)


async def test_a_resolver_that_hangs_is_cut_by_the_time_limit():
    async def resolve(host: str, port: int) -> list[str]:
        await asyncio.Event().wait()
        return []

    with pytest.raises(ImageError, match="in time"):
        await fetch("https://img.test/", RemoteRules(timeout_s=0.05), 100, resolve=resolve)


async def test_nobody_listening_is_not_told_from_any_other_failure():
    async with server([]) as (port, _):
        pass

    with pytest.raises(ImageError, match=f"^the picture could not be fetched; {INLINE}$"):
        await fetch(f"http://127.0.0.1:{port}/", rules(port), 100)


async def test_a_certificate_that_nobody_vouches_for_is_refused():
    async with server([OK + b"content-length: 1\r\n\r\nx"]) as (port, requests):
        with pytest.raises(ImageError, match="could not be fetched"):
            await fetch(f"https://127.0.0.1:{port}/", rules(port, schemes=("https",)), 100)

    assert requests == []
