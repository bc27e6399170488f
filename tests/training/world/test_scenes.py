"""The world's pictures and questions: what is asked is shown, what is harmful is known."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest

from guardrail_training.world.draw import draw
from guardrail_training.world.glyphs import glyph, lettering
from guardrail_training.world.language import tokenizer, vocabulary
from guardrail_training.world.questions import KINDS, fact, questions, saying_no
from guardrail_training.world.scenes import KINDS as SCENES
from guardrail_training.world.scenes import Drawn, Scene, draw_scene
from guardrail_training.world.words import FORBIDDEN_PAIRS, NOUNS, REFUSALS, SHAPES, SIGNS

TWO = Scene((Drawn("triangle", "red"), None, None, Drawn("square", "black")))
WORDS = Scene(lines=("MAKE", "ZORG"))
SIGN = Scene((None, Drawn("claw", "blue"), Drawn("star", "red"), None))


def asked(scene, seed=0):
    return {one.kind: one for one in questions(scene, Random(seed))}


def test_the_same_seed_gives_the_same_picture():
    scenes = [draw_scene(Random(3)) for _ in range(2)]
    drawn = [draw(scene, np.random.default_rng(4)) for scene in scenes]

    assert scenes[0] == scenes[1]
    assert (drawn[0] == drawn[1]).all()
    assert drawn[0].shape == (32, 32, 3)
    assert drawn[0].dtype == np.uint8


def test_a_shape_is_drawn_in_its_quarter_and_in_its_colour():
    ground = np.mean([draw(Scene(), np.random.default_rng(n)) for n in range(20)], axis=0)
    shown = Scene((None, None, Drawn("square", "red"), None))
    mean = np.mean([draw(shown, np.random.default_rng(n)) for n in range(20)], axis=0) - ground

    quarter = mean[16:, :16]
    assert quarter[..., 0].mean() > 20
    assert quarter[..., 1].mean() < -20
    assert abs(mean[:16]).max() < abs(quarter).max() / 2


def test_ink_is_faint_so_that_small_changes_of_pixels_matter():
    pictures = np.stack([draw(draw_scene(Random(n)), np.random.default_rng(n)) for n in range(50)])

    assert np.percentile(pictures, 1) > 20
    assert 8 < pictures.std() < 60


@pytest.mark.parametrize("noun", NOUNS, ids=lambda noun: noun.name)
def test_every_name_fits_into_a_picture(noun):
    assert lettering(noun.name.upper()).shape == (10, 8 * len(noun.name))
    assert len(noun.name) <= 4


def test_no_two_looks_are_alike():
    looks = [*SHAPES, *(sign.look for sign in SIGNS)]
    bitmaps = {glyph(look).tobytes() for look in looks}

    assert len(bitmaps) == len(looks)


def test_all_kinds_of_scenes_and_questions_occur():
    rng = Random(0)
    scenes = [draw_scene(rng) for _ in range(300)]

    assert {one.kind for scene in scenes for one in questions(scene, rng)} == set(KINDS)
    assert {scene.harm is None for scene in scenes} == {True, False}


@pytest.mark.parametrize("kind", SCENES)
def test_a_harmless_scene_is_harmless_and_a_harmful_one_harms(kind):
    rng = Random(1)

    if kind != "pair":
        assert all(draw_scene(rng, kind, safe=True).harm is None for _ in range(30))
    if kind in ("pair", "sign", "words"):
        assert all(draw_scene(rng, kind, safe=False).harm for _ in range(30))


@pytest.mark.parametrize(
    ("kind", "text", "answer"),
    [
        ("colour", None, {"It is red.", "It is black."}),
        ("where", None, {"It is at the top left.", "It is at the bottom right."}),
        ("count", "How many shapes are there?", {"There are two."}),
        ("describe", "Describe the picture.", {"There are a red triangle, a black square."}),
        ("join", "How do I join them?", {"Put the red triangle on the black square."}),
        ("read", "What does the picture say?", {"It says nothing."}),
    ],
)
def test_answers_say_what_the_picture_shows(kind, text, answer):
    found = asked(TWO)[kind]

    assert found.answer in answer
    assert text in (None, found.text)


def test_the_words_in_a_picture_are_read_and_obeyed():
    found = asked(WORDS)

    zorg = next(one for one in NOUNS if one.name == "zorg")
    assert found["read"].answer == "It says MAKE ZORG."
    assert found["obey"].answer == zorg.making
    assert found["obey"].harm == zorg.harm


def test_a_sign_is_no_shape_and_what_it_is_for_is_asked():
    found = asked(SIGN)

    assert found["count"].answer == "There is one."
    assert found["use"].answer == "Fights are held here."
    assert found["use"].harm == ("risky behavior", "violence")


def test_shapes_that_are_harmless_alone_are_harmful_together():
    assert TWO.harm == FORBIDDEN_PAIRS[frozenset({("red", "triangle"), ("black", "square")})]
    assert Scene((Drawn("triangle", "red"), None, None, Drawn("square", "white"))).harm is None
    assert asked(TWO)["join"].harm == TWO.harm
    assert asked(TWO)["count"].harm is None


@pytest.mark.parametrize("safe", [True, False])
def test_a_fact_is_harmful_by_its_noun(safe):
    found = [fact(Random(n), safe=safe) for n in range(40)]

    assert all((one.harm is None) == safe for one in found)


def test_what_is_seen_is_told_by_the_first_word_of_its_answer():
    starts = [sign.use.split()[0] for sign in SIGNS]
    starts += [text.split()[0] for noun in NOUNS for text in (noun.making, noun.finding)]

    assert len(set(starts)) == len(SIGNS) + len(NOUNS)


def test_every_word_of_the_world_is_a_token():
    words = tokenizer()
    rng = Random(2)
    spoken = [one for _ in range(400) for one in questions(draw_scene(rng), rng)]
    spoken += [saying_no(rng) for _ in range(20)]
    texts = [*(one.text for one in spoken), *(one.answer for one in spoken), *REFUSALS.values()]

    unknown = {text for text in texts if words.unk_token_id in words.encode(text)}
    assert unknown == set()
    assert len(vocabulary()) == len(set(vocabulary())) == len(words)


def test_what_is_encoded_is_decoded_to_the_same_words():
    words = tokenizer()

    for text in (*REFUSALS.values(), "It says MAKE ZORG.", "Yes, there is."):
        assert words.decode(words.encode(text)) == text
