"""The arithmetic of the benchmark's tables, by hand."""

from __future__ import annotations

import pytest

from bench.load import Block, Sample
from bench.summary import cpu_ratio, summarise


def block(cpu_s: float, *totals_s: float, wall_s: float = 1.0) -> Block:
    return Block(tuple(Sample(total, total / 2) for total in totals_s), cpu_s=cpu_s, wall_s=wall_s)


def test_the_ratio_is_of_sums_and_its_interval_holds_it():
    # 0.3 s + 0.5 s over 0.2 s + 0.2 s, two requests a block: 0.8 / 0.4 = 2.0
    guarded = [block(0.3, 1, 1), block(0.5, 1, 1)]
    bare = [block(0.2, 1, 1), block(0.2, 1, 1)]

    ratio = cpu_ratio(guarded, bare, seed=1)

    assert ratio.estimate == pytest.approx(2.0)
    assert (ratio.low, ratio.high) == pytest.approx((1.5, 2.5))


def test_what_slows_a_whole_round_leaves_the_ratio_alone():
    guarded = [block(0.3 * slow, 1) for slow in (1, 5, 2)]
    bare = [block(0.2 * slow, 1) for slow in (1, 5, 2)]

    ratio = cpu_ratio(guarded, bare, seed=1)

    assert (ratio.low, ratio.high) == pytest.approx((1.5, 1.5))


@pytest.mark.parametrize(("guarded", "bare"), [([], []), ([block(1, 1)], [])])
def test_blocks_that_cannot_be_paired_are_refused(guarded, bare):
    with pytest.raises(ValueError, match="cannot be paired"):
        cpu_ratio(guarded, bare, seed=1)


def test_a_row_counts_all_requests_of_all_rounds():
    row = summarise(("short", 1, "bare"), [block(0.004, 0.1, 0.3), block(0.006, 0.2)], None, 1)

    assert row.n == 3
    assert row.p50_ms == pytest.approx(200)
    assert row.first_byte_p50_ms == pytest.approx(100)
    assert row.requests_per_s == pytest.approx(1.5)
    assert row.cpu_ms == pytest.approx(10 / 3)
    assert row.ratio is None
