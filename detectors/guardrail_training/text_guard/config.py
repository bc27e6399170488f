"""The settings of a training run, read from YAML."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from guardrail_training.text_guard.encoder.config import EncoderConfig
from guardrail_training.text_guard.records import DataError


class TrainingConfig(BaseModel):
    """What a linear model is trained from.

    Attributes:
        kind: Tells this file from that of an encoder.
        name: Of the model, and of its folder.
        version: Written to the manifest; part of every cache key.
        seed: Of all random choices; the same seed and data give the same model.
        sets: Files of labelled texts, relative to the data folder, and the licence of each.
        pictures: Sets whose pictures are also read by the OCR engine, for its real mistakes.
        written: Whether the texts of ``corpus/`` are learnt from too.
        left_out_attacks: Values of ``meta.attack_category`` whose attacks are ordinary questions:
            alone they are no attack, so they teach nothing.
        generated: Generated texts of each kind (injections, harmless ones).
        variants: Typographic variants of each harmful request.
        inverse_regularisation: C of the logistic regression.
        least_positives: A head with fewer texts is not trained.
        most_windows: Windows of one text that are trained on.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["linear"] = "linear"
    name: str = Field(pattern=r"^[a-z0-9][a-z0-9_]*$")
    version: str
    seed: int = 0
    sets: Annotated[dict[str, str], Field(min_length=1)]
    pictures: tuple[str, ...] = ()
    written: bool = True
    left_out_attacks: tuple[str, ...] = ()
    generated: Annotated[int, Field(ge=0, le=200_000)] = 6000
    variants: Annotated[int, Field(ge=0, le=20)] = 3
    inverse_regularisation: Annotated[float, Field(gt=0)] = 20.0
    least_positives: Annotated[int, Field(ge=2)] = 40
    most_windows: Annotated[int, Field(ge=1)] = 8


def read_config(path: Path) -> TrainingConfig | EncoderConfig:
    """The settings in the YAML file ``path``; its ``kind`` tells which.

    Raises:
        DataError: It is not there, or a setting is wrong; the message names it.
    """
    try:
        loaded = yaml.safe_load(path.read_text("utf-8"))
        if isinstance(loaded, dict) and loaded.get("kind") == "encoder":
            return EncoderConfig.model_validate(loaded)
        return TrainingConfig.model_validate(loaded)
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror}") from None
    except (yaml.YAMLError, ValidationError) as error:
        raise DataError(f"{path}: {error}") from None
