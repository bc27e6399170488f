from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from guardrail.demo.exchanges import HIDDEN, exchanges
from guardrail.demo.pictures import landscape, landscape_with, receipt, typographic_list


@pytest.mark.parametrize(
    "make", [landscape, receipt, lambda: landscape_with(HIDDEN), lambda: typographic_list("A list")]
)
def test_a_picture_is_drawn_the_same_every_time(make):
    assert make() == make()
    assert Image.open(io.BytesIO(make())).format == "PNG"


def test_the_hidden_text_is_faint_and_small():
    with_text = np.asarray(Image.open(io.BytesIO(landscape_with(HIDDEN))), np.int32)
    without = np.asarray(Image.open(io.BytesIO(landscape())), np.int32)

    changed = np.abs(with_text - without).max(axis=2)

    assert 0 < (changed > 0).mean() < 0.02
    assert changed.max() < 80


def test_harmless_exchanges_come_before_attacks():
    expected = [one.expected for one in exchanges()]

    assert expected == sorted(expected, key=lambda one: one != "allow")
    assert len(expected) == 9
    assert expected.count("allow") == 3
