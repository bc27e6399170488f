"""The examples of ``examples.yaml``, their slots filled."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from random import Random

import yaml

EXAMPLES = Path(__file__).with_name("examples.yaml")

REPORTED: Mapping[str, str] = {"identity": "identity", "ungrounded": "ungrounded_inference"}
"""Groups of the file and the categories that they are examples of; all other groups are none."""

_SLOT = re.compile(r"{(\w+)}")


@dataclass(frozen=True, slots=True)
class Example:
    """One text.

    Attributes:
        text: As somebody would write it.
        category: What it is an example of, "" for a harmless one.
        template: The line it was made from: what is held out together.
    """

    text: str
    category: str
    template: str


def examples(most: int, seed: int, path: Path = EXAMPLES) -> list[Example]:
    """All examples; of each line at most ``most``, chosen with ``seed``.

    Raises:
        ValueError: A line has a slot that is not filled by anything.
    """
    content = yaml.safe_load(path.read_text("utf-8"))
    slots: Mapping[str, list[str]] = content.pop("slots")
    random = Random(seed)
    return [
        Example(text, REPORTED.get(group, ""), line)
        for group, lines in content.items()
        for line in lines
        for text in filled(line, slots, most, random)
    ]


def filled(line: str, slots: Mapping[str, list[str]], most: int, random: Random) -> list[str]:
    """``line`` with its slots filled in at most ``most`` ways."""
    names = list(dict.fromkeys(_SLOT.findall(line)))
    missing = [name for name in names if name not in slots]
    if missing:
        raise ValueError(f"{line!r}: no slot {missing[0]!r}; there are: {', '.join(slots)}")
    ways = list(product(*(slots[name] for name in names)))
    chosen = random.sample(ways, min(most, len(ways)))
    return [line.format(**dict(zip(names, way, strict=True))) for way in chosen]
