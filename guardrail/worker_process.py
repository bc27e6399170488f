"""A worker process and its pipes: what hostile files are read in."""

from __future__ import annotations

import fcntl
import json
import os
import select
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from time import monotonic
from typing import Any

_PIPE_BYTES = 1024 * 1024
_CHUNK = 1024 * 1024
_START_S = 20.0
_LINE_BYTES = 64 * 1024
# All that an interpreter with its libraries needs; an exploited reader shall find no keys.
_ENVIRONMENT = ("PATH", "LANG", "LD_LIBRARY_PATH", "PYTHONHOME", "PYTHONPATH", "TMPDIR")


class Late(Exception):  # noqa: N818 - a condition between this module and its caller
    """The worker did not answer in time, or closed its pipe."""


class WorkerProcess:
    """One worker process and its pipes; used by one thread.

    A job is a line of JSON and so many bytes; so is an answer. The process says ``{}`` first.

    Args:
        script: What it runs.

    Raises:
        OSError: It does not start.
    """

    def __init__(self, script: Path) -> None:
        # -P: the script's own folder must not come first on the path; it holds a types.py.
        self.process = subprocess.Popen(  # noqa: S603 - our own interpreter and script
            [sys.executable, "-P", str(script)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_environment(),
        )
        if self.process.stdin is None or self.process.stdout is None:
            raise RuntimeError("a worker process without pipes")
        self._in, self._out = self.process.stdin.fileno(), self.process.stdout.fileno()
        for descriptor in (self._in, self._out):
            os.set_blocking(descriptor, False)
            with suppress(OSError):  # a small pipe is slower, nothing else
                fcntl.fcntl(descriptor, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
        try:
            self._line(monotonic() + _START_S)
        except Late:
            self.close()
            raise OSError(f"a decode worker did not start within {_START_S} s") from None

    def ask(self, job: Mapping[str, Any], data: bytes, deadline: float) -> Any:
        """The JSON that the worker answers with; it may have been taken over: believe nothing.

        Raises:
            Late: There is no answer by ``deadline``, in seconds of the monotonic clock.
            ValueError: The answer is no JSON.
        """
        self._write(json.dumps({**job, "bytes": len(data)}).encode() + b"\n", deadline)
        self._write(data, deadline)
        return json.loads(self._line(deadline))

    def take(self, view: memoryview, deadline: float) -> None:
        """Fills ``view`` with the bytes that follow an answer.

        Raises:
            Late: They do not come.
        """
        while view:
            self._wait(self._out, deadline, write=False)
            got = os.readv(self._out, [view[:_CHUNK]])
            if not got:
                raise Late
            view = view[got:]

    def close(self) -> None:
        """Ends the process and closes its pipes; for the thread that uses it."""
        self.process.kill()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()
        self.process.wait()

    def _line(self, deadline: float) -> bytes:
        line = b""
        while not line.endswith(b"\n"):
            self._wait(self._out, deadline, write=False)
            # A byte at a time: pixels follow the line in the same pipe.
            byte = os.read(self._out, 1)
            if not byte:
                raise Late
            line += byte
            if len(line) > _LINE_BYTES:
                raise Late
        return line

    def _write(self, data: bytes, deadline: float) -> None:
        view = memoryview(data)
        while view:
            self._wait(self._in, deadline, write=True)
            try:
                view = view[os.write(self._in, view[:_CHUNK]) :]
            except BlockingIOError:
                continue
            except BrokenPipeError:
                raise Late from None

    @staticmethod
    def _wait(descriptor: int, deadline: float, *, write: bool) -> None:
        left = deadline - monotonic()
        poll = select.poll()
        poll.register(descriptor, select.POLLOUT if write else select.POLLIN)
        if left <= 0 or not poll.poll(left * 1000):
            raise Late


def _environment() -> dict[str, str]:
    kept = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
    return {**kept, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
