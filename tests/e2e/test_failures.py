"""A real proxy, a real upstream, and everything that breaks between them."""

from __future__ import annotations

import contextlib
import json
import socket
import subprocess
import threading
import time
from functools import partial
from pathlib import Path

import httpx
import pytest

from tests.e2e.conftest import HERE, free_port, proxy
from tests.e2e.test_shells import HEADERS
from tests.e2e.test_shells import request as request_of
from tests.e2e.voices import Chat

CHAT = Chat()
request = partial(request_of, CHAT)


def post(url: str, body: bytes, **more) -> httpx.Response:
    return httpx.post(
        f"{url}{CHAT.path}", content=body, headers=HEADERS, timeout=20, trust_env=False, **more
    )


@contextlib.contextmanager
def raw_upstream(answer: bytes, *, wait_s: float = 0.0):
    """A server that reads a request, sends ``answer`` and hangs up."""
    listening = socket.create_server(("127.0.0.1", 0))
    seen: list[bytes] = []

    def serve() -> None:
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            with connection, contextlib.suppress(OSError):
                seen.append(connection.recv(65536))
                time.sleep(wait_s)
                connection.sendall(answer)

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}", seen
    finally:
        listening.close()


def open_connections(pid: int) -> int:
    """Established TCP connections of a process."""
    links = set()
    for descriptor in Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(OSError):
            links.add(str(descriptor.readlink()))
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return sum(row[3] == "01" and f"socket:[{row[9]}]" in links for row in rows)


@pytest.mark.parametrize("stream", [False, True])
def test_a_client_that_leaves_cancels_the_upstream(guarded, log, stream):
    model = "endless" if stream else "silent"
    before = len(log.rows(event="client left", model=model))

    with contextlib.suppress(httpx.TimeoutException), httpx.Client(trust_env=False) as client:
        body = request(model=model, stream=stream)
        with client.stream(
            "POST", f"{guarded}{CHAT.path}", content=body, headers=HEADERS, timeout=0.5
        ) as reply:
            for _ in reply.iter_bytes():
                break

    deadline = time.monotonic() + 5
    while len(log.rows(event="client left", model=model)) == before:
        assert time.monotonic() < deadline, "the upstream was never cancelled"
        time.sleep(0.02)


def test_an_upstream_that_says_nothing_is_given_up_in_time(guarded, log):
    started = time.monotonic()

    reply = post(guarded, request(model="silent"))

    assert reply.status_code == 504
    assert reply.json()["error"]["code"] == "upstream_error"
    assert time.monotonic() - started < 10
    assert log.wait_for(event="client left", model="silent")


def test_an_upstream_that_is_not_there_is_a_bad_gateway_without_its_address():
    nowhere = f"http://127.0.0.1:{free_port()}"
    with proxy(nowhere, HERE / "policy.yaml") as (url, _):
        reply = post(url, request())

    assert reply.status_code == 502
    assert "127.0.0.1" not in reply.text


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"HTTP/1.1 200 OK\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 500\r\n\r\n{",
        b'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\n{"a"',
        b"garbage that is no HTTP\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 3\r\n\r\nabc",
    ],
)
def test_an_upstream_that_breaks_off_is_a_bad_gateway_and_asked_once(answer):
    with (
        raw_upstream(answer) as (upstream, seen),
        proxy(upstream, HERE / "policy.yaml") as (url, running),
    ):
        reply = post(url, request())
        again = post(url, request("a forbidden thing"))

        assert reply.status_code == 502
        assert reply.json()["error"]["code"] == "upstream_error"
        assert len(seen) == 1
        assert again.status_code == 200
        assert running.poll() is None


def test_a_stream_that_is_cut_releases_nothing_and_says_so(upstream):
    head = (
        b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
    )
    event = b'data: {"choices":[{"index":0,"delta":{"content":"secret start"}}]}\n\n'
    piece = b"%x\r\n%s\r\n" % (len(event), event)

    with raw_upstream(head + piece) as (cut, _), proxy(cut, HERE / "policy.yaml") as (url, _):
        reply = post(url, request(stream=True))

    assert "secret" not in reply.text
    assert "upstream_error" in reply.text


def test_the_unix_way_to_stop_lets_a_reply_under_way_finish(upstream):
    with proxy(upstream, HERE / "policy.yaml") as (url, running):
        begun, answers = threading.Event(), []
        body, options = request(stream=True), {"headers": HEADERS, "timeout": 20}

        def ask():
            address = f"{url}{CHAT.path}"
            with (
                httpx.Client(trust_env=False) as client,
                client.stream("POST", address, content=body, **options) as reply,
            ):
                begun.set()
                answers.append((reply.status_code, reply.read()))

        work = threading.Thread(target=ask)
        work.start()
        assert begun.wait(15)
        running.terminate()
        work.join(15)

        assert running.wait(20) == 0
    ((status, told),) = answers
    assert status == 200
    assert told.endswith(b"data: [DONE]\n\n")


def test_an_edit_takes_force_and_a_bad_one_does_not(upstream, tmp_path):
    policy = tmp_path / "mine.yaml"
    good = (HERE / "policy.yaml").read_text()
    policy.write_text(good)
    with proxy(upstream, policy, "--workers", "2") as (url, running):
        assert post(url, request()).headers["x-guardrail-policy"] == "e2e@1"

        policy.write_text(good.replace("name: e2e", "name: edited", 1))
        _until(
            lambda: (
                {post(url, request()).headers["x-guardrail-policy"] for _ in range(12)}
                == {"edited@2"}
            )
        )

        policy.write_text(good.replace("on_error: block", "on_eror: block", 1))
        time.sleep(2.5)
        assert post(url, request()).headers["x-guardrail-policy"] == "edited@2"
        assert post(url, request("a forbidden thing")).headers["x-guardrail-action"] == "block"
        assert running.poll() is None


def _until(condition) -> None:
    deadline = time.monotonic() + 15
    while not condition():
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.1)


def test_the_metrics_of_all_workers_are_summed(upstream):
    with proxy(upstream, HERE / "policy.yaml", "--workers", "2") as (url, _):
        for _ in range(20):
            post(url, request())
        time.sleep(0.3)
        lines = httpx.get(f"{url}/metrics", trust_env=False).text.splitlines()

    total = [line for line in lines if line.startswith("guardrail_exchanges_total{")]
    assert sum(float(line.rpartition(" ")[2]) for line in total) == 20


def test_an_audit_line_names_what_happened_and_holds_no_content(guarded, audit):
    reply = post(guarded, request("a forbidden thing, and a secret"))

    wanted = reply.headers["x-guardrail-verdict-id"]
    rows = [json.loads(line) for line in audit.read_text().splitlines()]
    (row,) = [row for row in rows if row["verdict_id"] == wanted]
    assert (row["action"], row["ended"], row["policy"]) == ("BLOCK", "blocked", "e2e")
    assert row["sides"]["input"]["coverage"] == {"scanned": 1}
    assert "secret" not in json.dumps(row)


def test_nothing_stays_open_after_many_broken_exchanges(upstream):
    with proxy(upstream, HERE / "policy.yaml") as (url, running):
        for model in ("malformed", "truncated", "failing", "bad", "plain") * 6:
            post(url, request(model=model, stream=True))
        time.sleep(9)  # idle connections are kept for 4 s and looked for every 4 s

        children = subprocess.run(
            ["pgrep", "-P", str(running.pid)], capture_output=True, text=True
        ).stdout.split()
        left = sum(open_connections(int(pid)) for pid in children)

    assert left == 0
