"""Policies: YAML files to frozen snapshots, and snapshots to stages that can run.

``load_policy`` checks everything that can be checked without reading weights: every key, every
value, every name, every rule. What it returns is what runs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path as File

from pydantic import ValidationError

from guardrail.detector import Detector
from guardrail.errors import PolicyError
from guardrail.nearest import did_you_mean
from guardrail.policy_models import SIDES, Policy, members
from guardrail.policy_parts import PolicyStage, Route
from guardrail.policy_problems import explained, unread
from guardrail.policy_stages import (
    Resolved,
    contradictions,
    misplaced_revisions,
    ready,
    repeated_names,
    resolve,
)
from guardrail.policy_yaml import MAX_BYTES, Document, Path, Problem, lookup, read_yaml
from guardrail.registry import ADAPTER_GROUP, target_of
from guardrail.stage import Step
from guardrail.types import Side

__all__ = [
    "BUILTIN",
    "Compiled",
    "Policy",
    "Route",
    "builtin_folder",
    "compile_policy",
    "load_policy",
    "parse_policy",
    "policy_file",
]

BUILTIN: tuple[str, ...] = ("default", "strict", "monitor", "moderated")
"""Names of the policies that come with the package."""

Placed = Sequence[tuple[Path, PolicyStage]]


@dataclass(frozen=True, slots=True)
class Compiled:
    """A policy's two sides, ready to run."""

    input: tuple[Step, ...]
    output: tuple[Step, ...]


def compile_policy(policy: Policy, made: dict[str, Detector]) -> Compiled:
    """The policy's stages with their detectors; no weights are read.

    Args:
        policy: Loaded, or made in Python.
        made: Detectors by their settings' digest; used again, and added to.

    Raises:
        PolicyError: A stage names what does not exist, or can never act.
    """
    found: dict[Path, Resolved] = {}
    problems = _stage_problems(
        policy.document, {side: policy.stages(side) for side in SIDES}, found
    )
    problems = problems or contradictions(policy, _of_input(found))
    if problems:
        raise policy.document.error(problems)
    compiled = {
        side: tuple(
            tuple(
                ready(stage, found[path], made, policy.documents)
                for path, stage in members((side, index), step)
            )
            for index, step in enumerate(steps)
        )
        for side, steps in (("input", policy.input), ("output", policy.output))
    }
    return Compiled(compiled["input"], compiled["output"])


def load_policy(source: str | File) -> Policy:
    """A built-in policy by its name, or a policy file.

    Raises:
        PolicyError: There is no such policy, or it is wrong; one line for each problem, with
            file, line, column and the remedy.
    """
    return _load(policy_file(source), top=True)


def parse_policy(text: str | bytes, source: str = "policy") -> Policy:
    """A policy from YAML text; its routes can name built-in policies only.

    Raises:
        PolicyError: As for ``load_policy``.
    """
    data = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    return _parsed(read_yaml(data, source), None, top=True)


def builtin_folder() -> File:
    """Where the shipped policies, their probes and the taxonomy are."""
    here = File(__file__).resolve().parent
    installed = here / "policies"
    return installed if installed.is_dir() else here.parent / "policies"


def policy_file(source: str | File, folder: File | None = None) -> File:
    """The file of a built-in name or a path, relative to ``folder`` where that is given.

    Raises:
        PolicyError: There is no such file.
    """
    if isinstance(source, str) and source in BUILTIN:
        return builtin_folder() / f"{source}.yaml"
    path = File(source) if folder is None else folder / source
    try:
        if path.is_file():
            return path
    except (OSError, ValueError):  # a name too long, or with a NUL
        pass
    raise PolicyError(
        f"no policy {str(source)!r}: not a file{did_you_mean(str(source), BUILTIN, 'built-in')}"
    )


def read_document(path: File) -> Document:
    """The YAML of a regular file.

    Raises:
        PolicyError: It cannot be read, is too long, or is not YAML.
    """
    if not path.is_file():  # a pipe would be waited for, a device never end
        raise PolicyError(f"{str(path)!r} is not a file; check the path")
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise PolicyError(f"{path}: cannot be read: {error.strerror}") from None
    return read_yaml(data, str(path))


def _load(path: File, *, top: bool) -> Policy:
    return _parsed(read_document(path), path, top=top)


