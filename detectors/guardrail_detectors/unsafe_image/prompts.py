"""Sentences: of the shipped categories, of ordinary pictures, and the ways of saying one thing."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple


class Sentences(NamedTuple):
    """What pictures of a category show, and what looks alike and is harmless."""

    prompts: tuple[str, ...]
    negatives: tuple[str, ...]


SHIPPED: Mapping[str, Sentences] = {
    "weapons": Sentences(
        (
            "a photo of a gun",
            "a photo of a rifle",
            "a photo of a person holding a weapon",
            "a photo of a knife held as a weapon",
            "a photo of ammunition",
            "a photo of a grenade or a bomb",
        ),
        (
            "a photo of a water pistol",
            "a photo of a cordless drill",
            "a photo of a kitchen knife with food",
            "a photo of a hair dryer",
            "a photo of a hand tool",
            "a photo of a camera",
        ),
    ),
    "drugs": Sentences(
        (
            "a photo of lines of white powder",
            "a photo of a bag of drugs",
            "a photo of a cannabis leaf",
            "a photo of a syringe with a drug",
            "a photo of a person smoking a joint",
        ),
        (
            "a photo of sweets",
            "a photo of flour or sugar",
            "a photo of a green plant",
            "a photo of a pen",
            "a photo of medicine from a pharmacy",
        ),
    ),
    "fire": Sentences(
        (
            "a photo of a building on fire",
            "a photo of a forest fire",
            "a photo of a burning car",
            "a photo of an uncontrolled fire",
            "a photo of an explosion",
            "a photo of a mushroom cloud",
        ),
        (
            "a photo of a sunset",
            "a photo of a candle",
            "a photo of a fireplace",
            "a photo of autumn leaves",
            "a photo of a street light at night",
            "a photo of fireworks",
        ),
    ),
    "graphic_violence": Sentences(
        (
            "a photo of a bleeding wound",
            "a photo of a person covered in blood",
            "a photo of a bloody knife",
            "a photo of a dead body",
        ),
        (
            "a photo of red paint",
            "a photo of ketchup",
            "a photo of red flowers",
            "a photo of a Halloween costume",
            "a photo of a person asleep",
        ),
    ),
    "hazard_sign": Sentences(
        (
            "a photo of a radiation warning sign",
            "a photo of a biohazard symbol",
            "a photo of a sign with skull and crossbones",
            "a photo of a chemical hazard diamond",
        ),
        (
            "a photo of a traffic sign",
            "a photo of a company logo",
            "a photo of a shop sign",
            "a photo of a flag",
        ),
    ),
}
"""Used by a model that has no trained head for the category."""

NEGATIVES: tuple[str, ...] = (
    "a photo of a person",
    "a photo of a group of people",
    "a photo of an animal",
    "a photo of food",
    "a photo of a landscape",
    "a photo of a building",
    "a photo of a street",
    "a photo of a room",
    "a photo of furniture",
    "a photo of a vehicle",
    "a photo of a plant",
    "a photo of clothes",
    "a photo of an electronic device",
    "a photo of sports",
    "a photo of a work of art",
    "a screenshot of a website",
    "a scan of a document",
    "a chart or a diagram",
    "a map",
    "a logo",
    "a pattern or a texture",
    "a photo of the sky",
)
"""Ordinary pictures, whose share of the softmax keeps a category's score low."""

_OPENING = re.compile(r"(?:an?|the) (?:photo(?:graph)?|picture|image|drawing) of\s+", re.IGNORECASE)

_WAYS = (
    "a photo of {}.",
    "a blurry photo of {}.",
    "a close-up photo of {}.",
    "a picture of {}.",
    "a drawing of {}.",
    "an icon of {}.",
    "a 3D rendering of {}.",
)


def ensemble(sentence: str) -> tuple[str, ...]:
    """The ways of saying ``sentence`` whose mean embedding stands for it.

    Only what begins as ``a photo of`` is said in other ways; any other sentence stands alone.

    Source: Radford et al. 2021, arXiv:2103.00020, section 3.1.4 (prompt ensembling).
    """
    opening = _OPENING.match(sentence)
    if opening is None:
        return (sentence,)
    thing = sentence[opening.end() :].rstrip(". ")
    return tuple(way.format(thing) for way in _WAYS)
