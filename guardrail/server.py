"""Runs the proxy: worker processes of granian that share one port."""

from __future__ import annotations

import json
import logging
import os
import shutil
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import asdict, dataclass

from granian import Granian
from granian.constants import Interfaces, Loops
from granian.http import HTTP1Settings

from guardrail.errors import PolicyError
from guardrail.listener import check_address, check_upstreams
from guardrail.policy import Policy, load_policy
from guardrail.policy_parts import UpstreamRules
from guardrail.presets import preset

_logger = logging.getLogger("guardrail")

_VARIABLE = "GUARDRAIL_SETTINGS"
_METRICS_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
_HEADER_BYTES = 64 * 1024
_HEADER_TIMEOUT_MS = 10_000


@dataclass(frozen=True, slots=True)
class Settings:
    """How the proxy is run; travels to its workers as JSON in ``GUARDRAIL_SETTINGS``.

    Attributes:
        policy: A built-in policy's name or a YAML file.
        upstream: Base URL to forward to, or a name of ``presets``; "" for the policy's own.
        api_key_env: Environment variable whose value is sent to that upstream, in place of the
            client's key; "" to pass the client's on.
        api_key_header: The header it is sent in; in ``authorization`` as bearer token; "" for the
            named upstream's.
        client_key_env: Environment variable with the key that clients then send; "" for none.
        host: Address to listen on.
        port: TCP port.
        workers: Processes; each loads the models.
        audit: File for audit lines, ``-`` for standard output, "" for none.
        audit_content: Whether audit lines carry the text that findings are about.
        reload: Whether the policy's files are watched.
        checks: Whether the endpoints that judge without forwarding are there.
        check_key_env: Environment variable with the key that those ask for; "" for none.
        metrics_key_env: Environment variable with the key that ``/metrics`` asks for; "" to answer
            clients on this machine, without a key.
        drain_s: After a signal to stop, how long requests under way may take.
    """

    policy: str = "default"
    upstream: str = ""
    api_key_env: str = ""
    api_key_header: str = ""
    client_key_env: str = ""
    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 1
    audit: str = ""
    audit_content: bool = False
    reload: bool = True
    checks: bool = False
    check_key_env: str = ""
    metrics_key_env: str = ""
    drain_s: int = 30

    @classmethod
    def from_environment(cls) -> Settings:
        """What ``serve`` left for its workers.

        Raises:
            PolicyError: The variable is missing.
        """
        stored = os.environ.get(_VARIABLE)
        if stored is None:
            raise PolicyError(
                f"{_VARIABLE} is not set; start the proxy with `guardrail serve`, or call "
                "guardrail.proxy.create_app with settings"
            )
        return cls(**json.loads(stored))

    def check_key(self) -> str:
        """The key that the endpoints for checks ask for, "" for none.

        Raises:
            PolicyError: The variable is not set.
        """
        return _key(self.check_key_env, "the checks' key")

    def client_key(self) -> str:
        """The key that clients have to send, "" for none.

        Raises:
            PolicyError: The variable is not set, or the client's key is the upstream's.
        """
        if self.client_key_env and not self.api_key_env:
            raise PolicyError(
                "--client-key-env is for a proxy with a key of its own (--api-key-env); without "
                "one the client's key is the upstream's, which checks it"
            )
        return _key(self.client_key_env, "the clients' key")

    def metrics_key(self) -> str:
        """The key that ``/metrics`` asks for, "" for none.

        Raises:
            PolicyError: The variable is not set.
        """
        return _key(self.metrics_key_env, "the metrics' key")

    def upstream_rules(self, policy: Policy) -> UpstreamRules:
        """Where requests go: ``upstream`` with the policy's timeouts, or the policy's own.

        Raises:
            PolicyError: Neither is given, or it is no URL.
        """
        if not self.upstream:
            if policy.upstream is None:
                raise PolicyError(
                    f"{policy.source}: no upstream: add `upstream: {{base_url: …}}`, or give "
                    "--upstream, e.g. --upstream https://api.openai.com"
                )
            return policy.upstream
        timeouts = policy.upstream.model_dump() if policy.upstream else {}
        base_url = preset(self.upstream).base_url
        try:
            return UpstreamRules.model_validate({**timeouts, "base_url": base_url})
        except ValueError:
            raise PolicyError(
                f"upstream {self.upstream!r} is no base URL: give scheme, host and path only, "
                "e.g. 'https://api.openai.com'"
            ) from None

    def credential(self) -> tuple[str, str] | None:
        """The header that carries the upstream's key; None to pass the client's on.

        Raises:
            PolicyError: The variable is not set.
        """
        if not self.api_key_env:
            return None
        key = os.environ.get(self.api_key_env)
        if not key:
            raise PolicyError(f"{self.api_key_env} is not set; it should hold the upstream's key")
        named = preset(self.upstream).key_header if self.upstream else "authorization"
        header = (self.api_key_header or named).lower()
        return header, f"Bearer {key}" if header == "authorization" else key


