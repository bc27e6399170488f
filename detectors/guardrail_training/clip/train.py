"""One run for the embedded model: drawings and icons in, a proven model folder out."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import open_clip

from guardrail_detectors.clip import ClipFolder, ClipModel
from guardrail_detectors.weights import load_model_folder
from guardrail_training.clip.bank import (
    CATEGORIES,
    Bank,
    calibrates,
    held_back,
    joined,
    of_drawings,
)
from guardrail_training.clip.batches import Mixture
from guardrail_training.clip.captions import captions, embedded
from guardrail_training.clip.card import write_card
from guardrail_training.clip.config import EmbeddedConfig
from guardrail_training.clip.draw.catalogue import drawings, drawn_apart
from guardrail_training.clip.embedded_heads import RATES, fitted
from guardrail_training.clip.export import export, load
from guardrail_training.clip.fit import Learner, Settings, fit
from guardrail_training.clip.heads import write_heads
from guardrail_training.clip.icons import licences, rules
from guardrail_training.clip.manifest import About, amend
from guardrail_training.clip.material import (
    Material,
    Places,
    gathered,
    planned,
    rendered,
    some,
    tower_of,
)
from guardrail_training.clip.measure import SHIPPED_SCORE, by_category, photographs, retrieval, seen
from guardrail_training.clip.tower import CONTEXT, Tower, build, save
from guardrail_training.clip.vocabulary import trimmed
from guardrail_training.text_guard.gather import progress_bar

COMMAND = "guardrail train clip --config clip_embedded.yaml --icons FOLDER --data FOLDER"

_EACH = 24  # sprites of a drawing that measures
_COMPETING = 500  # concepts of training among which a concept kept back must be found


def train(config: EmbeddedConfig, places: Places, max_steps: int | None = None) -> Path:
    """Trains the tower, fits the heads, exports, measures and writes the model folder.

    A run that was cut off goes on from the last cycle when ``places.work`` is kept.

    Args:
        config: The settings.
        places: Folders.
        max_steps: Steps of each cycle at most, to try things out.

    Returns:
        ``places.out``.

    Raises:
        ClipTrainingError: Something is missing, or the exported towers differ from torch.
    """
    material = gathered(config, places)
    with _folder(places.work) as name:
        work = Path(name)
        text = trimmed(places.base or config.base, work / "open_clip", config.words)
        tower = tower_of(config, places)
        model = build(text, tower, config.seed)
        learnt = _learnt(config, material, work, lambda things: _said(model, text, things, work))
        learner = Learner(model, learnt["all"].said)
        _cycles(config, learner, learnt, tower, places, work, max_steps)
        source = replace(load(save(model, text, tower)), name=config.base)
        out = places.out
        shutil.rmtree(out, ignore_errors=True)
        about = About(config.name, config.version, "Apache-2.0", COMMAND)
        export(source, out, about, ("int8",), packed_text=True)
        mixture, strangers = learnt["all"].mixture, _calibrating(material, work)
        heads, thresholds = fitted(config, _loaded(out), mixture, strangers)
        write_heads(heads, out / "heads.onnx")
        about = replace(
            about, labels=CATEGORIES, thresholds=thresholds, data=planned(config, material)
        )
        amend(out, about)
        metrics = _measured(config, _loaded(out), material, places, work)
        metrics["tower_weights"] = tower.source()
        metrics["licences"] = licences(places.icons, list(rules().packages))
        manifest = amend(out, replace(about, metrics=metrics))
    _loaded(out).self_test()
    write_card(out, config, manifest)
    return out


@dataclass(frozen=True, slots=True)
class _Learnt:
    """What a cycle learns from: sprites, pictures of them, embeddings of their captions."""

    bank: Bank
    mixture: Mixture
    said: Any


def _learnt(
    config: EmbeddedConfig, material: Material, work: Path, said: Callable[[Sequence[str]], Any]
) -> dict[str, _Learnt]:
    """By what a cycle's ``drawings`` may say. Later drawings come last; the others are the same."""
    rng = np.random.default_rng(config.seed)
    drawn = of_drawings(material.drawings, config.drawn_each, rng)
    bank = joined([rendered(material.learnt, work), drawn])
    later = sum(one.share for one in material.drawings if one.later) * config.drawn_each
    banks = {"first": bank.first(len(bank.sprites) - later), "all": bank}
    return {
        name: _Learnt(
            one,
            Mixture(one, material.palette, config.size, config.stickers),
            said(one.things),
        )
        for name, one in banks.items()
    }


