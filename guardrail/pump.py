"""Reads a stream ahead in a task of its own, so that a wait for it can end without breaking it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Self


class Pump:
    """Chunks of an async iterator, read ahead up to ``max_bytes``.

    Use as an async context manager: leaving it stops the reading at once and closes the iterator,
    which for an upstream reply closes the connection.
    """

    def __init__(self, chunks: AsyncIterator[bytes], max_bytes: int = 1024 * 1024) -> None:
        self._chunks = chunks
        self._max_bytes = max_bytes
        self._ready: list[bytes] = []
        self._bytes = 0
        self._news = asyncio.Event()
        self._room = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._read())
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._task is not None:
            self._task.cancel()
            # Whatever reading it raised was either handed out by ``next`` or is of no use now.
            await asyncio.wait([self._task])
            if not self._task.cancelled():
                self._task.exception()
        close = getattr(self._chunks, "aclose", None)
        if close is not None:
            await close()

    async def next(self, timeout_s: float | None) -> bytes | None:
        """All that has arrived since the last call, waiting for some; None at the end.

        Raises:
            TimeoutError: Nothing came for ``timeout_s`` seconds; calling again goes on waiting.
        """
        while not self._ready:
            if self._task is not None and self._task.done():
                self._task.result()
                return None
            self._news.clear()
            async with asyncio.timeout(timeout_s):
                await self._news.wait()
        chunk = b"".join(self._ready)
        self._ready.clear()
        self._bytes = 0
        self._room.set()
        return chunk

    async def _read(self) -> None:
        try:
            async for chunk in self._chunks:
                self._ready.append(chunk)
                self._bytes += len(chunk)
                self._news.set()
                while self._bytes > self._max_bytes:
                    self._room.clear()
                    await self._room.wait()
        finally:
            self._news.set()
