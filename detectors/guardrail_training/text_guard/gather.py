"""All labelled texts of a run: data sets, what is read in their pictures, written texts."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from zlib import crc32

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from guardrail_training.text_guard.corpus import written
from guardrail_training.text_guard.packages import texts_of
from guardrail_training.text_guard.pictures import readings_of
from guardrail_training.text_guard.records import Record, distinct, read_records

_HELD_OUT = 10
"""One text of so many is held out for calibration, besides those that its data set holds out."""


def gathered(
    data: Path,
    sets: Iterable[str],
    pictures: Iterable[str],
    readings: Path | None,
    *,
    packages: Iterable[str] = (),
    with_written: bool = True,
) -> list[Record]:
    """The texts, without near repetitions between or within sets.

    Args:
        data: Folder that the sets' names are relative to.
        sets: JSON lines files.
        pictures: Those of ``sets`` whose pictures are read as well.
        readings: File that keeps what was read in pictures, for the next run.
        packages: Names of installed packages whose texts are harmless ones.
        with_written: Whether the texts that were written for this project are among them.

    Raises:
        DataError: A data set cannot be read, or a package is not installed.
    """
    records = list(read_records(data / name for name in sets))
    with progress_bar() as progress:
        read = {Path(name).stem for name in pictures}
        shown = [record for record in records if record.group in read]
        task = progress.add_task("reading pictures", total=len(shown))
        records += readings_of(shown, readings, lambda: progress.advance(task))
    if with_written:
        records += written()
    records += texts_of(packages)
    return distinct(record for record in records if record.text.strip())


def held_out(record: Record) -> bool:
    """Whether ``record`` calibrates and measures instead of training; all of a package or none."""
    owner = str(record.meta.get("package") or record.id)
    return record.held_out or crc32(owner.encode()) % _HELD_OUT == 0


def progress_bar() -> Progress:
    """A bar with a count and the time that is left."""
    return Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    )
