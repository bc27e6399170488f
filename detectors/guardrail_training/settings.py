"""Settings of runs, read from YAML; names are looked up among those that ship."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field

from guardrail_training.text_guard.records import DataError

CONFIGS = Path(__file__).parent / "configs"

Settings = TypeVar("Settings", bound=BaseModel)


class Strict(BaseModel):
    """Immutable, nothing unknown."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Lora(Strict):
    """Low-rank adapters instead of whole weights (Hu et al. 2021, arXiv:2106.09685)."""

    rank: Annotated[int, Field(ge=1, le=1024)] = 128
    alpha: Annotated[int, Field(ge=1)] = 256
    dropout: Annotated[float, Field(ge=0, lt=1)] = 0.05


def read_settings(path: Path, kind: type[Settings]) -> Settings:
    """The settings in a YAML file, or in the one of that name that ships.

    Raises:
        DataError: It is not there, or a setting is wrong; the message names it.
    """
    found = path if path.exists() else CONFIGS / path.name
    try:
        return kind.model_validate(yaml.safe_load(found.read_text("utf-8")))
    except OSError as error:
        shipped = ", ".join(sorted(one.name for one in CONFIGS.glob("*.yaml")))
        raise DataError(f"{path}: cannot be read: {error.strerror}; shipped: {shipped}") from None
    except (yaml.YAMLError, ValueError) as error:
        raise DataError(f"{path}: {error}") from None
