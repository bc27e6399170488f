from __future__ import annotations

import numpy as np
import pytest

from guardrail_detectors.clip import ClipFolder, ClipModel
from guardrail_detectors.weights import load_model_folder
from guardrail_training.clip.bank import CATEGORIES, joined, of_drawings, of_icons
from guardrail_training.clip.batches import Mixture
from guardrail_training.clip.compose import Palette
from guardrail_training.clip.draw.catalogue import drawings
from guardrail_training.clip.embedded_heads import RATES, fitted
from guardrail_training.clip.icons import read_icons, rules
from tests.detectors.clip.tiny import clip_folder
from tests.training.clip.tiny import icon_folder, settings


@pytest.fixture(scope="module")
def fit_with(tmp_path_factory):
    folder = tmp_path_factory.mktemp("heads")
    icons = read_icons(icon_folder(folder / "icons"), rules())
    rendered = of_icons(icons[:30], None, lambda: None)
    bank = joined([rendered, of_drawings(drawings(), 1, np.random.default_rng(0))])
    mixture = Mixture(bank, Palette([np.full((60, 60, 3), 220, np.uint8)]), 32)
    path = clip_folder(folder / "model")
    model = ClipModel(ClipFolder.read(load_model_folder(str(path))))
    harmless = of_icons([one for one in icons if not one.categories][:10], None, lambda: None)
    return lambda **more: fitted(settings(head_pictures=240, **more), model, mixture, harmless)


@pytest.fixture(scope="module")
def found(fit_with):
    return fit_with()


def test_each_category_gets_a_calibrated_head(found):
    heads, _ = found

    assert [head.category for head in heads] == list(CATEGORIES)
    assert all(head.slope > 0 for head in heads)
    assert any(head.slope != 1 or head.offset != 0 for head in heads)


def test_thresholds_are_given_for_each_rate_and_name_their_pictures(found):
    _, thresholds = found

    assert [(one.label, one.false_positive_rate) for one in thresholds] == [
        (name, rate) for name in CATEGORIES for rate in RATES
    ]
    assert all(0 < one.score <= 1 for one in thresholds)
    assert "240 harmless pictures" in thresholds[0].calibrated_on


def test_the_settings_say_how_closely_heads_fit(fit_with, found):
    held, _ = fit_with(head_strength=0.01)

    for one, other in zip(held, found[0], strict=True):
        assert np.abs(one.layers[0].weights).sum() < np.abs(other.layers[0].weights).sum()


def test_a_rarer_false_alarm_costs_a_higher_threshold(found):
    _, thresholds = found

    for one, other in zip(thresholds[0::2], thresholds[1::2], strict=True):
        assert one.score <= other.score
