"""CLIPs put where policies find them: pulled by name, or added from a folder or a URL."""

from __future__ import annotations

import importlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import quote

from guardrail.errors import ModelError
from guardrail.nearest import did_you_mean
from guardrail_detectors.clip.folder import ClipFolder
from guardrail_detectors.clip.known import AUTO, CHECKPOINT, KNOWN, Known
from guardrail_detectors.clip.model import ClipModel
from guardrail_detectors.download import Progress, Wanted, download
from guardrail_detectors.weights import (
    MAX_MANIFEST_BYTES,
    NAME,
    Manifest,
    installed_models,
    load_model_folder,
    model_names,
)

HUB = "https://huggingface.co"
HUB_VARIABLE = "HF_ENDPOINT"
"""Environment variable that names a mirror of the Hub, as its own libraries read it."""

Export = Callable[[str, str | None, Path, str], object]
"""Writes a model folder. Of: open_clip's name; a checkpoint file or tag, None where the name says
it; the folder; what the model is called."""


def pull(
    name: str,
    progress: Progress = lambda _done, _total: None,
    *,
    endpoint: str = "",
    home: Path | None = None,
    export: Export | None = None,
) -> Path:
    """Fetches a known CLIP's checkpoint, exports it and installs the folder; returns that.

    Args:
        name: One of ``KNOWN``.
        progress: Called as bytes come.
        endpoint: Base URL of the Hub or a mirror; "" for ``$HF_ENDPOINT``, else the Hub.
        home: Where models are installed; None for ``installed_models()``.
        export: Makes the folder; None for ``guardrail_training.clip.export``.

    Raises:
        ModelError: No such name, no network, a wrong file, or the export's packages are missing.
            A file that no model could be made of is deleted where its checksum was not known.
    """
    known = _known(name)
    home = installed_models() if home is None else home
    target = home / name
    _must_be_free(target)
    export = exporter() if export is None else export  # before gigabytes come for nothing
    checkpoint = home / ".checkpoints" / name / CHECKPOINT
    wanted = Wanted(_url(known, endpoint), checkpoint, known.sha256, _advice(known))
    found = download(wanted, progress)
    with _staged(target) as staging:
        try:
            export(known.architecture, str(checkpoint), staging, name)
            _prove(staging)
        except Exception as error:  # open_clip, torch and safetensors raise whatever they like
            raise _no_model(wanted, error) from error
    (target / "SOURCE.json").write_text(
        json.dumps({"repository": known.repository, "revision": known.revision, "sha256": found})
    )
    shutil.rmtree(checkpoint.parent)
    return target


def add(
    source: str,
    progress: Progress = lambda _done, _total: None,
    *,
    name: str = "",
    home: Path | None = None,
) -> Path:
    """Installs a model folder from a path or from the URL that holds its ``manifest.json``.

    Args:
        source: Folder, or ``https://…`` base of the files.
        progress: Called as bytes come.
        name: What policies will call it; "" for the manifest's own name.
        home: Where models are installed; None for ``installed_models()``.

    Raises:
        ModelError: It is no CLIP, not whole, cannot be reached, or its name is taken.
    """
    home = installed_models() if home is None else home
    remote = source.startswith(("http://", "https://"))
    with tempfile.TemporaryDirectory() as scratch:
        folder = _remote_manifest(source, Path(scratch)) if remote else Path(source)
        manifest = load_model_folder(str(folder.resolve())).manifest
        target = _target(home, name or manifest.name)
        if remote:
            kept = home / ".checkpoints" / target.name  # so that a second try goes on
            _remote_files(source, manifest, kept, progress)
            shutil.copy(folder / "manifest.json", kept)
            folder = kept
        with _staged(target) as staging:
            _copy(folder, manifest, staging)
            _prove(staging)
        if remote:
            shutil.rmtree(folder)
    return target


def exporter() -> Export:
    """What ``guardrail_training.clip.export`` does, which needs torch and open_clip.

    Raises:
        ModelError: Its packages are not installed.
    """
    try:
        module: Any = importlib.import_module("guardrail_training.clip.export")
    except ModuleNotFoundError as error:
        raise ModelError(
            f"{error.name} is missing, and a checkpoint becomes a model folder by it: "
            "pip install 'mllm-guardrail[train]'"
        ) from None

    def export(model: str, weights: str | None, folder: Path, name: str) -> object:
        return module.export(module.load(model, weights), folder, module.About(name=name))

    return export


