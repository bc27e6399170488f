"""What a policy tells the model: system prompt, canary, and defences for risky requests.

A defence is added only when its condition holds. Source: AdaShield, Wang et al. 2024,
arXiv:2403.09513; defences that are always on make models refuse harmless requests, see the study
of stacked defences, arXiv:2606.10904.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from guardrail.adapter import Insert
from guardrail.policy_fields import Name, Score, Words
from guardrail.policy_parts import PolicyModel

PresentKind = Literal["image", "audio", "file", "tool_call", "tool_result"]
"""Kinds of parts whose presence may call for a defence."""


class RiskScore(PolicyModel):
    """A finding of the input stages."""

    category: Words
    """A category that an input stage reports, or "*" for any."""
    at_least: Score
    """Inclusive threshold between 0 and 1; below the rules that block, or it never matters."""


class DefenceWhen(PolicyModel):
    """Conditions of which all that are given must hold."""

    has: tuple[PresentKind, ...] = ()
    """The request has a part of one of these kinds."""
    scores: tuple[RiskScore, ...] = ()
    """The input stages found one of these."""

    @model_validator(mode="after")
    def _says_something(self) -> DefenceWhen:
        if not self.has and not self.scores:
            raise ValueError(
                "always holds: give has or scores; what is always to be said goes into the "
                "system prompt's text"
            )
        return self


class Defence(PolicyModel):
    """Words for the model that are added when a request looks risky in one way."""

    name: Name
    """Shown in audit records and by explain."""
    when: DefenceWhen
    """When it is added."""
    text: Words
    """What the model is told."""


class SystemPrompt(PolicyModel):
    """Rules stated to the model. Text and canary change every request body, defences some."""

    insert: Insert = "prepend"
    """Where it goes relative to the caller's own system prompt."""
    text: Words | None = None
    """What the model is always told."""
    canary: bool = False
    """Whether a marker is added that shows a copy; system_prompt_leak looks for it in replies."""
    defences: tuple[Defence, ...] = Field(default=(), max_length=64)
    """What the model is told only when a request looks risky."""

    @model_validator(mode="after")
    def _says_something(self) -> SystemPrompt:
        if self.text is None and not self.canary and not self.defences:
            raise ValueError("says nothing: give text, canary or defences")
        if self.text is None and self.insert == "replace":
            raise ValueError(
                "insert: replace takes the caller's system prompt away; give the text that takes "
                "its place"
            )
        names = [defence.name for defence in self.defences]
        if repeated := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"defences: the name {repeated[0]!r} is taken; give each its own")
        return self
