"""Swaps in an edited policy; a bad edit leaves the last good one in force."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from pathlib import Path

from guardrail.errors import GuardrailError
from guardrail.guard import Guard, Observer
from guardrail.policy import BUILTIN, load_policy

_logger = logging.getLogger("guardrail")

Stamp = tuple[int, int, int]
"""What an edit changes of a file: modification time in ns, size, inode."""


class PolicyWatch:
    """The guard in force, replaced when the files of its policy change.

    The files are looked at, not their events: that works on every file system, for files replaced
    by a rename, and for links of a mounted ConfigMap. An edit counts once the files are the same
    in two looks, so that a file that is being written is not taken for a shorter policy.

    Args:
        source: What the policy was loaded from; a built-in's name is not watched.
        guard: In force until the first edit.
        observers: For the guards to come.
        accept: Called with every new guard before it is in force; refuses it by a PolicyError.
    """

    def __init__(
        self,
        source: str | Path,
        guard: Guard,
        observers: Sequence[Observer] = (),
        accept: Callable[[Guard], None] | None = None,
    ) -> None:
        self.guard = guard
        self._source = source
        self._observers = tuple(observers)
        self._accept = accept
        self._in_force = self._seen = stamps(guard.snapshot.policy.files)
        self._failure = ""

    async def run(self, interval_s: float = 1.0) -> None:
        """Looks every ``interval_s`` seconds, for ever; at once over for a built-in policy."""
        if self._source in BUILTIN:
            return
        while True:
            await asyncio.sleep(interval_s)
            await self.look()

    async def look(self) -> bool:
        """Looks once; whether a new guard came into force."""
        seen = stamps(self.guard.snapshot.policy.files)
        settled = seen == self._seen
        self._seen = seen
        # After a failure every look tries again: the file at fault may be one that only the bad
        # edit names.
        if not settled or (seen == self._in_force and not self._failure):
            return False
        try:
            guard = await asyncio.to_thread(self._made)
            await guard.load()
            if self._accept is not None:
                self._accept(guard)
        except GuardrailError as error:
            self._failed(f"{type(error).__name__}: {error}")
            return False
        except Exception as error:  # noqa: BLE001 - detectors are others' code, logged in full
            self._failed(f"{type(error).__name__}: {error}", trace=True)
            return False
        self._swap(guard)
        return True

    def _made(self) -> Guard:
        return Guard(
            load_policy(self._source),
            observers=self._observers,
            generation=self.guard.snapshot.generation + 1,
            previous=self.guard,
        )

    def _swap(self, guard: Guard) -> None:
        self.guard = guard
        self._failure = ""
        # What was seen before the files were read: a later edit is a difference at the next look.
        now = stamps(guard.snapshot.policy.files)
        self._in_force = self._seen = {file: self._seen.get(file, now[file]) for file in now}
        _logger.info("policy %s is in force", guard.snapshot.label.decode())

    def _failed(self, failure: str, *, trace: bool = False) -> None:
        """Says once an edit that the policy in force stays."""
        if failure != self._failure:
            label = self.guard.snapshot.label.decode()
            _logger.error(
                "policy edit refused, %s stays in force: %s", label, failure, exc_info=trace
            )
        self._failure = failure


def stamps(files: Sequence[Path]) -> dict[Path, Stamp | None]:
    """The files' stamps, None for one that is missing."""
    found: dict[Path, Stamp | None] = {}
    for file in files:
        try:
            stat = file.stat()
        except OSError:
            found[file] = None
        else:
            found[file] = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
    return found
