"""The settings of an encoder's training run."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field


class Fold(BaseModel):
    """Data sets that a model is trained without, to be measured on them.

    Attributes:
        name: Of the fold.
        sets: Names of data sets without folder and suffix.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    sets: Annotated[tuple[str, ...], Field(min_length=1)]


class EncoderConfig(BaseModel):
    """What is trained, from what, and for how long.

    Attributes:
        kind: Tells this file from that of the linear model.
        name: Of the model, and of its folder.
        version: Written to the manifest; part of every cache key.
        seed: Of all random choices.
        base: Pretrained encoder: a Hugging Face name or a folder; BERT architecture.
        sets: Files of labelled texts, relative to the data folder, and the licence of each.
        pictures: Sets whose pictures are also read by the OCR engine, for its real mistakes.
        packages: Installed packages whose descriptions, docstrings, sources and licences are learnt
            as harmless, and the licence of each.
        written: Whether the texts of ``corpus/`` are learnt from too.
        left_out_attacks: Values of ``meta.attack_category`` that teach nothing: ordinary
            questions, attacks by their place alone.
        epochs: Passes over freshly drawn rows.
        rows: Of one epoch.
        rate: Peak learning rate of the topmost layer.
        layer_decay: Each layer below learns this much slower.
        head_rate: Learning rate of the heads.
        weights: Data set (``written_`` and the file's name for written ones) to how many times as
            often it is drawn from; others in proportion to the root of their size.
        note: What the card says of the run besides, e.g. that it was one of two.
        folds: Sets left out in turn.
        fold_epochs: Epochs of a fold's model.
        fold_rows: Rows of one of its epochs; as many as ``rows`` when None.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["encoder"]
    name: str = Field(pattern=r"^[a-z0-9][a-z0-9_]*$")
    version: str
    seed: int = 0
    base: str
    sets: Annotated[dict[str, str], Field(min_length=1)]
    pictures: tuple[str, ...] = ()
    packages: dict[str, str] = Field(default_factory=dict)
    written: bool = True
    left_out_attacks: tuple[str, ...] = ()
    epochs: Annotated[int, Field(ge=1, le=100)] = 5
    rows: Annotated[int, Field(ge=64, le=1_000_000)] = 20_000
    rate: Annotated[float, Field(gt=0, le=1e-2)] = 1.2e-4
    layer_decay: Annotated[float, Field(gt=0, le=1)] = 0.9
    head_rate: Annotated[float, Field(gt=0, le=1e-1)] = 1e-3
    weights: dict[str, Annotated[float, Field(gt=0, le=100)]] = Field(default_factory=dict)
    note: str = ""
    folds: tuple[Fold, ...] = ()
    fold_epochs: Annotated[int, Field(ge=1, le=100)] = 2
    fold_rows: Annotated[int, Field(ge=64, le=1_000_000)] | None = None
