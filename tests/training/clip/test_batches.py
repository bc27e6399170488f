from __future__ import annotations

import numpy as np
import pytest

from guardrail_training.clip.bank import (
    CATEGORIES,
    calibrates,
    held_back,
    joined,
    of_drawings,
    of_icons,
)
from guardrail_training.clip.batches import NOTHING, Mixture, ahead, named
from guardrail_training.clip.compose import Palette
from guardrail_training.clip.draw.catalogue import drawings
from guardrail_training.clip.icons import Icon, read_icons, rules
from tests.training.clip.tiny import icon_folder


@pytest.fixture(scope="module")
def bank(tmp_path_factory):
    icons = read_icons(icon_folder(tmp_path_factory.mktemp("icons")), rules())[:40]
    drawn = of_drawings(drawings()[:30] + drawings()[-30:], 2, np.random.default_rng(0))
    return joined([of_icons(icons, None, lambda: None), drawn])


@pytest.fixture(scope="module")
def mixture(bank):
    return Mixture(bank, Palette([np.full((60, 60, 3), 200, np.uint8)]), 32)


def test_joined_banks_share_captions_and_keep_every_sprites_own(tmp_path):
    icons = read_icons(icon_folder(tmp_path), rules())[:4]
    one, other = (of_icons(icons[part], None, lambda: None) for part in (slice(2), slice(1, 4)))

    both = joined([one, other])

    assert len(both.sprites) == 5
    assert [both.things[n] for n in both.thing] == [icons[n].concept for n in (0, 1, 1, 2, 3)]
    assert both.family == ("mdi",) * 5


def test_the_first_sprites_of_a_bank_are_what_they_were_before_others_came(tmp_path):
    one, other = (
        of_drawings([made], 2, np.random.default_rng(0)) for made in (drawings()[0], drawings()[-1])
    )

    first = joined([one, other]).first(2)

    assert first.things == one.things
    assert first.family == one.family
    for name in ("sprites", "thing", "labels"):
        assert np.array_equal(getattr(first, name), getattr(one, name))


def test_labels_tell_categories_apart_and_leave_the_unsure_open(bank):
    named = {bank.things[t]: row.tolist() for t, row in zip(bank.thing, bank.labels, strict=True)}

    assert named["bomb"] == [1, 0, 0, 0, 0]
    assert named["house"] == [0] * 5
    assert np.isnan(named["fire extinguisher"]).all()
    assert bank.shows("weapons").size > 0
    assert not set(bank.harmless()) & set(bank.shows("weapons"))


def test_rendered_icons_are_kept_for_the_next_run(tmp_path):
    icons = read_icons(icon_folder(tmp_path), rules())[:3]
    steps = []
    first = of_icons(icons, tmp_path / "kept", lambda: steps.append(1))

    again = of_icons(icons, tmp_path / "kept", lambda: steps.append(1))

    assert len(steps) == 3
    assert np.array_equal(first.sprites, again.sprites)


def test_dangerous_icons_are_never_held_back():
    names = [f"word{number}" for number in range(400)]
    harmless, weapons = (
        [Icon(name, "mdi", aside=False, categories=shown, svg="") for name in names]
        for shown in ((), ("weapons",))
    )

    assert 2 <= sum(map(held_back, harmless)) <= 25
    assert 8 <= sum(map(calibrates, harmless)) <= 35
    assert not any(held_back(one) and calibrates(one) for one in harmless)
    assert not any(held_back(one) or calibrates(one) for one in weapons)


def test_a_batch_mixes_all_kinds_in_the_stated_shares(mixture):
    batch = mixture.batch(600, np.random.default_rng(1))

    shown = np.nan_to_num(batch.labels).max(1)
    assert batch.pictures.shape == (600, 32, 32, 3)
    assert 0.30 < shown.mean() < 0.55
    assert 0.12 < (batch.thing == NOTHING).mean() < 0.26
    assert (np.nan_to_num(batch.labels).sum(0) > 5).all()


