"""A policy made ready to run: its stages with their detectors, and what the core needs of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

from guardrail.addresses import RemoteRules
from guardrail.detector import Detector
from guardrail.files import FileLimits
from guardrail.images import ImageLimits
from guardrail.keys import api_keys
from guardrail.opaque import OpaqueActions
from guardrail.paths import path_fits
from guardrail.policy import Compiled, Policy, Route, compile_policy
from guardrail.stage import Stage, Step
from guardrail.stream import Hold
from guardrail.types import Action, Side
from guardrail.wire import Request


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One policy in force. Immutable: an edit of the file makes a new one.

    Attributes:
        policy: As written.
        input: Stages over the request.
        output: Stages over the reply.
        hold: How much of a stream is held.
        opaque: What is done with parts that nothing reads.
        limits: What pictures may be.
        files: What files may be; None where no stage reads any.
        remote: What is done with pictures named by URL.
        generation: How often the policy was loaded in this process, from 1.
        label: ``name@generation``, as in the reply's headers.
    """

    policy: Policy
    input: tuple[Step, ...]
    output: tuple[Step, ...]
    hold: Hold
    opaque: OpaqueActions
    limits: ImageLimits
    files: FileLimits | None
    remote: RemoteRules
    generation: int
    label: bytes

    def steps(self, side: Side) -> tuple[Step, ...]:
        """The stages of ``side``."""
        return self.input if side == "input" else self.output

    def limits_of(self, side: Side) -> ImageLimits:
        """What pictures of ``side`` may be; those of replies are never made anew."""
        return self.limits if side == "input" else replace(self.limits, normalise=False)

    def detectors(self) -> list[Detector]:
        """Every detector, once."""
        stages = [stage for step in (*self.input, *self.output) for stage in step]
        return list({id(stage.detector): stage.detector for stage in stages}.values())

    def remarks(self) -> list[str]:
        """What its detectors say of themselves, each thing once."""
        said = [one for detector in self.detectors() for one in getattr(detector, "remarks", ())]
        return list(dict.fromkeys(said))


def take_snapshot(policy: Policy, made: dict[str, Detector], generation: int) -> Snapshot:
    """``policy`` with its detectors, those in ``made`` used again; reads no weights."""
    compiled = compile_policy(policy, made)
    stages = [stage for step in compiled.output for stage in step]
    revises = any(stage.revise is not None for stage in stages)
    # A question a window would be a question every few hundred characters.
    asks = any(getattr(stage.detector, "asks", False) for stage in stages)
    whole = revises or asks or policy.stream.mode == "buffer"
    exposed = policy.stream.window if policy.stream.mode == "window" and not whole else 0
    kept = None if whole else tail(stages)
    hold = Hold(
        window=None if whole else policy.stream.window,
        # What a stage may redact does not leave unjudged: it could not be taken back.
        tail=kept + exposed if kept else kept,
        exposed=exposed,
        keep_alive_s=policy.stream.keep_alive_s,
        max_bytes=policy.max_body_bytes,
        revises=revises,
    )
    return Snapshot(
        policy=policy,
        input=compiled.input,
        output=compiled.output,
        hold=hold,
        opaque=policy.opaque_actions,
        limits=ImageLimits(**policy.images.model_dump(exclude={"remote"})),
        files=FileLimits(**policy.documents.model_dump()) if _reads_files(compiled) else None,
        remote=RemoteRules(**policy.images.remote.model_dump()),
        generation=generation,
        label=f"{policy.name}@{generation}".encode(),
    )


def _reads_files(compiled: Compiled) -> bool:
    steps = (*compiled.input, *compiled.output)
    return any("file" in stage.detector.kinds for step in steps for stage in step)


def tail(stages: list[Stage]) -> int | None:
    """Characters to keep back so that a match is whole when it is redacted.

    Only stages that may redact count; one whose detector declares no ``lookback`` needs the whole
    reply, which is None.
    """
    lookbacks = [
        getattr(stage.detector, "lookback", None)
        for stage in stages
        if any(Action.REDACT <= rule.action < Action.BLOCK for rule in stage.rules)
    ]
    known = [lookback for lookback in lookbacks if lookback is not None]
    return max(known, default=0) if len(known) == len(lookbacks) else None


def matches(route: Route, request: Request, model: str) -> bool:
    """Whether all patterns that the route names match.

    The path's matches however it is spelled, the key's if it matches any key of the request.
    """
    match = route.match
    return (
        (match.path is None or path_fits(request.path, (match.path,)))
        and (match.model is None or fnmatchcase(model, match.model))
        and (match.key is None or _has_key(request, match.key))
    )


def _has_key(request: Request, pattern: str) -> bool:
    keys = api_keys(request.headers, request.query) or ("",)
    return any(fnmatchcase(key, pattern) for key in keys)
