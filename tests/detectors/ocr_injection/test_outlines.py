from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrail_detectors.ocr_injection.outlines import (
    cut_out,
    ends,
    height_of,
    outlines,
    straightened,
)


def heat_of(*rectangles, shape=(300, 400)):
    """A map that is hot in each ((x, y), (width, height), degrees)."""
    heat = np.zeros(shape, np.float32)
    for rectangle in rectangles:
        corners = cv2.boxPoints(rectangle).astype(np.int32)
        cv2.fillPoly(heat, [corners], 0.9)
    return heat


def test_an_outline_is_the_hot_rectangle_grown_by_area_over_perimeter():
    """100 by 20: 2000 over 240 times 1.6 is 13.3 pixels more on each side."""
    (quad,) = outlines(heat_of(((200, 150), (100, 20), 0)))

    left, top = quad.min(axis=0)
    right, bottom = quad.max(axis=0)
    assert np.abs(np.subtract((left, top, right, bottom), (136.7, 126.7, 263.3, 173.3))).max() < 3


@given(st.integers(-44, 44))
def test_an_outline_lies_as_the_line_does(degrees):
    (quad,) = outlines(heat_of(((200, 150), (160, 16), degrees)))

    along = quad[1] - quad[0]
    assert abs(np.degrees(np.arctan2(along[1], along[0])) - degrees) < 3
    assert 30 < height_of(quad) < 48


@given(st.integers(-179, 180), st.sampled_from([(160, 16), (16, 160)]))
def test_the_ends_of_a_line_are_as_high_as_it_and_lie_in_it(degrees, sides):
    quad = cv2.boxPoints(((200, 150), sides, degrees))

    parts = ends(quad, 3.0)

    assert len(parts) == 2
    for part in parts:
        lengths = sorted(np.linalg.norm(part - np.roll(part, 1, axis=0), axis=1))
        assert lengths == pytest.approx([16, 16, 48, 48], abs=1e-3)
        away = [
            cv2.pointPolygonTest(quad, tuple(map(float, one)), measureDist=True) for one in part
        ]
        assert min(away) > -1e-3
    apart = np.linalg.norm(parts[0].mean(axis=0) - parts[1].mean(axis=0))
    assert apart == pytest.approx(160 - 48, abs=1e-3)
    corners = np.concatenate(parts)
    assert all(np.abs(corners - one).sum(axis=1).min() < 1e-3 for one in quad)


def test_a_short_line_has_no_ends_of_its_own():
    quad = cv2.boxPoints(((200, 150), (90, 16), 10))

    assert [one is quad for one in ends(quad, 3.0)] == [True]


def test_specks_lukewarm_stretches_and_cold_maps_have_no_outline():
    lukewarm = np.minimum(heat_of(((200, 150), (100, 20), 0)), np.float32(0.4))

    assert outlines(np.zeros((64, 64), np.float32)) == []
    assert outlines(heat_of(((50, 50), (1, 1), 0))) == []
    assert outlines(lukewarm) == []


def test_thousands_of_specks_do_not_hide_a_line():
    rng = np.random.default_rng(0)
    heat = heat_of(((700, 1300), (300, 20), 0), shape=(1400, 1400))
    for x, y in zip(range(4, 1390, 12), rng.integers(4, 1200, 120), strict=False):
        for row in range(int(y) % 12, 1250, 12):
            heat[row : row + 5, x : x + 5] = 0.9

    found = outlines(heat)

    assert any(np.ptp(quad[:, 0]) > 280 for quad in found)
    assert len(found) <= 2000


def test_outlines_stay_on_the_map():
    (quad,) = outlines(heat_of(((20, 10), (60, 30), 0)))

    assert quad.min() >= 0


def test_what_stands_upright_is_laid_on_its_side_and_begins_at_the_bottom():
    picture = np.zeros((200, 100, 3), np.uint8)
    picture[150:] = 255  # the foot of an upright line is where it begins
    quad = np.array([[10, 0], [40, 0], [40, 200], [10, 200]], np.float32)

    crop, turned = cut_out(picture, quad)

    assert crop.shape == (30, 200, 3)
    assert crop[:, :40].mean() > 250
    assert crop[:, 60:].mean() < 5
    assert turned[0].tolist() == [10, 200]
    assert turned[1].tolist() == [10, 0]


@pytest.mark.parametrize("quad", [[[0, 0]] * 4, [[5, 5], [6, 5], [6, 6], [5, 6]]])
def test_an_outline_without_extent_is_cut_out_as_a_pixel(quad):
    crop, _ = cut_out(np.zeros((9, 9, 3), np.uint8), np.array(quad, np.float32))

    assert crop.shape[0] >= 1
    assert crop.shape[1] >= 1


def test_a_line_in_a_curve_is_made_straight():
    across = np.arange(300)
    middle = (60 + 25 * np.sin(across / 40)).astype(int)
    crop, heat = np.zeros((120, 300, 3), np.uint8), np.zeros((120, 300), np.float32)
    for x, y in enumerate(middle):
        crop[y - 2 : y + 3, x] = 255
        heat[y - 8 : y + 9, x] = 0.9

    straight = straightened(crop, heat)

    rows = np.flatnonzero(straight[:, 20:280, 0].mean(axis=1) > 60)
    assert np.ptp(rows) <= 10


def test_a_straight_line_and_an_empty_one_are_left_as_they_are():
    heat = np.zeros((60, 300), np.float32)
    heat[20:40] = 0.9

    assert straightened(np.zeros((60, 300, 3), np.uint8), heat) is None
    assert straightened(np.zeros((60, 300, 3), np.uint8), heat * 0) is None