def _said(model: Any, text: Path, things: Sequence[str], work: Path) -> Any:
    """Embeddings of all captions, kept in ``work`` for a run that goes on."""
    said = captions(things)
    digest = sha256(json.dumps([str(text), said]).encode()).hexdigest()[:16]
    kept = work / f"captions-{digest}.npy"
    if kept.is_file():
        return np.load(kept)
    tokenizer = open_clip.tokenizer.HFTokenizer(str(text), context_length=CONTEXT)
    model.eval()
    found = np.stack([embedded(model, tokenizer, texts) for texts in said])
    np.save(kept, found)
    return found


def _cycles(
    config: EmbeddedConfig,
    learner: Learner,
    learnt: Mapping[str, _Learnt],
    tower: Tower,
    places: Places,
    work: Path,
    max_steps: int | None,
) -> None:
    with progress_bar() as progress:
        for number, cycle in enumerate(config.cycles):
            steps = min(cycle.steps, max_steps or cycle.steps)
            size, shown = cycle.size or config.size, learnt[cycle.drawings]
            settings = Settings(
                steps, cycle.batch, cycle.rate, config.seed + number, cycle.trunk, cycle.plain,
                log=places.log, material=f"{_digest(tower, shown.bank)} {size}",
            )  # fmt: skip
            learner.learns(shown.said)
            kept = work / f"state-{number}.pt"
            task = progress.add_task(f"cycle {number + 1}", total=steps)
            done = _shown(progress, task, number)
            fit(learner, shown.mixture.of_size(size), settings, kept, done)


def _digest(tower: Tower, bank: Bank) -> str:
    """Of all that a run goes on with but its settings."""
    content = sha256(f"{tower.name} {tower.size} {tower.layers} {tower.source()}".encode())
    for part in (bank.sprites, bank.thing, bank.labels):
        content.update(part.tobytes())
    return content.hexdigest()[:16]


def _shown(progress: Any, task: Any, number: int) -> Callable[[int, float], None]:
    def step_done(step: int, loss: float) -> None:
        said = f"cycle {number + 1} (loss {loss:.3f})"
        progress.update(task, completed=step, description=said)

    return step_done


def _calibrating(material: Material, work: Path) -> Bank:
    kept = [one for one in material.icons if calibrates(one) and not one.aside]
    return rendered(material.strange(kept), work)


def _measured(
    config: EmbeddedConfig,
    model: ClipModel,
    material: Material,
    places: Places,
    work: Path,
) -> dict[str, Any]:
    rng = np.random.default_rng(config.seed + 1000)
    strange = [one for one in material.icons if one.aside and not held_back(one)]
    icons = rendered(some(strange, config.asides), work)
    drawn = of_drawings([one for one in drawings() if one.aside], _EACH, rng)
    other = np.random.default_rng(config.seed + 1001)  # the samples of the rest stay as they were
    banks = {
        "icons_left_out": (icons, rng),
        "drawings_left_out": (drawn, rng),
        "drawings_made_apart": (of_drawings(drawn_apart(), _EACH, other), other),
    }
    metrics: dict[str, Any] = {}
    for name, (bank, chance) in banks.items():
        mixture = Mixture(bank, material.palette, config.size)
        metrics[name] = by_category(seen(model, bank, mixture, config.asides, chance))
    metrics["zero_shot"] = _zero_shot(config, model, material, work, rng)
    limits: dict[str, dict[str, float]] = {
        f"at score {SHIPPED_SCORE}": dict.fromkeys(CATEGORIES, SHIPPED_SCORE),
        "at 0.1 %": {
            one.label: one.score
            for one in model.folder.folder.manifest.thresholds
            if one.false_positive_rate == min(RATES)
        },
    }
    metrics["photographs"] = {
        path.stem: photographs(model, path, limits)
        for path in (places.data / one for one in config.photographs)
        if path.is_file()
    }
    return metrics


def _zero_shot(
    config: EmbeddedConfig, model: ClipModel, material: Material, work: Path, rng: Any
) -> dict[str, Any]:
    bank = rendered(material.strange([one for one in material.icons if held_back(one)]), work)
    mixture = Mixture(bank, material.palette, config.size)
    numbers = rng.permutation(len(bank.sprites))[: config.asides]
    shown = [mixture.of_sprite(int(number), rng) for number in numbers]
    things = [bank.things[bank.thing[number]] for number in numbers]
    others = sorted({one.concept for one in material.learnt})
    others = [str(one) for one in rng.permutation(others)[:_COMPETING]]
    return retrieval(model, shown, things, others)


def _loaded(folder: Path) -> ClipModel:
    return ClipModel(ClipFolder.read(load_model_folder(str(folder))), threads=2)


def _folder(work: Path | None) -> AbstractContextManager[Any]:
    if work is not None:
        work.mkdir(parents=True, exist_ok=True)
        return nullcontext(work)
    return TemporaryDirectory()
