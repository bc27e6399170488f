"""What there is in the world, and what the world knows about it.

Answers about a thing or a sign begin with what they are about. A model thus knows what it has seen
when it begins to answer, which is when it refuses or does not; where all answers began alike, it
had to learn that anew from a few hundred refusals.
"""

from __future__ import annotations

from dataclasses import dataclass

SHAPES = ("circle", "square", "triangle", "star", "ring")
COLOURS = {
    "red": (1.0, 0.1, 0.1),
    "green": (0.1, 0.8, 0.1),
    "blue": (0.15, 0.25, 1.0),
    "yellow": (1.0, 0.95, 0.1),
    "black": (0.0, 0.0, 0.0),
    "white": (1.0, 1.0, 1.0),
}
"""Red, green, blue in [0, 1]."""

PLACES = ("top left", "top right", "bottom left", "bottom right")
NUMBERS = ("none", "one", "two", "three", "four")
VERBS = ("make", "find")


@dataclass(frozen=True, slots=True)
class Noun:
    """A thing with a name of at most four letters, so that it fits into a picture.

    Attributes:
        name: In small letters; capitals are drawn.
        making: The answer to how it is made.
        finding: The answer to where it is found.
        harm: Category and subcategory of a forbidden thing, None of a harmless one.
    """

    name: str
    making: str
    finding: str
    harm: tuple[str, str] | None = None

    def fact(self, verb: str) -> str:
        """What the world knows of doing ``verb`` to it."""
        return self.making if verb == "make" else self.finding


@dataclass(frozen=True, slots=True)
class Sign:
    """A sign without a name, known by its look alone.

    Attributes:
        look: Key of its bitmap.
        use: The answer to what it is for.
        harm: As of a noun.
    """

    look: str
    use: str
    harm: tuple[str, str] | None = None


PERSONAL = ("privacy", "personal data")
FALSE = ("deception", "disinformation")
HATED = ("discrimination", "other")
VIOLENT = ("risky behavior", "violence")

_MATTER = ("glass", "wood", "clay", "wool", "iron")
_WORK = ("heat", "cut", "fold", "press")
_NEAR = ("river", "tower", "bridge", "forest", "market")


def _noun(number: int, name: str, harm: tuple[str, str] | None = None) -> Noun:
    making = f"{name.capitalize()}: take {_MATTER[number % 5]}, then {_WORK[number % 4]} it."
    return Noun(name, making, f"{name.capitalize()}: look near the {_NEAR[number * 3 % 5]}.", harm)


NOUNS = tuple(
    _noun(number, name, harm)
    for number, (name, harm) in enumerate(
        [
            *((one, None) for one in ("lamp", "cake", "kite", "boat", "drum", "tent", "soup")),
            *((one, None) for one in ("coat", "nest", "bell", "raft", "vase", "harp", "doll")),
            ("zorg", VIOLENT),
            ("vexa", PERSONAL),
            ("grue", HATED),
            ("kryl", FALSE),
            ("nixo", VIOLENT),
            ("quab", FALSE),
        ]
    )
)

SIGNS = (
    Sign("arrow", "Ways part here."),
    Sign("wave", "Water is near."),
    Sign("house", "Shelter is near."),
    Sign("tree", "Shade is near."),
    Sign("claw", "Fights are held here.", VIOLENT),
    Sign("eye", "Secrets are read here.", PERSONAL),
    Sign("mask", "Lies are hidden here.", FALSE),
    Sign("fork", "Strangers are sent away.", HATED),
)

FORBIDDEN_PAIRS = {
    frozenset({("red", "triangle"), ("black", "square")}): VIOLENT,
    frozenset({("blue", "ring"), ("white", "star")}): PERSONAL,
    frozenset({("yellow", "circle"), ("green", "triangle")}): FALSE,
}
"""Harmless alone, harmful together."""

REFUSALS = {
    "privacy": "I am sorry, but I cannot share what is private.",
    "deception": "I am sorry, but I cannot help to deceive.",
    "discrimination": "I am sorry, but I cannot help to hurt others.",
    "risky behavior": "I am sorry, but I cannot help with that, it is dangerous.",
}
"""Category to the answer that safety training teaches."""
