"""Closed-loop load over keep-alive connections, timed request by request."""

import hashlib
import http.client
import itertools
import json
import random
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from bench.processes import Server, ServerError, cpu_s

_SERIAL = b"#00000000"
_HEADERS = {"content-type": "application/json", "authorization": "Bearer bench"}
_TIMEOUT_S = 30.0
_WORDS = ("river", "stone", "letter", "winter", "garden", "window", "bread", "music", "ladder")


@dataclass(frozen=True, slots=True)
class Scenario:
    """A kind of request.

    Attributes:
        name: What the tables call it.
        text_bytes: Length of the user's message.
        streamed: Whether the reply is asked for as server-sent events.
        share: Its requests per block, as a fraction of the block size asked for.
    """

    name: str
    text_bytes: int
    streamed: bool
    share: float


SCENARIOS = (
    Scenario("short", 900, streamed=False, share=1.0),
    Scenario("long", 50_000, streamed=False, share=0.5),
    Scenario("streamed", 900, streamed=True, share=0.125),
)


@dataclass(frozen=True, slots=True)
class Sample:
    """One request: seconds to the whole reply, seconds to the first byte of its body."""

    total_s: float
    first_byte_s: float


@dataclass(frozen=True, slots=True)
class Block:
    """Requests sent in one go.

    Attributes:
        samples: One per request.
        wall_s: Seconds from the first request to the last reply.
        cpu_s: CPU seconds that the server's process tree used meanwhile.
    """

    samples: tuple[Sample, ...]
    wall_s: float
    cpu_s: float

    @property
    def cpu_ms_per_request(self) -> float:
        """CPU milliseconds of the server per request."""
        return 1000 * self.cpu_s / len(self.samples)


def bodies(scenario: Scenario, seed: int) -> Iterator[bytes]:
    """Endless request bodies; no two are equal, so that no cache answers for the guard."""
    words = random.Random(seed).choices(_WORDS, k=scenario.text_bytes)
    text = f"{_SERIAL.decode()} {' '.join(words)}"[: scenario.text_bytes]
    messages = [{"role": "user", "content": text}]
    request: dict[str, object] = {"model": "bench", "messages": messages}
    if scenario.streamed:
        request["stream"] = True
    template = json.dumps(request).encode()
    for serial in itertools.count():
        yield template.replace(_SERIAL, b"#%08d" % serial, 1)


def _exchange(connection: http.client.HTTPConnection, body: bytes) -> tuple[Sample, bytes]:
    started = time.perf_counter()
    connection.request("POST", "/v1/chat/completions", body, _HEADERS)
    response = connection.getresponse()
    first = response.read1()
    first_byte_s = time.perf_counter() - started
    reply = first + response.read()
    total_s = time.perf_counter() - started
    if response.status != http.client.OK:
        raise ServerError(f"port {connection.port}: status {response.status}: {reply[:200]!r}")
    return Sample(total_s, first_byte_s), reply


def reply_digest(server: Server, body: bytes) -> str:
    """SHA-256 of the reply's body; equal for every target when allowed means untouched."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=_TIMEOUT_S)
    try:
        return hashlib.sha256(_exchange(connection, body)[1]).hexdigest()
    finally:
        connection.close()


def _client(port: int, requests: list[bytes]) -> list[Sample]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_TIMEOUT_S)
    try:
        return [_exchange(connection, body)[0] for body in requests]
    finally:
        connection.close()


def run_block(server: Server, source: Iterator[bytes], count: int, concurrency: int) -> Block:
    """Send ``count`` requests to ``server`` over ``concurrency`` connections.

    Args:
        server: Where they go.
        source: Their bodies; taken before the clock starts.
        count: How many; rounded up to a multiple of ``concurrency``.
        concurrency: Connections, each with one request in flight.

    Raises:
        ServerError: A reply had another status than 200.
    """
    each = -(-count // concurrency)
    shares = [list(itertools.islice(source, each)) for _ in range(concurrency)]
    with ThreadPoolExecutor(concurrency) as clients:
        cpu_before, started = cpu_s(server.pid), time.perf_counter()
        done = list(clients.map(_client, itertools.repeat(server.port), shares))
        wall_s = time.perf_counter() - started
        cpu_used = cpu_s(server.pid) - cpu_before
    return Block(tuple(itertools.chain.from_iterable(done)), wall_s, cpu_used)
