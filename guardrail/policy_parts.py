"""What a policy file may say: frozen models, one per mapping of the YAML, unknown keys refused.

The attribute docstrings are what editors show: they go into the JSON Schema.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, model_validator

from guardrail.adapter import BlockStyle
from guardrail.policy_fields import (
    BaseUrl,
    Count,
    Glob,
    HostGlob,
    Network,
    OpaqueWord,
    PathGlob,
    Port,
    Score,
    Seconds,
    StageName,
    Words,
)
from guardrail.stage import OnError
from guardrail.types import Action, Source

MIB = 1024 * 1024


class PolicyModel(BaseModel):
    """What all of them share: immutable, nothing unknown, documented for editors."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", use_attribute_docstrings=True, hide_input_in_errors=True
    )


class PolicyRule(PolicyModel):
    """Findings of a category, from a score upwards, lead to an action."""

    category: Words
    """A category that the detector reports, "*" for all, "hazards" for all that are no attacks."""
    at_least: Score
    """Inclusive threshold between 0 and 1."""
    action: Literal["flag", "redact", "revise", "block"]
    """flag marks, redact takes out, revise asks for a better answer, block refuses."""

    @property
    def severity(self) -> Action:
        """``action`` as the core compares it."""
        return Action[self.action.upper()]


class When(PolicyModel):
    """A stage runs only once something before it looked risky."""

    any_score_at_least: Score
    """Some finding of this exchange, input side included, scored at least that."""


class ReviseRules(PolicyModel):
    """How often and how long a better answer is asked for."""

    rounds: int = Field(default=2, strict=True, ge=1, le=10)
    """Most answers that are asked for besides the first."""
    max_seconds: Seconds = 60.0
    """For all of them, judging included."""
    max_tokens: Count = 32_768
    """For all of them, read and written."""
    exhausted: Literal["block", "flag"] = "block"
    """What is done when a bound is met: block refuses, flag lets the last answer through."""


class PolicyStage(PolicyModel):
    """One detector, its settings, its rules, and what happens when it fails."""

    detect: StageName
    """The detector's name, or package.module:Class for one of your own."""
    name: StageName = ""
    """Shown in verdicts; the detector's name unless two stages of one side share it."""
    settings: dict[str, Any] = Field(default={}, alias="with")
    """The detector's own settings."""
    rules: tuple[PolicyRule, ...] = Field(min_length=1)
    """Their order does not matter: the severest action wins."""
    sources: tuple[Source, ...] | None = Field(default=None, min_length=1)
    """Inspect only parts that these wrote; all without it."""
    when: When | None = None
    """Run only when something before looked risky; always without it."""
    revise: ReviseRules | None = None
    """Bounds for rules with the action revise; the defaults without it."""
    on_error: OnError
    """What a failure or a missed deadline of this stage does: block or allow."""
    timeout_s: Seconds
    """Deadline in seconds."""

    @property
    def label(self) -> str:
        """The stage's name, unique on its side."""
        return self.name or self.detect


class Parallel(PolicyModel):
    """Stages that run at the same time."""

    parallel: tuple[PolicyStage, ...] = Field(min_length=1)
    """They see the same parts; all of them finish."""


def _step_tag(value: Any) -> str:
    grouped = "parallel" in value if isinstance(value, Mapping) else isinstance(value, Parallel)
    return "(parallel)" if grouped else "(stage)"


PolicyStep = Annotated[
    Annotated[PolicyStage, Tag("(stage)")] | Annotated[Parallel, Tag("(parallel)")],
    Discriminator(_step_tag),
]


class OpaqueKinds(PolicyModel):
    """What is done with parts that nothing reads, by their kind."""

    audio: OpaqueWord = "block"
    """Audio that no stage reads."""
    file: OpaqueWord = "block"
    """Files that no stage reads."""
    unknown: OpaqueWord = "block"
    """Unknown part types, file ids, pictures that were not fetched."""


def _opaque_tag(value: Any) -> str:
    return "(kinds)" if isinstance(value, Mapping | OpaqueKinds) else "(word)"


Opaque = Annotated[
    Annotated[OpaqueWord, Tag("(word)")] | Annotated[OpaqueKinds, Tag("(kinds)")],
    Discriminator(_opaque_tag),
]

