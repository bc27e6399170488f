"""What the text model costs: ``python -m bench.text_guard``.

Latency of one window by its length, and how many windows a second come out when sixteen callers
ask at once: each for itself, and together in micro-batches, in alternating rounds of one run.
"""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from time import perf_counter
from typing import Annotated

import numpy as np
import typer
from rich.console import Console

from guardrail_detectors.text_guard.encoder import EncoderNetwork, Judged
from guardrail_detectors.text_guard.scorer import DEFAULT_MODEL, TextScorer

LENGTHS = (16, 64, 128, 256)
_WORDS = "the report says that sales in the second quarter grew by four percent while costs fell"


def text_of(network: EncoderNetwork, tokens: int) -> str:
    """Harmless words that fill ``tokens`` tokens, [CLS] and [SEP] included."""
    words = (_WORDS + " ").split()
    text = " ".join(words[number % len(words)] for number in range(tokens))
    window = network.windows(text)[0]
    return text[: window.offsets[tokens - 3][1]]


def latency_ms(network: EncoderNetwork, text: str, rounds: int) -> tuple[float, float]:
    """Median and 95th percentile of judging ``text`` alone, tokenisation included."""
    taken = []
    for _ in range(rounds + 5):
        started = perf_counter()
        network.run([network.windows(text)[0].tokens])
        taken.append(1000 * (perf_counter() - started))
    return float(np.median(taken[5:])), float(np.percentile(taken[5:], 95))


def windows_per_s(judge: Callable[[str], object], texts: Sequence[str], callers: int) -> float:
    """Texts judged in a second by ``callers`` threads."""
    with ThreadPoolExecutor(callers) as pool:
        started = perf_counter()
        list(pool.map(judge, texts))
        return len(texts) / (perf_counter() - started)


def main(
    model: Annotated[str, typer.Option(help="Name or folder of an encoder.")] = DEFAULT_MODEL,
    rounds: Annotated[int, typer.Option(help="Samples of each latency.")] = 100,
    callers: Annotated[int, typer.Option(help="Concurrent callers.")] = 16,
) -> None:
    """Measure latency by length, and throughput with and without micro-batching."""
    console = Console()
    network = TextScorer.load(model).network
    if not isinstance(network, EncoderNetwork):
        raise typer.BadParameter(f"{model!r} is no encoder")
    console.print(f"{model}, {os.cpu_count()} cores, {platform.machine()}, n={rounds}")
    for tokens in LENGTHS:
        middle, high = latency_ms(network, text_of(network, tokens), rounds)
        console.print(f"{tokens:4} tokens: p50 {middle:.2f} ms, p95 {high:.2f} ms")
    texts = [text_of(network, 64)] * (callers * 20)
    turn = Lock()

    def alone(text: str) -> Judged:
        tokens = network.windows(text)[0].tokens
        with turn:
            return network.run([tokens])[0]

    def together(text: str) -> Judged:
        return network.batched([network.windows(text)[0].tokens])[0]

    pairs = [
        (windows_per_s(alone, texts, callers), windows_per_s(together, texts, callers))
        for _ in range(7)
    ]
    ratios = sorted(both / one for one, both in pairs)
    console.print(
        f"{callers} callers, 64 tokens: {np.median([one for one, _ in pairs]):.0f} windows/s each "
        f"for itself, {np.median([both for _, both in pairs]):.0f} together; ratio "
        f"{ratios[len(ratios) // 2]:.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f} over 7 rounds)"
    )


if __name__ == "__main__":
    typer.run(main)
