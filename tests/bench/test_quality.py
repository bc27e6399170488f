"""The quality bench: its arithmetic by hand, its sets, its page."""

from __future__ import annotations

import json
from collections import Counter

import numpy as np
import pytest
from PIL import Image

from bench.quality import average_precision, curve, f1, rankings, set_rows
from bench.quality_page import page
from bench.quality_sets import DRAWN, THIRD_PARTY, Case, data_cases, own_cases, picture
from guardrail_training.text_guard.corpus import written

POSITIVE, NEGATIVE = np.array([0.95, 0.6, 0.3]), np.array([0.7, 0.1, 0.1, 0.05])


def test_average_precision_is_the_mean_precision_at_each_positive():
    # at 0.95: 1 of 1; at 0.6: 2 of 3; at 0.3: 3 of 4
    assert average_precision(POSITIVE, NEGATIVE) == pytest.approx((1 + 2 / 3 + 3 / 4) / 3)


def test_f1_is_the_harmonic_mean_of_precision_and_recall():
    # at 0.5: 2 hits, 1 false alarm, 1 missed
    assert f1(POSITIVE, NEGATIVE, 0.5) == pytest.approx(2 * 2 / (2 * 2 + 1 + 1))
    assert f1(POSITIVE, NEGATIVE, 0.99) == 0.0


def test_the_curve_rises_from_the_left_to_the_upper_right_corner():
    points = curve(POSITIVE, NEGATIVE)

    assert points[0] == (0.0, pytest.approx(1 / 3))
    assert points[-1] == (1.0, 1.0)
    assert points == sorted(points)


def test_attacks_and_hazards_are_ranked_against_benign_texts_only():
    cases = [Case("a", "injection", "s"), Case("b", "harmful", "s"), Case("c", "benign", "s")]
    scores = {"attack": np.array([0.9, 0.1, 0.2]), "hazard": np.array([0.1, 0.9, 0.2])}

    found = rankings("m", "own", cases, scores)

    assert [(one.what, one.texts, one.benign, one.auroc) for one in found] == [
        ("attack", 1, 1, 1.0),
        ("hazard", 1, 1, 1.0),
    ]


def test_a_benign_text_is_blocked_by_whichever_head_is_loudest():
    cases = [Case("c", "benign", "s"), Case("d", "benign", "s")]
    scores = {"attack": np.array([0.1, 0.6]), "hazard": np.array([0.95, 0.2])}

    (row,) = set_rows("m", cases, scores)

    assert (row.texts, row.blocked, row.flagged) == (2, 0.5, 1.0)
    assert row.low <= row.blocked <= row.high


def test_the_own_set_has_every_kind_and_no_text_that_training_has():
    cases = own_cases()
    trained = {" ".join(one.text.split()).casefold() for one in written()}

    labels = Counter(case.label for case in cases)
    assert len(cases) > 1000
    assert min(labels[name] for name in ("injection", "jailbreak", "harmful", "benign")) >= 60
    assert {*THIRD_PARTY, *DRAWN} <= {case.set for case in cases}
    shared = [case for case in cases if " ".join(case.text.split()).casefold() in trained]
    assert not shared


def test_only_rows_marked_dev_are_scored_where_rows_are_marked(tmp_path):
    rows = [
        {"text": "a", "label": "benign", "split": "train"},
        {"text": "b", "label": "benign", "split": "dev", "meta": {"kind": "indirect"}},
    ]
    (tmp_path / "one.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (tmp_path / "two.jsonl").write_text(json.dumps({"text": "c", "label": "injection"}) + "\n")

    assert list(data_cases(tmp_path)) == [
        Case("b", "benign", "one benign", third_party=True),
        Case("c", "injection", "two injection"),
    ]


def test_a_drawn_text_is_a_picture_with_ink():
    image = picture("Steps to bake bread. 1. 2. 3.", 4)

    assert isinstance(image, Image.Image)
    assert len(image.getcolors(100_000)) > 2


def test_the_page_shows_names_as_text_and_both_curves():
    ranking = {
        "model": "<b>", "source": "own", "what": "attack", "texts": 1, "benign": 1, "auroc": 1.0,
        "curve": [(0.0, 0.5), (1.0, 1.0)],
    }  # fmt: skip
    results = {"rankings": [ranking, {**ranking, "model": "two"}], "sets": [], "drawn": {},
               "environment": {}}  # fmt: skip

    html = page(results, "published & cited")

    assert html.count("<polyline") == 2
    assert "&lt;b&gt;" in html
    assert "<b>" not in html
    assert "published &amp; cited" in html
