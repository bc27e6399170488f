"""The reverse proxy as a Litestar application: health, metrics, and everything else guarded."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from typing import Any, cast

from litestar import Litestar, Request, Response, asgi, get, post
from litestar.enums import ScopeType
from litestar.exceptions import HTTPException
from litestar.handlers import ASGIRouteHandler, HTTPRouteHandler
from litestar.types import Receive, Scope, Send

from guardrail import respond as asgi_types
from guardrail.audit import AuditLog
from guardrail.check_api import JUDGES, Judge, judged
from guardrail.client_access import check_client
from guardrail.errors import WireError
from guardrail.guard import Guard, Observer
from guardrail.metrics import Metrics
from guardrail.metrics_access import check_reader
from guardrail.policy import Policy, load_policy
from guardrail.policy_parts import UpstreamRules
from guardrail.reload import PolicyWatch
from guardrail.respond import respond
from guardrail.server import Settings
from guardrail.upstream import Upstream
from guardrail.wire import Headers

_logger = logging.getLogger("guardrail")


def create_app(settings: Settings | None = None, observers: Sequence[Observer] = ()) -> Litestar:
    """The proxy, ready for any ASGI server; models load in the background once it starts.

    Until they are loaded ``/readyz`` answers 503 and guarded requests wait.

    Args:
        settings: Those that ``serve`` left in the environment without it.
        observers: Called with every exchange's record, besides audit and metrics.

    Raises:
        PolicyError: The policy, the upstream or the credential is wrong.
    """
    proxy = Proxy(settings or Settings.from_environment(), observers)
    return Litestar(
        [*health(proxy), *(checks(proxy) if proxy.offers_checks else ()), mount(proxy)],
        lifespan=[proxy.lifespan],
        openapi_config=None,
        logging_config=None,
    )


class Proxy:
    """What one worker serves: the guard in force and its upstreams.

    Args:
        settings: How it is run.
        observers: Called with every exchange's record.

    Raises:
        PolicyError: The policy, the upstream or the credential is wrong.
    """

    def __init__(self, settings: Settings, observers: Sequence[Observer] = ()) -> None:
        self.metrics = Metrics()
        self.failure = ""
        self._settings = settings
        self.check_key = settings.check_key()
        self.metrics_key = settings.metrics_key()
        self._client_key = settings.client_key()
        seen: list[Observer] = [self.metrics, *observers]
        if settings.audit:
            seen.append(AuditLog(settings.audit, content=settings.audit_content))
        policy = load_policy(settings.policy)
        self._credential = settings.credential()
        self.upstream = Upstream(*self._upstreams(policy))
        guard = Guard(policy, observers=seen)
        self._watch = PolicyWatch(settings.policy, guard, seen, self._accept)

    @property
    def offers_checks(self) -> bool:
        """Whether it answers requests to judge without forwarding."""
        return self._settings.checks

    @property
    def guard(self) -> Guard:
        """The guard in force."""
        return self._watch.guard

    @asynccontextmanager
    async def lifespan(self, _: Litestar) -> AsyncGenerator[None]:
        """Loads the models and watches the policy as long as the server runs."""
        tasks = [asyncio.create_task(self._load())]
        if self._settings.reload:
            tasks.append(asyncio.create_task(self._watch.run()))
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)
            await self.upstream.close()
            await self.guard.close()

    def check_client(self, headers: Headers) -> None:
        """Whether a request may be answered: where the proxy lends its key, not everybody's is.

        Raises:
            WireError: It may not (status 401 or 403).
        """
        if self._credential is not None:
            check_client(headers, self._client_key)

    async def _load(self) -> None:
        try:
            await self.guard.load()
        except Exception:
            # Detectors are others' code. The worker stays up: /readyz says that it failed, the log
            # why, with the paths that clients need not know; each guarded request tries again and
            # is refused.
            self.failure = "the models cannot be loaded; the proxy's log says why"
            _logger.exception("the models cannot be loaded")

    def _accept(self, guard: Guard) -> None:
        self.upstream.configure(*self._upstreams(guard.snapshot.policy))
        self.failure = ""

    def _upstreams(
        self, policy: Policy
    ) -> tuple[UpstreamRules, list[UpstreamRules], dict[str, tuple[str, str]]]:
        """The default upstream, those of routes, and the default's credential by its address."""
        rules = self._settings.upstream_rules(policy)
        routed = [route.upstream for route in policy.routes if route.upstream is not None]
        return rules, routed, {rules.base_url: self._credential} if self._credential else {}


def health(proxy: Proxy) -> list[HTTPRouteHandler]:
    """The handlers that tell about the process; they are not forwarded."""

    @get("/healthz", media_type="text/plain")
    async def healthz() -> str:
        return "ok"

    @get("/readyz")
    async def readyz() -> Response[dict[str, Any]]:
        snapshot = proxy.guard.snapshot
        told: dict[str, Any] = {"ready": proxy.guard.ready, "policy": snapshot.label.decode()}
        if remarks := snapshot.remarks():
            told["remarks"] = remarks
        if told["ready"]:
            return Response(told)
        reason = proxy.failure or "models are loading"
        return Response({**told, "reason": reason}, status_code=503)

    @get("/metrics")
    async def metrics(request: Request[Any, Any, Any]) -> Response[bytes]:
        peer = request.client.host if request.client else ""
        try:
            check_reader(peer, request.headers, proxy.metrics_key)
        except WireError as error:
            asked = {"www-authenticate": "Bearer"} if error.status == 401 else {}
            told = f"{error}\n".encode()
            return Response(told, status_code=error.status, media_type="text/plain", headers=asked)
        return Response(proxy.metrics.expose(), media_type="text/plain; version=0.0.4")

    return [healthz, readyz, metrics]


def checks(proxy: Proxy) -> list[HTTPRouteHandler]:
    """The handlers that judge and do not forward."""

    def handler(path: str, judge: Judge) -> HTTPRouteHandler:
        @post(path, status_code=200, request_max_body_size=None)
        async def check(request: Request[Any, Any, Any]) -> Response[bytes]:
            headers = tuple((bytes(key), bytes(value)) for key, value in request.scope["headers"])
            reply = await judged(proxy.guard, judge, request.stream(), headers, proxy.check_key)
            sent = {key.decode(): value.decode() for key, value in reply.headers}
            return Response(cast("bytes", reply.body), status_code=reply.status, headers=sent)

        return check

    return [handler(path, judge) for path, judge in JUDGES.items()]


def mount(proxy: Proxy) -> ASGIRouteHandler:
    """The handler of every other path."""

    # A plain mount: the scope is not copied, nothing is parsed.
    @asgi("/", is_mount=True, copy_scope=False)
    async def guarded(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == ScopeType.WEBSOCKET:
            raise NotImplementedError("WebSockets are not guarded, and so not forwarded")
        try:
            proxy.check_client(tuple(scope["headers"]))
        except WireError as error:
            raise HTTPException(str(error), status_code=error.status) from None
        await respond(
            proxy.guard,
            cast("asgi_types.Scope", scope),
            cast("asgi_types.AsgiReceive", receive),
            cast("asgi_types.AsgiSend", send),
            proxy.upstream.send,
        )

    return guarded