def _known(name: str) -> Known:
    for one in KNOWN:
        if one.name == name:
            return one
    names = [one.name for one in KNOWN]
    raise ModelError(
        f"no model {name!r} can be pulled{did_you_mean(name, names, 'there are')}; any other "
        "open_clip model becomes a folder by `guardrail models export`"
    )


def _url(known: Known, endpoint: str) -> str:
    base = (endpoint or os.environ.get(HUB_VARIABLE, "") or HUB).rstrip("/")
    return f"{base}/{known.repository}/resolve/{known.revision or 'main'}/{CHECKPOINT}"


def _advice(known: Known) -> str:
    return (
        f"without a network: fetch {CHECKPOINT} of {known.repository} on another machine, then "
        f"`guardrail models export {known.architecture} --weights {CHECKPOINT} --output FOLDER` "
        "and `guardrail models add FOLDER`; a mirror is named by --endpoint or $HF_ENDPOINT"
    )


def _no_model(wanted: Wanted, error: Exception) -> ModelError:
    """That a checkpoint became no model; it is deleted, unless it is known to be the right one."""
    said = str(error) if isinstance(error, ModelError) else f"{type(error).__name__}: {error}"
    failed = f"{wanted.url}: no model could be made of it: {said}"
    if wanted.sha256:
        return ModelError(
            f"{failed}; the file is the right one and is kept in {wanted.path}: see to the "
            "reason and pull again"
        )
    shutil.rmtree(wanted.path.parent)
    return ModelError(
        f"{failed}; what came was deleted: look whether that URL gives the checkpoint, else name "
        f"another mirror by --endpoint or ${HUB_VARIABLE}, and pull again"
    )


def _target(home: Path, name: str) -> Path:
    """Where a model of that name is installed.

    Raises:
        ModelError: It is no name, something is there, or policies would find another model by it.
    """
    target = home / name
    if re.fullmatch(NAME, target.name) is None or target.parent != home:
        raise ModelError(f"{name!r} is no name of a model: small letters, digits, _ . -")
    if target.name in {AUTO, *model_names()}:
        raise ModelError(
            f"the name {target.name!r} is taken by this package, so that policies would never "
            "find what is installed under it: give the model another by --name"
        )
    _must_be_free(target)
    return target


def _must_be_free(target: Path) -> None:
    if target.exists():
        raise ModelError(f"{target}: a model is installed there; delete the folder to replace it")


@contextmanager
def _staged(target: Path) -> Generator[Path]:
    """A folder that becomes ``target`` when the block ends well, and goes when it does not."""
    target.parent.mkdir(parents=True, exist_ok=True)
    staging = Path(tempfile.mkdtemp(prefix=".installing-", dir=target.parent))
    try:
        yield staging
        os.replace(staging, target)  # noqa: PTH105 - whole or not there
    except OSError as error:
        raise ModelError(f"{target}: cannot be installed: {error}") from None
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _prove(folder: Path) -> None:
    """Verifies the checksums and the golden embeddings, without keeping the model."""
    ClipModel(ClipFolder.read(load_model_folder(str(folder)))).self_test()


def _remote_manifest(source: str, folder: Path) -> Path:
    advice = "give the URL of a folder that holds manifest.json"
    url = f"{source.rstrip('/')}/manifest.json"
    download(Wanted(url, folder / "manifest.json", "", advice, MAX_MANIFEST_BYTES))
    return folder


def _remote_files(source: str, manifest: Manifest, kept: Path, progress: Progress) -> None:
    for name, entry in manifest.files.items():
        url = f"{source.rstrip('/')}/{quote(name)}"
        path = kept / _inside(name)
        download(Wanted(url, path, entry.sha256, most=entry.bytes), progress)


def _copy(folder: Path, manifest: Manifest, target: Path) -> None:
    extras = [one for one in ("manifest.json", "MODEL_CARD.md") if (folder / one).is_file()]
    for name in (*manifest.files, *extras):
        path = target / _inside(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        if not (folder / name).is_file():
            raise ModelError(f"{folder / name}: missing; the folder is not whole")
        shutil.copyfile(folder / name, path)


def _inside(name: str) -> PurePosixPath:
    """``name`` as a path below a folder.

    Raises:
        ModelError: It leads out of it.
    """
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or "\\" in name:
        raise ModelError(f"manifest.json names {name!r}, which leads out of the folder")
    return path
