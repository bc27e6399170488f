"""Objectives by name: their settings, what they read, and how they read it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field
from torch import Tensor

from guardrail_training.objectives import textual, visual
from guardrail_training.objectives.answers import Answer, mean, segment_weighted, total

View = Literal[
    "chosen",
    "rejected",
    "chosen_corrupted",
    "chosen_adversarial",
    "rejected_adversarial",
    "chosen_mismatched",
]
"""An answer beside a picture: the pair's own, a corrupted one, an attacked one, or another row's
picture and prompt."""


class Weights(BaseModel):
    """The numbers of all objectives; each reads those that its formula has.

    Attributes:
        beta: Scale of log ratios (τ of IPO).
        gamma: Margin of SimPO; how often DDPO and CHiP count changed segments.
        anchor: δ of mDPO.
        imitation: λ of HA-DPO and of AdPO's AIO, w_g of MPO.
        quality: w_q of MPO; w_p is 1 - w_q.
        segments: λ of CHiP.
        tokens: γ of CHiP.
        share: Of attacked pictures in adversarial DPO.
        undesirable: λ_U of KTO; λ_D is 1.
        scale: w of MM-RLHF.
        rate: k of MM-RLHF.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    beta: float = Field(0.1, gt=0, le=100)
    gamma: float = Field(1.0, ge=0, le=100)
    anchor: float = Field(0.0, ge=-100, le=100)
    imitation: float = Field(1.0, ge=0, le=100)
    quality: float = Field(0.2, ge=0, le=1)
    segments: float = Field(1.0, ge=0, le=100)
    tokens: float = Field(0.1, ge=0, le=100)
    share: float = Field(1.0, ge=0, le=1)
    undesirable: float = Field(1.0, ge=0, le=100)
    scale: float = Field(0.5, ge=0, le=100)
    rate: float = Field(0.5, gt=0, le=100)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What an objective is computed from.

    Attributes:
        answers: The views that it reads.
        margin: Reward gap of each pair, shape (batch,); for ``mm_rlhf``.
        shift: Moving mean of rewards; for ``mpo``.
    """

    answers: Mapping[View, Answer]
    margin: Tensor | None = None
    shift: float = 0.0

    def ratio(self, view: View) -> Tensor:
        """Log ratios of a view, shape (batch,)."""
        return self.answers[view].log_ratio

    @property
    def pair(self) -> tuple[Tensor, Tensor]:
        """Log ratios of the chosen and of the rejected answer beside the pair's picture."""
        return self.ratio("chosen"), self.ratio("rejected")


Compute = Callable[[Evidence, Weights], Tensor]


@dataclass(frozen=True, slots=True)
class Objective:
    """A loss by name.

    Attributes:
        compute: Evidence to the loss of each row, shape (batch,).
        reads: The views that must be computed for it.
        keeps_reference: Whether a frozen copy of the policy is needed.
        needs: Further fields of a pair: changed segments, divergences, margins.
    """

    compute: Compute
    reads: tuple[View, ...]
    keeps_reference: bool = True
    needs: frozenset[Literal["changed", "divergence", "margin"]] = field(default=frozenset())


def _likelihood(evidence: Evidence) -> Tensor:
    chosen = evidence.answers["chosen"]
    return mean(chosen.policy, chosen.mask)


def _dpo(evidence: Evidence, w: Weights) -> Tensor:
    return textual.dpo(*evidence.pair, w.beta)


def _ipo(evidence: Evidence, w: Weights) -> Tensor:
    return textual.ipo(*evidence.pair, w.beta)


def _kto(evidence: Evidence, w: Weights) -> Tensor:
    chosen, rejected = evidence.pair
    baseline = textual.kto_baseline(evidence.ratio("chosen_mismatched"))
    gained = textual.kto(chosen, baseline, w.beta, desirable=True)
    return gained + textual.kto(rejected, baseline, w.beta, w.undesirable, desirable=False)


def _simpo(evidence: Evidence, w: Weights) -> Tensor:
    chosen, rejected = (evidence.answers[view] for view in ("chosen", "rejected"))
    means = mean(chosen.policy, chosen.mask), mean(rejected.policy, rejected.mask)
    return textual.simpo(*means, w.beta, w.gamma)


def _mpo(evidence: Evidence, w: Weights) -> Tensor:
    chosen, rejected = evidence.pair
    return textual.mpo(
        chosen,
        rejected,
        _likelihood(evidence),
        evidence.shift,
        beta=w.beta,
        preference_weight=1 - w.quality,
        quality_weight=w.quality,
        generation_weight=w.imitation,
    )


