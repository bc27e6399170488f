"""Decoding in worker processes: a picture that kills its decoder takes nothing else down."""

from __future__ import annotations

import asyncio
import fcntl
import json
import os
import select
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from time import monotonic

import numpy as np

from guardrail.detector import Pixels
from guardrail.errors import ImageError, OverloadError
from guardrail.types import Image

_WORKER = Path(__file__).with_name("decode_worker.py")
_PIPE_BYTES = 1024 * 1024
_CHUNK = 1024 * 1024
_START_S = 20.0
_LINE_BYTES = 64 * 1024
# All that an interpreter with Pillow needs; an exploited decoder shall find no keys.
_ENVIRONMENT = ("PATH", "LANG", "LD_LIBRARY_PATH", "PYTHONHOME", "PYTHONPATH", "TMPDIR")


class _Late(Exception):  # noqa: N818 - a condition between two functions of this module
    """The worker did not answer in time, or closed its pipe."""


class _Worker:
    """One worker process and its pipes; used by one thread."""

    def __init__(self) -> None:
        # -P: the script's own folder must not come first on the path; it holds a types.py.
        self.process = subprocess.Popen(  # noqa: S603 - our own interpreter and script
            [sys.executable, "-P", str(_WORKER)],
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
        except _Late:
            self.close()
            raise OSError(f"a decode worker did not start within {_START_S} s") from None

    def decode(self, image: Image, timeout_s: float) -> tuple[Pixels, ...]:
        deadline = monotonic() + timeout_s
        pixels = image.width * image.height * image.frames
        job = {"bytes": len(image.data), "frames": image.frames, "pixels": pixels}
        self._write(json.dumps(job).encode() + b"\n", deadline)
        self._write(image.data, deadline)
        answer = json.loads(self._line(deadline))
        if "error" in answer:
            raise ImageError(f"the picture cannot be decoded ({answer['error']})")
        shapes = _shapes(answer, pixels, image.frames)
        return tuple(self._frame(shape, deadline) for shape in shapes)

    def close(self) -> None:
        """Ends the process and closes its pipes; for the thread that uses it."""
        self.process.kill()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()
        self.process.wait()

    def _frame(self, shape: tuple[int, ...], deadline: float) -> Pixels:
        frame = np.empty(shape, np.uint8)
        view = memoryview(frame.data).cast("B")
        while view:
            self._wait(self._out, deadline, write=False)
            got = os.readv(self._out, [view[:_CHUNK]])
            if not got:
                raise _Late
            view = view[got:]
        frame.flags.writeable = False
        return frame

    def _line(self, deadline: float) -> bytes:
        line = b""
        while not line.endswith(b"\n"):
            self._wait(self._out, deadline, write=False)
            # A byte at a time: pixels follow the line in the same pipe.
            byte = os.read(self._out, 1)
            if not byte:
                raise _Late
            line += byte
            if len(line) > _LINE_BYTES:
                raise _Late
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
                raise _Late from None

    @staticmethod
    def _wait(descriptor: int, deadline: float, *, write: bool) -> None:
        left = deadline - monotonic()
        poll = select.poll()
        poll.register(descriptor, select.POLLOUT if write else select.POLLIN)
        if left <= 0 or not poll.poll(left * 1000):
            raise _Late


def _environment() -> dict[str, str]:
    kept = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
    return {**kept, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


def _shapes(answer: object, pixels: int, frames: int) -> list[tuple[int, int, int]]:
    """The frames' shapes out of an answer, which a worker that was taken over may have written.

    Raises:
        ValueError: It promises anything but what the picture's header allows.
    """
    match answer:
        case {"shapes": [_, *_] as shapes} if len(shapes) <= frames:
            found = [_shape(shape) for shape in shapes]
        case _:
            raise ValueError("an answer without frames")
    if sum(height * width for height, width, _ in found) > pixels:
        raise ValueError("more pixels than the header says")
    return found


def _shape(shape: object) -> tuple[int, int, int]:
    match shape:
        case [int(height), int(width), int(channels)] if (
            height > 0 and width > 0 and channels in (3, 4)
        ):
            return height, width, channels
        case _:
            raise ValueError("a frame without a shape")


class Decoder:
    """A pool of worker processes.

    Args:
        workers: How many processes; they start with ``load`` or with the first picture.
        max_waiting: Pictures that may wait for a worker.
        timeout_s: For one picture; a worker that takes longer is killed and replaced.
    """

    def __init__(
        self, workers: int | None = None, max_waiting: int = 64, timeout_s: float = 20.0
    ) -> None:
        self._workers = workers or min(2, os.cpu_count() or 1)
        self._timeout_s = timeout_s
        self._max_jobs = max_waiting + self._workers
        self._jobs = 0
        self._threads = ThreadPoolExecutor(self._workers, "guardrail-decode")
        self._mine = threading.local()
        self._all: set[_Worker] = set()
        self._lock = threading.Lock()
        self._closed = False

    async def load(self) -> None:
        """Starts a worker, so that the first picture does not wait for one.

        Raises:
            OSError: It does not start.
        """
        await asyncio.wrap_future(self._threads.submit(self._worker))

    async def frames(self, image: Image) -> tuple[Pixels, ...]:
        """All frames as displayed, read-only.

        Raises:
            ImageError: The bytes do not decode, hold more than their header said, or took too much.
            OverloadError: Too many pictures are waiting, or the decoder is closed.
        """
        with self._lock:
            if self._closed or self._jobs >= self._max_jobs:
                raise OverloadError(f"{self._jobs} pictures are waiting to be decoded")
            self._jobs += 1
            future = self._threads.submit(self._decode, image)
        future.add_done_callback(self._finished)
        try:
            return await asyncio.wrap_future(future)
        except asyncio.CancelledError:
            if self._closed and future.cancelled():  # by close, not by who waits here
                raise OverloadError("the decoder was closed") from None
            raise

    async def close(self) -> None:
        """Ends every worker; pictures being decoded fail."""
        with self._lock:
            self._closed = True
            # Killed, not closed: a thread may be using the pipes.
            for worker in self._all:
                worker.process.kill()
        self._threads.shutdown(wait=False, cancel_futures=True)
        await asyncio.to_thread(self._threads.shutdown)
        for worker in tuple(self._all):
            worker.close()

    def _finished(self, _: object) -> None:
        with self._lock:
            self._jobs -= 1

    def _worker(self) -> _Worker:
        worker: _Worker | None = getattr(self._mine, "worker", None)
        if worker is not None:
            if worker.process.poll() is None:
                return worker
            self._discard(worker)
        worker = self._mine.worker = _Worker()
        with self._lock:
            self._all.add(worker)
            if self._closed:
                worker.process.kill()
        return worker

    def _discard(self, worker: _Worker) -> None:
        with self._lock:
            self._all.discard(worker)
        self._mine.worker = None
        worker.close()

    def _decode(self, image: Image) -> tuple[Pixels, ...]:
        worker: _Worker | None = None
        try:
            worker = self._worker()
            return worker.decode(image, self._timeout_s)
        except (_Late, OSError, ValueError, MemoryError):
            if worker is not None:
                self._discard(worker)
            raise ImageError(
                "the picture cannot be decoded: its decoder failed or took too long"
            ) from None
