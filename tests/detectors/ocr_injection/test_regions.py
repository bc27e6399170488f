from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrail_detectors.ocr_injection.regions import CELL, SHARED, Region, busy_regions, cuts
from tests.detectors.ocr_injection.drawing import canvas, pixels, write


def marks(height, width, *spots):
    """A white sheet with a black and white speck at each (x, y)."""
    sheet = np.full((height, width, 3), 255, np.uint8)
    for x, y in spots:
        sheet[y, x] = 0
    return sheet


def test_a_flat_picture_has_nothing_to_look_at():
    assert busy_regions(pixels(canvas(colour="teal")), 768) == []


def test_a_faint_ramp_is_flat():
    ramp = np.repeat(np.linspace(0, 255, 700).astype(np.uint8)[None, :, None], 90, axis=0)

    assert busy_regions(np.repeat(ramp, 3, axis=2), 768) == []


@given(
    st.integers(1, 900),
    st.integers(3, 900),
    st.tuples(st.floats(0, 1), st.floats(0, 1)),
    st.sampled_from([96, 256, 768]),
)
def test_a_speck_lies_in_a_region_with_a_margin_and_regions_are_whole_cells(
    height, width, spot, most
):
    x, y = 1 + min(width - 3, int(spot[0] * width)), min(height - 1, int(spot[1] * height))

    found = busy_regions(marks(height, width, (x, y)), most)

    assert found
    assert min(one.left for one in found) <= max(0, x - 16)
    assert min(one.top for one in found) <= max(0, y - 16)
    assert max(one.right for one in found) > min(width - 1, x + 16)
    assert max(one.bottom for one in found) > min(height - 1, y + 16)
    for one in found:
        sides = (one.right - one.left, one.bottom - one.top)
        assert all(side % CELL == 0 and 0 < side <= most for side in sides)


def test_the_edges_of_large_shapes_are_flat():
    sheet = pixels(canvas((800, 600))).copy()
    sheet[100:500, 200:500] = (30, 60, 90)

    assert busy_regions(sheet, 768) == []


def test_strokes_that_lie_on_the_edge_of_a_cell_are_looked_at():
    for at in range(90, 102):
        sheet = np.full((200, 300, 3), 255, np.uint8)
        sheet[60:90, at : at + 6] = 0

        (found,) = busy_regions(sheet, 768)

        assert found.left <= at < at + 6 <= found.right


def test_text_in_a_corner_of_a_large_sheet_is_all_that_is_looked_at():
    sheet = canvas((2000, 1500))
    box = write(sheet, "small print", (1700, 1400), px=14)

    (found,) = busy_regions(pixels(sheet), 768)

    assert found.left >= box[0] - 3 * CELL
    assert found.top >= box[1] - 3 * CELL
    assert (found.right - found.left) * (found.bottom - found.top) < 0.02 * 2000 * 1500


def test_text_in_any_one_channel_is_looked_at():
    for channel in range(3):
        sheet = np.full((200, 300, 3), 100, np.uint8)
        sheet[90:110, 100:104, channel] = 120

        assert busy_regions(sheet, 768)


@given(st.integers(1, 80), st.sampled_from([128, 320, 768]))
def test_stretches_cover_a_length_and_share_what_a_line_is_high(cells, most):
    length = cells * CELL
    found = cuts(length, most)

    assert (found[0][0], found[-1][1]) == (0, length)
    assert all(end - start <= most for start, end in found)
    assert all(a[1] - b[0] >= SHARED for a, b in pairwise(found))


def test_beyond_the_picture_its_edge_is_repeated():
    picture = np.arange(12, dtype=np.uint8).reshape(2, 2, 3)

    shown = Region(1, 0, 4, 3).of(picture)

    assert shown.shape == (3, 3, 3)
    assert (shown == picture[[0, 1, 1]][:, [1, 1, 1]]).all()


@pytest.mark.parametrize("size", [(1, 1), (1, 700), (700, 1)])
def test_a_strip_is_looked_at_or_flat_but_never_an_error(size):
    strip = np.random.default_rng(3).integers(0, 255, (*size, 3)).astype(np.uint8)

    assert isinstance(busy_regions(strip, 768), list)
