"""A reply's body as it arrives, with an end that can be brought about at any time."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable
from types import TracebackType


class StreamedBody(AsyncGenerator[bytes, None]):
    """Chunks from ``read`` until it returns nothing; ``close`` runs once, whatever happens.

    A generator function would not do: closing one that nobody has iterated yet runs none of its
    code, and the connection behind it would stay open.

    Args:
        read: The next chunk, empty at the end.
        close: Releases what is behind the body: a connection, a running application.
    """

    def __init__(
        self, read: Callable[[], Awaitable[bytes]], close: Callable[[], Awaitable[None]]
    ) -> None:
        self._read = read
        self._close = close
        self._closed = False

    async def asend(self, _value: None, /) -> bytes:
        """The next chunk."""
        if self._closed:
            raise StopAsyncIteration
        try:
            chunk = await self._read()
        except BaseException:
            await self.aclose()
            raise
        if not chunk:
            await self.aclose()
            raise StopAsyncIteration
        return chunk

    async def athrow(
        self,
        typ: type[BaseException] | BaseException,
        val: BaseException | object = None,
        _trace: TracebackType | None = None,
        /,
    ) -> bytes:
        """Ends the body, and raises what it is given."""
        await self.aclose()
        error = typ if isinstance(typ, BaseException) else val
        raise error if isinstance(error, BaseException) else typ

    async def aclose(self) -> None:
        """Ends the body at once; whatever it had left is lost."""
        if not self._closed:
            self._closed = True
            await self._close()
