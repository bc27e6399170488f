"""Server processes of a benchmark: started, waited for, their CPU time read, stopped.

Linux only: process trees come from ``/proc`` and CPU time from the kernel's per-process clocks,
which count in nanoseconds and include threads that have ended.
"""

import http.client
import os
import socket
import subprocess
import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_STOP_TIMEOUT_S = 10.0


class ServerError(RuntimeError):
    """A server under test did not start or did not answer as expected."""


@dataclass(frozen=True, slots=True)
class Server:
    """A running server.

    Attributes:
        name: What the tables call it.
        port: Its loopback port.
        pid: The root of its process tree.
        start_s: Seconds from spawning to the first 200 of ``/readyz``.
    """

    name: str
    port: int
    pid: int
    start_s: float

    @property
    def url(self) -> str:
        """Base URL without a trailing slash."""
        return f"http://127.0.0.1:{self.port}"


def free_port() -> int:
    """A loopback port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def tree(pid: int) -> list[int]:
    """``pid`` and its living descendants."""
    pids = [pid]
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in children.read_text().split():
            pids.extend(tree(int(child)))
    return pids


def cpu_s(pid: int) -> float:
    """CPU seconds (user and system, all threads) that the living tree of ``pid`` has used."""
    # clock_getcpuclockid(3) of another process: CPUCLOCK_SCHED (2) of the inverted pid.
    return sum(time.clock_gettime((~p << 3) | 2) for p in tree(pid))


def _is_ready(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _wait(name: str, process: subprocess.Popen[bytes], port: int, timeout_s: float) -> None:
    end = time.monotonic() + timeout_s
    while not _is_ready(port):
        if process.poll() is not None:
            raise ServerError(f"{name}: exited with status {process.returncode} before it answered")
        if time.monotonic() > end:
            raise ServerError(f"{name}: no 200 from /readyz on port {port} within {timeout_s:g} s")
        time.sleep(0.02)


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(_STOP_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@contextmanager
def running(
    name: str,
    command: Sequence[str],
    port: int,
    *,
    environment: Mapping[str, str] | None = None,
    timeout_s: float = 60.0,
) -> Generator[Server]:
    """``command`` as a server on ``port``, ready on entry and gone on exit.

    Args:
        name: What the tables and errors call it.
        command: The argument vector; its output goes to this process's standard error.
        port: The port that the command was told to use.
        environment: Variables added to this process's own.
        timeout_s: How long the server may take to answer ``/readyz`` with 200.

    Raises:
        ServerError: It exited, or was not ready in time.
    """
    spawned = time.monotonic()
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, env={**os.environ, **(environment or {})}
    )
    try:
        _wait(name, process, port, timeout_s)
        yield Server(name, port, process.pid, time.monotonic() - spawned)
    finally:
        _stop(process)
