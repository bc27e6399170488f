"""Pictures read by the OCR engine: texts with the mistakes that the guard will see."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import numpy as np
from PIL import Image

from guardrail_detectors.ocr_injection import OcrEngine, OcrInjectionConfig, load_engine, read_pages
from guardrail_training.text_guard.records import DataError, Record


def readings_of(
    records: Iterable[Record], kept: Path | None, done: Callable[[], None] = lambda: None
) -> list[Record]:
    """For each record with a picture, a record of what the engine reads in it.

    Args:
        records: Those without a picture are passed over.
        kept: JSON lines file of earlier readings by the pictures' SHA-256, extended by new ones.
        done: Called after each record.

    Raises:
        DataError: A picture cannot be read.
    """
    known = dict(_known(kept))
    config = OcrInjectionConfig()
    engine = load_engine(config.engine, config.languages, config.weights, config.threads)
    found: list[Record] = []
    for record in records:
        if record.image is not None:
            key = _digest(record.image)
            if key not in known:
                known[key] = _read(record.image, engine, config)
                _keep(kept, key, known[key])
            found.append(replace(record, id=f"{record.id}-read", text=known[key], image=None))
        done()
    return found


def _digest(image: Path) -> str:
    try:
        return sha256(image.read_bytes()).hexdigest()
    except OSError as error:
        raise DataError(f"{image}: cannot be read: {error.strerror}") from None


def _read(image: Path, engine: OcrEngine, config: OcrInjectionConfig) -> str:
    try:
        with Image.open(image) as opened:
            pixels = np.asarray(opened.convert("RGB"))
    except OSError as error:
        raise DataError(f"{image}: no picture: {error}") from None
    return read_pages([pixels], engine, max_side=config.max_side, max_frames=1).text


def _known(kept: Path | None) -> Iterator[tuple[str, str]]:
    if kept is not None and kept.exists():
        for line in kept.read_text("utf-8").rstrip("\n").split("\n"):
            row = json.loads(line)
            yield row["sha256"], row["text"]


def _keep(kept: Path | None, key: str, text: str) -> None:
    if kept is not None:
        with kept.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"sha256": key, "text": text}) + "\n")