def serve(settings: Settings) -> None:
    """Runs the proxy until it is told to stop (SIGINT, SIGTERM); requests under way finish.

    Raises:
        PolicyError: The policy, the upstream or the credential is wrong: nothing was started.
    """
    # Here, not in a worker: what is wrong is said once, and before the port is open.
    policy = load_policy(settings.policy)
    upstream = settings.upstream_rules(policy)
    settings.credential()
    settings.check_key()
    settings.client_key()
    settings.metrics_key()
    routed = [route.upstream.base_url for route in policy.routes if route.upstream is not None]
    check_upstreams(settings.host, settings.port, [upstream.base_url, *routed])
    check_address(settings.host, settings.port)
    for line in announced(policy, upstream.base_url, settings):
        _logger.info("%s", line)
    os.environ[_VARIABLE] = json.dumps(asdict(settings))
    with metrics_folder(settings.workers):
        Granian(
            "guardrail.proxy:create_app",
            factory=True,
            address=settings.host,
            port=settings.port,
            interface=Interfaces.ASGI,
            workers=settings.workers,
            loop=Loops.uvloop,
            websockets=False,
            log_enabled=False,
            backlog=1024,
            http1_settings=HTTP1Settings(
                header_read_timeout=_HEADER_TIMEOUT_MS, max_buffer_size=_HEADER_BYTES
            ),
            workers_kill_timeout=settings.drain_s,
            respawn_failed_workers=True,
        ).serve()


def announced(policy: Policy, base_url: str, settings: Settings) -> Generator[str]:
    """What the log says when the proxy starts: what it guards, and what it lets pass unread."""
    where = f"http://{settings.host}:{settings.port}"
    yield (
        f"policy {policy.name} before {base_url}, listening on {where}; "
        "ready when /readyz answers 200"
    )
    if policy.routes:
        yield f"{len(policy.routes)} routes of it have rules of their own"
    if policy.unguarded_paths:
        yield f"forwarded unread (unguarded_paths): {', '.join(policy.unguarded_paths)}"


def _key(variable: str, what: str) -> str:
    key = os.environ.get(variable, "") if variable else ""
    if variable and not key:
        raise PolicyError(f"{variable} is not set; it should hold {what}")
    return key


@contextmanager
def metrics_folder(workers: int) -> Generator[None]:
    """Where several workers share their metrics, as long as they run; the caller's own if set.

    Must be there before a worker imports ``prometheus_client``.
    """
    if workers < 2 or _METRICS_VARIABLE in os.environ:
        yield
        return
    folder = tempfile.mkdtemp(prefix="guardrail-metrics-")
    os.environ[_METRICS_VARIABLE] = folder
    try:
        yield
    finally:
        del os.environ[_METRICS_VARIABLE]
        shutil.rmtree(folder, ignore_errors=True)