def test_pictures_without_a_caption_are_harmless(mixture):
    batch = mixture.batch(300, np.random.default_rng(2))

    assert (batch.labels[batch.thing == NOTHING] == 0).all()


def test_captions_fit_the_labels(mixture, bank):
    batch = mixture.batch(200, np.random.default_rng(3))

    for thing, labels in zip(batch.thing, batch.labels, strict=True):
        if thing != NOTHING:
            rows = bank.labels[bank.thing == thing]
            assert any(np.array_equal(row, labels, equal_nan=True) for row in rows)


def test_a_run_shows_the_same_pictures_for_its_seed_whatever_else_happens(mixture):
    first = [batch.pictures for batch in ahead(mixture, range(3), 8, 5)]
    second = [batch.pictures for batch in ahead(mixture, range(3), 8, 5)]
    other = [batch.pictures for batch in ahead(mixture, range(3), 8, 6)]

    assert all(np.array_equal(*pair) for pair in zip(first, second, strict=True))
    assert not np.array_equal(first[0], other[0])
    assert not np.array_equal(first[0], first[1])


def test_no_batches_are_no_error(mixture):
    assert list(ahead(mixture, range(0), 8, 5)) == []


def test_scenes_are_crops_of_the_scenery_or_backgrounds(mixture):
    found = [mixture.scene(np.random.default_rng(seed)) for seed in range(10)]

    assert all(one.shape == (32, 32, 3) for one in found)
    assert len(CATEGORIES) == 5


def test_plain_pictures_come_in_the_share_asked_for(mixture):
    shown = []
    original = mixture.of_sprite

    def spy(number, rng, *, plain=False):
        shown.append(plain)
        return original(number, rng, plain=plain)

    mixture.of_sprite = spy
    for batch in ahead(mixture, range(4), 100, 1, 0.5):
        assert len(batch.pictures) == 100
    del mixture.of_sprite

    assert 0.4 < np.mean(shown) < 0.6


def test_names_on_stickers_are_short_words_half_of_them_dangerous(bank):
    found = named(bank)

    words = [bank.things[bank.thing[number]] for number in found]
    dangerous = [(bank.labels[number] == 1).any() for number in found]
    assert len(words) == len(set(words)) > 8
    assert all(word.isalpha() and 3 <= len(word) <= 8 for word in words)
    assert not any(np.isnan(bank.labels[number]).any() for number in found)
    assert sum(dangerous) >= len(found) - sum(dangerous) > 4


def test_a_picture_with_a_sticker_is_learnt_as_what_the_sticker_says(bank, mixture):
    reading = Mixture(bank, Palette([np.full((60, 60, 3), 200, np.uint8)]), 32, 0.999)
    words = {int(bank.thing[number]) for number in named(bank)}

    batch = reading.batch(200, np.random.default_rng(4))

    said = [thing in words for thing in batch.thing[batch.thing != NOTHING]]
    white = (batch.pictures[batch.thing != NOTHING] == 255).all(-1).mean(axis=(1, 2))
    assert np.mean(said) > 0.98
    assert (white > 0.01).mean() > 0.9
    plain = mixture.batch(200, np.random.default_rng(4))
    assert np.mean([thing in words for thing in plain.thing[plain.thing != NOTHING]]) < 0.9


def test_without_stickers_chance_is_spent_as_before(bank, mixture):
    """The same pictures, so that settings from before stickers make the same model."""
    without = Mixture(bank, Palette([np.full((60, 60, 3), 200, np.uint8)]), 32, 0.0)

    first, second = (one.batch(20, np.random.default_rng(6)) for one in (mixture, without))

    assert np.array_equal(first.pictures, second.pictures)


def test_a_mixture_of_another_size_draws_the_same_things(mixture):
    larger = mixture.of_size(48)
    own, other = (one.batch(8, np.random.default_rng(3)) for one in (mixture, larger))

    assert own.pictures.shape == (8, 32, 32, 3)
    assert other.pictures.shape == (8, 48, 48, 3)
