"""Parts that nothing can read: what they are, and what the policy does with them.

An unknown type, a file id, a picture that was not fetched; audio and files where no stage reads
their kind. They never pass silently: each is a finding of the built-in first verdict, ``opaque``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

from guardrail.stage import Stage, Step
from guardrail.types import Action, Finding, Part, Verdict


@dataclass(frozen=True, slots=True)
class OpaqueActions:
    """What is done with an unread audio, an unread file, and anything else that is opaque."""

    audio: Action = Action.BLOCK
    file: Action = Action.BLOCK
    unknown: Action = Action.BLOCK

    def of(self, part: Part) -> Action:
        """The action for ``part``."""
        match part.kind:
            case "audio":
                return self.audio
            case "file":
                return self.file
            case _:
                return self.unknown


def reads(stage: Stage, part: Part) -> bool:
    """Whether ``stage`` reads parts of this kind, from this source and of this media type."""
    media_types = getattr(stage.detector, "media_types", None)
    return (
        part.kind in stage.detector.kinds
        and (stage.sources is None or part.source in stage.sources)
        and (part.kind != "file" or media_types is None or _type(part) in media_types)
    )


def _type(part: Part) -> str:
    return "" if part.file is None else part.file.media_type


def readers(part: Part, steps: Sequence[Step]) -> list[Stage]:
    """The stages that read ``part``."""
    return [stage for stage in chain.from_iterable(steps) if reads(stage, part)]


def why_opaque(part: Part, steps: Sequence[Step]) -> str | None:
    """Why nothing can read ``part``, None where something can."""
    match part.kind:
        case "opaque":
            return f"nothing reads {part.name!r}"
        case "image" if part.image is None:
            return "the picture was not fetched"
        case "audio" | "file" if not readers(part, steps):
            return f"no stage reads {_type(part) or part.kind}"
        case _:
            return None


def opaque_verdict(
    parts: Sequence[Part], steps: Sequence[Step], actions: OpaqueActions
) -> Verdict | None:
    """The verdict about opaque parts, None where there are none."""
    if all(part.kind in ("text", "tool_call", "tool_result") for part in parts):
        return None
    unread = [part for part in parts if why_opaque(part, steps) is not None]
    if not unread:
        return None
    action = max(actions.of(part) for part in unread)
    findings = tuple(Finding(part.ref, "opaque", 1.0, excerpt=part.name) for part in unread)
    return Verdict("opaque", action, findings)
