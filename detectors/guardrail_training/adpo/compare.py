"""Trainers side by side: each on every base model, measured alike, in a table and a plot."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from guardrail_training.adpo.config import HardenConfig
from guardrail_training.adpo.measure import measured
from guardrail_training.adpo.pictures import WorldPictures
from guardrail_training.adpo.train import harden
from guardrail_training.mllm import load_mllm

PLAIN = "plain"
RESULT = "result.json"


class Comparison(BaseModel):
    """What is compared on what.

    Attributes:
        bases: Model folders; the n-th is trained with seed n.
        trainers: Name to settings; ``model`` and the run's seed are filled in.
        pictures: To measure on, never to train on.
        radii: In 255ths.
        steps: Of each APGD.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    bases: Annotated[tuple[Path, ...], Field(min_length=1)]
    trainers: dict[str, dict[str, Any]]
    pictures: WorldPictures = WorldPictures(count=200, seed=90_001)
    radii: Annotated[tuple[float, ...], Field(min_length=1)] = (2, 4, 8)
    steps: Annotated[int, Field(ge=1)] = 50

    def settings(self, name: str, seed: int) -> HardenConfig:
        """The whole configuration of a trainer on a base."""
        given = self.trainers[name]
        run = dict(given.get("run", {})) | {"seed": seed}
        whole = dict(given) | {"model": str(self.bases[seed]), "run": run}
        return HardenConfig.model_validate(whole)


def compare(plan: Comparison, out: Path, limit_s: float = math.inf) -> list[dict[str, Any]]:
    """Trains and measures what ``out`` does not hold yet; a call that was cut goes on.

    Args:
        plan: What is compared.
        out: A folder of ``<trainer>/<seed>/`` each.
        limit_s: No further model is begun after that many seconds.

    Returns:
        One result a model: trainer, seed, and which pictures were answered right.
    """
    began = time.monotonic()
    found: list[dict[str, Any]] = []
    for seed, base in enumerate(plan.bases):
        for name in (PLAIN, *plan.trainers):
            file = out / name / str(seed) / RESULT
            if not file.exists():
                if time.monotonic() - began > limit_s:
                    continue
                _one(plan, name, seed, base, file)
            found.append(json.loads(file.read_text("utf-8")))
    return found


def _one(plan: Comparison, name: str, seed: int, base: Path, file: Path) -> None:
    folder = base
    before = time.process_time()
    if name != PLAIN:
        folder = harden(plan.settings(name, seed), file.parent)
    trained_s = time.process_time() - before
    mllm = load_mllm(folder)
    rows = list(plan.pictures.rows(mllm.side))
    result = measured(mllm, rows, plan.radii, plan.steps, seed)
    file.parent.mkdir(parents=True, exist_ok=True)
    attacked = {str(radius): found for radius, found in result.attacked.items()}
    written = {
        "trainer": name,
        "seed": seed,
        "clean": result.clean,
        "attacked": attacked,
        "cpu_s": round(trained_s, 1),
    }
    file.write_text(json.dumps(written), "utf-8")


def wilson(share: float, count: int, z: float = 1.96) -> tuple[float, float]:
    """The 95 % interval of a share of ``count`` trials, after Wilson 1927."""
    middle = (share + z * z / (2 * count)) / (1 + z * z / count)
    half = z / (1 + z * z / count) * math.sqrt(share * (1 - share) / count + (z / (2 * count)) ** 2)
    return middle - half, middle + half


def table(results: Sequence[Mapping[str, Any]]) -> str:
    """Shares of right answers in per cent as Markdown: the mean, its interval, and each seed's."""
    columns = ["clean", *(f"ε = {float(one):g}/255" for one in results[0]["attacked"])]
    lines = ["| trainer | " + " | ".join(columns) + " |", "|---" * (len(columns) + 1) + "|"]
    for name in dict.fromkeys(one["trainer"] for one in results):
        mine = [
            [one["clean"], *one["attacked"].values()] for one in results if one["trainer"] == name
        ]
        cells = [_cell([seed[column] for seed in mine]) for column in range(len(columns))]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _cell(seeds: Sequence[Sequence[bool]]) -> str:
    share, low, high = _pooled(seeds)
    each = ", ".join(f"{100 * sum(one) / len(one):.0f}" for one in seeds)
    return f"{100 * share:.1f} [{100 * low:.1f}, {100 * high:.1f}] ({each})"


def _pooled(seeds: Sequence[Sequence[bool]]) -> tuple[float, float, float]:
    """Mean share and interval; every seed saw the same pictures, so only these are counted."""
    share = sum(map(sum, seeds)) / sum(map(len, seeds))
    return share, *wilson(share, len(seeds[0]))


def draw(results: Sequence[Mapping[str, Any]], picture: Path) -> None:
    """Accuracy against the radius, a line a trainer with its interval, as a PNG."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415 - half a second
    from matplotlib.figure import Figure  # noqa: PLC0415

    figure = Figure(figsize=(6, 4), layout="constrained")
    FigureCanvasAgg(figure)
    axis = figure.subplots()
    for name in dict.fromkeys(one["trainer"] for one in results):
        mine = [{"0": one["clean"]} | one["attacked"] for one in results if one["trainer"] == name]
        radii = [float(one) for one in mine[0]]
        pooled = [_pooled([seed[radius] for seed in mine]) for radius in mine[0]]
        shares, lows, highs = zip(*pooled, strict=True)
        axis.plot(radii, shares, marker="o", label=name)
        axis.fill_between(radii, lows, highs, alpha=0.2)
    axis.set(xlabel="ε · 255", ylabel="answers right", ylim=(0, 1))
    axis.legend()
    figure.savefig(picture)
