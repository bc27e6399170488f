"""A stage of a policy made ready: its detector found, its settings validated, its rules checked.

Reads no weights: the classes are imported and the objects made, nothing is loaded.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256

from pydantic import BaseModel, ValidationError

from guardrail.detector import Detector
from guardrail.errors import GuardrailError, PolicyError
from guardrail.nearest import did_you_mean
from guardrail.policy_models import Policy
from guardrail.policy_parts import DocumentRules, PolicyStage
from guardrail.policy_problems import explained
from guardrail.policy_yaml import Document, Path, Problem
from guardrail.registry import check_detector, detector_class
from guardrail.stage import Revise, Rule, Stage
from guardrail.types import Action, Side

OPAQUE = "opaque"
"""Stage name of the core's own verdict about parts that nothing reads."""

HAZARDS = "hazards"
"""As a rule's category: every category of the detector that is no attack."""


@dataclass(frozen=True, slots=True)
class Resolved:
    """A stage's detector, not loaded, and the digest that tells equal ones."""

    detector: Detector
    key: str


def resolve(stage: PolicyStage, document: Document, path: Path) -> Resolved | list[Problem]:
    """The detector of ``stage``, or all that is wrong with the stage.

    Args:
        stage: Valid in itself; its names are not checked yet.
        document: Where its values stand.
        path: Where the stage is in the document.
    """
    try:
        kind = detector_class(stage.detect)
    except PolicyError as error:
        return [Problem((*path, "detect"), str(error))]
    try:
        settings = kind.Config.model_validate(stage.settings)
    except ValidationError as error:
        return explained(error, kind.Config, document, (*path, "with"))
    try:
        detector = kind(settings)
        check_detector(detector, stage.detect)
    except GuardrailError as error:
        return [Problem((*path, "detect"), str(error))]
    except Exception as error:  # noqa: BLE001 - somebody else's constructor; reported as a problem
        message = f"{stage.detect!r} cannot be made: {type(error).__name__}: {error}"
        return [Problem((*path, "detect"), message)]
    dead = dead_rules(stage, detector, path)
    return dead or Resolved(detector, _key(stage.detect, detector, settings))


def dead_rules(stage: PolicyStage, detector: Detector, path: Path) -> list[Problem]:
    """Rules for categories that the detector never reports."""
    return [
        Problem(
            (*path, "rules", index, "category"),
            f"{stage.detect!r} reports no category {rule.category!r}"
            f"{did_you_mean(rule.category, detector.categories, 'it reports')}",
        )
        for index, rule in enumerate(stage.rules)
        if rule.category != "*" and not named(rule.category, detector) & detector.categories
    ]


def contradictions(policy: Policy, resolved: Sequence[Resolved]) -> list[Problem]:
    """What is wrong between a policy's input stages and what depends on them.

    Args:
        policy: Valid in itself.
        resolved: Its input stages.
    """
    return [*_dead_defences(policy, resolved), *_void_races(policy)]


def _dead_defences(policy: Policy, resolved: Sequence[Resolved]) -> Iterator[Problem]:
    """Defences that wait for a category that no input stage reports."""
    reported = frozenset[str]().union(*(one.detector.categories for one in resolved))
    defences = policy.system_prompt.defences if policy.system_prompt else ()
    for index, defence in enumerate(defences):
        for place, risk in enumerate(defence.when.scores):
            if risk.category not in {"*", *reported}:
                yield Problem(
                    ("system_prompt", "defences", index, "when", "scores", place, "category"),
                    f"no input stage reports {risk.category!r}"
                    f"{did_you_mean(risk.category, reported, 'they report')}",
                )


def _void_races(policy: Policy) -> Iterator[Problem]:
    """Reasons why the request that a race sends ahead would not be the one that is allowed."""
    if policy.input_mode != "race":
        return
    remedy = "the request is sent before the input stages have spoken; use input_mode: wait"
    for path, stage in policy.stages("input"):
        for index, rule in enumerate(stage.rules):
            if rule.action == "redact":
                where = (*path, "rules", index, "action")
                yield Problem(where, f"race and redact do not go together: {remedy}")
    if policy.system_prompt and policy.system_prompt.defences:
        message = f"race and defences do not go together: {remedy}"
        yield Problem(("system_prompt", "defences"), message)


def named(category: str, detector: Detector) -> frozenset[str]:
    """The categories that a rule's ``category`` stands for: itself, or all that are no attacks."""
    if category != HAZARDS:
        return frozenset({category})
    from guardrail.taxonomy import attacks  # noqa: PLC0415 - the taxonomy is read as policies are

    return detector.categories - attacks()


def repeated_names(stages: Sequence[tuple[Path, PolicyStage]]) -> list[Problem]:
    """Stages of one side whose name another stage, or the core's own verdict, has already."""
    problems = []
    taken = {OPAQUE}
    for path, stage in stages:
        if stage.label in taken:
            field = "name" if stage.name else "detect"
            remedy = "give this one a name of its own with `name:`"
            message = f"the name {stage.label!r} is taken on this side; {remedy}"
            problems.append(Problem((*path, field), message))
        taken.add(stage.label)
    return problems


def ready(
    stage: PolicyStage, resolved: Resolved, made: dict[str, Detector], documents: DocumentRules
) -> Stage:
    """``stage`` for the core, with the detector that ``made`` already has for equal settings."""
    reads_files = "file" in resolved.detector.kinds
    return Stage(
        name=stage.label,
        detector=made.setdefault(resolved.key, resolved.detector),
        rules=tuple(
            Rule(category, rule.at_least, rule.severity)
            for rule in stage.rules
            for category in sorted(named(rule.category, resolved.detector))
        ),
        on_error=stage.on_error,
        timeout_s=stage.timeout_s,
        sources=None if stage.sources is None else frozenset(stage.sources),
        when=None if stage.when is None else stage.when.any_score_at_least,
        revise=_bounds(stage),
        # What one policy's limits let be read, a stricter policy's limits may refuse.
        key=resolved.key + (documents.model_dump_json() if reads_files else ""),
    )


def misplaced_revisions(side: Side, stages: Sequence[tuple[Path, PolicyStage]]) -> list[Problem]:
    """Rules that would revise a request, and bounds of revisions that no rule asks for."""
    problems = []
    for path, stage in stages:
        asking = [index for index, rule in enumerate(stage.rules) if rule.action == "revise"]
        if side == "input":
            message = "a request cannot be revised, only a reply; use flag, redact or block"
            problems += [Problem((*path, "rules", one, "action"), message) for one in asking]
        elif stage.revise is not None and not asking:
            message = "no rule of this stage has the action revise; delete this or add one"
            problems.append(Problem((*path, "revise"), message, key=True))
    return problems


def _bounds(stage: PolicyStage) -> Revise | None:
    if not any(rule.action == "revise" for rule in stage.rules):
        return None
    if stage.revise is None:
        return Revise()
    said = stage.revise.model_dump(exclude={"exhausted"})
    return Revise(**said, exhausted=Action[stage.revise.exhausted.upper()])


def _key(name: str, detector: Detector, settings: BaseModel) -> str:
    values = settings.model_dump(mode="json")
    identity = [name, str(getattr(detector, "version", "0")), values]
    return sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()
