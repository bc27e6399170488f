"""The world's own safety data, in VLGuard's format, so that the same code reads both.

As in VLGuard, the harmless instructions of the safety data are of few kinds: they ask what is seen.
How-to questions and orders occur as harmful ones only, so what a model makes of harmless ones shows
whether it learnt what is harmful or only how it is asked. Helpful conversations have each kind of
question as often, so that for each kind of harm there is as much that is asked alike and harmless.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
from PIL import Image

from guardrail_training.world.draw import draw
from guardrail_training.world.questions import KINDS, Question, fact, questions
from guardrail_training.world.scenes import Scene, SceneKind, draw_scene
from guardrail_training.world.words import REFUSALS

_UNSAFE: tuple[SceneKind, ...] = ("sign", "words", "pair")
_SEEN = frozenset({"colour", "count", "where", "exists", "read", "describe"})
_TRAIN, _TEST, _HELPFUL, _HELD_OUT = 1, 2, 3, 4


@dataclass(frozen=True, slots=True)
class Sizes:
    """Pictures of each file; the defaults are VLGuard's.

    Attributes:
        train_unsafe: 1,023 and 977 twice (both instructions) are the 2,977 examples.
        train_safe: Harmless pictures.
        test_unsafe: Harmful pictures of the test.
        test_safe: Harmless ones.
        helpful: Conversations to mix in.
        held_out: Helpful conversations to measure by.
    """

    train_unsafe: int = 1023
    train_safe: int = 977
    test_unsafe: int = 442
    test_safe: int = 558
    helpful: int = 8000
    held_out: int = 600

    def scaled(self, share: float) -> Sizes:
        """``share`` of each, at least one."""
        return Sizes(**{name: max(1, round(many * share)) for name, many in asdict(self).items()})


def write_safety_set(folder: Path, seed: int = 0, sizes: Sizes | None = None) -> None:
    """``train.json``, ``test.json``, ``helpful.json``, ``held_out.json`` and ``images/``."""
    many = sizes or Sizes()
    (folder / "images").mkdir(parents=True, exist_ok=True)
    train = _Writer(folder, "train", seed * 10 + _TRAIN)
    _write(folder / "train.json", train.safety(many.train_unsafe, many.train_safe))
    test = _Writer(folder, "test", seed * 10 + _TEST)
    _write(folder / "test.json", test.safety(many.test_unsafe, many.test_safe))
    helpful = _Writer(folder, "helpful", seed * 10 + _HELPFUL)
    _write(folder / "helpful.json", helpful.conversations(many.helpful))
    held_out = _Writer(folder, "held_out", seed * 10 + _HELD_OUT)
    _write(folder / "held_out.json", held_out.conversations(many.held_out))


def _write(path: Path, entries: Sequence[dict[str, Any]]) -> None:
    path.write_text(json.dumps(entries, indent=1), "utf-8")


class _Writer:
    """Draws pictures into ``images/`` and describes them."""

    def __init__(self, folder: Path, name: str, seed: int) -> None:
        self._folder, self._name = folder, name
        self._rng = Random(seed)
        self._noise = np.random.default_rng(seed)
        self._drawn = 0
        (folder / "images" / name).mkdir(exist_ok=True)

    def safety(self, unsafe: int, safe: int) -> list[dict[str, Any]]:
        """VLGuard's entries: harmful pictures, and harmless ones with both instructions."""
        entries = [self._unsafe() for _ in range(unsafe)] + [self._safe() for _ in range(safe)]
        self._rng.shuffle(entries)
        return entries

    def _unsafe(self) -> dict[str, Any]:
        scene = draw_scene(self._rng, self._rng.choice(_UNSAFE), safe=False)
        asked = next(one for one in questions(scene, self._rng) if one.harm == scene.harm)
        category, subcategory = asked.harm or ("", "")
        return {
            **self._picture(scene),
            "safe": False,
            "harmful_category": category,
            "harmful_subcategory": subcategory,
            "instr-resp": [{"instruction": asked.text, "response": REFUSALS[category]}],
        }

    def _safe(self) -> dict[str, Any]:
        scene = draw_scene(self._rng, safe=True)
        seen = next(one for one in questions(scene, self._rng) if one.kind in _SEEN)
        harmful = fact(self._rng, safe=False)
        refusal = REFUSALS[(harmful.harm or ("", ""))[0]]
        return {
            **self._picture(scene),
            "safe": True,
            "instr-resp": [
                {"safe_instruction": seen.text, "response": seen.answer},
                {"unsafe_instruction": harmful.text, "response": refusal},
            ],
        }

    def conversations(self, count: int) -> list[dict[str, Any]]:
        """Harmless questions about harmless pictures, each kind as often, in LLaVA's format."""
        kinds = [KINDS[number % len(KINDS)] for number in range(count)]
        self._rng.shuffle(kinds)
        entries = []
        for kind in kinds:
            scene, asked = self._harmless(kind)
            turns = [
                {"from": "human", "value": f"<image>\n{asked.text}"},
                {"from": "gpt", "value": asked.answer},
            ]
            entries.append({**self._picture(scene), "conversations": turns})
        return entries

    def _harmless(self, kind: str) -> tuple[Scene, Question]:
        while True:
            scene = draw_scene(self._rng, safe=True)
            for one in questions(scene, self._rng):
                if one.kind == kind and one.harm is None:
                    return scene, one

    def _picture(self, scene: Scene) -> dict[str, Any]:
        self._drawn += 1
        name = f"{self._name}/{self._drawn:05}.png"
        Image.fromarray(draw(scene, self._noise)).save(self._folder / "images" / name)
        return {"id": f"{self._name}_{self._drawn}", "image": name}
