"""A CLIP model's folder: what its manifest, preprocessing and golden file say, checked."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from guardrail.errors import ModelError
from guardrail_detectors.clip.preprocess import Preprocess
from guardrail_detectors.weights import ModelFolder

TASK = "image_text_embedding"
"""``task`` in the manifest of a CLIP model."""

NO_HEADS = ("embedding",)
"""``labels`` in the manifest of a model without heads."""

Precision = Literal["fp32", "fp16", "int8"]

LEAST_COSINE: Mapping[Precision, float] = {"fp32": 0.9995, "fp16": 0.999, "int8": 0.99}
"""How near an embedding must come to the golden one, whose source is the model in float32."""

_MAX_JSON_BYTES = 8 * 1024 * 1024

Model = TypeVar("Model", bound=BaseModel)


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Parameters(BaseModel):
    """``parameters`` of the manifest; names that are not known here are left alone.

    Attributes:
        embedding: Length of an embedding.
        context_length: Tokens that the text tower is shown.
        pad_id: Token that fills up shorter texts.
        logit_scale: Factor of the cosine in the model's logits, the exponential already taken.
        logit_bias: Added to them; 0 unless the model was trained with a sigmoid loss.
        variant: The visual tower used where a policy names none.
        min_cosine: How near that variant must come to the golden embeddings.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)

    embedding: Annotated[int, Field(ge=1, le=8192)]
    context_length: Annotated[int, Field(ge=2, le=1024)]
    pad_id: Annotated[int, Field(ge=0)] = 0
    logit_scale: Annotated[float, Field(gt=0, le=1000)]
    logit_bias: float = 0.0
    variant: str = "visual.onnx"
    min_cosine: Annotated[float, Field(ge=LEAST_COSINE["int8"], le=1)] = LEAST_COSINE["fp32"]


class GoldenPicture(_Frozen):
    """A picture of the folder, its embedding in float32 and the heads' scores of it."""

    file: str
    embedding: tuple[float, ...]
    scores: Mapping[str, float] = {}


class GoldenText(_Frozen):
    """A text and its embedding in float32."""

    text: str
    embedding: tuple[float, ...]


class Golden(_Frozen):
    """``golden.json``: what the model must say to be ready."""

    pictures: Annotated[tuple[GoldenPicture, ...], Field(min_length=1)]
    texts: Annotated[tuple[GoldenText, ...], Field(min_length=1)]


@dataclass(frozen=True, slots=True)
class ClipFolder:
    """A verified folder and what its small files say.

    Attributes:
        folder: Manifest and files.
        parameters: Of the manifest.
        preprocess: What is done to pictures.
        golden: What the model must say.
    """

    folder: ModelFolder
    parameters: Parameters
    preprocess: Preprocess
    golden: Golden

    @staticmethod
    def read(folder: ModelFolder) -> ClipFolder:
        """``folder``, whose files are verified first.

        Raises:
            ModelError: A file is missing or altered, it is no CLIP, or a setting is wrong.
        """
        manifest = folder.manifest
        where = folder.path / "manifest.json"
        if manifest.task != TASK:
            raise ModelError(
                f"{where}: task: {manifest.task!r} where {TASK!r} was expected; "
                "name a CLIP model: `guardrail models list` shows them"
            )
        folder.verify()
        parameters = _checked(Parameters, dict(manifest.parameters), f"{where}: parameters")
        golden = _read(folder, "golden.json", Golden)
        found = ClipFolder(folder, parameters, _read(folder, "preprocess.json", Preprocess), golden)
        found._check_lengths()
        return found

    @property
    def labels(self) -> tuple[str, ...]:
        """Categories of the heads, () for a model without."""
        return labels_of(self.folder)

    def visual(self, variant: str | None = None) -> str:
        """The file of the visual tower: the manifest's own choice, or ``fp32``, ``fp16``, ``int8``.

        Raises:
            ModelError: The folder has no such variant.
        """
        name = {None: self.parameters.variant, "fp32": "visual.onnx"}.get(
            variant, f"visual.{variant}.onnx"
        )
        if name not in self.folder.manifest.files:
            known = sorted(one for one in self.folder.manifest.files if one.startswith("visual."))
            raise ModelError(
                f"{self.folder.path}: no variant {name!r}; it has: {', '.join(known) or 'none'}"
            )
        return name

    def text(self, variant: str | None = None) -> str:
        """The file of the text tower that goes with a variant of the visual one."""
        small = "text.int8.onnx"
        chosen = precision(self.visual(variant))
        files = self.folder.manifest.files
        return (
            small
            if small in files and (chosen == "int8" or "text.onnx" not in files)
            else "text.onnx"
        )

    def least_cosine(self, variant: str | None = None) -> float:
        """How near the embeddings of a variant must come to the golden ones."""
        name = self.visual(variant)
        if name == self.parameters.variant:
            return self.parameters.min_cosine
        return LEAST_COSINE[precision(name)]

    def _check_lengths(self) -> None:
        golden = self.golden
        embeddings = [one.embedding for one in golden.pictures]
        embeddings += [one.embedding for one in golden.texts]
        for one in embeddings:
            if len(one) != self.parameters.embedding:
                raise ModelError(
                    f"{self.folder.path / 'golden.json'}: an embedding has {len(one)} "
                    f"values where the manifest says {self.parameters.embedding}; export the model "
                    "again: guardrail models export"
                )


def labels_of(folder: ModelFolder) -> tuple[str, ...]:
    """Categories that a CLIP's folder has heads for; reads no file but the manifest."""
    labels = folder.manifest.labels
    return () if labels == NO_HEADS else labels


def precision(name: str) -> Precision:
    """What the weights of a tower's file are, by its name: ``visual.int8.onnx`` is ``int8``."""
    match name.split("."):
        case [_, "int8", "onnx"]:
            return "int8"
        case [_, "fp16", "onnx"]:
            return "fp16"
        case _:
            return "fp32"


def _read(folder: ModelFolder, name: str, model: type[Model]) -> Model:
    path = folder.file(name)
    if path.stat().st_size > _MAX_JSON_BYTES:
        raise ModelError(f"{path}: longer than {_MAX_JSON_BYTES} bytes")
    try:
        content = json.loads(path.read_bytes())
    except ValueError as error:
        raise ModelError(f"{path}: no JSON: {error}") from None
    return _checked(model, content, str(path))


def _checked(model: type[Model], content: object, where: str) -> Model:
    try:
        return model.model_validate(content)
    except ValidationError as error:
        faults = "; ".join(
            f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()[:5]
        )
        raise ModelError(f"{where}: {faults}") from None
