"""NudeNet's detection network: boxes of parts of bodies.

The package's own code is not imported: its network is run in a session of ours, what it is shown
and what is read from its output follow from the network alone (YOLOv8: centre, size and one score
for each name in the file's metadata).

Licence: the package's metadata says MIT, its licence file and its network's metadata say AGPL-3.0.
It is an extra for that reason, no part of this distribution.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from guardrail.errors import ModelError
from guardrail.types import Box
from guardrail_detectors.ocr_injection.engine import Rgb
from guardrail_detectors.onnx import open_session

SIDE = 320
"""Pixels of a side of what the network is shown."""

LEAST_SCORE = 0.05
"""Boxes below it are not reported."""

_OVERLAP = 0.45
"""Of two boxes of one name that share more (intersection over union), the surer one stays."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """A part of a body.

    Attributes:
        name: In small letters, e.g. ``feet_exposed``.
        score: The network's confidence in [0, 1].
        box: Where.
    """

    name: str
    score: float
    box: Box


class NudeNet:
    """Finds parts of bodies; safe to call from several threads.

    Args:
        weights: The network; None for the one in the ``nudenet`` package.
        threads: CPU threads of one run.

    Raises:
        ModelError: The package or the file is missing, or it is another network.
    """

    def __init__(self, weights: Path | None, threads: int) -> None:
        path = weights if weights is not None else package_weights()
        self._session = open_session(path, threads, ("CPUExecutionProvider",))
        self._input = self._session.get_inputs()[0].name
        self.names = _names(self._session, path)

    def __call__(self, picture: Rgb) -> list[Sighting]:
        """What is seen in ``picture``, surest first."""
        height, width = picture.shape[:2]
        long = max(height, width)
        scale = SIDE / long
        sides = (max(1, round(width * scale)), max(1, round(height * scale)))
        how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
        shown = np.zeros((SIDE, SIDE, 3), np.float32)
        shown[: sides[1], : sides[0]] = cv2.resize(picture, sides, interpolation=how)
        planes = np.ascontiguousarray(shown.transpose(2, 0, 1)[None]) / np.float32(255)
        (output,) = self._session.run(None, {self._input: planes})
        rows = np.asarray(output[0].T, np.float32)  # (anchors, 4 + names)
        if rows.shape[1] != 4 + len(self.names) or not np.isfinite(rows).all():
            raise ModelError(f"NudeNet's network answers {rows.shape}, not what its metadata says")
        return unrepeated(self._sightings(rows, 1 / scale, width, height))

    def _sightings(
        self, rows: NDArray[np.float32], scale: float, width: int, height: int
    ) -> list[Sighting]:
        best = rows[:, 4:].argmax(axis=1)
        scores = rows[np.arange(len(rows)), 4 + best]
        found = []
        for row in np.flatnonzero(scores >= LEAST_SCORE):
            x, y, across, down = (rows[row, :4] * scale).tolist()
            left, top = max(0, round(x - across / 2)), max(0, round(y - down / 2))
            right, bottom = min(width, round(x + across / 2)), min(height, round(y + down / 2))
            if left < right and top < bottom:
                score = min(1.0, float(scores[row]))
                found.append(Sighting(self.names[best[row]], score, Box(left, top, right, bottom)))
        return found


def package_weights() -> Path:
    """The network in the ``nudenet`` package, which is not imported.

    Raises:
        ModelError: The package or its network is missing.
    """
    spec = find_spec("nudenet")
    if spec is None or not spec.submodule_search_locations:
        raise ModelError(
            "nudity needs the nudenet package: pip install 'mllm-guardrail[nudity]'; its "
            "network is under AGPL-3.0"
        )
    path = Path(next(iter(spec.submodule_search_locations))) / "320n.onnx"
    if not path.is_file():
        raise ModelError(f"{path}: missing; pip install --force-reinstall 'nudenet>=3.4'")
    return path


def unrepeated(sightings: Sequence[Sighting]) -> list[Sighting]:
    """``sightings`` without those that a surer one of the same name overlaps, surest first."""
    kept: list[Sighting] = []
    for one in sorted(sightings, key=lambda sighting: -sighting.score):
        rivals = (other for other in kept if other.name == one.name)
        if all(shared(one.box, other.box) <= _OVERLAP for other in rivals):
            kept.append(one)
    return kept


def shared(one: Box, other: Box) -> float:
    """Intersection over union of two boxes; 0 on different frames."""
    width = min(one.right, other.right) - max(one.left, other.left)
    height = min(one.bottom, other.bottom) - max(one.top, other.top)
    if width <= 0 or height <= 0 or one.frame != other.frame:
        return 0.0
    areas = [(box.right - box.left) * (box.bottom - box.top) for box in (one, other)]
    return width * height / (sum(areas) - width * height)


def moved(sighting: Sighting, region: Box) -> Sighting:
    """``sighting``, made in ``region`` alone, where it lies on the whole picture."""
    left, top, box = region.left, region.top, sighting.box
    place = Box(box.left + left, box.top + top, box.right + left, box.bottom + top, region.frame)
    return replace(sighting, box=place)


def _names(session: Any, path: Path) -> tuple[str, ...]:
    """The names of the parts, in the order of the output.

    Raises:
        ModelError: The file's metadata do not say.
    """
    text = session.get_modelmeta().custom_metadata_map.get("names", "")
    try:
        names = ast.literal_eval(text)
        found = tuple(str(names[number]).lower() for number in range(len(names)))
    except (ValueError, SyntaxError, KeyError, TypeError):
        found = ()
    if not found:
        raise ModelError(f"{path}: its metadata names no parts; use NudeNet's own 320n.onnx")
    return found
