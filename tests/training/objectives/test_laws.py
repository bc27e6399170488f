"""Laws that every preference keeps, whatever its formula."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from guardrail_training.objectives import textual, visual
from guardrail_training.objectives.answers import divergence, mean, segment_weighted

RATIO = st.floats(-20, 20)
BETA = st.floats(0.01, 5)


def one(value):
    return torch.tensor([value], dtype=torch.float64)


PAIRWISE = {
    "dpo": textual.dpo,
    "simpo": lambda chosen, rejected, beta: textual.simpo(chosen, rejected, beta, 0.5),
    "image_dpo": visual.image_dpo,
    "preferred_image": visual.preferred_image,
}


@pytest.mark.parametrize("name", PAIRWISE)
@given(chosen=RATIO, rejected=RATIO, more=st.floats(0.1, 10), beta=BETA)
def test_a_likelier_better_answer_and_an_unlikelier_worse_one_cost_less(
    name, chosen, rejected, more, beta
):
    loss = PAIRWISE[name]
    before = float(loss(one(chosen), one(rejected), beta))

    assert float(loss(one(chosen + more), one(rejected), beta)) < before
    assert float(loss(one(chosen), one(rejected - more), beta)) < before


@pytest.mark.parametrize("name", PAIRWISE)
@given(chosen=RATIO, rejected=RATIO, shift=RATIO, beta=BETA)
def test_only_the_gap_between_answers_matters(name, chosen, rejected, shift, beta):
    loss = PAIRWISE[name]

    moved = float(loss(one(chosen + shift), one(rejected + shift), beta))

    assert moved == pytest.approx(float(loss(one(chosen), one(rejected), beta)), rel=1e-6, abs=1e-9)


@given(chosen=RATIO, rejected=RATIO, beta=BETA)
def test_a_pair_and_its_opposite_are_worth_at_least_two_coin_tosses(chosen, rejected, beta):
    """-log σ(x) - log σ(-x) ≥ 2 log 2: nobody can prefer both."""
    both = textual.dpo(one(chosen), one(rejected), beta) + textual.dpo(
        one(rejected), one(chosen), beta
    )

    assert float(both) >= 2 * math.log(2) - 1e-9


@given(chosen=RATIO, rejected=RATIO, tau=st.floats(0.05, 2))
def test_ipo_is_least_at_its_goal(chosen, rejected, tau):
    goal = one(rejected) + 1 / (2 * tau)

    assert float(textual.ipo(goal, one(rejected), tau)) <= float(
        textual.ipo(one(chosen), one(rejected), tau)
    )


@given(ratio=RATIO, baseline=st.floats(0, 10), beta=BETA, weight=st.floats(0.1, 3))
def test_kto_is_bounded_by_its_weight_so_an_outlier_cannot_rule(ratio, baseline, beta, weight):
    for desirable in (True, False):
        found = textual.kto(one(ratio), one(baseline), beta, weight, desirable=desirable)

        assert 0 <= float(found) <= weight


@given(ratio=RATIO, baseline=st.floats(0, 10), beta=BETA)
def test_what_kto_gives_a_desirable_answer_it_takes_from_an_undesirable_one(ratio, baseline, beta):
    good, bad = (
        float(textual.kto(one(ratio), one(baseline), beta, desirable=one_))
        for one_ in (True, False)
    )

    assert good + bad == pytest.approx(1.0)


@given(margins=st.lists(st.floats(0, 1e3), min_size=2, max_size=8), beta=BETA)
def test_a_surer_margin_never_has_a_smaller_beta_and_none_is_beyond_the_bound(margins, beta):
    found = textual.scaled_beta(torch.tensor(sorted(margins)), beta, 0.5, 0.5)

    assert bool((found.diff() >= -1e-6).all())
    assert float(found.min()) >= beta * 0.999
    assert float(found.max()) <= beta * 1.5001


@given(
    values=st.lists(st.floats(-20, 0), min_size=1, max_size=6),
    gamma=st.floats(0.1, 10),
    data=st.data(),
)
def test_weighted_segments_stay_between_an_answer_s_least_and_likeliest_token(values, gamma, data):
    size = len(values)
    changed = torch.tensor([data.draw(st.lists(st.booleans(), min_size=size, max_size=size))])
    mask = torch.ones((1, size), dtype=torch.bool)
    logps = torch.tensor([values])

    found = float(segment_weighted(logps, mask, changed, gamma))

    assert min(values) - 1e-4 <= found <= max(values) + 1e-4
    plain = float(segment_weighted(logps, mask, torch.zeros_like(changed), gamma))
    assert plain == pytest.approx(float(mean(logps, mask)), rel=1e-4, abs=1e-5)


@given(seed=st.integers(0, 10_000))
def test_a_divergence_is_never_negative_and_zero_for_equals(seed):
    generator = torch.Generator().manual_seed(seed)
    first, second = (
        torch.randn((1, 2, 5), generator=generator, dtype=torch.float64).log_softmax(-1)
        for _ in range(2)
    )

    assert bool((divergence(first, second) >= 0).all())
    assert divergence(first, first).abs().max() < 1e-12


@given(seed=st.integers(0, 10_000))
def test_aio_never_pulls_harder_than_plain_imitation(seed):
    """Its weight is a probability."""
    generator = torch.Generator().manual_seed(seed)
    logps = -torch.rand((1, 4), generator=generator) * 5
    mask = torch.ones((1, 4), dtype=torch.bool)

    gentle = float(visual.adversarial_image(logps, mask))

    assert 0 <= gentle <= float(visual.adversarial_image(logps, mask, confident=False))
