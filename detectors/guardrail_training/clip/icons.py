"""Pictograms of openly licensed icon packages: their names, their licences, their pictures.

They are read in Iconify's JSON (https://iconify.design/docs/types/iconify-json.html) as npm
installs the whole collection: ``FOLDER/node_modules/@iconify/json/json/NAME.json``. Nothing of them
is kept in this repository.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any
from zlib import crc32

import cv2
import numpy as np
import yaml
from pydantic import Field

from guardrail_training.clip.config import Strict
from guardrail_training.clip.draw.pen import SIDE, Sprite
from guardrail_training.clip.errors import ClipTrainingError

COLLECTION = "@iconify/json@2.2.535"
"""The npm package with the icons, in the version that weights are trained on."""

UNSURE = "unsure"
"""Category of what counts neither as dangerous nor as harmless."""

_VARIANTS = 3  # of one concept and package
_SKIPPED = re.compile(r"^flag-|skin-tone|^brand-|logo|keycap|-letter-|^letter-|^number-|^numeric-")
_OPEN = frozenset(
    {
        "Apache-2.0",
        "CC-BY-3.0",
        "CC-BY-4.0",
        "CC0-1.0",
        "ISC",
        "MIT",
        # Binds fonts made from the font, and no document made with it: its FAQ, 1.1 and 1.15.
        "OFL-1.1",
    }
)
"""Licences of what weights may be learnt from that are given away."""

_HARMLESS_SVG = re.compile(r"<(?:image|use|script|foreignObject)\b", re.IGNORECASE)


class Package(Strict):
    """A package of icons, and whether it only measures."""

    aside: bool = False


class Words(Strict):
    """Words of a name that make a category, and those that leave it open."""

    words: frozenset[str]
    unless: frozenset[str] = frozenset()


class Rules(Strict):
    """``icons.yaml``."""

    packages: Annotated[Mapping[str, Package], Field(min_length=1)]
    quarter_aside: frozenset[str] = frozenset()
    styles: frozenset[str] = frozenset()
    twins: frozenset[str] = frozenset()
    categories: Mapping[str, Words]
    unsure: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Icon:
    """One icon, not drawn yet.

    Attributes:
        concept: Its name without what names a style, in words.
        package: Where it is from.
        aside: Whether it only measures.
        categories: What it shows; () for what is harmless, ``UNSURE`` for neither.
        svg: Its picture.
    """

    concept: str
    package: str
    aside: bool
    categories: tuple[str, ...]
    svg: str

    def sprite(self) -> Sprite:
        """The icon rendered, shape (SIDE, SIDE, 4).

        Raises:
            ClipTrainingError: It cannot be rendered.
        """
        return render(self.svg)


@cache
def rules() -> Rules:
    """The rules that ship."""
    return Rules.model_validate(yaml.safe_load(Path(__file__).with_name("icons.yaml").read_text()))


def read_icons(folder: Path, by: Rules) -> list[Icon]:
    """The icons of all packages of ``by``.

    Args:
        folder: That npm installed them into; it holds ``node_modules``.
        by: Packages and words.

    Raises:
        ClipTrainingError: A package is missing, or of another version, and the message has the
            command that gets it; or its licence is none that weights may be learnt under.
    """
    _check_version(folder)
    return [icon for name in by.packages for icon in _icons(folder, name, by)]


def licences(folder: Path, names: Sequence[str]) -> dict[str, str]:
    """For each package title, author and licence, as it states them."""
    found = {}
    for name in names:
        content = _package(folder, name)
        info = content["info"]
        found[name] = f"{info['name']} by {info['author']['name']}, {_licence(content)}"
    return found


def concept_of(name: str, styles: frozenset[str]) -> str:
    """``fire-flame-curved-bold`` as the words ``fire flame curved``."""
    words = name.replace("_", "-").split("-")
    while len(words) > 1 and words[-1] in styles:
        words.pop()
    return " ".join(words)


def categories_of(concept: str, by: Rules) -> tuple[str, ...]:
    """What an icon of that name shows; () when harmless, ``(UNSURE,)`` when neither."""
    words = concept.split()
    parts = set(words) | {"-".join(words), *map("-".join, pairwise(words))}
    found = [name for name, one in by.categories.items() if parts & one.words]
    if any(parts & by.categories[name].unless for name in found):
        return (UNSURE,)
    return tuple(found) or ((UNSURE,) if parts & by.unsure else ())


def bare(concept: str, by: Rules) -> str:
    """``concept`` without endings that may name a style: two icons alike have it in common."""
    words = concept.split()
    while len(words) > 1 and words[-1] in by.twins | by.styles:
        words.pop()
    return " ".join(words)


def render(svg: str) -> Sprite:
    """An SVG of any size, fitted into a sprite.

    Raises:
        ClipTrainingError: It is no SVG, or the renderer is not installed.
    """
    try:
        import resvg_py  # noqa: PLC0415 - of the extra [train]
    except ModuleNotFoundError:
        raise ClipTrainingError(
            "resvg-py is missing: pip install 'mllm-guardrail[train]'"
        ) from None
    try:
        coded = resvg_py.svg_to_bytes(
            svg_string=svg, width=SIDE, height=SIDE, skip_system_fonts=True
        )
    except ValueError as error:
        raise ClipTrainingError(f"an icon cannot be rendered: {error}") from None
    decoded = cv2.imdecode(np.frombuffer(bytes(coded), np.uint8), cv2.IMREAD_UNCHANGED)
    if decoded is None or decoded.ndim != 3 or decoded.shape[2] != 4:
        raise ClipTrainingError("an icon cannot be rendered: its picture has no transparency")
    return np.ascontiguousarray(_fitted(cv2.cvtColor(decoded, cv2.COLOR_BGRA2RGBA))).astype(
        np.uint8
    )


def _fitted(sprite: Any) -> Any:
    if sprite.shape[:2] == (SIDE, SIDE):
        return sprite
    height, width = sprite.shape[:2]
    scale = SIDE / max(height, width)
    sides = (max(1, round(width * scale)), max(1, round(height * scale)))
    canvas = np.zeros((SIDE, SIDE, 4), np.uint8)
    top, left = (SIDE - sides[1]) // 2, (SIDE - sides[0]) // 2
    shrunk = cv2.resize(sprite, sides, interpolation=cv2.INTER_AREA)
    canvas[top : top + sides[1], left : left + sides[0]] = shrunk
    return canvas


def _icons(folder: Path, name: str, by: Rules) -> Iterator[Icon]:
    content = _package(folder, name)
    if _licence(content) not in _OPEN:
        raise ClipTrainingError(
            f"icons.yaml: {name} is under {_licence(content)}: weights may be learnt from what is "
            f"under {', '.join(sorted(_OPEN))}; leave it out"
        )
    seen: Counter[str] = Counter()
    for key, one in content["icons"].items():
        concept = concept_of(key, by.styles)
        if _SKIPPED.search(key) or one.get("hidden") or _HARMLESS_SVG.search(one["body"]):
            continue
        seen[concept] += 1
        if seen[concept] > _VARIANTS:
            continue
        aside = by.packages[name].aside
        if name in by.quarter_aside:
            aside = crc32(concept.encode()) % 4 == 0
        yield Icon(concept, name, aside, categories_of(concept, by), _svg(one, content))


def _svg(one: Mapping[str, Any], content: Mapping[str, Any]) -> str:
    left, top, width, height = (
        one.get(key, content.get(key, default))
        for key, default in (("left", 0), ("top", 0), ("width", 16), ("height", 16))
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{left} {top} {width} {height}" '
        f'color="#000">{one["body"]}</svg>'
    )


def _licence(content: Mapping[str, Any]) -> str:
    licence = content["info"]["license"]
    return str(licence.get("spdx") or licence.get("title"))


def _check_version(folder: Path) -> None:
    path = folder / "node_modules" / "@iconify" / "json" / "package.json"
    version = COLLECTION.rpartition("@")[2]
    found = _json(path, folder).get("version")
    if found != version:
        raise ClipTrainingError(
            f"{path}: version {found}, but other icons make other weights; get the right ones: "
            f"npm install --prefix {folder} {COLLECTION}"
        )


def _package(folder: Path, name: str) -> dict[str, Any]:
    return _json(folder / "node_modules" / "@iconify" / "json" / "json" / f"{name}.json", folder)


def _json(path: Path, folder: Path) -> dict[str, Any]:
    try:
        return dict(json.loads(path.read_bytes()))
    except (OSError, ValueError) as error:
        raise ClipTrainingError(
            f"{path}: no icons ({error}); get them: npm install --prefix {folder} {COLLECTION}"
        ) from None
