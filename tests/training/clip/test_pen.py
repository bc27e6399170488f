from __future__ import annotations

import numpy as np
import pytest

from guardrail_training.clip.draw.pen import (
    COLOURS,
    SIDE,
    Hand,
    any_hand,
    ellipse,
    paint,
    rounded,
    strokes,
)
from guardrail_training.clip.errors import ClipTrainingError

STILL = Hand()


def rng(seed=0):
    return np.random.default_rng(seed)


def test_each_letter_makes_an_area_or_a_line_of_its_width():
    found = strokes(
        "p red 1,2 3,4 5,0; c red 0,0 9,0 9,9; e blue 5,5 2,3; o blue 2 5,5 2,3; r dark 1,1 4,4 0;"
        "l dark 3 0,0 9,9"
    )

    assert [(one.kind, one.width, one.closed) for one in found] == [
        ("fill", 0.0, False),
        ("fill", 0.0, False),
        ("fill", 0.0, True),
        ("line", 2.0, True),
        ("fill", 0.0, False),
        ("line", 3.0, False),
    ]
    assert found[0].points.tolist() == [[1, 2], [3, 4], [5, 0]]
    assert found[4].points.tolist() == [[1, 1], [5, 1], [5, 5], [1, 5]]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("q red 1,2", "expected a letter"),
        ("p mauve 1,2 3,4", "colour"),
        ("p red 1,2", "and points"),
        ("p red 1;2", "points"),
        ("p red 1,2 3,x", "points as x,y"),
        ("l red wide 1,2 3,4", "widths as numbers"),
        ("p red 1,2,3 4,5,6", "points as x,y"),
    ],
)
def test_a_stroke_that_says_nothing_is_named(text, said):
    with pytest.raises(ClipTrainingError, match=said):
        strokes(text)


def test_a_filled_square_is_opaque_inside_and_clear_outside():
    sprite = paint(strokes("p red 20,20 80,20 80,80 20,80"), STILL, rng())

    assert sprite.shape == (SIDE, SIDE, 4)
    assert sprite[SIDE // 2, SIDE // 2].tolist() == [*COLOURS["red"], 255]
    assert sprite[3, 3, 3] == 0


def test_later_strokes_cover_earlier_ones():
    text = "p red 10,10 90,10 90,90 10,90; e blue 50,50 20,20"

    sprite = paint(strokes(text), STILL, rng())

    assert tuple(sprite[SIDE // 2, SIDE // 2, :3]) == COLOURS["blue"]


def test_a_sketch_leaves_areas_empty():
    drawing = strokes("p red 10,10 90,10 90,90 10,90")

    sprite = paint(drawing, Hand(fill=False, outline=2.0, single=(9, 9, 9)), rng())

    assert sprite[SIDE // 2, SIDE // 2, 3] == 0
    assert sprite[..., 3].max() == 255


def test_a_silhouette_has_one_ink_and_white():
    drawing = strokes("p dark 10,10 90,10 90,90 10,90; e yellow 50,50 20,20")

    sprite = paint(drawing, Hand(single=(10, 20, 30)), rng())

    assert tuple(sprite[SIDE // 2, SIDE // 2, :3]) == COLOURS["white"]
    assert tuple(sprite[20, 20, :3]) == (10, 20, 30)


def test_shade_makes_the_lower_end_darker():
    drawing = strokes("p white 10,5 90,5 90,95 10,95")

    sprite = paint(drawing, Hand(shade=0.6), rng())

    assert sprite[10, 48, :3].mean() > sprite[85, 48, :3].mean() + 60


def test_the_edge_of_a_drawing_is_not_mixed_with_black():
    sprite = paint(strokes("e white 50,50 30,30"), STILL, rng())

    half = (sprite[..., 3] > 60) & (sprite[..., 3] < 200)
    assert half.any()
    assert sprite[half][:, :3].min() > 200


def test_a_heavy_hand_draws_thicker_lines_and_the_same_areas():
    line, area = strokes("l dark 6 10,50 90,50"), strokes("p dark 10,10 90,10 90,90")

    light, heavy = Hand(weight=0.75), Hand(weight=1.3)

    covered = [(paint(line, hand, rng())[..., 3] > 127).sum() for hand in (light, heavy)]
    assert covered[1] > 1.4 * covered[0]
    assert np.array_equal(*(paint(area, hand, rng()) for hand in (light, heavy)))


def test_the_same_seed_paints_the_same():
    drawing = strokes("p red 10,10 90,10 50,90")

    one, other, third = (paint(drawing, any_hand(rng(n)), rng(n)) for n in (4, 4, 5))

    assert np.array_equal(one, other)
    assert not np.array_equal(one, third)


def test_a_coloured_hand_never_loses_the_colours():
    hands = [any_hand(rng(seed), coloured=True) for seed in range(40)]

    assert all(hand.fill and hand.single is None for hand in hands)
    assert any(any_hand(rng(seed)).single for seed in range(40))


def test_rounding_doubles_the_corners_and_stays_inside():
    square = np.array([[0.0, 0], [8, 0], [8, 8], [0, 8]])

    once = rounded(square, 1)

    assert once.shape == (8, 2)
    assert once[:2].tolist() == [[2, 0], [6, 0]]


def test_an_ellipse_has_its_radii():
    found = ellipse(10, 20, 3, 5, 4)

    assert np.allclose(found, [[13, 20], [10, 25], [7, 20], [10, 15]])
