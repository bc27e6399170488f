"""The guard as ASGI middleware, around any ASGI application."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from guardrail.errors import PolicyError
from guardrail.guard import Guard
from guardrail.paths import canonical_path, path_fits, sent_path
from guardrail.policy import Policy
from guardrail.registry import PATHS
from guardrail.respond import App, AsgiReceive, AsgiSend, Scope, respond
from guardrail.wrapped_app import WrappedApp

_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class GuardMiddleware:
    """Guards the endpoints of an ASGI application that speak to a model.

    A request is guarded if its path matches ``paths``, however the path is spelled (encoded
    letters, doubled slashes, capitals), and its method is not GET, HEAD or OPTIONS. All others
    reach the application untouched. A guarded request that no adapter reads is answered with 501:
    add a route with an ``adapter`` to the policy for paths of your own.

    Models load with the first guarded request; ``await middleware.guard.load()`` at start-up
    loads them sooner.

    Args:
        app: The application.
        guard: A guard to share with other surfaces; else one is made from ``policy``.
        policy: A built-in policy's name, a YAML file, or a policy object.
        paths: Globs of guarded paths; every path that an adapter reads without them.

    Raises:
        PolicyError: The policy is wrong, or a route of it names an upstream: requests go into the
            application.
    """

    def __init__(
        self,
        app: App,
        guard: Guard | None = None,
        *,
        policy: str | Path | Policy = "default",
        paths: Sequence[str] | None = None,
    ) -> None:
        self.app = app
        self.guard = guard or Guard.from_policy(policy)
        self._paths = tuple(PATHS) if paths is None else tuple(paths)
        refuse_upstreams(self.guard.snapshot.policy, "the application that is wrapped")

    async def __call__(self, scope: Scope, receive: AsgiReceive, send: AsgiSend) -> None:
        """Answers one ASGI connection.

        Raises:
            NotImplementedError: The scope's type is not http, websocket or lifespan.
        """
        match scope["type"]:
            case "http" if self._guards(scope):
                path = canonical_path(sent_path(scope.get("raw_path"), scope["path"]))
                async with WrappedApp(self.app, scope) as wrapped:
                    await respond(self.guard, scope, receive, send, wrapped.send, path=path)
            case "http" | "websocket" | "lifespan":
                await self.app(scope, receive, send)
            case other:
                raise NotImplementedError(
                    f"ASGI scope {other!r} is not known, and not passed on unguarded; "
                    "put the middleware behind whatever answers it"
                )

    def _guards(self, scope: Scope) -> bool:
        if scope["method"] in _SAFE_METHODS:
            return False
        # Both, since an application may route by either.
        return path_fits(scope["path"], self._paths) or (
            scope.get("raw_path") is not None
            and path_fits(sent_path(scope["raw_path"], ""), self._paths)
        )


def refuse_upstreams(policy: Policy, instead: str) -> None:
    """Checks that no route of ``policy`` names an upstream, where requests go to ``instead``.

    Raises:
        PolicyError: One does.
    """
    for index, route in enumerate(policy.routes):
        if route.upstream is not None:
            raise PolicyError(
                f"{policy.source}: routes/{index}/upstream: only the proxy forwards to other "
                f"upstreams; here requests go to {instead}. Remove it, or use `guardrail serve`"
            )
