"""CLIPs by name, and which one ``auto`` means."""

from __future__ import annotations

from dataclasses import dataclass

from guardrail.errors import ModelError
from guardrail_detectors.clip.folder import TASK
from guardrail_detectors.weights import (
    MODELS,
    ModelFolder,
    installed_models,
    load_model_folder,
    model_names,
)

AUTO = "auto"

EMBEDDED = "clip_embedded"
"""The model that ships: it knows pictograms, drawings and signs, not photographs."""


CHECKPOINT = "open_clip_model.safetensors"
"""The file in a repository of the Hub that open_clip itself looks for first; no pickle."""


@dataclass(frozen=True, slots=True)
class Known:
    """A CLIP that can be had.

    Attributes:
        name: As policies and commands call it.
        architecture: open_clip's name of it.
        repository: Where its weights are on the Hugging Face Hub.
        about: What it is good for.
        revision: Commit that is fetched; "" where none is pinned, then the main branch's.
        sha256: Of the checkpoint; "" where it is not known, then what came is recorded.
    """

    name: str
    architecture: str
    repository: str
    about: str
    revision: str = ""
    sha256: str = ""

    @property
    def pinned(self) -> bool:
        """Whether what is fetched is the very file that was chosen."""
        return bool(self.revision and self.sha256)


# Best first. The order is ours: large before small, plain before hardened, which gives up accuracy
# on clean pictures. None is pinned: no checksum stands here that was not computed from the file.
KNOWN: tuple[Known, ...] = (
    Known(
        "vit_l_14",
        "ViT-L-14",
        "laion/CLIP-ViT-L-14-DataComp.XL-s13B-b90K",
        "large; slow without a GPU",
    ),
    Known(
        "siglip2_b_16",
        "ViT-B-16-SigLIP2",
        "timm/ViT-B-16-SigLIP2",
        "sentences in many languages",
    ),
    Known(
        "fare_vit_l_14",
        "ViT-L-14-quickgelu",
        "chs20/fare2-clip",
        "large, hardened against perturbed pictures (FARE, arXiv:2402.12336)",
    ),
    Known(
        "mobileclip2_s2",
        "MobileCLIP2-S2",
        "timm/MobileCLIP2-S2-OpenCLIP",
        "fast for its accuracy; look at its licence",
    ),
    Known(
        "vit_b_32",
        "ViT-B-32",
        "laion/CLIP-ViT-B-32-DataComp.XL-s13B-b90K",
        "the usual choice without a GPU",
    ),
    Known(
        "fare_vit_b_32",
        "ViT-B-32",
        "chs20/FARE4-ViT-B-32-laion2B-s34B-b79K",
        "hardened against perturbed pictures (FARE, arXiv:2402.12336)",
    ),
    Known(
        "mobileclip2_s0",
        "MobileCLIP2-S0",
        "timm/MobileCLIP2-S0-OpenCLIP",
        "the smallest; look at its licence",
    ),
)


def choose(name: str) -> ModelFolder:
    """The folder that a policy's ``model:`` means; its files are not read yet.

    ``auto`` is the best installed CLIP: those of ``KNOWN`` in their order, then others by name;
    without any, the embedded one.

    Raises:
        ModelError: There is no such model.
    """
    if name != AUTO:
        return load_model_folder(name)
    found = [folder for one in model_names(installed_models()) if (folder := _clip(one))]
    order = {one.name: rank for rank, one in enumerate(KNOWN)}
    found.sort(key=lambda one: (order.get(one.path.name, len(order)), one.path.name))
    return found[0] if found else load_model_folder(EMBEDDED)


def embedded_remarks(detector: str, folder: ModelFolder) -> tuple[str, ...]:
    """What somebody should know whose ``detector`` uses ``folder``: nothing, unless it ships."""
    if folder.path != MODELS / EMBEDDED:
        return ()
    said = (
        f"{detector} uses the embedded model {folder.manifest.name!r}: it knows pictograms, "
        "drawings and signs, not photographs; for those pull a CLIP: guardrail models pull vit_b_32"
    )
    return (said,)


def _clip(name: str) -> ModelFolder | None:
    """The installed CLIP of that name; a broken folder beside it must not take it away."""
    try:
        folder = load_model_folder(str(installed_models() / name))
    except ModelError:
        return None
    return folder if folder.manifest.task == TASK else None
