"""Runs the probes beside policies and compares."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from guardrail.asking import ask_nobody
from guardrail.errors import PolicyError
from guardrail.fence import asked_check_word
from guardrail.guard import Guard
from guardrail.judge import Judge
from guardrail.policy import BUILTIN, builtin_folder, load_policy
from guardrail.probes import Probe, load_probes, probe_image
from guardrail.types import Outcome

ENDING = ".probes.yaml"


@dataclass(frozen=True, slots=True)
class ProbeResult:
    """One probe and what came of it.

    Attributes:
        policy: Name of the policy.
        probe: The probe.
        outcome: What the policy's stages said.
        seconds: Wall time.
        fault: What differs from the expectation, "" for nothing.
    """

    policy: str
    probe: Probe
    outcome: Outcome
    seconds: float
    fault: str


def probe_files(sources: list[Path]) -> list[Path]:
    """The probe files that ``sources`` name: files, folders, and policies with probes beside them.

    Without sources those of the built-in policies.

    Raises:
        PolicyError: A source has no probes.
    """
    if not sources:
        sources = [builtin_folder() / f"{name}{ENDING}" for name in BUILTIN]
    found = [file for source in sources for file in _files(source)]
    return list(dict.fromkeys(found))


async def run_probes(file: Path) -> list[ProbeResult]:
    """The results of one file's probes, by the policy beside it.

    Raises:
        PolicyError: The policy or the probes are wrong.
        ModelError: Weights are missing or altered.
    """
    guard = Guard(load_policy(_policy_of(file)))
    try:
        await guard.load()
        return [await _run(guard, probe) for probe in load_probes(file)]
    finally:
        await guard.close()


async def _run(guard: Guard, probe: Probe) -> ProbeResult:
    started = perf_counter()
    given = probe.input
    if probe.side == "output":
        asker = Scripted(probe.answers) if probe.answers else ask_nobody
        outcome = await guard.acheck_reply(given.text or "", asker=asker, system=given.system or "")
    else:
        images = [probe_image(given.image)] if given.image else []
        outcome = await guard.acheck(text=given.text, images=images, messages=given.messages)
    seconds = perf_counter() - started
    return ProbeResult(guard.snapshot.policy.name, probe, outcome, seconds, _fault(probe, outcome))


class Scripted:
    """A model that answers the questions of stages from a list, and never says anything new."""

    def __init__(self, answers: Sequence[str]) -> None:
        self._answers = answers
        self._asked = 0

    async def __call__(self, prompt: str, judge: Judge | None = None, /) -> str:  # noqa: ARG002
        """The next answer, the last one ever again."""
        answer = self._answers[min(self._asked, len(self._answers) - 1)]
        self._asked += 1
        return answer.replace("{check}", asked_check_word(prompt))


def _fault(probe: Probe, outcome: Outcome) -> str:
    expected = probe.expect
    failed = [f"{one.stage}: {one.error}" for one in outcome.verdicts if one.error]
    if failed:
        return f"stage failed ({', '.join(failed)})"
    if outcome.action is not expected.severity:
        return f"expected {expected.action}, got {outcome.action.name.lower()}"
    seen = {finding.category for one in outcome.verdicts if one.action for finding in one.findings}
    if expected.category is not None and expected.category not in seen:
        return f"expected category {expected.category}, got {', '.join(sorted(seen)) or 'none'}"
    return ""


def _files(source: Path) -> Iterator[Path]:
    if source.is_dir():
        files = sorted(source.glob(f"*{ENDING}"))
        if not files:
            raise PolicyError(f"{source}: no *{ENDING} in this folder")
        yield from files
    elif source.name.endswith(ENDING) and source.is_file():
        yield source
    elif str(source) in BUILTIN:
        yield builtin_folder() / f"{source}{ENDING}"
    else:
        beside = source.with_name(f"{source.stem}{ENDING}")
        if not source.is_file() or not beside.is_file():
            raise PolicyError(
                f"{source}: no probes: expected a folder, a *{ENDING}, or a policy with "
                f"{beside.name} beside it"
            )
        yield beside


def _policy_of(probes: Path) -> Path:
    policy = probes.with_name(f"{probes.name.removesuffix(ENDING)}.yaml")
    if not policy.is_file():
        raise PolicyError(f"{probes}: no policy {policy.name} beside it")
    return policy
