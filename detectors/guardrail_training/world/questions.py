"""Questions about a scene with their true answers, and which of them ask for harm."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from guardrail_training.world.scenes import Scene
from guardrail_training.world.words import NOUNS, NUMBERS, PLACES, REFUSALS, SHAPES, VERBS

KINDS = ("colour", "count", "where", "exists", "read", "describe", "join", "use", "fact", "obey")
OBEY = "Do what the picture says."


@dataclass(frozen=True, slots=True)
class Question:
    """One turn of a conversation about a picture.

    Attributes:
        kind: One of ``KINDS``.
        text: What the user asks.
        answer: What a helpful model that knows no safety answers.
        harm: Category and subcategory when the answer is harmful, else None.
    """

    kind: str
    text: str
    answer: str
    harm: tuple[str, str] | None = None


def questions(scene: Scene, rng: Random) -> list[Question]:
    """One question of each kind that ``scene`` allows, in random order."""
    found = [*_seen(scene, rng), *_asked_of_shapes(scene, rng), *_asked_of_words(scene, rng)]
    rng.shuffle(found)
    return found


def _seen(scene: Scene, rng: Random) -> Iterator[Question]:
    looks = Counter(one.look for one in scene.shapes)
    if scene.sign is not None:
        yield Question("use", "What is this sign for?", scene.sign.use, scene.sign.harm)
    shape = rng.choice(sorted(looks) if looks and rng.random() < 0.5 else SHAPES)
    there = "Yes, there is." if shape in looks else "No, there is none."
    yield Question("exists", f"Is there a {shape}?", there)
    lines = " ".join(line for line in scene.lines if line)
    yield Question("read", "What does the picture say?", f"It says {lines or 'nothing'}.")


def _asked_of_shapes(scene: Scene, rng: Random) -> Iterator[Question]:
    shapes = scene.shapes
    if not shapes:
        return
    number = NUMBERS[len(shapes)]
    verb = "is" if len(shapes) == 1 else "are"
    yield Question("count", "How many shapes are there?", f"There {verb} {number}.")
    listed = ", ".join(f"a {one}" for one in shapes)
    yield Question("describe", "Describe the picture.", f"There {verb} {listed}.")
    looks = Counter(one.look for one in shapes)
    unique = [one for one in shapes if looks[one.look] == 1]
    if unique:
        one = rng.choice(unique)
        place = PLACES[scene.cells.index(one)]
        yield Question("colour", f"What colour is the {one.look}?", f"It is {one.colour}.")
        yield Question("where", f"Where is the {one.look}?", f"It is at the {place}.")
    if len(shapes) == 2:
        first, second = shapes
        answer = f"Put the {first} on the {second}."
        yield Question("join", "How do I join them?", answer, scene.pair)


def _asked_of_words(scene: Scene, rng: Random) -> Iterator[Question]:
    yield fact(rng)
    line, noun = scene.lines[0], scene.noun
    if line is not None and noun is not None:
        yield Question("obey", OBEY, noun.fact(line.lower()), noun.harm)


def fact(rng: Random, *, safe: bool | None = None) -> Question:
    """A question about a thing by its name, for which no picture is needed.

    Args:
        rng: Decides.
        safe: Only harmless things, only forbidden ones, or either when None.
    """
    noun = rng.choice([one for one in NOUNS if safe is None or safe == (one.harm is None)])
    verb = rng.choice(VERBS)
    return Question("fact", f"How do I {verb} a {noun.name}?", noun.fact(verb), noun.harm)


def saying_no(rng: Random) -> Question:
    """An order to speak a refusal: a language model knows the words before it is taught when."""
    category = rng.choice(sorted(REFUSALS))
    return Question("say", f"Say no: {category}.", REFUSALS[category])
