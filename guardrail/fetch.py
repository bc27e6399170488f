"""Fetches a picture once, from a public address, pinned between the check and the connection."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable
from ipaddress import ip_address
from urllib.parse import urljoin

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from guardrail.addresses import INLINE, RemoteRules, Target, checked_url, is_allowed
from guardrail.errors import ImageError

Resolve = Callable[[str, int], Awaitable[list[str]]]
"""All addresses of a host."""

_REDIRECTS = frozenset({301, 302, 303, 307, 308})


async def system_resolve(host: str, port: int) -> list[str]:
    """The addresses that the system's resolver has for ``host``.

    Raises:
        OSError: There are none.
    """
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(entry[4][0]) for entry in found]


class _Pinned(AbstractResolver):
    """Answers with addresses that were checked, so that nothing is looked up a second time."""

    def __init__(self, addresses: list[str]) -> None:
        self._addresses = addresses

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=socket.AF_INET6 if ":" in address else socket.AF_INET,
                proto=0,
                flags=socket.AI_NUMERICHOST,
            )
            for address in self._addresses
            if family in (socket.AF_UNSPEC, socket.AF_INET6 if ":" in address else socket.AF_INET)
        ]

    async def close(self) -> None:
        """Nothing is held."""


async def fetch(
    url: str,
    rules: RemoteRules,
    max_bytes: int,
    *,
    ref: str = "",
    resolve: Resolve = system_resolve,
) -> bytes:
    """The body at ``url``; every hop is checked, connections go to checked addresses alone.

    Args:
        url: As the client wrote it.
        rules: What may be reached, and for how long.
        max_bytes: Of the body.
        ref: For error messages.
        resolve: Looks up a host's addresses.

    Raises:
        ImageError: Not allowed, not there, too large or too slow. The message never tells what an
            address that is not allowed answered, nor which address it was.
    """
    try:
        async with asyncio.timeout(rules.timeout_s):
            return await _follow(url, rules, max_bytes, ref, resolve)
    except TimeoutError:
        late = f"the picture could not be fetched in time ({rules.timeout_s:g} s); {INLINE}"
        raise ImageError(late, ref=ref) from None
    except (aiohttp.ClientError, OSError, ValueError):
        raise ImageError("the picture could not be fetched; " + INLINE, ref=ref) from None


async def _follow(
    url: str, rules: RemoteRules, max_bytes: int, ref: str, resolve: Resolve
) -> bytes:
    for _ in range(rules.max_redirects + 1):
        target = checked_url(url, rules, ref)
        addresses = await _addresses(target, rules, ref, resolve)
        answer = await _get(target, addresses, rules, max_bytes, ref)
        if isinstance(answer, bytes):
            return answer
        url = urljoin(url, answer)
    raise ImageError(f"the picture's URL redirects more than {rules.max_redirects} times", ref=ref)


async def _addresses(target: Target, rules: RemoteRules, ref: str, resolve: Resolve) -> list[str]:
    """The host's addresses, all of which must be allowed: one that is not spoils the host."""
    found = await resolve(target.host, target.port)
    if not found or not all(is_allowed(ip_address(one.partition("%")[0]), rules) for one in found):
        raise ImageError("the picture's host is not a public address; " + INLINE, ref=ref)
    return found


async def _get(
    target: Target, addresses: list[str], rules: RemoteRules, max_bytes: int, ref: str
) -> bytes | str:
    """The body, or where a redirect leads."""
    connector = aiohttp.TCPConnector(
        resolver=_Pinned(addresses), use_dns_cache=False, force_close=True
    )
    timeout = aiohttp.ClientTimeout(total=None, sock_connect=rules.connect_timeout_s)
    async with (
        aiohttp.ClientSession(
            connector=connector,
            timeout=timeout,
            auto_decompress=False,
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=False,
            headers={"accept": "image/*", "accept-encoding": "identity"},
            skip_auto_headers=("User-Agent",),
        ) as session,
        session.get(URL(target.url, encoded=True), allow_redirects=False) as response,
    ):
        if response.status in _REDIRECTS and "location" in response.headers:
            return response.headers["location"]
        if response.status != 200:
            raise ImageError(
                f"the picture's server answered {response.status} instead of 200; correct the "
                f"picture's URL, or {INLINE}",
                ref=ref,
            )
        if response.headers.get("content-encoding", "identity") != "identity":
            zipped = "the picture's server sent it compressed, unasked; " + INLINE
            raise ImageError(zipped, ref=ref)
        return await _body(response, max_bytes, ref)


async def _body(response: aiohttp.ClientResponse, max_bytes: int, ref: str) -> bytes:
    chunks: list[bytes] = []
    size = response.content_length or 0
    if size <= max_bytes:
        size = 0
        async for chunk in response.content.iter_any():
            size += len(chunk)
            if size > max_bytes:
                break
            chunks.append(chunk)
    if size > max_bytes:
        message = f"the picture at the URL is longer than {max_bytes} bytes"
        raise ImageError(message, ref=ref, status=413)
    return b"".join(chunks)
