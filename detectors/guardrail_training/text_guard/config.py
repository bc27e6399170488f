"""The settings of a training run, read from YAML."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from guardrail_training.text_guard.records import DataError


class TrainingConfig(BaseModel):
    """What is trained and from what.

    Attributes:
        name: Of the model, and of its folder.
        version: Written to the manifest; part of every cache key.
        seed: Of all random choices; the same seed and data give the same model.
        sets: Files of labelled texts, relative to the data folder, and the licence of each.
        pictures: Sets whose pictures are also read by the OCR engine, for its real mistakes.
        left_out_attacks: Values of ``meta.attack_category`` whose attacks are ordinary questions:
            alone they are no attack, so they teach nothing.
        generated: Generated texts of each kind (injections, harmless ones).
        variants: Typographic variants of each harmful request.
        inverse_regularisation: C of the logistic regression.
        least_positives: A head with fewer texts is not trained.
        most_windows: Windows of one text that are trained on.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9_]*$")
    version: str
    seed: int = 0
    sets: Annotated[dict[str, str], Field(min_length=1)]
    pictures: tuple[str, ...] = ()
    left_out_attacks: tuple[str, ...] = ()
    generated: Annotated[int, Field(ge=0, le=200_000)] = 6000
    variants: Annotated[int, Field(ge=0, le=20)] = 3
    inverse_regularisation: Annotated[float, Field(gt=0)] = 20.0
    least_positives: Annotated[int, Field(ge=2)] = 40
    most_windows: Annotated[int, Field(ge=1)] = 8


def read_config(path: Path) -> TrainingConfig:
    """The settings in the YAML file ``path``.

    Raises:
        DataError: It is not there, or a setting is wrong; the message names it.
    """
    try:
        return TrainingConfig.model_validate(yaml.safe_load(path.read_text("utf-8")))
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror}") from None
    except (yaml.YAMLError, ValidationError) as error:
        raise DataError(f"{path}: {error}") from None
