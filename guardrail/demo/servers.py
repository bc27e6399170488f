"""The demo's processes: the stand-in upstream and the proxy, as ``guardrail serve`` runs it."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Generator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from socket import socket

import httpx

from guardrail.errors import GuardrailError
from guardrail.policy import builtin_folder

_START_S = 60.0
_STOP_S = 10.0


@dataclass(frozen=True, slots=True)
class Servers:
    """Where the demo's processes are and what they write.

    Attributes:
        proxy: Base URL of the guarded endpoint.
        audit: Audit lines of the proxy, with content.
        log: A line for each request that reached the stand-in.
        start_s: Seconds from starting the proxy until it was ready.
    """

    proxy: str
    audit: Path
    log: Path
    start_s: float


@contextmanager
def servers(folder: Path) -> Generator[Servers]:
    """Both processes, running and ready; ended on exit.

    Raises:
        GuardrailError: One of them does not start; its last words are in the message.
    """
    audit, log = folder / "audit.jsonl", folder / "upstream.jsonl"
    audit.touch()
    log.touch()
    with ExitStack() as stack:
        port = _free_port()
        standin = f"http://127.0.0.1:{port}"
        command = ["-m", "guardrail.demo.upstream", str(port), str(log)]
        _ready(stack.enter_context(_running(command, folder / "upstream.err")), f"{standin}/")
        started = time.monotonic()
        proxy = f"http://127.0.0.1:{_free_port()}"
        options = {
            "--upstream": standin,
            "--policy": str(_policy(folder)),
            "--port": proxy.rpartition(":")[2],
            "--audit": str(audit),
        }
        command = ["-m", "guardrail", "serve", "--audit-content"]
        command += [word for pair in options.items() for word in pair]
        process = stack.enter_context(_running(command, folder / "proxy.err"))
        _ready(process, f"{proxy}/readyz")
        yield Servers(proxy, audit, log, time.monotonic() - started)


def _policy(folder: Path) -> Path:
    """The policy ``default``, with routes to others for models whose names begin like theirs."""
    default = (builtin_folder() / "default.yaml").read_text("utf-8")
    path = folder / "default.yaml"
    routes = "".join(
        f'  - match: {{model: "{name}-*"}}\n    policy: {name}\n'
        for name in ("strict", "moderated")
    )
    path.write_text(f"{default}\nroutes:\n{routes}", "utf-8")
    return path


@dataclass(frozen=True, slots=True)
class _Process:
    command: str
    process: subprocess.Popen[bytes]
    errors: Path


@contextmanager
def _running(arguments: Sequence[str], errors: Path) -> Generator[_Process]:
    with errors.open("wb") as sink:
        process = subprocess.Popen(  # noqa: S603 - our own interpreter and modules
            [sys.executable, *arguments], stdout=sink, stderr=sink
        )
    try:
        yield _Process(" ".join(arguments), process, errors)
    finally:
        process.terminate()
        try:
            process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _ready(running: _Process, url: str) -> None:
    deadline = time.monotonic() + _START_S
    while time.monotonic() < deadline and running.process.poll() is None:
        try:
            if httpx.get(url, trust_env=False).is_success:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.05)
    words = running.errors.read_text("utf-8", "replace")[-2000:]
    raise GuardrailError(f"python {running.command} did not start:\n{words}")


def _free_port() -> int:
    with socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
