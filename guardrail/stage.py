"""A policy's stages made ready to run: detector objects beside their rules and failure mode."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from guardrail.detector import Detector
from guardrail.types import Action, Source

OnError = Literal["block", "allow"]


@dataclass(frozen=True, slots=True)
class Rule:
    """``action`` applies to findings of ``category`` whose score is ``at_least`` that.

    Attributes:
        category: A category that the stage's detector reports, or ``*`` for any.
        at_least: Inclusive threshold in [0, 1].
        action: What to do.
    """

    category: str
    at_least: float
    action: Action


@dataclass(frozen=True, slots=True)
class Revise:
    """The bounds of the revisions that a stage may cause.

    Attributes:
        rounds: Most drafts that may be asked for besides the first.
        max_seconds: For all of them, judging included.
        max_tokens: For all of them, read and written, as the upstream counts.
        exhausted: What is done when a bound is met and the draft still wants revising.
    """

    rounds: int = 2
    max_seconds: float = 60.0
    max_tokens: int = 32_768
    exhausted: Action = Action.BLOCK


@dataclass(frozen=True, slots=True)
class Stage:
    """One detector, its rules and what happens when it fails.

    Attributes:
        name: Unique within its side of the policy.
        detector: Shared between stages with equal settings.
        rules: In the policy's order, which does not matter: the severest wins.
        on_error: What a failure or a missed deadline does.
        timeout_s: Deadline in seconds.
        sources: Only parts from these sources are inspected; None for all.
        when: Runs only once any score so far on this exchange is at least that; None for always.
        revise: The bounds of the revisions that its rules ask for; None where none does.
        key: Digest of detector, version and settings, and for detectors that read files the
            policy's limits on them; with a part's content it keys the cache.
    """

    name: str
    detector: Detector
    rules: tuple[Rule, ...]
    on_error: OnError
    timeout_s: float
    sources: frozenset[Source] | None = None
    when: float | None = None
    revise: Revise | None = None
    key: str = ""


Step = tuple[Stage, ...]
"""One stage, or the members of a ``parallel:`` group, which run at the same time."""
