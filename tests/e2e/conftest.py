"""Real processes: the scripted upstream, and a proxy for each policy."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from socket import socket

import httpx
import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
PATHS = os.pathsep.join(map(str, (ROOT, ROOT / "detectors", ROOT / "adapters")))


class Log:
    """What the upstream was sent, in order."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.touch()

    def rows(self, **wanted: object) -> list[dict]:
        lines = self.path.read_text().splitlines()
        rows = [json.loads(line) for line in lines]
        return [row for row in rows if all(row.get(k) == v for k, v in wanted.items())]

    def wait_for(self, **wanted: object) -> list[dict]:
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            if rows := self.rows(**wanted):
                return rows
            time.sleep(0.02)
        raise AssertionError(f"never logged: {wanted}; there is: {self.rows()}")


def free_port() -> int:
    with socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def process(arguments: list[str], url: str, *, start_s: float = 30, **environment: str):
    env = {**os.environ, "PYTHONPATH": PATHS, **environment}
    # A file: a pipe that nobody reads blocks the process once it is full of log lines.
    with tempfile.TemporaryFile("w+") as errors:
        running = subprocess.Popen([sys.executable, *arguments], env=env, cwd=ROOT, stderr=errors)
        try:
            deadline = time.monotonic() + start_s
            while not answers(url):
                if running.poll() is not None:
                    errors.seek(0)
                    raise AssertionError(f"{arguments} ended:\n{errors.read()}")
                assert time.monotonic() < deadline, f"{arguments} did not start"
                time.sleep(0.05)
            yield running
        finally:
            running.terminate()
            try:
                running.wait(timeout=15)
            except subprocess.TimeoutExpired:
                running.kill()
                running.wait()


def answers(url: str) -> bool:
    try:
        return httpx.get(url, trust_env=False).status_code == 200
    except httpx.TransportError:
        return False


@pytest.fixture(scope="session")
def log(tmp_path_factory) -> Log:
    path = tmp_path_factory.mktemp("upstream") / "log.jsonl"
    os.environ["SCRIPTED_LOG"] = str(path)  # for the copy that the middleware wraps
    return Log(path)


@pytest.fixture(scope="session")
def upstream(log) -> str:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    arguments = ["-m", "granian", "tests.e2e.scripted:app", "--interface", "asginl", "--no-ws"]
    arguments += ["--port", str(port), "--no-log"]
    with process(arguments, f"{url}/", SCRIPTED_LOG=str(log.path)):
        yield url


@contextmanager
def proxy(upstream: str, policy: Path, *options: str):
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    arguments = ["-m", "guardrail", "serve", "--upstream", upstream, "--policy", str(policy)]
    with process([*arguments, "--port", str(port), *options], f"{url}/readyz") as running:
        yield url, running


@pytest.fixture(scope="session")
def audit(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("audit") / "audit.jsonl"


@pytest.fixture(scope="session")
def guarded(upstream, audit) -> str:
    with proxy(upstream, HERE / "policy.yaml", "--audit", str(audit)) as (url, _):
        yield url


@pytest.fixture(scope="session")
def redacting(upstream) -> str:
    with proxy(upstream, HERE / "redacting.yaml") as (url, _):
        yield url
