"""Documents read in worker processes: PDF as text and as drawn, SVG and plain text as text."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from guardrail.decode import Decoder, frame
from guardrail.detector import Page
from guardrail.document_worker import SHEET
from guardrail.errors import ImageError
from guardrail.files import PDF, SVG, FileLimits
from guardrail.types import File
from guardrail.worker_process import WorkerProcess

_WORKER = Path(__file__).with_name("document_worker.py")

SIDE = 1568
"""Long side in pixels of a drawn page: what providers scale pages to, and nearly 140 dpi of A4."""

MOST_SIDE = int(SIDE * SHEET) + 1
"""Of what is drawn in a cropped page's place."""


class Documents:
    """The reader of files: one worker process, started with the first document."""

    def __init__(self, decoder: Decoder | None = None) -> None:
        self._decoder = decoder or Decoder(workers=1, script=_WORKER, what="document")

    async def pages(self, file: File, limits: FileLimits) -> tuple[Page, ...]:
        """The pages of ``file``; a plain text is one page.

        After those of a PDF come its properties, and the sheets from which small pages are cut.

        Raises:
            ImageError: It cannot be read, or is more than ``limits`` let be read.
            OverloadError: Too many documents are waiting.
        """
        if file.media_type in (PDF, SVG):
            return await self._decoder.run(partial(read, file, limits))
        text = file.data.decode("utf-8")
        if len(text) > limits.max_characters:
            raise ImageError(
                f"the document has more than {limits.max_characters} characters", status=413
            )
        escaped = file.media_type == "application/json" and "\\" in text
        return (Page("\n".join([text, *_strings(text)]) if escaped else text),)

    async def close(self) -> None:
        """Ends the worker."""
        await self._decoder.close()


def read(
    file: File, limits: FileLimits, worker: WorkerProcess, deadline: float
) -> tuple[Page, ...]:
    """The pages of ``file`` as ``worker`` reads them.

    Raises:
        ImageError: It cannot.
        Late: It does not answer.
        ValueError: It answers what no honest worker would.
    """
    job = {
        "type": file.media_type,
        "pages": limits.max_pages,
        "characters": limits.max_characters,
        "side": SIDE,
    }
    answer = worker.ask(job, file.data, deadline)
    if isinstance(answer, dict) and "error" in answer:
        raise ImageError(f"the document cannot be read: {answer['error']}")
    return tuple(_page(size, worker, deadline) for size in _sizes(answer, limits))


def _sizes(answer: Any, limits: FileLimits) -> list[tuple[int, int, int]]:
    """Bytes of text, height and width of each page; the worker may have been taken over.

    Raises:
        ValueError: It promises more than it was asked for.
    """
    match answer:
        case {"pages": [_, *_] as pages} if len(pages) <= 2 * limits.max_pages + 1:
            sizes = [_size(page) for page in pages]
        case _:
            raise ValueError("an answer without pages")
    if sum(text for text, _, _ in sizes) > 4 * limits.max_characters + 64 * 1024:
        raise ValueError("more text than may be")
    return sizes


def _size(page: Any) -> tuple[int, int, int]:
    match page:
        case [int(text), int(height), int(width)] if (
            text >= 0 and 0 <= height <= MOST_SIDE and 0 <= width <= MOST_SIDE
        ):
            return text, height, width
        case _:
            raise ValueError("a page without a size")


def _page(size: tuple[int, int, int], worker: WorkerProcess, deadline: float) -> Page:
    length, height, width = size
    raw = bytearray(length)
    worker.take(memoryview(raw), deadline)
    drawn = frame((height, width, 3), worker, deadline) if height and width else None
    return Page(raw.decode("utf-8"), drawn)


def _strings(text: str) -> Iterator[str]:
    """What the strings of a JSON text say once their escapes are undone."""
    try:
        waiting = [json.loads(text)]
    except (ValueError, RecursionError):
        return
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict):
            waiting += [*value.values(), *value.keys()]
        elif isinstance(value, list):
            waiting += value
