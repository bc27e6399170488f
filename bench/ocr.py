"""What reading pictures costs, and what is read: ``python -m bench.ocr --photo FOLDER``.

Two readers look at the same pictures in turn, round by round, so that what slows the machine slows
both: RapidOCR as its package comes, and ``ocr_injection`` with its default views. Quality is in the
same table as cost: the share of the drawn characters that were read. Then the whole check of a
picture that was never seen and of one that was, and where a reading's time goes. Wall times say
something only on an idle machine; CPU times do on a busy one too. Nothing here asserts a time.
"""

from __future__ import annotations

import asyncio
import io
import logging
import os
import platform
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path
from time import perf_counter, process_time
from typing import Annotated, Any

import cv2
import numpy as np
import typer
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont
from rich.console import Console
from rich.table import Table

from guardrail import Guard
from guardrail_detectors.ocr_injection import OcrInjectionConfig, load_engine, read_pages
from guardrail_detectors.ocr_injection.downscales import suspicious
from guardrail_detectors.ocr_injection.rapid import RapidEngine
from guardrail_detectors.ocr_injection.views import prepared

WIDTH, HEIGHT = 1024, 768
WORDS = (
    "orders are shipped from our store every morning before noon and may be sent back within "
    "thirty days if the box was never opened please keep the bill"
)

_SMOOTH = Image.Resampling.LANCZOS
_SIGHTS = 5  # of a picture after the first one

Pixels = NDArray[np.uint8]
Read = Callable[[Pixels], str]


@dataclass(frozen=True, slots=True)
class Sample:
    """A picture and the words drawn on it, "" for none."""

    name: str
    pixels: Pixels
    words: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """What one reader did with one picture.

    Attributes:
        sample: Its name.
        reader: Its name.
        p50_ms: Median wall time.
        p95_ms: 95th percentile of wall times.
        cpu_ms: Least CPU time of a round, over all threads.
        read: Share of the drawn characters that were read, in their order; None where none were
            drawn.
        noise: Characters read where none were drawn.
    """

    sample: str
    reader: str
    p50_ms: float
    p95_ms: float
    cpu_ms: float
    read: float | None
    noise: int


