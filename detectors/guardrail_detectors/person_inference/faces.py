"""Whether a picture shows a face, by what is installed.

Measured on 137 photographs with ten of them showing a face plainly: NudeNet's network at 0.5 finds
nine and takes nothing else for one; the Haar cascades that OpenCV 4 ships (OpenCV 5 ships none)
find five and take one other. So NudeNet is asked where its extra is installed, and a CLIP that
knows photographs where one is. Without either every picture may show a face.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib.util import find_spec
from typing import Literal

from guardrail.detector import Pixels
from guardrail_detectors.clip import load_clip
from guardrail_detectors.clip.known import AUTO, choose, embedded_remarks
from guardrail_detectors.nudity.network import NudeNet
from guardrail_detectors.unsafe_image.config import Category
from guardrail_detectors.unsafe_image.prompts import NEGATIVES
from guardrail_detectors.unsafe_image.views import pictures
from guardrail_detectors.unsafe_image.zero_shot import ZeroShot

Way = Literal["auto", "nudenet", "clip", "assume"]

Presence = Callable[[Sequence[Pixels]], float]
"""Frames of a picture → how surely a face is there, in [0, 1]."""

_SURE = 0.5
"""NudeNet's confidence at which a face counts as there."""

_FRAMES = 4
_FACE = Category(
    prompts=(
        "a photo of a person's face",
        "a portrait photo of a person",
        "a photo of people looking at the camera",
    )
)
_PERSONS = {"a photo of a person", "a photo of a group of people"}


def resolved(way: Way) -> Way:
    """What ``auto`` means on this machine; anything else stays."""
    if way != "auto":
        return way
    if find_spec("nudenet") is not None:
        return "nudenet"
    return "assume" if embedded_remarks("", choose(AUTO)) else "clip"


def presence(way: Way, threads: int) -> Presence:
    """What tells whether a face is there; blocks for its CPU time when called.

    Args:
        way: As resolved.
        threads: CPU threads of one run.

    Raises:
        ModelError: The package or the model is missing.
    """
    match way:
        case "nudenet":
            return _by_nudenet(NudeNet(None, threads))
        case "clip":
            return _by_clip()
        case _:
            return lambda _: 1.0


def _by_nudenet(network: NudeNet) -> Presence:
    def present(frames: Sequence[Pixels]) -> float:
        seen = [
            one.score
            for _, picture in pictures(frames, _FRAMES)
            for one in network(picture)
            if one.name.startswith("face_")
        ]
        return min(1.0, max(seen, default=0.0) / _SURE)

    return present


def _by_clip() -> Presence:
    model = load_clip(str(choose(AUTO).path))
    others = [one for one in NEGATIVES if one not in _PERSONS]
    scorer = ZeroShot(model, {"face": _FACE}, others)

    def present(frames: Sequence[Pixels]) -> float:
        shown = [model.folder.preprocess(picture) for _, picture in pictures(frames, _FRAMES)]
        return float(scorer.scores(model.pictures(shown)).max())

    return present