TAGS: Mapping[str, tuple[type[PolicyModel], ...]] = {
    "(stage)": (PolicyStage, Parallel),  # a group whose only key is misspelt is tagged a stage
    "(parallel)": (Parallel,),
    "(kinds)": (OpaqueKinds,),
    "(word)": (),
}
"""Marks of the unions above in the places that pydantic reports, and whose keys are meant there."""


class Block(PolicyModel):
    """How a blocked client is answered."""

    style: BlockStyle = "native"
    """native: a refusal in the caller's format; error: HTTP 400; message: an ordinary answer."""
    message: Words = "I can't help with this request."
    """The words for the end user; they reveal neither rule nor detector."""


class StreamRules(PolicyModel):
    """How a streamed reply is released."""

    mode: Literal["hold", "window", "buffer"] = "hold"
    """hold: nothing leaves unjudged; window: at most that much does; buffer: all at its end."""
    window: int = Field(default=400, strict=True, ge=50, le=100_000)
    """Characters of one answer that are judged at a time."""
    keep_alive_s: Seconds = 10.0
    """A comment is sent to a waiting client this often."""


class Remote(PolicyModel):
    """What is done with pictures that a request names by URL."""

    mode: Literal["inline", "reject", "passthrough"] = "inline"
    """inline: fetched once, scanned, sent as those bytes; passthrough leaves them unread."""
    schemes: tuple[Literal["https", "http"], ...] = Field(default=("https",), min_length=1)
    """URL schemes that are fetched."""
    ports: tuple[Port, ...] = Field(default=(443,), min_length=1)
    """Ports that are connected to."""
    allow_hosts: tuple[HostGlob, ...] = ()
    """Only these hosts; any public host when empty."""
    deny_hosts: tuple[HostGlob, ...] = ()
    """Never these hosts, whatever allow_hosts says."""
    allow_private: tuple[Network, ...] = ()
    """Networks that are not public and may be fetched from all the same."""
    max_redirects: int = Field(default=3, strict=True, ge=0, le=10)
    """Each hop is checked like the first URL."""
    timeout_s: Seconds = 10.0
    """For the whole fetch."""
    connect_timeout_s: Seconds = 3.0
    """For each connection."""


class ImageRules(PolicyModel):
    """Limits on pictures; what exceeds one is refused."""

    max_bytes: Count = 20 * MIB
    """Bytes of one picture."""
    max_total_bytes: Count = 64 * MIB
    """Bytes of all pictures of one request."""
    max_pixels: Count = 50_000_000
    """Width times height."""
    max_side: Count = 16_384
    """Pixels of the longer side."""
    max_frames: Count = 24
    """Frames of an animation: as many as ocr_injection reads."""
    max_count: Count = 64
    """Pictures of one request."""
    normalise: bool = Field(default=False, strict=True)
    """Forward each picture made anew from its pixels: no metadata, upright, on white."""
    remote: Remote = Remote()
    """Pictures named by URL."""


class DocumentRules(PolicyModel):
    """Limits on files that a stage reads; what exceeds one is refused."""

    max_bytes: Count = 20 * MIB
    """Bytes of one file."""
    max_total_bytes: Count = 32 * MIB
    """Bytes of all files of one request."""
    max_count: Count = 16
    """Files of one request."""
    max_pages: Count = 20
    """Pages of one file."""
    max_characters: Count = 500_000
    """Characters of text in one file."""


class UpstreamRules(PolicyModel):
    """Where requests are forwarded."""

    base_url: BaseUrl
    """Scheme, host and path prefix."""
    connect_timeout_s: Seconds = 10.0
    """For the connection."""
    read_timeout_s: Seconds = 300.0
    """Between two pieces of the reply."""


class Match(PolicyModel):
    """Globs of which all that are given must match."""

    path: PathGlob | None = None
    """The request's path."""
    model: Glob | None = None
    """The model that the body asks for."""
    key: Glob | None = None
    """An API key of the caller's: any that the request carries, in a header or the query."""

    @model_validator(mode="after")
    def _says_something(self) -> Match:
        if self.path is None and self.model is None and self.key is None:
            raise ValueError("matches nothing in particular: give path, model or key")
        return self


class Route(PolicyModel):
    """Requests that match are judged by another policy, read or forwarded another way."""

    match: Match
    """Which requests; the first route that matches wins."""
    policy: Words | None = None
    """A built-in policy's name or a file beside this one; this policy without it."""
    adapter: Words | None = None
    """The wire format; told by the path without it."""
    upstream: UpstreamRules | None = None
    """Where to; the shell's own without it."""
