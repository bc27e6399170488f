"""A loaded CLIP: pictures and texts as embeddings, and the proof that it is the one exported."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from threading import Lock
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow

from guardrail.errors import ModelError
from guardrail_detectors.batching import MicroBatcher
from guardrail_detectors.clip.folder import ClipFolder
from guardrail_detectors.clip.preprocess import Tensor
from guardrail_detectors.clip.tokens import ClipTokenizer
from guardrail_detectors.clip.towers import (
    Embeddings,
    Providers,
    heads,
    text_tower,
    visual_tower,
)
from guardrail_detectors.onnx import processors
from guardrail_detectors.weights import load_model_folder

Device = Literal["auto", "cpu", "cuda"]

BATCH = 16
"""Pictures of one run: more gain nothing on a processor."""

SCORE_TOLERANCE = 0.05
"""What the heads' scores of golden pictures may differ by: embeddings of 8-bit weights do."""

_PROVIDERS: dict[Device, Providers] = {
    "auto": None,
    "cpu": ("CPUExecutionProvider",),
    "cuda": ("CUDAExecutionProvider", "CPUExecutionProvider"),
}
_TEXTS = 32  # of one run
_MOST_THREADS = 4
_ALIKE = 1e-4  # most that a row's values may change with its company


class ClipModel:
    """A CLIP's towers and heads; safe to call from several threads.

    Pictures of concurrent callers go through the visual tower together. Where the rows of a batch
    influence one another, as they do under dynamic quantisation of whole tensors, each goes alone:
    what a picture scores must not depend on who else is there.

    Args:
        folder: A verified folder.
        variant: ``fp32``, ``fp16``, ``int8``, or None for the manifest's choice.
        device: ``cuda`` must be there when asked for; ``auto`` takes the best there is.
        threads: Of one run.

    Raises:
        ModelError: A file does not load, does not fit the manifest, or the device is missing.
    """

    def __init__(
        self,
        folder: ClipFolder,
        variant: str | None = None,
        device: Device = "auto",
        threads: int = 1,
    ) -> None:
        self.folder = folder
        self.parameters = folder.parameters
        self.labels = folder.labels
        self.digest = f"{folder.folder.digest}/{folder.text(variant)}"
        self._least = folder.least_cosine(variant)
        length, providers = folder.parameters.embedding, _PROVIDERS[device]
        files = folder.folder
        self._visual = visual_tower(
            files.file(folder.visual(variant)), folder.preprocess.size, length, threads, providers
        )
        context = folder.parameters.context_length
        self._text = text_tower(
            files.file(folder.text(variant)), context, length, threads, providers
        )
        path = files.file("tokenizer.json")
        self._tokenizer = ClipTokenizer(path, context, folder.parameters.pad_id)
        count = len(folder.labels)
        self._heads = heads(files.file("heads.onnx"), length, count) if count else None
        self._batched: MicroBatcher[Tensor, NDArray[np.float32]] = MicroBatcher(
            self._run, budget=BATCH
        )

    def pictures(self, tensors: Sequence[Tensor]) -> Embeddings:
        """Embeddings of prepared pictures (see ``folder.preprocess``), shape (len(tensors), D).

        Raises:
            OverloadError: Too many pictures wait.
        """
        rows = self._batched(tensors)
        return np.stack(rows) if rows else np.zeros((0, self.parameters.embedding), np.float32)

    def texts(self, texts: Sequence[str]) -> Embeddings:
        """Embeddings of ``texts``, cut to the context length, shape (len(texts), D)."""
        found = [np.zeros((0, self.parameters.embedding), np.float32)]
        for start in range(0, len(texts), _TEXTS):
            ids, mask = self._tokenizer(texts[start : start + _TEXTS])
            found.append(self._text({"input_ids": ids, "attention_mask": mask}))
        return np.concatenate(found)

    def scores(self, embeddings: Embeddings) -> NDArray[np.float32]:
        """The heads' calibrated scores in [0, 1], shape (len(embeddings), labels)."""
        if self._heads is None or not len(embeddings):
            return np.zeros((len(embeddings), len(self.labels)), np.float32)
        return np.clip(self._heads({"embedding": embeddings}), 0, 1)

    def self_test(self) -> None:
        """Embeds the golden pictures and texts and compares.

        Raises:
            ModelError: One lies farther from its golden embedding than the folder allows.
        """
        golden = self.folder.golden
        tensors = [self._golden(one.file) for one in golden.pictures]
        alone = np.concatenate([self._visual({"pixel_values": one[None]}) for one in tensors])
        for picture, row in zip(golden.pictures, alone, strict=True):
            self._near(picture.file, row, picture.embedding)
        for text, row in zip(
            golden.texts, self.texts([one.text for one in golden.texts]), strict=True
        ):
            self._near(repr(text.text[:60]), row, text.embedding)
        self._compare_scores(alone)
        if not self._independent(tensors, alone):
            self._batched = MicroBatcher(self._run, budget=1)

    def _independent(self, tensors: Sequence[Tensor], alone: Embeddings) -> bool:
        """Whether pictures embed beside one another and a loud one as each does alone."""
        company = np.stack([*tensors, np.full_like(tensors[0], 4)])
        return np.allclose(self._visual({"pixel_values": company})[:-1], alone, atol=_ALIKE)

    def _run(self, rows: Sequence[Tensor]) -> list[NDArray[np.float32]]:
        return list(self._visual({"pixel_values": np.stack(rows)}))

    def _golden(self, name: str) -> Tensor:
        with Pillow.open(self.folder.folder.file(name)) as picture:
            return self.folder.preprocess(np.asarray(picture.convert("RGB")))

    def _near(self, what: str, found: NDArray[np.float32], golden: Sequence[float]) -> None:
        expected = np.array(golden, np.float32)
        length = float(np.linalg.norm(found))
        cosine = float(found @ expected / max(1e-12, length * float(np.linalg.norm(expected))))
        if cosine < self._least or abs(length - 1) > 1e-2:
            raise ModelError(
                f"{self.folder.folder.path}: {what}: embedded with cosine {cosine:.5f} to its "
                f"golden embedding and length {length:.3f}; expected cosine ≥ {self._least} and "
                "length 1. The model, its preprocessing and onnxruntime do not fit together: "
                "export it again: guardrail models export"
            )

    def _compare_scores(self, embeddings: Embeddings) -> None:
        rows = self.scores(embeddings)
        for picture, row in zip(self.folder.golden.pictures, rows, strict=True):
            for label, score in zip(self.labels, row.tolist(), strict=True):
                expected = picture.scores.get(label)
                if expected is None or abs(score - expected) > SCORE_TOLERANCE:
                    raise ModelError(
                        f"{self.folder.folder.path}: {picture.file} scores {score:.3f} for "
                        f"{label}, golden.json says {expected}; train the heads again: "
                        "guardrail train clip"
                    )


_LOADING = Lock()


def load_clip(
    name: str, variant: str | None = None, device: Device = "auto", threads: int | None = None
) -> ClipModel:
    """The model ``name``, verified and self-tested; once a process for the same model.

    Args:
        name: A shipped model, or a folder.
        variant: See ``ClipModel``.
        device: See ``ClipModel``.
        threads: Of one run; None for as many as there are processors, four at most.

    Raises:
        ModelError: It is missing, altered, does not fit together, or the device is missing.
    """
    folder = load_model_folder(name)
    threads = threads or min(_MOST_THREADS, processors())
    with _LOADING:
        return _load(folder.key, variant, device, threads)


@lru_cache(maxsize=8)
def _load(key: tuple[str, str], variant: str | None, device: Device, threads: int) -> ClipModel:
    model = ClipModel(ClipFolder.read(load_model_folder(key[0])), variant, device, threads)
    model.self_test()
    return model
