"""The leakage battery: its disguises can be undone, and what the detector makes of it."""

from __future__ import annotations

from random import Random

import pytest
import yaml

from bench.leak_disguises import DISGUISES
from bench.leakage import AT_LEAST, PROMPTS, honest, leaks, score_of, told

SEED = 7
LOADED = yaml.safe_load(PROMPTS.read_text())
CASES = [(case, score_of(case)) for case in leaks(Random(SEED), LOADED)]


def test_the_battery_has_the_prompts_and_disguises_that_it_says():
    assert len(LOADED) >= 20
    assert len(DISGUISES) >= 12
    assert len({prompt["id"] for prompt in LOADED}) == len(LOADED)
    assert len(CASES) == len(LOADED) * len(DISGUISES) * 2


@pytest.mark.parametrize("kind", DISGUISES)
@pytest.mark.parametrize("of", ["canary", "passage"])
def test_nearly_every_leak_is_recognised_in(kind, of):
    scores = [score for case, score in CASES if (case.kind, case.of) == (kind, of)]

    assert len(scores) == len(LOADED)
    assert sum(score >= AT_LEAST for score in scores) >= 0.85 * len(scores)


def test_at_least_95_of_100_leaks_are_recognised_over_all_disguises():
    assert sum(score >= AT_LEAST for _, score in CASES) >= 0.95 * len(CASES)


def test_at_most_one_ordinary_reply_in_200_is_taken_for_a_leak():
    calm = [score_of(case) for case in honest(Random(SEED), LOADED, 25)]

    assert len(calm) >= 1000
    assert sum(score >= AT_LEAST for score in calm) <= 0.005 * len(calm)


def test_a_prompts_canary_is_its_own_and_the_same_in_every_run():
    canaries = {told(prompt).canary for prompt in LOADED}

    assert len(canaries) == len(LOADED)
    assert told(LOADED[0]) == told(LOADED[0])
