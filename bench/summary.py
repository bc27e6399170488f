"""Blocks of samples → percentiles, rates and the ratio to the bare proxy with its interval."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bench.load import Block

_RESAMPLES = 4000


@dataclass(frozen=True, slots=True)
class Ratio:
    """CPU per request relative to the bare proxy: the estimate and its 95 % interval."""

    estimate: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Row:
    """What one target did under one scenario at one concurrency.

    Latencies in milliseconds over all ``n`` requests; ``cpu_ms`` is CPU milliseconds per request
    of the target's process tree; ``ratio`` is absent for what is not compared.
    """

    scenario: str
    concurrency: int
    target: str
    n: int
    p50_ms: float
    p95_ms: float
    p99_ms: float
    first_byte_p50_ms: float
    first_byte_p99_ms: float
    requests_per_s: float
    cpu_ms: float
    ratio: Ratio | None


def _cpu_ms(blocks: Sequence[Block]) -> float:
    requests = sum(len(b.samples) for b in blocks)
    return 1000 * sum(b.cpu_s for b in blocks) / requests


def cpu_ratio(blocks: Sequence[Block], bare: Sequence[Block], seed: int) -> Ratio:
    """CPU per request of ``blocks`` over that of ``bare``.

    The two lists are paired by round, and rounds are what the bootstrap draws: what slowed the
    machine during a round slowed both.

    Args:
        blocks: Blocks of the target, one per round.
        bare: Blocks of the bare proxy, in the same rounds.
        seed: Of the bootstrap (percentile interval, 4000 resamples).

    Raises:
        ValueError: The lists differ in length or are empty.
    """
    if len(blocks) != len(bare) or not blocks:
        raise ValueError(f"{len(blocks)} blocks cannot be paired with {len(bare)} bare blocks")
    target = np.array([b.cpu_ms_per_request for b in blocks])
    floor = np.array([b.cpu_ms_per_request for b in bare])
    draws = np.random.default_rng(seed).integers(0, len(target), (_RESAMPLES, len(target)))
    ratios = target[draws].sum(axis=1) / floor[draws].sum(axis=1)  # (resamples,)
    low, high = np.percentile(ratios, [2.5, 97.5])
    return Ratio(float(target.sum() / floor.sum()), float(low), float(high))


def summarise(
    key: tuple[str, int, str], blocks: Sequence[Block], bare: Sequence[Block] | None, seed: int
) -> Row:
    """The row of ``key`` (scenario, concurrency, target); compared with ``bare`` when given."""
    scenario, concurrency, target = key
    samples = [s for b in blocks for s in b.samples]
    total_ms = 1000 * np.array([s.total_s for s in samples])
    first_ms = 1000 * np.array([s.first_byte_s for s in samples])
    p50, p95, p99 = (float(x) for x in np.percentile(total_ms, [50, 95, 99]))
    return Row(
        scenario=scenario,
        concurrency=concurrency,
        target=target,
        n=len(samples),
        p50_ms=p50,
        p95_ms=p95,
        p99_ms=p99,
        first_byte_p50_ms=float(np.percentile(first_ms, 50)),
        first_byte_p99_ms=float(np.percentile(first_ms, 99)),
        requests_per_s=len(samples) / sum(b.wall_s for b in blocks),
        cpu_ms=_cpu_ms(blocks),
        ratio=None if bare is None else cpu_ratio(blocks, bare, seed),
    )
