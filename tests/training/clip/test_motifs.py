from __future__ import annotations

import numpy as np
import pytest

from guardrail_training.clip.draw import motifs
from guardrail_training.clip.draw.pen import COLOURS, Hand, paint
from guardrail_training.clip.draw.scenes import SCENES

WARM = ("red", "orange", "yellow")


def rng(seed=0):
    return np.random.default_rng(seed)


def colours(strokes):
    return {one.colour for one in strokes}


def test_a_tongue_of_flame_stands_on_its_foot_and_ends_in_a_point():
    found = motifs.tongue(rng(), 50, 90, 30, 60)

    high = found[found[:, 1] < 50]
    low = found[found[:, 1] > 80]
    assert found[:, 1].max() <= 90.01
    assert 25 < found[:, 1].min() < 50
    assert np.ptp(high[:, 0]) < np.ptp(low[:, 0])


def test_a_fire_is_red_outside_and_yellow_inside():
    drawn = motifs.flames(rng())

    order = [one.colour for one in drawn]
    assert set(order) == set(WARM)
    assert order.index("red") < order.index("orange") < order.index("yellow")


def test_a_single_flame_has_one_to_three_colours():
    counts = {len(motifs.one_flame(rng(seed))) for seed in range(30)}

    assert counts == {1, 2, 3}


def test_a_burst_has_twice_as_many_corners_as_points_around_its_middle():
    found = motifs.burst(rng(), 40, 60, 20, 9)

    reach = np.hypot(found[:, 0] - 40, found[:, 1] - 60)
    assert len(found) == 18
    assert reach[0::2].min() > reach[1::2].max() * 0.9
    assert reach.max() <= 21.01


def test_an_explosion_is_brightest_in_its_middle():
    sprite = paint(motifs.explosion(rng(2)), Hand(), rng(2))

    light = sprite[..., :3].astype(float).mean(2)
    assert light[44:52, 44:52].mean() > light[20:28, 44:52].mean()


def test_puffs_are_as_many_as_asked_for_and_near_their_middle():
    found = motifs.puffs(rng(), "grey", 30, 40, 10, 12)

    middles = np.array([one.points.mean(0) for one in found])
    assert len(found) == 12
    assert np.abs(middles.mean(0) - (30, 40)).max() < 6


@pytest.mark.parametrize("colour", ["blood", "green"])
def test_splashes_and_drips_have_the_colour_asked_for(colour):
    assert colours(motifs.splatter(rng(), colour)) == {colour}
    assert colours(motifs.drips(rng(), colour)) == {colour}


def test_drips_hang_from_the_upper_edge():
    (found,) = motifs.drips(rng(4), "blood")

    assert found.points[:, 1].min() < 6
    assert 25 < found.points[:, 1].max() < 100


@pytest.mark.parametrize(
    "make",
    [
        motifs.bloody_knife,
        motifs.body_in_blood,
        motifs.wound,
        motifs.wounded_figure,
        motifs.bloody_hand,
        motifs.skull_in_blood,
    ],
)
def test_every_drawing_of_violence_has_blood_in_it(make):
    for seed in range(5):
        assert "blood" in colours(make(rng(seed)))


@pytest.mark.parametrize(
    "make",
    [
        motifs.flames,
        motifs.one_flame,
        motifs.explosion,
        motifs.fireball,
        motifs.mushroom_cloud,
        motifs.burning_house,
        motifs.burning_car,
        motifs.forest_fire,
        motifs.campfire,
    ],
)
def test_every_fire_is_warm_in_colour(make):
    for seed in range(5):
        assert colours(make(rng(seed))) & set(WARM)


def test_no_harmless_scene_has_blood_in_it():
    harmless = [scene for scene in SCENES if not scene.category]

    assert len(harmless) >= 7
    for scene in harmless:
        for seed in range(5):
            assert "blood" not in colours(scene.make(rng(seed))), scene.name


def test_a_sunset_fills_the_picture():
    (sunset,) = [scene for scene in SCENES if scene.name == "sunset"]

    sprite = paint(sunset.make(rng()), Hand(), rng())

    assert (sprite[5:-5, 5:-5, 3] > 0).mean() > 0.9


def test_all_colours_of_scenes_are_known_to_the_pen():
    used = {one.colour for scene in SCENES for seed in range(3) for one in scene.make(rng(seed))}

    assert used <= set(COLOURS)
