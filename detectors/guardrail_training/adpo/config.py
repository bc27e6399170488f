"""The settings of a hardening run."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from guardrail_training.adpo.pictures import PictureSource
from guardrail_training.attacks.attack import Attack
from guardrail_training.runs import Run

Method = Literal["adpo", "fare", "tecoa"]

OPEN_CLIP = "open_clip:"
"""Before the name of a model of open_clip."""


class HardenConfig(BaseModel):
    """Which encoder is hardened, how, and on what.

    Attributes:
        method: ``adpo``, ``fare`` or ``tecoa``.
        model: MLLM whose vision encoder is trained: a Hugging Face name or a folder; or
            ``open_clip:NAME``, whose image tower becomes a model folder of the guard.
        weights: Of an open_clip model: a tag or a checkpoint file.
        pictures: Without labels, but for TeCoA.
        attack: PGD on each batch; the paper's are 2/255 and ten steps.
        attack_on: What the attacker wants: embeddings far from the original encoder's, or the
            model's own answer unlikely (AdPO only).
        chosen_by: Who says what clean pictures show: the policy as it stands, as in the paper, or
            the original model, which does not drift (AdPO only).
        clean_weight: Share of the loss on clean pictures, of FARE and TeCoA.
        beta: Of AdPO's preference term.
        weight: λ, of AdPO's adversarial-image term.
        most_tokens: Where AdPO's answers are cut.
        head_steps: Of the linear heads that stand for TeCoA's text embeddings.
        run: Length, rate, seed.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    method: Method
    model: str
    weights: str | None = None
    pictures: PictureSource
    attack: Attack = Attack(method="pgd", eps=2, steps=10)
    attack_on: Literal["embedding", "output"] = "embedding"
    chosen_by: Literal["policy", "original"] = "policy"
    clean_weight: Annotated[float, Field(ge=0, le=1)] = 0.0
    beta: Annotated[float, Field(gt=0, le=100)] = 0.1
    weight: Annotated[float, Field(ge=0, le=100)] = 1.0
    most_tokens: Annotated[int, Field(ge=1, le=4096)] = 64
    head_steps: Annotated[int, Field(ge=1, le=100_000)] = 200
    run: Run = Run()
