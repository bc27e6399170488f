"""The whole chain: read, mix, tune, measure, pass the gate, export."""

from __future__ import annotations

import json
import logging
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import torch

from guardrail_training.adapt import learning
from guardrail_training.mllm import load_pretrained
from guardrail_training.text_guard.records import DataError
from guardrail_training.vlguard.config import Source, VLGuardConfig
from guardrail_training.vlguard.evaluate import Evaluation, evaluate
from guardrail_training.vlguard.export import Origin, export_model, export_tower
from guardrail_training.vlguard.fit import fit, prepared
from guardrail_training.vlguard.gate import check_gate
from guardrail_training.vlguard.mixing import mixed, read_helpful
from guardrail_training.vlguard.records import Example, read_vlguard, without_overlap

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line says besides the settings.

    Attributes:
        data: Folder that the settings' files are relative to.
        out: Folder for checkpoints, measurements and the exported model.
        command: As it was typed, for manifest and card.
        max_steps: Ends the training early.
        resume: Whether to go on from the last checkpoint.
        force: Whether a mixture without helpfulness data is meant.
    """

    data: Path
    out: Path
    command: str = ""
    max_steps: int | None = None
    resume: bool = False
    force: bool = False


@dataclass(frozen=True, slots=True)
class Mixture:
    """What is learnt from and what is measured on.

    Attributes:
        train: The mixture.
        test: Test examples and held-out helpful ones.
        dropped: Pictures that training and test have both; they are not learnt from.
    """

    train: list[Example]
    test: list[Example]
    dropped: list[str]


def read_mixture(config: VLGuardConfig, options: Options) -> Mixture:
    """Reads everything that the settings name, so that a mistake shows before any training.

    Raises:
        DataError: A file, an entry or a picture is wrong, or the mixture has no helpfulness data.
    """
    test = read_vlguard(*_paths(config.test, options.data))
    train, dropped = without_overlap(read_vlguard(*_paths(config.train, options.data)), test)
    if dropped:
        _LOG.warning("dropped %d pictures that the test has too: %s", len(dropped), dropped[:5])
    held_out = (
        [] if config.held_out is None else read_helpful(*_paths(config.held_out, options.data))
    )
    helpful: list[Example] = []
    count: int | None = 0
    if config.helpfulness is not None:
        helpful, shared = without_overlap(
            read_helpful(*_paths(config.helpfulness, options.data)), [*test, *held_out]
        )
        dropped += shared
        count = None if config.mode == "mixed" else config.helpfulness.examples
    mixture = mixed(train, helpful, count=count, seed=config.seed, force=options.force)
    return Mixture(mixture, _measured([*test, *held_out], config), dropped)


def _paths(source: Source, data: Path) -> tuple[Path, Path]:
    return data / source.file, data / source.images


def _measured(examples: Sequence[Example], config: VLGuardConfig) -> list[Example]:
    """At most ``config.measured`` of each subset."""
    chosen: list[Example] = []
    for subset in dict.fromkeys(one.subset for one in examples):
        of_it = [one for one in examples if one.subset == subset]
        most = min(len(of_it), config.measured or len(of_it))
        chosen += Random(config.seed).sample(of_it, most)
    return chosen


def plan(config: VLGuardConfig, options: Options) -> dict[str, Any]:
    """What a run would do, without doing it: data read, model loaded, nothing trained."""
    mixture = read_mixture(config, options)
    model, reader = load_pretrained(config.model, config.revision)
    if getattr(reader, "chat_template", None) is None:
        raise DataError(f"model {config.model!r}: its processor has no chat template")
    at_once = config.batch * config.accumulation
    return {
        "train": dict(Counter(one.subset for one in mixture.train)),
        "test": dict(Counter(one.subset for one in mixture.test)),
        "dropped": len(mixture.dropped),
        "weights that learn": learning(prepared(model, config)),
        "steps": math.ceil(len(mixture.train) / at_once * config.epochs),
        "rate": config.peak_rate,
    }


def run(config: VLGuardConfig, options: Options) -> Path | None:
    """Tunes, measures before and after, and exports what passes the gate.

    Writes ``log.csv``, ``before.jsonl``, ``after.jsonl`` (answers) and
    ``evaluation.json`` into ``options.out``, and ``export/model`` and ``export/tower``.

    Returns:
        The folder of what was exported; None in a process of a distributed run that is not the
        first.

    Raises:
        DataError: Something that was read is wrong.
        GateError: The tuned model is not good enough; nothing is exported.
    """
    if config.threads is not None:
        torch.set_num_threads(config.threads)
    mixture = read_mixture(config, options)
    options.out.mkdir(parents=True, exist_ok=True)
    model, reader = load_pretrained(config.model, config.revision)
    first = _is_first()
    before = _evaluated(model, reader, mixture, config, options.out, "before") if first else None
    tuned = fit(
        model,
        reader,
        mixture.train,
        config,
        options.out,
        max_steps=options.max_steps,
        resume=options.resume,
    )
    if before is None:
        return None
    after = _evaluated(tuned, reader, mixture, config, options.out, "after")
    measured = {"before": before.as_json(), "after": after.as_json()}
    (options.out / "evaluation.json").write_text(json.dumps(measured, indent=1), "utf-8")
    check_gate(config.gate, before, after)
    return _export(tuned, reader, config, options, mixture, measured)


def _is_first() -> bool:
    from accelerate import PartialState  # noqa: PLC0415 - joins the process group

    return bool(PartialState(cpu=not torch.cuda.is_available()).is_main_process)


def _evaluated(
    model: Any, reader: Any, mixture: Mixture, config: VLGuardConfig, out: Path, when: str
) -> Evaluation:
    model.eval()
    found = evaluate(
        model,
        reader,
        mixture.test,
        new_tokens=config.new_tokens,
        record=out / f"{when}.jsonl",
    )
    _LOG.info(
        "%s: attack success %.1f %%, over-refusal %.1f %%, helpfulness %.1f %%",
        when,
        100 * found.attack_success,
        100 * found.over_refusal,
        100 * found.helpfulness(config.gate.helpfulness_by),
    )
    return found


def _export(
    model: Any,
    reader: Any,
    config: VLGuardConfig,
    options: Options,
    mixture: Mixture,
    measured: dict[str, Any],
) -> Path:
    origin = Origin(
        config.name,
        config.version,
        config.model,
        options.command,
        dict(Counter(one.subset for one in mixture.train)),
        measured,
    )
    folder = options.out / "export"
    export_model(model, reader, folder / "model", origin)
    if config.tower:
        export_tower(model, reader, folder / "tower", origin)
    return folder
