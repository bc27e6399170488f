"""The guard: a policy with its detectors loaded, in front of any endpoint.

The three shells (proxy, ASGI middleware, httpx transport) and plain Python calls all end here, so
that the same input gets the same verdict whichever way it came.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from secrets import token_hex
from typing import Any, Self

from guardrail.adapter import Adapter, addressed
from guardrail.answers import failure, identified
from guardrail.asking import ask_nobody
from guardrail.audit import ExchangeRecord
from guardrail.background import run_sync
from guardrail.cache import VerdictCache
from guardrail.context import Ask
from guardrail.detector import Detector
from guardrail.errors import WireError, recorded
from guardrail.exchange import Exchange, Services
from guardrail.forward import sent_headers
from guardrail.keys import check_keys
from guardrail.once import Once
from guardrail.part_limit import parsed
from guardrail.paths import path_fits
from guardrail.pictures import Pictures
from guardrail.plain import given, inspected, plain
from guardrail.policy import Policy, Route, load_policy
from guardrail.registry import adapter, adapter_for_path
from guardrail.snapshot import Snapshot, matches, take_snapshot
from guardrail.types import Conversation, Outcome, Part, Side
from guardrail.wire import Reply, Request, Send, header

_logger = logging.getLogger("guardrail")

Observer = Callable[[ExchangeRecord], None]


@dataclass(frozen=True, slots=True)
class Shared:
    """What guards of one process share, so that a reloaded policy keeps it.

    Attributes:
        made: Detector objects by their settings.
        cache: Findings by content.
        pictures: Decode workers and the guarded fetch.
    """

    made: dict[str, Detector] = field(default_factory=dict)
    cache: VerdictCache = field(default_factory=VerdictCache)
    pictures: Pictures = field(default_factory=Pictures)


class Guard:
    """A policy with its detectors: what applications embed.

    Args:
        policy: The validated policy.
        observers: Called with the record of every finished exchange, e.g. an ``AuditLog``.
        generation: Shown in reply headers; a reloaded policy counts up.
        previous: A guard whose loaded detectors, cache and workers are used again.

    Raises:
        PolicyError: A detector, category or route of the policy does not exist.
    """

    def __init__(
        self,
        policy: Policy,
        *,
        observers: Sequence[Observer] = (),
        generation: int = 1,
        previous: Guard | None = None,
    ) -> None:
        self.shared: Shared = Shared() if previous is None else previous.shared
        made = self.shared.made
        self.snapshot = take_snapshot(policy, made, generation)
        self._routes: list[tuple[Route, Snapshot]] = [
            (route, take_snapshot(routed, made, generation)) for route, routed in policy.routed()
        ]
        self._pictures = self.shared.pictures
        self._services = Services(self.shared.cache, self._pictures, tuple(observers))
        self._loaded = Once(self._load)

    @classmethod
    def from_policy(cls, source: str | Path | Policy, **options: Any) -> Self:
        """A guard for a built-in policy's name, a YAML file, or a policy object.

        Raises:
            PolicyError: The policy is wrong; the message names file, line and remedy.
        """
        return cls(source if isinstance(source, Policy) else load_policy(source), **options)

    @property
    def ready(self) -> bool:
        """Whether every model is loaded and passed its self-test."""
        return self._loaded.done

    async def load(self) -> None:
        """Loads every model of the policy and its routes; at once if that was done.

        Raises:
            ModelError: Weights are missing or altered.
        """
        await self._loaded()

    async def _load(self) -> None:
        snapshots = [self.snapshot, *(snapshot for _, snapshot in self._routes)]
        detectors = {id(d): d for snapshot in snapshots for d in snapshot.detectors()}
        await asyncio.gather(*(one.load() for one in detectors.values()))
        if any("image" in one.kinds for one in detectors.values()):
            await self._pictures.load()

    async def close(self) -> None:
        """Ends the decode workers."""
        await self._pictures.close()

    async def handle(self, request: Request, send: Send) -> Reply:
        """The answer to ``request``, where ``send`` forwards it to what is guarded.

        Never raises for a bad request, a bad reply or a failing detector: those are answers.
        """
        name = self._adapter_name(request)
        if name is None:
            return await self._without_adapter(request, send)
        lens = adapter(name)
        record = self._record(request)
        content_type = header(request.headers, b"content-type")
        try:
            by_key = any(route.match.key for route, _ in self._routes)
            check_keys(request.headers, request.query, routed=by_key)
            lens = addressed(lens, request.path, request.query, content_type)
            conversation = await self._parsed(lens, request)
        except WireError as error:
            return self._recorded(failure(lens, error), record, "failed", str(error))
        snapshot, route = self._route(request, conversation)
        record.policy, record.digest = snapshot.policy.name, snapshot.policy.digest
        record.model = conversation.model
        if route is not None and route.upstream is not None:
            request = replace(request, upstream=route.upstream.base_url)
        with self._failing(record, 503):
            await self.load()
        return await Exchange(self._services, snapshot, lens, request, record).run(
            conversation, send
        )

    def check(
        self,
        *,
        text: str | None = None,
        images: Sequence[bytes] = (),
        messages: Sequence[Mapping[str, Any]] | None = None,
    ) -> Outcome:
        """What the input stages say; for code that runs no event loop. See ``acheck``."""
        return run_sync(self.acheck(text=text, images=images, messages=messages))

    async def acheck(
        self,
        *,
        text: str | None = None,
        images: Sequence[bytes] = (),
        messages: Sequence[Mapping[str, Any]] | None = None,
    ) -> Outcome:
        """What the input stages say about a text, pictures, or chat messages.

        Args:
            text: A user's text; its ref is ``/text``.
            images: Encoded pictures (PNG, JPEG, …) of the same message; refs ``/images/0`` ….
            messages: OpenAI chat messages; refs point into ``{"messages": …}``.

        Raises:
            WireError: A message or picture is not what it should be.
            ModelError: Weights are missing or altered.
        """
        conversation = plain(text, images)
        if messages is not None:
            body = json.dumps({"model": "", "messages": list(messages)}).encode()
            chat = await parsed(adapter("openai_chat"), body, self.snapshot.policy.max_parts)
            conversation = replace(chat, parts=conversation.parts + chat.parts)
        return (await self._inspected("input", conversation, dict(given(images))))[1]

    async def acheck_body(
        self, body: bytes, adapter_name: str = "openai_chat", side: Side = "input"
    ) -> tuple[Conversation, Outcome]:
        """What the stages of a side say about a request body, and its parts, pictures pinned.

        Raises:
            WireError: The body is not a request that the adapter reads.
            ModelError: Weights are missing or altered.
        """
        most = self.snapshot.policy.max_parts
        return await self._inspected(side, await parsed(adapter(adapter_name), body, most), {})

    async def acheck_reply(self, text: str, asker: Ask = ask_nobody, system: str = "") -> Outcome:
        """What the output stages say about a model's answer; its ref is ``/reply``.

        Args:
            text: The answer.
            asker: Asked by stages that ask a model; without it only judges are.
            system: What the model was told, besides what the policy itself tells it.

        Raises:
            ModelError: Weights are missing or altered.
        """
        reply = Part("/reply", "text", "assistant", "assistant", text, message=0)
        own = (Part("/system", "text", "system", "system", system),)
        return (await self._inspected("output", Conversation((reply,)), {}, asker, own))[1]

    async def _inspected(
        self,
        side: Side,
        conversation: Conversation,
        pictures: Mapping[str, bytes],
        asker: Ask = ask_nobody,
        own: Sequence[Part] = (),
    ) -> tuple[Conversation, Outcome]:
        await self.load()
        return await inspected(
            self.snapshot, self._services, side, conversation, pictures, asker, own
        )

    def _adapter_name(self, request: Request) -> str | None:
        if request.method != "POST":
            return None
        for route, _ in self._routes:
            pattern = route.match.path
            if route.adapter and pattern and path_fits(request.path, (pattern,)):
                return route.adapter
        return adapter_for_path(request.path)

    def _route(self, request: Request, conversation: Conversation) -> tuple[Snapshot, Route | None]:
        for route, snapshot in self._routes:
            if matches(route, request, conversation.model):
                return snapshot, route
        return self.snapshot, None

    async def _parsed(self, lens: Adapter, request: Request) -> Conversation:
        policy = self.snapshot.policy
        if len(request.body) > policy.max_body_bytes:
            raise WireError(f"the body is longer than {policy.max_body_bytes} bytes", status=413)
        encoding = header(request.headers, b"content-encoding")
        if encoding is not None and encoding.strip().lower() != b"identity":
            raise WireError(
                f"content-encoding {encoding.decode('latin-1')!r} is not read; send the body plain",
                status=415,
            )
        return await parsed(lens, request.body, policy.max_parts)

    async def _without_adapter(self, request: Request, send: Send) -> Reply:
        record = self._record(request)
        if path_fits(request.path, self.snapshot.policy.unguarded_paths):
            return await self._unguarded(request, send, record)
        message = (
            f"{request.method} {request.path} is not guarded: no adapter reads it, and the policy "
            "does not list it under unguarded_paths"
        )
        body = json.dumps({"error": {"message": message, "type": "not_implemented"}}).encode()
        told = Reply(501, ((b"content-type", b"application/json"),), body)
        return self._recorded(told, record, "refused", message)

    async def _unguarded(self, request: Request, send: Send, record: ExchangeRecord) -> Reply:
        with self._failing(record):
            reply = await send(
                replace(request, headers=sent_headers(request.headers, scanned=False))
            )
        return self._recorded(reply, record, "unguarded")

    @contextmanager
    def _failing(self, record: ExchangeRecord, status: int = 0) -> Generator[None]:
        """Records what is raised inside, and raises it on."""
        try:
            yield
        except BaseException as error:
            record.status = status
            ended = "client_closed" if isinstance(error, asyncio.CancelledError) else "failed"
            self._observe(record, ended, recorded(error))
            raise

    def _record(self, request: Request) -> ExchangeRecord:
        policy, generation = self.snapshot.policy, self.snapshot.generation
        return ExchangeRecord(token_hex(12), policy.name, generation, policy.digest, request.path)

    def _recorded(self, reply: Reply, record: ExchangeRecord, ended: str, error: str = "") -> Reply:
        record.status = reply.status
        self._observe(record, ended, error)
        return identified(reply, self.snapshot, record)

    def _observe(self, record: ExchangeRecord, ended: str, error: str) -> None:
        record.ended, record.error = ended, error
        for observe in self._services.observers:
            observe(record)