def _mm_rlhf(evidence: Evidence, w: Weights) -> Tensor:
    if evidence.margin is None:
        raise ValueError("mm_rlhf: pairs need score_chosen and score_rejected")
    beta = textual.scaled_beta(evidence.margin, w.beta, w.scale, w.rate)
    return textual.dpo(*evidence.pair, beta)


def _segments(evidence: Evidence, gamma: float) -> tuple[Tensor, Tensor]:
    return _of_segments(evidence.answers["chosen"], gamma), _of_segments(
        evidence.answers["rejected"], gamma
    )


def _of_segments(answer: Answer, gamma: float) -> Tensor:
    if answer.changed is None:
        raise ValueError("ddpo and chip: answers need the places of changed segments")
    ratio = answer.policy - answer.reference
    return segment_weighted(ratio, answer.mask, answer.changed, gamma)


def _ddpo(evidence: Evidence, w: Weights) -> Tensor:
    return textual.dpo(*_segments(evidence, w.gamma), w.beta)


def _image_dpo(evidence: Evidence, w: Weights) -> Tensor:
    return visual.image_dpo(evidence.ratio("chosen"), evidence.ratio("chosen_corrupted"), w.beta)


def _mdpo(evidence: Evidence, w: Weights) -> Tensor:
    return visual.mdpo(*evidence.pair, evidence.ratio("chosen_corrupted"), w.beta, w.anchor)


def _ha_dpo(evidence: Evidence, w: Weights) -> Tensor:
    return visual.ha_dpo(*evidence.pair, _likelihood(evidence), w.beta, w.imitation)


def _divergence(answer: Answer) -> Tensor:
    if answer.divergence is None:
        raise ValueError("chip: answers need the divergence of each token")
    return total(answer.divergence, answer.mask)


def _chip(evidence: Evidence, w: Weights) -> Tensor:
    tokens = _divergence(evidence.answers["chosen"]), _divergence(evidence.answers["rejected"])
    return visual.chip(
        evidence.pair,
        _segments(evidence, w.gamma),
        tokens,
        evidence.ratio("chosen_corrupted"),
        beta=w.beta,
        segment_weight=w.segments,
        token_weight=w.tokens,
    )


def _adversarial_dpo(evidence: Evidence, w: Weights) -> Tensor:
    attacked = evidence.ratio("chosen_adversarial"), evidence.ratio("rejected_adversarial")
    return visual.adversarial_dpo(evidence.pair, attacked, w.beta, w.share)


def _adpo(evidence: Evidence, w: Weights) -> Tensor:
    misled = evidence.ratio("rejected_adversarial")
    preferred = visual.preferred_image(evidence.ratio("chosen"), misled, w.beta)
    attacked = evidence.answers["chosen_adversarial"]
    aio = visual.adversarial_image(attacked.policy, attacked.mask)
    return visual.adpo(preferred, aio, w.imitation)


_PAIR: tuple[View, ...] = ("chosen", "rejected")

OBJECTIVES: Mapping[str, Objective] = {
    "dpo": Objective(_dpo, _PAIR),
    "ipo": Objective(_ipo, _PAIR),
    "kto": Objective(_kto, (*_PAIR, "chosen_mismatched")),
    "simpo": Objective(_simpo, _PAIR, keeps_reference=False),
    "mpo": Objective(_mpo, _PAIR),
    "mm_rlhf": Objective(_mm_rlhf, _PAIR, needs=frozenset({"margin"})),
    "ddpo": Objective(_ddpo, _PAIR, needs=frozenset({"changed"})),
    "image_dpo": Objective(_image_dpo, ("chosen", "chosen_corrupted")),
    "mdpo": Objective(_mdpo, (*_PAIR, "chosen_corrupted")),
    "ha_dpo": Objective(_ha_dpo, _PAIR),
    "chip": Objective(
        _chip, (*_PAIR, "chosen_corrupted"), needs=frozenset({"changed", "divergence"})
    ),
    "adversarial_dpo": Objective(
        _adversarial_dpo, (*_PAIR, "chosen_adversarial", "rejected_adversarial")
    ),
    "adpo": Objective(_adpo, ("chosen", "rejected_adversarial", "chosen_adversarial")),
}


def objective(name: str) -> Objective:
    """The objective of that name.

    Raises:
        ValueError: There is none; the message lists them.
    """
    found = OBJECTIVES.get(name)
    if found is None:
        raise ValueError(f"objective {name!r} is not known; known: {', '.join(OBJECTIVES)}")
    return found
