"""Micro-batching: each caller gets its own results, whoever it shares a batch with."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from guardrail.errors import OverloadError
from guardrail_detectors.batching import MicroBatcher


class Doubler:
    """Doubles numbers, remembers its batches, and waits at the gate."""

    def __init__(self):
        self.batches = []
        self.entered, self.gate = Event(), Event()
        self.gate.set()

    def __call__(self, items):
        self.batches.append(list(items))
        self.entered.set()
        assert self.gate.wait(5)
        if 13 in items:
            raise ValueError("thirteen")
        return [2 * item for item in items]


@pytest.fixture
def doubler():
    return Doubler()


def held(doubler, pool, batched, items):
    """A call that is in ``run`` and stays there until the gate opens."""
    doubler.gate.clear()
    first = pool.submit(batched, items)
    assert doubler.entered.wait(5)
    return first


def waiting(batcher, count):
    while batcher._waiting < count:
        pass


def test_results_come_in_the_order_of_the_items(doubler):
    assert MicroBatcher(doubler, budget=2)([5, 1, 4, 2, 3]) == [10, 2, 8, 4, 6]


def test_no_items_are_no_call(doubler):
    assert MicroBatcher(doubler)([]) == []
    assert doubler.batches == []


def test_a_lone_caller_is_served_at_once_in_batches_of_the_budget(doubler):
    MicroBatcher(doubler, budget=3)(list(range(7)))

    assert [len(batch) for batch in doubler.batches] == [3, 3, 1]


def test_an_item_dearer_than_the_budget_goes_alone(doubler):
    MicroBatcher(doubler, cost=lambda item: item, budget=10)([3, 50, 4])

    assert doubler.batches == [[3], [50], [4]]


def test_those_who_wait_are_served_together(doubler):
    batched = MicroBatcher(doubler, budget=16)
    with ThreadPoolExecutor(4) as pool:
        first = held(doubler, pool, batched, [1])
        others = [pool.submit(batched, [number]) for number in (2, 3, 4)]
        waiting(batched, 3)
        doubler.gate.set()

        assert first.result(5) == [2]
        assert [other.result(5) for other in others] == [[4], [6], [8]]
    assert sorted(map(len, doubler.batches)) == [1, 3]


def test_a_long_job_does_not_hold_up_a_short_one(doubler):
    batched = MicroBatcher(doubler, budget=4)
    with ThreadPoolExecutor(3) as pool:
        first = held(doubler, pool, batched, [0])
        long = pool.submit(batched, list(range(100, 120)))
        waiting(batched, 20)
        short = pool.submit(batched, [7])
        waiting(batched, 21)
        doubler.gate.set()

        assert short.result(5) == [14]
        assert first.result(5) == [0]
        assert long.result(5) == [2 * number for number in range(100, 120)]
    assert any(7 in batch for batch in doubler.batches[1:3])


def test_an_error_reaches_those_whose_items_were_in_the_batch_and_nobody_else(doubler):
    batched = MicroBatcher(doubler, budget=2)
    with ThreadPoolExecutor(3) as pool:
        first = held(doubler, pool, batched, [0])
        bad = pool.submit(batched, [13, 14, 15])
        waiting(batched, 3)
        doubler.gate.set()

        with pytest.raises(ValueError, match="thirteen"):
            bad.result(5)
        assert first.result(5) == [0]
    assert batched([8]) == [16]
    assert batched._waiting == 0


def test_more_than_may_wait_is_refused_and_leaves_the_others_alone(doubler):
    batched = MicroBatcher(doubler, budget=1, most_waiting=2)
    with ThreadPoolExecutor(3) as pool:
        first = held(doubler, pool, batched, [0])
        second = pool.submit(batched, [1, 2])
        waiting(batched, 2)

        with pytest.raises(OverloadError, match="2 texts wait"):
            batched([3])
        doubler.gate.set()
        assert first.result(5) == [0]
        assert second.result(5) == [2, 4]


def test_one_job_larger_than_the_queue_is_served_when_nothing_waits(doubler):
    assert MicroBatcher(doubler, most_waiting=2)([1, 2, 3]) == [2, 4, 6]
