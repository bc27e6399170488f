"""Decoding in worker processes: a picture that kills its decoder takes nothing else down."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from math import inf
from pathlib import Path
from time import monotonic
from typing import TypeVar

import numpy as np

from guardrail.detector import Pixels
from guardrail.errors import ImageError, OverloadError
from guardrail.types import Image
from guardrail.worker_process import Late, WorkerProcess

_WORKER = Path(__file__).with_name("decode_worker.py")

T = TypeVar("T")


_AMBIGUOUS = {
    "MirroredError": "is mirrored by its orientation tag, which some ignore; save it upright",
    "DeepGreyError": "is grey of more than eight bits, which some scale and others cut off; save "
    "it with eight",
}


def decoded(
    image: Image, worker: WorkerProcess, deadline: float, *, anew: bool = False
) -> tuple[Pixels, ...]:
    """The frames of ``image`` as ``worker`` decodes them.

    Args:
        image: The picture.
        worker: Decodes it.
        deadline: By the monotonic clock.
        anew: Whether the frames take the picture's place, so that nobody else decodes it.

    Raises:
        ImageError: It cannot.
        Late: It does not answer.
        ValueError: It answers what no honest worker would.
    """
    pixels = image.width * image.height * image.frames
    job = {"frames": image.frames, "pixels": pixels, "anew": anew}
    answer = worker.ask(job, image.data, deadline)
    if "error" in answer:
        raise _refused(str(answer["error"]))
    shapes = _shapes(answer, pixels, image.frames)
    return tuple(frame(shape, worker, deadline) for shape in shapes)


def _refused(error: str) -> ImageError:
    if why := _AMBIGUOUS.get(error):
        return ImageError(
            f"the picture {why}, or have it made anew from its pixels: images: normalise: true"
        )
    return ImageError(f"the picture cannot be decoded ({error})")


def frame(shape: tuple[int, ...], worker: WorkerProcess, deadline: float) -> Pixels:
    """The pixels of ``shape`` that ``worker`` sends next, read-only."""
    pixels = np.empty(shape, np.uint8)
    worker.take(memoryview(pixels.data).cast("B"), deadline)
    pixels.flags.writeable = False
    return pixels


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
        script: What the workers run instead of the pictures' decoder.
        what: What is decoded, for messages.
    """

    def __init__(
        self,
        workers: int | None = None,
        max_waiting: int = 64,
        timeout_s: float = 20.0,
        *,
        script: Path | None = None,
        what: str = "picture",
    ) -> None:
        self._script, self._what = script, what
        self._workers = workers or min(2, os.cpu_count() or 1)
        self._timeout_s = timeout_s
        self._max_jobs = max_waiting + self._workers
        self._jobs = 0
        self._threads = ThreadPoolExecutor(self._workers, "guardrail-decode")
        self._mine = threading.local()
        self._all: set[WorkerProcess] = set()
        self._lock = threading.Lock()
        self._closed = False

    async def load(self) -> None:
        """Starts a worker, so that the first picture does not wait for one.

        Raises:
            OSError: It does not start.
        """
        await asyncio.wrap_future(self._threads.submit(self._worker))

    async def frames(self, image: Image, *, anew: bool = False) -> tuple[Pixels, ...]:
        """All frames as displayed, read-only.

        Args:
            image: The picture.
            anew: Whether they take its place, so that it may be one that readers show in more than
                one way.

        Raises:
            ImageError: The bytes do not decode, hold more than their header said, took too much, or
                are shown in more than one way.
            OverloadError: Too many pictures are waiting, or the decoder is closed.
        """
        return await self.run(partial(decoded, image, anew=anew))

    async def run(self, work: Callable[[WorkerProcess, float], T]) -> T:
        """What ``work`` makes of a worker and the deadline by the monotonic clock.

        Raises:
            ImageError: It fails or takes too long; its worker is replaced.
            OverloadError: Too much is waiting, or the decoder is closed.
        """
        with self._lock:
            if self._closed or self._jobs >= self._max_jobs:
                raise OverloadError(f"{self._jobs} {self._what}s are waiting to be decoded")
            self._jobs += 1
            future = self._threads.submit(self._run, work)
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

    def _worker(self) -> WorkerProcess:
        worker: WorkerProcess | None = getattr(self._mine, "worker", None)
        if worker is not None:
            if worker.process.poll() is None:
                return worker
            self._discard(worker)
        worker = self._mine.worker = WorkerProcess(self._script or _WORKER)
        with self._lock:
            self._all.add(worker)
            if self._closed:
                worker.process.kill()
        return worker

    def _discard(self, worker: WorkerProcess) -> None:
        with self._lock:
            self._all.discard(worker)
        self._mine.worker = None
        worker.close()

    def _run(self, work: Callable[[WorkerProcess, float], T]) -> T:
        worker: WorkerProcess | None = None
        deadline = inf  # a worker's start is not the picture's time
        try:
            worker = self._worker()
            deadline = monotonic() + self._timeout_s
            return work(worker, deadline)
        except (Late, OSError, ValueError, MemoryError):
            if worker is not None:
                self._discard(worker)
            raise ImageError(f"the {self._what} cannot be decoded: {self._why(deadline)}") from None

    def _why(self, deadline: float) -> str:
        """The cause by the clock: a worker that is late and one that ended look the same."""
        if monotonic() >= deadline:
            return f"it took longer than {self._timeout_s:g} s; send a smaller or simpler one"
        return "its decoder failed; save it anew, or send another"
