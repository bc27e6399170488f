"""Detectors that fail as a busy or a badly installed machine makes them fail."""

from __future__ import annotations

from collections.abc import Sequence

from guardrail.detector import Context
from guardrail.errors import ModelError, OverloadError
from guardrail.types import Finding, Part
from tests.guardrail.policy_detectors import Words


class Full(Words):
    async def inspect(self, parts: Sequence[Part], context: Context) -> Sequence[Finding]:
        raise OverloadError("too much is waiting")


class Weightless(Words):
    async def load(self) -> None:
        raise ModelError("weights 'tiny' are missing: run guardrail models pull tiny")