def _parsed(document: Document, file: File | None, *, top: bool) -> Policy:
    """The policy of a document; several problems are reported together, whatever their kind."""
    problems = unread(document)
    policy = None
    try:
        policy = Policy.model_validate(document.value)
    except ValidationError as error:
        problems += explained(error, Policy, document)
    stages: dict[Side, Placed] = {side: _valid_stages(document, side) for side in SIDES}
    found: dict[Path, Resolved] = {}
    problems += _stage_problems(document, stages, found)
    if policy is not None and not problems:
        problems = contradictions(policy, _of_input(found))
    routed: dict[str, Policy] = {}
    for path, route in _valid_routes(document):
        problems += _route_problems(path, route, file, routed, top=top)
    if policy is None or problems:
        raise document.error(problems)
    files = [] if file is None else [file]
    files += [one for other in routed.values() for one in other.files]
    return policy.loaded(document, tuple(files), routed)


def _valid_routes(document: Document) -> list[tuple[Path, Route]]:
    """The routes that are valid in themselves, whatever is wrong elsewhere."""
    found: list[tuple[Path, Route]] = []
    for index, entry in enumerate(_list(lookup(document.value, ("routes",)))):
        try:
            found.append((("routes", index), Route.model_validate(entry)))
        except ValidationError:
            continue  # the whole policy's validation reports it
    return found


def _valid_stages(document: Document, side: Side) -> list[tuple[Path, PolicyStage]]:
    pairs: list[tuple[Path, object]] = []
    for index, step in enumerate(_list(lookup(document.value, (side,)))):
        if isinstance(step, dict) and "parallel" in step:
            group = _list(step["parallel"])
            pairs += [((side, index, "parallel", n), entry) for n, entry in enumerate(group)]
        else:
            pairs.append(((side, index), step))
    return [(path, stage) for path, entry in pairs if (stage := _stage(entry)) is not None]


def _stage(entry: object) -> PolicyStage | None:
    """The stage, or of one that is wrong as much as tells whether its names are right."""
    try:
        return PolicyStage.model_validate(entry)
    except ValidationError:  # the whole policy's validation reports it
        return _named(entry)


def _named(entry: object) -> PolicyStage | None:
    match entry:
        case {"detect": str(detect), **rest}:
            name, settings = rest.get("name"), rest.get("with")
            return PolicyStage.model_construct(
                detect=detect,
                name=name if isinstance(name, str) else "",
                settings=settings if isinstance(settings, dict) else {},
                rules=(),
                on_error="block",
                timeout_s=1.0,
            )
        case _:
            return None


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _stage_problems(
    document: Document, stages: Mapping[Side, Placed], found: dict[Path, Resolved]
) -> list[Problem]:
    """What is wrong with the names and rules of stages; those in order go to ``found``."""
    problems: list[Problem] = []
    for side in SIDES:
        problems += repeated_names(stages[side])
        problems += misplaced_revisions(side, stages[side])
        for path, stage in stages[side]:
            resolved = resolve(stage, document, path)
            if isinstance(resolved, Resolved):
                found[path] = resolved
            else:
                problems += resolved
    return problems


def _of_input(found: Mapping[Path, Resolved]) -> list[Resolved]:
    return [resolved for path, resolved in found.items() if path[0] == "input"]


def _route_problems(
    path: Path, route: Route, file: File | None, routed: dict[str, Policy], *, top: bool
) -> list[Problem]:
    problems = []
    if route.adapter is not None:
        try:
            target_of(route.adapter, ADAPTER_GROUP)
        except PolicyError as error:
            problems.append(Problem((*path, "adapter"), str(error)))
    if not top:
        message = "a policy that a route names has no routes of its own; move them to the first"
        problems.append(Problem(path, message))
    elif route.policy is not None and route.policy not in routed:
        try:
            routed[route.policy] = _load(_routed_file(route.policy, file), top=False)
        except PolicyError as error:
            message = "\n  ".join(["the policy it names is wrong:", *str(error).splitlines()])
            problems.append(Problem((*path, "policy"), message))
    return problems


def _routed_file(name: str, file: File | None) -> File:
    if file is None and name not in BUILTIN:
        raise PolicyError(
            f"{name!r}: a policy that is not read from a file can route to built-in ones only"
            f"{did_you_mean(name, BUILTIN, 'built-in')}"
        )
    return policy_file(name, None if file is None else file.parent)
