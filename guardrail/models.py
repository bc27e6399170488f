"""Models by name: those that ship, those installed, those to be had; and whether they are whole."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn
from rich.table import Table

from guardrail.cli_console import err
from guardrail.errors import ModelError

# By name: the core imports no detector.
_WEIGHTS = "guardrail_detectors.weights"
_KNOWN = "guardrail_detectors.clip.known"
_INSTALLING = "guardrail_detectors.clip.installing"
_TEXT_SCORER = "guardrail_detectors.text_guard.scorer:TextScorer.load"
_LOADERS = {
    "hashed_ngrams_1": _TEXT_SCORER,
    "wordpieces_1": _TEXT_SCORER,
    "image_text_embedding": "guardrail_detectors.clip:load_clip",
    "text classification on a CLIP's text embeddings": (
        "guardrail_detectors.person_inference.intent:Intent.load"
    ),
}
"""What loads and tests a model, by the features or else the task in its manifest."""

_COLUMNS = ("name", "version", "task", "labels", "size", "licence")


def listed() -> list[Table]:
    """The models that ship, those installed if there are some, and those that can be pulled."""
    weights: Any = importlib.import_module(_WEIGHTS)
    home: Path = weights.installed_models()
    tables = [_folders("Models that ship", weights, weights.MODELS)]
    if weights.model_names(home):
        tables.append(_folders(f"Installed in {home}", weights, home))
    return [*tables, _known(home)]


def verify(names: Sequence[str]) -> list[tuple[str, str]]:
    """Name and fault ("" for none) of each model: checksums, then the golden inputs.

    Args:
        names: Models or folders; all that ship and all installed ones when empty.
    """
    weights: Any = importlib.import_module(_WEIGHTS)
    every = [*weights.model_names(), *weights.model_names(weights.installed_models())]
    return [(name, _fault(weights, name)) for name in names or every]


def pulled(name: str, endpoint: str, home: Path | None) -> Path:
    """Where the known CLIP ``name`` is installed, once it is; shows progress on the console.

    Raises:
        ModelError: See ``guardrail_detectors.clip.installing.pull``.
    """
    return _installed("pull", name, endpoint=endpoint, home=home)


def added(source: str, name: str, home: Path | None) -> Path:
    """Where the folder or URL ``source`` is installed, once it is; shows progress on the console.

    Raises:
        ModelError: See ``guardrail_detectors.clip.installing.add``.
    """
    return _installed("add", source, name=name, home=home)


def exported(model: str, weights: str | None, output: Path, name: str) -> None:
    """Writes a model folder of an open_clip model.

    Raises:
        ModelError: Something is at ``output``, torch is missing, or the model does not export.
    """
    if output.exists() and (not output.is_dir() or any(output.iterdir())):
        raise ModelError(f"{output}: something is there; name a folder that is new or empty")
    installing: Any = importlib.import_module(_INSTALLING)
    installing.exporter()(model, weights, output, name or output.name.lower())


def _installed(how: str, source: str, **options: Any) -> Path:
    install: Any = getattr(importlib.import_module(_INSTALLING), how)
    with _bar(source) as progress:
        path: Path = install(source, progress, **options)
    return path


@contextmanager
def _bar(title: str) -> Generator[Callable[[int, int | None], None]]:
    """A progress bar on standard error, to be called with the bytes done and those in all."""
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn())
    with Progress(*columns, TransferSpeedColumn(), console=err, transient=True) as bar:
        task = bar.add_task(title, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _folders(title: str, weights: Any, home: Path) -> Table:
    table = _table(title, _COLUMNS)
    for name in weights.model_names(home):
        try:
            manifest = weights.load_model_folder(str(home / name)).manifest
        except ModelError as error:
            table.add_row(name, "", str(error), "", "", "")
            continue
        size = sum(entry.bytes for entry in manifest.files.values())
        labels = ", ".join(manifest.labels)
        row = (name, manifest.version, manifest.task, labels, f"{size / 1e6:.1f} MB")
        table.add_row(*row, manifest.licence)
    return table


def _known(home: Path) -> Table:
    known: Any = importlib.import_module(_KNOWN)
    table = _table("Can be pulled", ("name", "model", "from", "pinned", "about"))
    for one in known.KNOWN:
        about = "installed" if (home / one.name).is_dir() else one.about
        pinned = "yes" if one.pinned else "not pinned"
        table.add_row(one.name, one.architecture, one.repository, pinned, about)
    return table


def _table(title: str, columns: Sequence[str]) -> Table:
    table = Table(title=title, title_justify="left")
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def _fault(weights: Any, name: str) -> str:
    try:
        folder = weights.load_model_folder(name)
        folder.verify()
        kind = str(folder.manifest.parameters.get("features", folder.manifest.task))
        if kind not in _LOADERS:
            return "its files are whole, but nothing here knows how to run it"
        module, _, members = _LOADERS[kind].partition(":")
        load: Any = importlib.import_module(module)
        for member in members.split("."):
            load = getattr(load, member)
        load(name)
    except ModelError as error:
        return str(error)
    return ""