def written(
    name: str, lines: int, size: int, *, ink: str = "black", paper: str = "white"
) -> Sample:
    """``lines`` lines of forty characters, evenly spread."""
    picture = Image.new("RGB", (WIDTH, HEIGHT), paper)
    canvas, font = ImageDraw.Draw(picture), ImageFont.load_default(size)
    stream, texts = iter(WORDS.split() * lines * 2), list[str]()
    for row in range(lines):
        text = next(stream)
        while len(text) < 36:
            text += f" {next(stream)}"
        texts.append(text)
        canvas.text((60, 40 + row * (HEIGHT - 80) // lines), text, ink, font)
    return Sample(name, np.asarray(picture), " ".join(texts))


def graphic() -> Sample:
    """Flat shapes, as in a chart without labels."""
    pixels = np.full((HEIGHT, WIDTH, 3), 240, np.uint8)
    for bar in range(6):
        pixels[700 - 90 * bar : 700, 100 + 140 * bar : 200 + 140 * bar] = (40, 90, 30 * bar)
    return Sample("graphic, no text", pixels)


def texture(seed: int = 0) -> Sample:
    """Soft shapes with grain all over, so that no part is flat."""
    rng = np.random.default_rng(seed)
    soft = cv2.resize(
        rng.uniform(30, 200, (12, 16, 3)), (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC
    )
    grain = cv2.GaussianBlur(rng.normal(0, 22, (HEIGHT, WIDTH, 3)), (0, 0), 1.2)
    return Sample("texture, no text", np.clip(soft + grain, 0, 255).astype(np.uint8))


def photographs(folder: Path, count: int) -> list[Sample]:
    """The first pictures of a folder by name, scaled to the size of the others."""
    found = sorted(path for path in folder.iterdir() if path.suffix.lower() in {".jpg", ".png"})
    pictures = [Image.open(path).convert("RGB") for path in found[:count]]
    return [
        Sample(f"photograph {number}", np.asarray(picture.resize((WIDTH, HEIGHT), _SMOOTH)))
        for number, picture in enumerate(pictures)
    ]


def samples(photo: Path | None, count: int = 3) -> list[Sample]:
    """The pictures that are read."""
    made = [
        written("six lines", 6, 28), written("a page of twenty lines", 20, 20),
        written("six faint lines", 6, 28, ink="#f7f7f7"), written("six tiny lines", 6, 9),
        graphic(), texture(),
    ]  # fmt: skip
    return made + (photographs(photo, count) if photo else [])


def share(words: str, text: str) -> float:
    """How many of the letters of ``words`` stand in ``text`` in runs of three and more."""
    one, other = ("".join(filter(str.isalnum, each)).casefold() for each in (words, text))
    blocks = SequenceMatcher(None, other, one, autojunk=False).get_matching_blocks()
    return sum(block.size for block in blocks if block.size >= 3) / len(one)


def readers(threads: int) -> dict[str, Read]:
    """The two readers by name, loaded."""
    from rapidocr import RapidOCR  # noqa: PLC0415 - a second, and only here

    logging.getLogger("RapidOCR").setLevel(logging.ERROR)
    package = RapidOCR()
    config = OcrInjectionConfig(threads=threads)
    engine = load_engine("rapidocr", config.languages, None, threads)

    def as_it_comes(pixels: Pixels) -> str:
        found: Any = package(np.ascontiguousarray(pixels[:, :, ::-1]))
        return " ".join(found.txts or ())

    def with_views(pixels: Pixels) -> str:
        return read_pages([pixels], engine, max_side=config.max_side, max_frames=1).text

    return {"RapidOCR as it comes": as_it_comes, "ocr_injection": with_views}


def compare(wanted: Sequence[Sample], by_name: dict[str, Read], rounds: int) -> list[Row]:
    """A row a picture and reader; every round asks all of them, the first does not count."""
    wall: dict[tuple[str, str], list[float]] = {}
    cpu: dict[tuple[str, str], list[float]] = {}
    texts: dict[tuple[str, str], str] = {}
    for number in range(rounds + 1):
        for sample in wanted:
            for name, read in by_name.items():
                key = (sample.name, name)
                began, worked = perf_counter(), process_time()
                texts[key] = read(sample.pixels)
                if number:
                    wall.setdefault(key, []).append(1000 * (perf_counter() - began))
                    cpu.setdefault(key, []).append(1000 * (process_time() - worked))
    return [
        Row(
            sample.name, name,
            float(np.median(wall[key])), float(np.percentile(wall[key], 95)), min(cpu[key]),
            share(sample.words, texts[key]) if sample.words else None,
            0 if sample.words else len(texts[key]),
        )
        for sample in wanted for name in by_name for key in [(sample.name, name)]
    ]  # fmt: skip


def parts_of(sample: Sample, threads: int, rounds: int) -> dict[str, float]:
    """Least CPU milliseconds of each part of a reading by ``ocr_injection``."""
    config = OcrInjectionConfig(threads=threads)
    engine = load_engine("rapidocr", config.languages, None, threads)
    if not isinstance(engine, RapidEngine):
        raise TypeError("the parts of a reading are known of rapidocr alone")
    raised = prepared(sample.pixels)
    works: dict[str, Callable[[], object]] = {
        "contrast": lambda: prepared(sample.pixels),
        "detection": lambda: engine.detect(raised),
        "detection and recognition": lambda: engine.read(raised),
        "signs of scaling": lambda: list(suspicious(sample.pixels, config.sides)),
    }
    spent = {name: min(_cpu_ms(work) for _ in range(rounds)) for name, work in works.items()}
    spent["recognition"] = spent.pop("detection and recognition") - spent["detection"]
    return spent


def _cpu_ms(work: Callable[[], object]) -> float:
    began = process_time()
    work()
    return 1000 * (process_time() - began)


async def checks(sample: Sample, policy: str, rounds: int) -> tuple[float, float]:
    """Median milliseconds of a whole check of a picture never seen, and of one that was."""
    guard = Guard.from_policy(policy)
    await guard.load()
    new: list[float] = []
    seen: list[float] = []
    try:
        for number in range(rounds + 1):
            pixels = sample.pixels.copy()
            pixels[0, 0] = number  # another picture for the cache, the same for the reader
            out = io.BytesIO()
            Image.fromarray(pixels).save(out, "PNG", compress_level=1)
            for taken in (new, *(seen,) * _SIGHTS):
                began = perf_counter()
                await guard.acheck(images=[out.getvalue()])
                taken.append(1000 * (perf_counter() - began))
    finally:
        await guard.close()
    return float(np.median(new[1:])), float(np.median(seen[_SIGHTS:]))


def show(rows: Sequence[Row]) -> Table:
    """The rows as a table."""
    table = Table(title="Reading one picture of 1024 x 768; milliseconds")
    for name in ("picture", "reader"):
        table.add_column(name, no_wrap=True)
    for name in ("p50", "p95", "CPU", "read", "noise"):
        table.add_column(name, justify="right", no_wrap=True)
    for row in rows:
        times = (f"{value:.0f}" for value in (row.p50_ms, row.p95_ms, row.cpu_ms))
        read = "" if row.read is None else f"{row.read:.1%}"
        table.add_row(row.sample, row.reader, *times, read, str(row.noise or ""))
    return table


def main(
    photo: Annotated[
        Path | None, typer.Option(exists=True, file_okay=False, help="Folder of photographs.")
    ] = None,
    rounds: Annotated[int, typer.Option(min=1, max=1000)] = 7,
    threads: Annotated[int, typer.Option(min=1, max=64)] = 2,
    policy: Annotated[
        str, typer.Option(help="Of the whole checks: built-in name or file.")
    ] = "default",
) -> None:
    """Read each picture with both readers, round by round, and say where the time goes."""
    wanted = samples(photo)
    console = Console(width=110)
    console.print(show(compare(wanted, readers(threads), rounds)))
    for sample in (wanted[0], wanted[-1]):
        told = ", ".join(
            f"{name} {ms:.0f}" for name, ms in parts_of(sample, threads, rounds).items()
        )
        console.print(f"{sample.name}, CPU ms: {told}")
    new, seen = asyncio.run(checks(wanted[0], policy, rounds))
    console.print(
        f"whole check of {wanted[0].name}: {new:.0f} ms never seen, {seen:.2f} ms seen before"
    )
    load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
    console.print(f"{platform.processor()}, {os.cpu_count()} cores, load {load}, {rounds} rounds")


if __name__ == "__main__":
    typer.run(main)
