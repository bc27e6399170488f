"""Micro-batching: what several threads ask of one model at the same time is answered together."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Generic, TypeVar

from guardrail.errors import OverloadError

Item = TypeVar("Item")
Result = TypeVar("Result")


@dataclass(slots=True, eq=False)
class _Job(Generic[Item, Result]):
    items: Sequence[Item]
    results: list[Result]
    taken: int = 0
    error: Exception | None = None

    @property
    def done(self) -> bool:
        return self.error is not None or len(self.results) == len(self.items)


class MicroBatcher(Generic[Item, Result]):
    """Calls ``run`` once for the items of all threads that wait.

    One thread runs at a time; when it is done, the next one that waits takes along what the others
    want. Nothing waits for company: a lone caller is served at once. Callers take turns item by
    item, so that a long text does not hold up a short one.

    Args:
        run: Items → one result each, in order.
        cost: Of one item.
        budget: Most cost of one call, unless a single item is dearer.
        most_waiting: Items that may wait in all.
    """

    def __init__(
        self,
        run: Callable[[list[Item]], Sequence[Result]],
        *,
        cost: Callable[[Item], int] = lambda _: 1,
        budget: int = 16,
        most_waiting: int = 100_000,
    ) -> None:
        self._run = run
        self._cost = cost
        self._budget = budget
        self._most_waiting = most_waiting
        self._queue: deque[_Job[Item, Result]] = deque()
        self._waiting = 0
        self._queue_lock = Lock()
        self._turn = Lock()

    def __call__(self, items: Sequence[Item]) -> list[Result]:
        """The results for ``items``; blocks.

        Raises:
            OverloadError: Too much waits already.
            Exception: What ``run`` raised for a batch with one of these items.
        """
        job: _Job[Item, Result] = _Job(items, [])
        if not items:
            return job.results
        with self._queue_lock:
            if self._waiting and self._waiting + len(items) > self._most_waiting:
                raise OverloadError(f"{self._waiting} texts wait already; try again later")
            self._waiting += len(items)
            self._queue.append(job)
        while not job.done:
            with self._turn:
                if not job.done:
                    self._serve()
        if job.error is not None:
            raise job.error
        return job.results

    def _serve(self) -> None:
        """One call of ``run`` for the next items, one of each waiting job in turn."""
        batch: list[tuple[_Job[Item, Result], Item]] = []
        spent = 0
        with self._queue_lock:
            while self._queue:
                job = self._queue[0]
                item = job.items[job.taken]
                spent += self._cost(item)
                if batch and spent > self._budget:
                    break
                batch.append((job, item))
                job.taken += 1
                self._queue.rotate(-1)
                if job.taken == len(job.items):
                    self._queue.pop()
            self._waiting -= len(batch)
        try:
            results = self._run([item for _, item in batch])
        except Exception as error:  # noqa: BLE001 - handed to every caller whose item was in the batch
            self._fail({id(job): job for job, _ in batch}, error)
            return
        for (job, _), result in zip(batch, results, strict=True):
            job.results.append(result)

    def _fail(self, jobs: dict[int, _Job[Item, Result]], error: Exception) -> None:
        with self._queue_lock:
            for job in jobs.values():
                job.error = error
                if job in self._queue:
                    self._queue.remove(job)
                    self._waiting -= len(job.items) - job.taken
