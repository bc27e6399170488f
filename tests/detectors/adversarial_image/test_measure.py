"""What disagreement says: calibrated, monotone, and by the model's own calibration."""

from __future__ import annotations

import json
import math
from hashlib import sha256

import numpy as np
import pytest
from pydantic import ValidationError

from guardrail_detectors.adversarial_image.disturbances import DISTURBANCES
from guardrail_detectors.adversarial_image.measure import (
    Calibration,
    as_seen,
    calibration_of,
    calibrations,
    distances,
    key_of,
)
from guardrail_detectors.clip import load_clip
from guardrail_detectors.clip.known import EMBEDDED
from tests.detectors.adversarial_image.test_disturbances import attack, scene


def calibration(weight=1.0, offset=3.0):
    return Calibration(
        weights=dict.fromkeys(DISTURBANCES, weight), offset=offset, calibrated_on="a test"
    )


def test_a_score_by_hand():
    """Five distances of 0.5 at weight 1: -5 ln 2 + 3 = -0.4657."""
    (score,) = calibration().scores(np.full((1, 5), 0.5))

    assert score == pytest.approx(1 / (1 + math.exp(5 * math.log(2) - 3)))


def test_distances_below_what_eight_bits_tell_apart_count_alike():
    low, none = calibration().scores(np.array([[1e-4] * 5, [0.0] * 5]))

    assert low == none


def test_more_disagreement_never_lowers_the_score_of_a_model_that_was_not_calibrated():
    steps = np.geomspace(1e-5, 2, 40)
    for column in range(len(DISTURBANCES)):
        rows = np.full((40, len(DISTURBANCES)), 0.01)
        rows[:, column] = steps
        assert (np.diff(calibrations()["*"].scores(rows)) >= 0).all()


def test_every_calibration_names_every_disturbance_and_its_data():
    assert "*" in calibrations()
    for one in calibrations().values():
        assert one.weights.keys() == DISTURBANCES.keys()
        assert len(one.calibrated_on) > 20


def test_a_model_that_was_not_calibrated_gets_the_general_one():
    assert calibration_of("no_such_model") is calibrations()["*"]


def test_the_embedded_model_has_a_calibration_of_its_own():
    model = load_clip(EMBEDDED)

    assert calibration_of(key_of(model)) is not calibrations()["*"]


def test_a_tower_that_was_trained_anew_has_another_key(fragile):
    key = key_of(load_clip(str(fragile)))
    sha = sha256((fragile / "visual.onnx").read_bytes()).hexdigest()

    assert key == f"tiny_clip@{sha[:12]}"


@pytest.mark.parametrize("fields", [{"offset": math.nan}, {"weights": {"jpeg": "much"}}, {"x": 1}])
def test_a_calibration_that_is_none_is_refused(fields):
    with pytest.raises(ValidationError):
        Calibration.model_validate({**json.loads(calibration().model_dump_json()), **fields})


def test_a_picture_is_measured_at_the_size_that_the_network_sees(fragile):
    model = load_clip(str(fragile))

    assert as_seen(model, scene(300, 200)).shape == (32, 32, 3)
    assert np.array_equal(as_seen(model, scene(32, 32)), scene(32, 32))


def test_an_attacked_picture_disagrees_with_its_disturbed_self_more_than_a_clean_one(fragile):
    model = load_clip(str(fragile))
    picture = scene(32, 32)

    clean, attacked = distances(model, [picture, attack(picture, 8)])

    blur, resize, median = (list(DISTURBANCES).index(one) for one in ("blur", "resize", "median"))
    for column in (blur, resize, median):
        assert attacked[column] > 20 * clean[column]


def test_no_pictures_measure_nothing(fragile):
    assert distances(load_clip(str(fragile)), []).shape == (0, 5)
