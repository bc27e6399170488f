"""What judging pictures costs: ``python -m bench.unsafe_image FOLDER --variant int8``.

Latency of one picture with its preprocessing, pictures a second when sixteen callers ask at once,
each for itself and together in micro-batches, in alternating rounds of one run, and what a picture
costs that was seen before.
"""

from __future__ import annotations

import asyncio
import platform
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from threading import Lock
from time import perf_counter, process_time
from typing import Annotated, Any

import numpy as np
import typer
from rich.console import Console

from guardrail.cache import VerdictCache
from guardrail.context import ExchangeContext
from guardrail.detector import Pixels
from guardrail.inspection import run_stage
from guardrail.stage import Rule, Stage
from guardrail.types import Action, Conversation, Image, Part
from guardrail_detectors.clip import ClipModel, load_clip
from guardrail_detectors.onnx import processors
from guardrail_detectors.unsafe_image import UnsafeImage, UnsafeImageConfig

SIZE = (480, 640, 3)
SEED = 0


def milliseconds(work: Callable[[], object], rounds: int) -> str:
    """What ``work`` takes, after three rounds that do not count.

    The CPU time of all threads beside the wall time: on a machine that others use too it says what
    the work itself costs.
    """
    taken, used = [], []
    for _ in range(rounds + 3):
        started, before = perf_counter(), process_time()
        work()
        taken.append(1000 * (perf_counter() - started))
        used.append(1000 * (process_time() - before))
    p5, p50, p95 = np.percentile(taken[3:], [5, 50, 95])
    return f"p50 {p50:.2f} ms (p5 {p5:.2f}, p95 {p95:.2f}), CPU {np.median(used[3:]):.1f} ms"


def pictures_per_s(judge: Callable[[Any], object], tensors: Sequence[Any], callers: int) -> float:
    """Pictures embedded in a second by ``callers`` threads."""
    with ThreadPoolExecutor(callers) as pool:
        started = perf_counter()
        list(pool.map(judge, tensors))
        return len(tensors) / (perf_counter() - started)


def throughput(model: ClipModel, callers: int, rounds: int) -> tuple[float, float, list[float]]:
    """Pictures a second each for itself and together, and the ratio of each round."""
    pixels = np.random.default_rng(SEED).integers(0, 256, SIZE, np.uint8)
    tensors = [model.folder.preprocess(pixels)] * (callers * 4)
    turn = Lock()

    def alone(tensor: Any) -> object:
        with turn:
            return model.pictures([tensor])

    def together(tensor: Any) -> object:
        return model.pictures([tensor])

    pairs = [
        (pictures_per_s(alone, tensors, callers), pictures_per_s(together, tensors, callers))
        for _ in range(rounds)
    ]
    one, both = (float(np.median(side)) for side in zip(*pairs, strict=True))
    return one, both, sorted(b / a for a, b in pairs)


async def second_sight_ms(folder: str, rounds: int) -> tuple[float, float]:
    """Median and 95th percentile of a stage over a picture that it has judged before."""
    detector = UnsafeImage(UnsafeImageConfig(model=folder, tiles=0, mask_text=False))
    await detector.load()
    stage = Stage("s", detector, (Rule("*", 0.5, Action.FLAG),), "block", 60.0, key="s")
    data = np.random.default_rng(SEED).integers(0, 256, SIZE, np.uint8)
    image = Image(data.tobytes(), "image/png", 640, 480, 1, sha256(data.tobytes()).hexdigest())
    part = Part("/0", "image", "user", image=image)

    async def pixels(_: Image) -> Sequence[Pixels]:
        return [data]

    async def ask(prompt: str) -> str:
        return prompt

    cache, taken = VerdictCache(), []
    for _ in range(rounds + 1):
        context = ExchangeContext("input", Conversation((part,)), pixels, ask)
        started = perf_counter()
        await run_stage(stage, [part], context, cache)
        taken.append(1000 * (perf_counter() - started))
    return float(np.median(taken[1:])), float(np.percentile(taken[1:], 95))


def main(
    folder: Annotated[str, typer.Argument(help="A CLIP's name or folder.")] = "clip_embedded",
    variant: Annotated[str | None, typer.Option(help="fp32, fp16 or int8.")] = None,
    rounds: Annotated[int, typer.Option(help="Samples of each latency.")] = 60,
    callers: Annotated[int, typer.Option(help="Concurrent callers.")] = 16,
) -> None:
    """Measure latency, throughput and the second sight of a picture."""
    console = Console()
    model = load_clip(folder, variant)
    pixels = np.random.default_rng(SEED).integers(0, 256, SIZE, np.uint8)
    name = f"{model.folder.folder.manifest.name} {model.folder.visual(variant)}"
    console.print(f"{name}, {processors()} processors, {platform.machine()}, n={rounds}, {SIZE}")
    prepare = model.folder.preprocess
    console.print(f"preprocessing: {milliseconds(lambda: prepare(pixels), rounds)}")
    whole = milliseconds(lambda: model.pictures([prepare(pixels)]), rounds)
    console.print(f"a picture, preprocessing included: {whole}")
    one, both, ratios = throughput(model, callers, 7)
    console.print(
        f"{callers} callers: {one:.1f} pictures/s each for itself, {both:.1f} together; ratio "
        f"{ratios[len(ratios) // 2]:.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f} over 7 rounds)"
    )
    middle, high = asyncio.run(second_sight_ms(folder, 500))
    console.print(f"a picture seen before: p50 {middle:.3f} ms, p95 {high:.3f} ms")


if __name__ == "__main__":
    typer.run(main)
