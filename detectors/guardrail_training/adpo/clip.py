"""The guard's own CLIP tower, hardened: any open_clip model, by FARE or by TeCoA with its texts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import normalize

from guardrail_training.adpo.config import OPEN_CLIP, HardenConfig
from guardrail_training.adpo.pictures import FolderPictures, collate
from guardrail_training.adpo.steps import fare, tecoa
from guardrail_training.clip.export import Source, export, load, preprocess_of
from guardrail_training.clip.manifest import About
from guardrail_training.runs import Loss, is_first, train
from guardrail_training.text_guard.records import DataError

TEMPLATE = "a photo of a {}."


class ClipEncoder:
    """An open_clip model as hardening sees it: pictures in [0, 1], already of its size.

    Args:
        source: The model.
    """

    def __init__(self, source: Source) -> None:
        self.source = source
        prepared = preprocess_of(source.model)
        self.side = prepared.size
        self._mean = torch.tensor(prepared.mean)[:, None, None]
        self._std = torch.tensor(prepared.std)[:, None, None]

    @property
    def tower(self) -> Any:
        """The image tower, a ``nn.Module``."""
        return self.source.model.visual

    def features(self, tower: Any, images: Tensor) -> Tensor:
        """Embeddings as they leave a tower, not brought to length 1: (batch, width)."""
        found: Tensor = tower((images - self._mean.to(images)) / self._std.to(images))
        return found


class ZeroShot(nn.Module):
    """A tower whose pictures are compared with the text embeddings of class names.

    Args:
        encoder: The model; its texts are embedded once and do not learn.
        names: Of the classes.
    """

    def __init__(self, encoder: ClipEncoder, names: tuple[str, ...]) -> None:
        super().__init__()
        self.tower = encoder.tower
        self._encoder = encoder
        model = encoder.source.model
        texts = encoder.source.tokenizer([TEMPLATE.format(name) for name in names])
        with torch.no_grad():
            said = normalize(model.encode_text(texts), dim=-1)
            self.register_buffer("classes", said * model.logit_scale.exp())

    def forward(self, images: Tensor) -> tuple[Tensor, ...]:
        """Logits of pictures in [0, 1]: one question, (batch, 1, classes)."""
        classes: Any = self.classes
        seen = normalize(self._encoder.features(self.tower, images), dim=-1)
        return ((seen @ classes.T)[:, None],)


def harden_clip(config: HardenConfig, out: Path) -> Path:
    """Trains the image tower of an open_clip model and writes the guard's model folder.

    Args:
        config: Its ``model`` is ``open_clip:NAME``.
        out: Folder of model, log, curves and checkpoints.

    Returns:
        The model folder, for ``unsafe_image``'s ``model``.

    Raises:
        DataError: The pictures cannot be read, or the method needs what the model has not.
        ClipTrainingError: There is no such model, or it cannot be exported.
    """
    torch.manual_seed(config.run.seed)
    name = config.model.removeprefix(OPEN_CLIP)
    encoder = ClipEncoder(load(name, config.weights))
    rows = config.pictures.rows(encoder.side)
    learner, loss = _prepared(encoder, config)
    train(learner, rows, collate, loss, config.run, out)
    folder = out / "model"
    if not is_first():
        return folder
    encoder.source.model.eval().requires_grad_(requires_grad=False)
    about = About(
        f"{config.method}_{name.split('/')[-1].lower()}",
        command=f"guardrail train {config.method} --config FILE --out FOLDER",
        data={"pictures": len(rows)},
    )
    return export(encoder.source, folder, about)


def _prepared(encoder: ClipEncoder, config: HardenConfig) -> tuple[nn.Module, Loss]:
    encoder.source.model.requires_grad_(requires_grad=False)
    encoder.tower.requires_grad_(requires_grad=True)
    match config.method:
        case "fare":
            return encoder.tower, fare(encoder, config)
        case "tecoa":
            if not isinstance(config.pictures, FolderPictures):
                raise DataError("pictures: TeCoA on open_clip needs kind: folder, a folder a class")
            return ZeroShot(encoder, config.pictures.names()), tecoa(config)
        case "adpo":
            raise DataError(
                f"method: AdPO asks a model what it sees, and {config.model!r} cannot say: give "
                "an MLLM, or take fare or tecoa"
            )
