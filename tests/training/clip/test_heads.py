from __future__ import annotations

import numpy as np
import onnxruntime as ort
import pytest

from guardrail_training.clip.errors import ClipTrainingError
from guardrail_training.clip.heads import (
    Examples,
    Head,
    Layer,
    auroc_interval,
    calibrated,
    fit_head,
    left_out,
    split,
    thresholds,
    write_heads,
)


def examples(count=60, width=4, sources=("a", "b", "c"), seed=0):
    """The first value tells the classes apart; the others are noise."""
    rng = np.random.default_rng(seed)
    shown = np.arange(count) % 2 == 0
    rows = rng.normal(0, 0.2, (count, width))
    rows[:, 0] += np.where(shown, 1.0, -1.0)
    names = tuple(sources[(number // 2) % len(sources)] for number in range(count))
    return Examples(rows, shown, names)


def test_a_heads_odds_by_hand():
    first = Layer(np.array([[1.0, -1.0], [0.0, 2.0]]), np.array([0.0, 1.0]))
    second = Layer(np.array([[3.0], [1.0]]), np.array([-1.0]))
    head = Head("x", (first, second), slope=2.0, offset=0.5)

    # The hidden layer gives 2 and -2 + 2 + 1 = 1, the odds are 6 + 1 - 1 = 6, calibrated 12.5.
    assert head.odds(np.array([[2.0, 1.0]])).tolist() == [12.5]
    assert head.scores(np.array([[2.0, 1.0]]))[0] == pytest.approx(1 / (1 + np.exp(-12.5)))


@pytest.mark.parametrize("hidden", [0, 5])
def test_a_head_tells_the_classes_apart(hidden):
    head = fit_head("x", examples(), hidden)

    other = examples(seed=9)
    scores = head.scores(other.embeddings)
    assert scores[other.shown].min() > scores[~other.shown].max()
    assert len(head.layers) == (2 if hidden else 1)


def test_a_stronger_penalty_makes_smaller_weights():
    free, held = (fit_head("x", examples(), strength=one) for one in (8.0, 0.1))

    assert np.abs(held.layers[0].weights).sum() < np.abs(free.layers[0].weights).sum() / 2


@pytest.mark.parametrize("hidden", [0, 5])
def test_rare_pictures_weigh_as_much_as_common_ones(hidden):
    rng = np.random.default_rng(0)
    shown = np.arange(200) < 8
    rows = rng.normal(0, 1, (200, 2)) + np.where(shown, 1.0, 0.0)[:, None]
    head = fit_head("x", Examples(rows, shown, ("a",) * 200), hidden)

    # Unbalanced, 4 % of positives would be outvoted everywhere between the two middles.
    assert head.odds(np.array([[1.0, 1.0]]))[0] > 0


@pytest.mark.parametrize(
    ("shown", "said"), [(True, "no harmless pictures"), (False, "no pictures of x")]
)
def test_one_class_alone_teaches_nothing(shown, said):
    rows = Examples(np.zeros((4, 2)), np.full(4, shown), ("a",) * 4)

    with pytest.raises(ClipTrainingError, match=said):
        fit_head("x", rows)


def test_calibrated_scores_are_frequencies():
    rng = np.random.default_rng(1)
    odds = rng.normal(0, 2, 4000)
    shown = rng.random(4000) < 1 / (1 + np.exp(-odds))
    head = Head("x", (Layer(np.array([[10.0]]), np.array([3.0])),))  # ten times too sure, and off

    found = calibrated(head, Examples(odds[:, None], shown, ("a",) * 4000))

    assert found.slope == pytest.approx(0.1, rel=0.15)
    assert found.offset == pytest.approx(-0.3, abs=0.12)


def test_sources_are_dealt_out_whole_and_evenly():
    sources = ["a"] * 40 + ["b"] * 30 + ["c"] * 20 + ["d"] * 10

    parts = split(sources, 2, seed=3)

    of = {
        name: {int(p) for p, s in zip(parts, sources, strict=True) if s == name} for name in "abcd"
    }
    assert all(len(one) == 1 for one in of.values())
    assert np.bincount(parts).tolist() == [50, 50]


def test_with_fewer_sources_than_parts_pictures_are_dealt_out_one_by_one():
    assert np.bincount(split(["a"] * 12, 4, seed=0)).tolist() == [3, 3, 3, 3]


def test_each_source_is_measured_by_a_head_that_never_saw_it(monkeypatch):
    seen = []
    real = fit_head

    def spy(category, rows, hidden=0, seed=0):
        seen.append(set(rows.sources))
        return real(category, rows, hidden, seed)

    monkeypatch.setattr("guardrail_training.clip.heads.fit_head", spy)

    found = left_out("x", examples())

    assert seen == [{"b", "c"}, {"a", "c"}, {"a", "b"}]
    assert {name: row["auroc"] for name, row in found.items()} == {"a": 1.0, "b": 1.0, "c": 1.0}


def test_a_source_whose_pictures_mislead_is_told():
    good = examples()
    flipped = Examples(-good.embeddings, good.shown, ("bad",) * 60)
    both = Examples(
        np.concatenate([good.embeddings, flipped.embeddings]),
        np.concatenate([good.shown, flipped.shown]),
        good.sources + flipped.sources,
    )

    assert left_out("x", both)["bad"]["auroc"] == 0.0


def test_a_source_of_one_class_is_measured_against_the_others_or_not_at_all():
    rows = examples()
    named = tuple(
        "only" if shown and number < 10 else "harmless" if not shown and number < 10 else "rest"
        for number, shown in enumerate(rows.shown)
    )

    found = left_out("x", Examples(rows.embeddings, rows.shown, named))

    assert found["only"]["auroc"] == 1.0
    assert "harmless" not in found


def test_the_interval_holds_the_value_and_widens_with_groups():
    rng = np.random.default_rng(2)
    positive, negative = rng.normal(1, 1, 60), rng.normal(0, 1, 200)

    value, interval = auroc_interval(positive, negative)
    _, grouped = auroc_interval(np.sort(positive), negative, [str(n // 20) for n in range(60)])

    assert interval[0] < value < interval[1]
    assert grouped[1] - grouped[0] > interval[1] - interval[0]


def test_the_same_seed_gives_the_same_interval():
    rows = np.random.default_rng(3).normal(size=(2, 30))

    assert auroc_interval(rows[0] + 1, rows[1], seed=4) == auroc_interval(
        rows[0] + 1, rows[1], seed=4
    )


def test_a_threshold_is_reached_by_the_stated_share():
    head = Head("x", (Layer(np.array([[1.0]]), np.array([0.0])),))
    harmless = np.linspace(-5, 5, 1000)[:, None]

    (one,) = thresholds(head, harmless, [0.01], "a test")

    assert (head.scores(harmless) >= one.score).sum() == 10
    assert one.interval_95[0] <= 0.01 <= one.interval_95[1]
    assert one.calibrated_on == "a test"


@pytest.mark.parametrize("hidden", [0, 3])
def test_the_exported_heads_score_as_they_do_here(tmp_path, hidden):
    rows = examples()
    heads = [
        calibrated(fit_head("one", rows, hidden), examples(seed=5)),
        Head("two", (Layer(np.ones((4, 1)), np.array([0.5])),), 2.0, -1.0),
    ]

    write_heads(heads, tmp_path / "heads.onnx")

    session = ort.InferenceSession(str(tmp_path / "heads.onnx"))
    (found,) = session.run(None, {"embedding": rows.embeddings.astype(np.float32)})
    expected = np.stack([head.scores(rows.embeddings) for head in heads], 1)
    assert np.allclose(found, expected, atol=1e-5)
