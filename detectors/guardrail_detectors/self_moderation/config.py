"""The settings of ``self_moderation``."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from guardrail.judge import Judge
from guardrail.policy_fields import BaseUrl, Seconds

Line = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]{1,256}$")]
Variable = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,127}$")]


class JudgeConfig(BaseModel):
    """Another endpoint that judges in the model's place."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    base_url: BaseUrl = Field(description="Scheme, host and path prefix, without /v1.")
    format: Literal["openai_chat", "anthropic_messages"] = Field(
        "openai_chat", description="The wire format it speaks."
    )
    model: Line = Field(description="The model asked for.")
    api_key_env: Variable | Literal[""] = Field(
        "", description="The environment variable that holds its key; none without it."
    )
    timeout_s: Seconds = Field(20.0, description="For each answer.")
    max_calls: int = Field(3, strict=True, ge=1, le=20, description="Most calls for one reply.")

    @property
    def judge(self) -> Judge:
        """As the core asks it."""
        return Judge(self.base_url, self.format, self.model, self.api_key_env, self.timeout_s)


class SelfModerationConfig(BaseModel):
    """The ``with:`` block of ``self_moderation``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    strategy: Literal["ask", "judge", "eyes_closed"] = Field(
        "ask",
        description="ask: the model that wrote the reply; judge: another endpoint; eyes_closed: as "
        "ask, once, and a revision is asked for without the pictures.",
    )
    constitution: Line = Field("default", description="A shipped constitution's name, or a file.")
    principles: tuple[Line, ...] = Field((), description="Ids of principles; all without it.")
    rounds: int = Field(
        3, strict=True, ge=1, le=9, description="Most questions until two answers agree."
    )
    max_characters: int = Field(
        24_000, strict=True, ge=200, le=1_000_000, description="A longer reply is a failure."
    )
    judge: JudgeConfig | None = Field(None, description="For the strategy judge.")

    @model_validator(mode="after")
    def _judge_where_it_is_asked(self) -> Self:
        if (self.judge is not None) != (self.strategy == "judge"):
            raise ValueError("the strategy judge and a judge go together: give both or neither")
        return self
