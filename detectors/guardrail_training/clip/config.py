"""The settings of a run, one kind a file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator

from guardrail_training.clip.errors import ClipTrainingError

Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_.-]*$")]
Rate = Annotated[float, Field(gt=0, le=1)]
Count = Annotated[int, Field(ge=1, le=10_000_000)]


class Strict(BaseModel):
    """Immutable, nothing unknown."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Cycle(Strict):
    """One rise and fall of the learning rate.

    Attributes:
        steps: Batches.
        rate: Peak learning rate.
        batch: Pictures of one.
        plain: Share of pictures whose subject is large, upright and unspoilt.
        trunk: Part of the rate that the picture tower's own layers learn at.
        size: Of pictures in this cycle; None for the tower's own. Smaller ones first cost less, and
            a tower that saw them sees larger ones as well (Touvron et al. 2019, arXiv:1906.06423).
        drawings: ``first``, or ``all`` with those that came after a first cycle had been run, so
            that it need not be run again for them.
    """

    steps: Count
    rate: Rate
    trunk: Annotated[float, Field(gt=0, le=1)] = 1.0
    batch: Annotated[int, Field(ge=2, le=4096)] = 128
    plain: Annotated[float, Field(ge=0, le=1)] = 0.0
    size: Annotated[int, Field(ge=32, le=512)] | None = None
    drawings: Literal["first", "all"] = "all"


class EmbeddedConfig(Strict):
    """The model that ships: trained on what the project draws and on pictograms.

    Attributes:
        kind: Tells this file from the others.
        name: Of the model, and of its folder.
        version: Written to the manifest; part of every cache key.
        seed: Of all random choices.
        base: Sentence encoder: a Hugging Face name or a folder; BERT with word pieces.
        words: Word pieces of it that are kept.
        tower: Architecture of the picture tower, a name of timm.
        pretrained: Whether it starts with weights that timm downloads, or those of a file.
        tower_licence: Of these weights, as their publisher says.
        layers: Topmost groups of its layers that learn, the others keeping their weights; 0: all.
        size: Of a side of what the tower sees.
        screenshots: Folder of harmless pictures, relative to the data folder.
        drawn_each: Sprites of each drawing.
        cycles: Of the learning rate, one after the other.
        stickers: Share of the pictures of things that bear another thing's name on a sticker and
            are learnt as that: the model reads then, as CLIPs do that learnt from the web, and is
            misled by words. To measure masking on; 0 for a model that ships.
        head_pictures: Fresh pictures that the heads are fitted on, and as many to calibrate them.
        head_strength: Inverse of the heads' penalty.
        asides: Harmless icons kept aside that are measured on.
        photographs: JSON lines ``{"image", "label", "category"}`` of photographs to measure on,
            relative to the data folder; those that are there.
        note: What the card says of the run besides.
    """

    kind: Literal["embedded"]
    name: Name
    version: str
    seed: int = 0
    base: str
    words: Annotated[int, Field(ge=64, le=250_000)] = 26_000
    tower: str
    pretrained: bool = True
    tower_licence: str = ""
    layers: Annotated[int, Field(ge=0, le=1000)] = 0
    size: Annotated[int, Field(ge=32, le=512)]
    screenshots: str
    drawn_each: Count = 40
    cycles: Annotated[tuple[Cycle, ...], Field(min_length=1)]
    stickers: Annotated[float, Field(ge=0, lt=1)] = 0.0
    head_pictures: Annotated[int, Field(ge=40, le=1_000_000)] = 8000
    head_strength: Annotated[float, Field(gt=0, le=1000)] = 1.0
    asides: Count = 3000
    photographs: tuple[str, ...] = ()
    note: str = ""

    @model_validator(mode="after")
    def _kept_weights_are_worth_something(self) -> EmbeddedConfig:
        if not self.pretrained and (self.layers or self.tower_licence):
            raise ValueError("layers and tower_licence are about pretrained weights")
        if self.pretrained and not self.tower_licence:
            raise ValueError("tower_licence is missing: whose weights may be given away?")
        return self


class HeadsConfig(Strict):
    """Heads on the frozen embeddings of a model folder.

    Attributes:
        kind: Tells this file from the others.
        model: A shipped or installed model's name, or a folder.
        examples: Labelled folder or VLGuard JSON, relative to the data folder.
        seed: Of splits.
        hidden: Units of a hidden layer; 0 for a linear head.
        false_positive_rates: That thresholds are given for.
    """

    kind: Literal["heads"]
    model: str
    examples: str
    seed: int = 0
    hidden: Annotated[int, Field(ge=0, le=1024)] = 0
    false_positive_rates: Annotated[tuple[Rate, ...], Field(min_length=1)] = (0.01, 0.001)


class FinetuneConfig(Strict):
    """Locked-text training of any open_clip model on pictures with captions.

    Attributes:
        kind: Tells this file from the others.
        model: open_clip's name, ``hf-hub:…`` or ``local-dir:…``.
        pretrained: A tag of open_clip or a checkpoint file.
        pairs: JSON lines ``{"image", "text"}``, relative to the data folder.
        seed: Of order and crops.
        batch: Pairs of a step.
        steps: Batches.
        rate: Peak learning rate.
        layers: Topmost groups of the picture tower that learn; 0 for all of it.
    """

    kind: Literal["finetune"]
    model: str
    pretrained: str | None = None
    pairs: str
    seed: int = 0
    batch: Annotated[int, Field(ge=2, le=65_536)] = 64
    steps: Count
    rate: Rate = 1e-5
    layers: Annotated[int, Field(ge=0, le=1000)] = 0


Config = EmbeddedConfig | HeadsConfig | FinetuneConfig

_ADAPTER: TypeAdapter[Config] = TypeAdapter(Annotated[Config, Field(discriminator="kind")])


def read_config(path: Path) -> Config:
    """The settings in a YAML file.

    Raises:
        ClipTrainingError: The file is missing or says something unknown; the key is named.
    """
    try:
        return _ADAPTER.validate_python(yaml.safe_load(path.read_text("utf-8")))
    except OSError as error:
        raise ClipTrainingError(f"{path}: cannot be read: {error.strerror}") from None
    except (yaml.YAMLError, ValidationError) as error:
        faults = (
            "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
            if isinstance(error, ValidationError)
            else str(error)
        )
        raise ClipTrainingError(f"{path}: {faults}") from None
