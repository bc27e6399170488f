"""A detector that takes its time and finds nothing, to stand for a model."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict

from guardrail.detector import Context
from guardrail.types import TEXT_KINDS, Finding, Kind, Part

SECONDS_VARIABLE = "BENCH_CHECK_S"
"""Environment variable that says how long a check takes, in seconds."""


class PatientConfig(BaseModel):
    """It has no settings."""

    model_config = ConfigDict(extra="forbid")


class Patient:
    """Waits, and finds nothing."""

    Config = PatientConfig
    kinds: frozenset[Kind] = TEXT_KINDS
    categories = frozenset({"hidden_text"})

    def __init__(self, config: PatientConfig) -> None:
        self._config = config

    @staticmethod
    def seconds() -> float:
        """How long a check takes."""
        return float(os.environ.get(SECONDS_VARIABLE, "0.03"))

    async def load(self) -> None:
        """Nothing."""

    async def inspect(self, parts: Sequence[Part], context: Context) -> Sequence[Finding]:  # noqa: ARG002
        """Nothing, after a while."""
        await asyncio.sleep(self.seconds())
        return ()
