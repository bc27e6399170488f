"""Sends the demo's exchanges and gathers what happened to them."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import httpx

from guardrail.demo.exchanges import Exchange
from guardrail.demo.servers import Servers

_PATIENCE_S = 5.0


@dataclass(frozen=True, slots=True)
class Happened:
    """What happened to an exchange.

    Attributes:
        exchange: What was sent.
        action: What the guard did, as its audit record says; ``error`` when it failed.
        reply: The text that reached the client.
        ms: Until the reply was complete.
        reached: Whether the request reached the stand-in.
        untouched: Whether it reached the stand-in byte for byte.
        record: The audit record.
    """

    exchange: Exchange
    action: str
    reply: str
    ms: float
    reached: bool
    untouched: bool
    record: dict[str, Any]

    @property
    def as_expected(self) -> bool:
        """Whether it ended as it should."""
        return self.action == self.exchange.expected

    def findings(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Stage and finding, highest score first, of the stages that did something.

        Those about drafts that were replaced are among them.
        """
        said = [*self.record.get("sides", {}).values(), *self.record.get("rounds", ())]
        found = [
            (stage["stage"], finding)
            for one in said
            for stage in one["stages"]
            if stage["action"] != "ALLOW"
            for finding in stage.get("findings", ())
        ]
        yield from sorted(found, key=lambda pair: -float(pair[1]["score"]))


def send(client: httpx.Client, servers: Servers, exchange: Exchange) -> Happened:
    """Sends one exchange and waits for its audit record.

    Raises:
        httpx.TransportError: The proxy cannot be reached.
    """
    body = json.dumps(exchange.body()).encode()
    before = len(_lines(servers.log))
    started = time.perf_counter()
    headers = {"content-type": "application/json", "authorization": "Bearer demo"}
    reply = client.post("/v1/chat/completions", content=body, headers=headers)
    milliseconds = (time.perf_counter() - started) * 1000
    seen = [row["sha256"] for row in _lines(servers.log)[before:]]
    record = _record(servers, reply.headers.get("x-guardrail-verdict-id", ""))
    return Happened(
        exchange=exchange,
        action=str(record["action"]).lower() if reply.is_success and record else "error",
        reply=_text(reply, stream=exchange.stream),
        ms=milliseconds,
        reached=bool(seen),
        untouched=seen == [sha256(body).hexdigest()],
        record=record,
    )


def _record(servers: Servers, verdict_id: str) -> dict[str, Any]:
    """The audit record of a verdict; it is written when the reply has ended, a moment later."""
    deadline = time.monotonic() + _PATIENCE_S
    while time.monotonic() < deadline:
        for record in _lines(servers.audit):
            if record["verdict_id"] == verdict_id:
                return record
        time.sleep(0.02)
    return {}


def _lines(path: Any) -> list[dict[str, Any]]:
    whole = path.read_text("utf-8").rpartition("\n")[0]
    return [json.loads(line) for line in whole.splitlines()]


def _text(reply: httpx.Response, *, stream: bool) -> str:
    if not reply.is_success:
        return reply.text
    if not stream:
        return str(reply.json()["choices"][0]["message"]["content"])
    pieces = []
    for line in reply.text.splitlines():
        value = line.removeprefix("data: ")
        if line.startswith("data: ") and value != "[DONE]":
            chunk = json.loads(value)
            pieces += [one["delta"].get("content") or "" for one in chunk.get("choices", ())]
            pieces.append(str(chunk.get("error", {}).get("message", "")))
    return "".join(pieces)
