"""Forwards requests to upstreams over pooled connections, bytes as they are."""

from __future__ import annotations

import asyncio
import io
import logging
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from weakref import WeakKeyDictionary

import aiohttp
from multidict import CIMultiDict
from yarl import URL

from guardrail.body import StreamedBody
from guardrail.errors import WireError
from guardrail.http_headers import reply_headers, request_pairs
from guardrail.keys import KEY_HEADERS, without_key
from guardrail.policy_parts import UpstreamRules
from guardrail.wire import Reply, Request

_logger = logging.getLogger("guardrail")

_WHOLE_BYTES = 64 * 1024
"""Replies up to that length are read whole: one wake-up, and a truncation is still a 502."""
_COPIED_BYTES = 1024 * 1024
"""aiohttp wants longer bodies piecewise, so that one does not hold up the event loop."""
_KEEP_ALIVE_S = 4.0
# Below the 5 s after which uvicorn and Node.js hang up: a POST written into a connection that is
# just being closed fails, and may not be sent again (RFC 9110, section 9.2.2).
_HEADER_BYTES = 64 * 1024
_query = re.compile(r"\?\S*")
_TARGET = re.compile(r"/[!-~]*")


@dataclass(frozen=True, slots=True)
class _Target:
    """Where to, how long to wait, and the header that carries the credential."""

    base_url: str
    timeout: aiohttp.ClientTimeout
    credential: tuple[str, str] | None


class Upstream:
    """Upstreams by base URL: what ``send`` forwards to.

    A request is sent once. Only if a connection that was idle breaks is a request of an idempotent
    method (GET, HEAD, PUT, DELETE, …) sent again, as RFC 9110 allows; a POST never.

    Args:
        default: Where requests go that name no upstream.
        others: Upstreams that routes name, for their timeouts.
        credentials: Base URL to header name and value, set on every request sent there, in place
            of the client's own keys.
    """

    def __init__(
        self,
        default: UpstreamRules,
        others: Iterable[UpstreamRules] = (),
        credentials: Mapping[str, tuple[str, str]] | None = None,
    ) -> None:
        self._sessions: WeakKeyDictionary[asyncio.AbstractEventLoop, aiohttp.ClientSession] = (
            WeakKeyDictionary()
        )
        self.configure(default, others, credentials)

    def configure(
        self,
        default: UpstreamRules,
        others: Iterable[UpstreamRules] = (),
        credentials: Mapping[str, tuple[str, str]] | None = None,
    ) -> None:
        """Replaces the upstreams and credentials; requests under way keep theirs."""
        self._credentials = dict(credentials or {})
        self._default = self._target(default)
        self._targets = {rules.base_url: self._target(rules) for rules in others}

    async def send(self, request: Request) -> Reply:
        """The upstream's reply; its body is whole where it is short and its length is stated.

        Raises:
            WireError: The request cannot be forwarded as it is (400), the upstream cannot be
                reached or does not answer properly (502), or it takes too long (504). A streamed
                body raises the last two as well.
        """
        target = self._for(request.upstream)
        headers = CIMultiDict(request_pairs(request.headers))
        if target.credential is not None:
            request = replace(request, query=without_key(request.query))
            for name in KEY_HEADERS:
                headers.popall(name.decode(), None)
            headers[target.credential[0]] = target.credential[1]
        url = f"{target.base_url}{_path(request)}"
        try:
            response = await self._session().request(
                request.method,
                URL(url, encoded=True),
                data=_payload(request.body),
                headers=headers,
                allow_redirects=False,
                timeout=target.timeout,
            )
            return await self._reply(response, target)
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise _explained(error, target) from error

    async def close(self) -> None:
        """Closes the connections that this event loop opened."""
        session = self._sessions.pop(asyncio.get_running_loop(), None)
        if session is not None:
            await session.close()

    async def _reply(self, response: aiohttp.ClientResponse, target: _Target) -> Reply:
        content = response.content
        headers = reply_headers(response.raw_headers)
        body: bytes | StreamedBody
        if content.is_eof():
            body = content.read_nowait()
        elif (response.content_length or _WHOLE_BYTES + 1) <= _WHOLE_BYTES:
            body = await response.read()
        else:
            body = _streamed(response, target)
        return Reply(response.status, headers, body)

    def _session(self) -> aiohttp.ClientSession:
        loop = asyncio.get_running_loop()
        session = self._sessions.get(loop)
        if session is None:
            session = self._sessions[loop] = _new_session()
        return session

    def _target(self, rules: UpstreamRules) -> _Target:
        timeout = aiohttp.ClientTimeout(
            total=None,
            connect=rules.connect_timeout_s,
            sock_connect=rules.connect_timeout_s,
            sock_read=rules.read_timeout_s,
        )
        return _Target(rules.base_url, timeout, self._credentials.get(rules.base_url))

    def _for(self, base_url: str) -> _Target:
        if not base_url or base_url == self._default.base_url:
            return self._default
        found = self._targets.get(base_url)
        # A request that was routed under a policy replaced a moment ago.
        return found or self._target(UpstreamRules(base_url=base_url))


def _new_session() -> aiohttp.ClientSession:
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=_KEEP_ALIVE_S),
        auto_decompress=False,
        cookie_jar=aiohttp.DummyCookieJar(),
        skip_auto_headers=("Accept", "Accept-Encoding", "Content-Type", "User-Agent"),
        max_line_size=_HEADER_BYTES,
        max_field_size=_HEADER_BYTES,
        trust_env=False,
    )


def _path(request: Request) -> str:
    # Must start with a slash: "http://host" + "@evil.example/" names another host.
    if _TARGET.fullmatch(request.path) is None:
        raise WireError("the request's path must start with a slash and be percent-encoded ASCII")
    if not request.query:
        return request.path
    query = request.query.decode("latin-1")
    if not query.isprintable() or not query.isascii() or " " in query:
        raise WireError("the request's query must be percent-encoded ASCII")
    return f"{request.path}?{query}"


def _payload(body: bytes) -> Any:
    if len(body) > _COPIED_BYTES:
        return io.BytesIO(body)
    return body or None


def _streamed(response: aiohttp.ClientResponse, target: _Target) -> StreamedBody:
    async def read() -> bytes:
        try:
            return await response.content.readany()
        except (aiohttp.ClientError, OSError) as error:
            raise _explained(error, target, answering=True) from error

    async def close() -> None:
        response.close()  # of a reply read to its end the connection is back in the pool already

    return StreamedBody(read, close)


def _explained(error: Exception, target: _Target, *, answering: bool = False) -> WireError:
    """What the client is told: nothing about where the upstream is. The log says more."""
    name = type(error).__name__
    _logger.warning("upstream %s: %s: %s", target.base_url, name, _without_query(str(error)))
    if isinstance(error, TimeoutError):
        return WireError("the upstream did not answer in time", status=504)
    if isinstance(error, ValueError) and not isinstance(error, aiohttp.ClientError):
        return WireError(
            "the request cannot be forwarded: its method, path or a header has characters that "
            "HTTP forbids; leave them out or percent-encode them"
        )
    if isinstance(error, aiohttp.ClientConnectorError):
        return WireError("the upstream cannot be reached", status=502)
    if answering or isinstance(error, aiohttp.ClientPayloadError):
        return WireError("the upstream hung up in the middle of its reply", status=502)
    if isinstance(error, aiohttp.ClientResponseError):
        return WireError("the upstream's reply is not valid HTTP", status=502)
    return WireError("the upstream hung up before it answered", status=502)


def _without_query(message: str) -> str:
    """A library's message, which may quote a URL with a client's key in it."""
    return _query.sub("?…", message)
