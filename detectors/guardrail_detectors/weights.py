"""Model folders: a manifest, the files it names, and the proof that they are those.

A folder holds ``manifest.json``, the ONNX file, what else the manifest lists, a ``MODEL_CARD.md``
and golden inputs whose scores are checked when the model is loaded.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import file_digest, sha256
from pathlib import Path, PurePosixPath
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from guardrail.errors import ModelError
from guardrail_detectors.onnx_format import external_files

MODELS = Path(__file__).with_name("models")
"""Where the models that ship with the package are."""

MAX_MANIFEST_BYTES = 1024 * 1024

NAME = r"[a-z0-9][a-z0-9_.-]*"
"""Of a model and its folder, as a regular expression."""

HOME_VARIABLE = "GUARDRAIL_MODELS"
"""Environment variable that names the folder of installed models."""


class Strict(BaseModel):
    """Immutable, nothing unknown."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class FileEntry(Strict):
    """One file of a model folder."""

    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    bytes: int = Field(ge=0, le=4 * 1024**3)


class Input(Strict):
    """One input of the network; -1 for a size that varies."""

    name: str
    dtype: str
    shape: tuple[int, ...]


class Threshold(Strict):
    """A calibrated score and what it was measured to do."""

    label: str
    score: float = Field(ge=0, le=1)
    false_positive_rate: float = Field(ge=0, le=1)
    interval_95: tuple[float, float]
    calibrated_on: str


class Manifest(Strict):
    """What a model is, where it comes from, and what its files must be."""

    format: int = Field(ge=1, le=1)
    name: str = Field(pattern=f"^{NAME}$")
    version: str
    task: str
    licence: str
    base_model: str | None
    files: Mapping[str, FileEntry]
    inputs: tuple[Input, ...]
    labels: tuple[str, ...] = Field(min_length=1)
    parameters: Mapping[str, int | float | str]
    thresholds: tuple[Threshold, ...]
    training_command: str
    training_data: Mapping[str, int]
    metrics: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ModelFolder:
    """A model folder whose manifest was read; ``verify`` checks its files.

    Attributes:
        path: The folder.
        manifest: What it says.
    """

    path: Path
    manifest: Manifest

    @property
    def digest(self) -> str:
        """SHA-256 over all that scores follow from: the same for the same model alone.

        That is the checksums of all files, and the task, labels and parameters of the manifest.
        """
        manifest = self.manifest
        named = sorted((name, entry.sha256) for name, entry in manifest.files.items())
        parameters = sorted(manifest.parameters.items())
        content = [named, manifest.task, manifest.labels, parameters]
        return sha256(json.dumps(content).encode()).hexdigest()

    @property
    def key(self) -> tuple[str, str]:
        """What a loaded model is kept under: its path, and the digest of what lay there."""
        return str(self.path.resolve()), self.digest

    def file(self, name: str) -> Path:
        """The path of a file that the manifest lists.

        Raises:
            ModelError: It is not listed, or lies outside the folder.
        """
        path = (self.path / name).resolve()
        if name not in self.manifest.files or not path.is_relative_to(self.path.resolve()):
            raise ModelError(f"{self.path}: the manifest lists no file {name!r} of this folder")
        return path

    def verify(self) -> None:
        """Whether every file is there and is the one the manifest was written for.

        Raises:
            ModelError: A file is missing, has another length or another checksum, or a network
                has weights in a file that is not listed.
        """
        for name, entry in self.manifest.files.items():
            path = self.file(name)
            if not path.is_file():
                raise ModelError(f"{path}: missing; {_remedy(self.manifest.name)}")
            data = path.read_bytes() if path.stat().st_size == entry.bytes else b""
            if len(data) != entry.bytes or sha256(data).hexdigest() != entry.sha256:
                raise ModelError(
                    f"{path}: not the file that manifest.json names (checksum differs); "
                    f"{_remedy(self.manifest.name)}"
                )
            if path.suffix == ".onnx":
                self._check_external(name, data)

    def _check_external(self, name: str, data: bytes) -> None:
        """Whether the manifest lists all files that the network ``name`` has weights in."""
        try:
            found = external_files(data)
        except ValueError as error:
            raise ModelError(f"{self.path / name}: not a model that loads: {error}") from None
        for one in sorted(found):
            beside = (PurePosixPath(name).parent / one).as_posix()
            if beside not in self.manifest.files:
                raise ModelError(
                    f"{self.path / name}: has weights in {one!r}, which manifest.json does not "
                    "list, so that nothing tells whether they are the right ones; save the model "
                    "in one file, or list that file with its checksum"
                )


def load_model_folder(name: str, models: Path = MODELS) -> ModelFolder:
    """A model that ships, one that was installed, or any folder; its files are not read yet.

    Args:
        name: A shipped or installed model's name, or a path.
        models: Where shipped models are.

    Raises:
        ModelError: There is no such model, or its manifest is wrong.
    """
    places = (models / name, installed_models() / name)
    path = next((one for one in places if (one / "manifest.json").is_file()), Path(name))
    manifest = path / "manifest.json"
    if not manifest.is_file():
        known = ", ".join([*model_names(models), *model_names(installed_models())]) or "none"
        raise ModelError(
            f"no model {name!r}: neither a shipped model nor an installed one (there are: {known}) "
            "nor a folder with a manifest.json; `guardrail models list` shows what can be pulled"
        )
    if manifest.stat().st_size > MAX_MANIFEST_BYTES:
        raise ModelError(f"{manifest}: longer than {MAX_MANIFEST_BYTES} bytes")
    try:
        return ModelFolder(path, Manifest.model_validate(json.loads(manifest.read_bytes())))
    except (ValueError, ValidationError) as error:
        raise ModelError(f"{manifest}: {error}") from None


def cache_home() -> Path:
    """Where this package keeps what can be had again: ``$XDG_CACHE_HOME/mllm-guardrail``.

    Source: XDG Base Directory Specification 0.8.
    """
    base = os.environ.get("XDG_CACHE_HOME", "")
    home = Path(base) if Path(base).is_absolute() else Path.home() / ".cache"
    return home / "mllm-guardrail"


def installed_models() -> Path:
    """Where installed models are: ``$GUARDRAIL_MODELS``, else ``models`` in ``cache_home``."""
    named = os.environ.get(HOME_VARIABLE, "")
    return Path(named) if named else cache_home() / "models"


def model_names(models: Path = MODELS) -> list[str]:
    """The names of the models in a folder of models, of those that ship by default.

    Folders by other names hold what is being installed.
    """
    found = (path.parent.name for path in models.glob("*/manifest.json"))
    return sorted(name for name in found if re.fullmatch(NAME, name))


def digest_of(weights: Path | None) -> str:
    """SHA-256 over a file of weights, or over all files of a folder; "" for none and missing ones.

    It belongs into the version of a detector whose settings name weights: others may take their
    place.
    """
    if weights is None or not weights.exists():
        return ""
    found = sha256()
    files = sorted(one for one in weights.rglob("*") if one.is_file()) or [weights]
    for path in files:
        with path.open("rb") as file:
            found.update(f"{path.name} ".encode("utf-8", "surrogateescape"))
            found.update(file_digest(file, "sha256").digest())
    return found.hexdigest()


def file_entry(path: Path) -> FileEntry:
    """What a manifest says of the file at ``path``."""
    data = path.read_bytes()
    return FileEntry(sha256=sha256(data).hexdigest(), bytes=len(data))


def _remedy(name: str) -> str:
    return f"install mllm-guardrail again, or pull or train the model {name!r} anew"
