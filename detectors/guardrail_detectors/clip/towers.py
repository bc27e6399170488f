"""The networks of a CLIP folder: sessions whose names, types and shapes were checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from guardrail.errors import ModelError
from guardrail_detectors.onnx import open_session

Embeddings = NDArray[np.float32]
"""Shape (count, embedding), each row of length 1."""

Providers = tuple[str, ...] | None

_FLOAT, _INT = "tensor(float)", "tensor(int64)"
_REMEDY = "export the model again: guardrail models export"


class Tower:
    """A network with one output that is a row for each row it is shown.

    Args:
        path: The ``.onnx`` file.
        inputs: For each name its type and its shape without the batch; None for a size not known.
        output: Name and length of what comes out.
        threads: Within one operator.
        providers: Execution providers that must be there; None for the best there is.
        optional: Inputs that the network may lack.

    Raises:
        ModelError: It does not load, or has other inputs or outputs; the message names them.
    """

    def __init__(
        self,
        path: Path,
        inputs: Mapping[str, tuple[str, tuple[int | None, ...]]],
        output: tuple[str, int],
        *,
        threads: int = 1,
        providers: Providers = None,
        optional: frozenset[str] = frozenset(),
    ) -> None:
        self._path = path
        self._output = output
        self._session = open_session(path, threads, providers, spin=threads > 1)
        found = {one.name: one for one in self._session.get_inputs()}
        self.inputs = frozenset(found)
        if not inputs.keys() - optional <= self.inputs <= inputs.keys():
            raise self._misfit("inputs", sorted(self.inputs), sorted(inputs))
        for name, one in found.items():
            dtype, shape = inputs[name]
            if one.type != dtype:
                raise self._misfit(f"type of {name}", one.type, dtype)
            if not _fits(one.shape, shape):
                raise self._misfit(f"shape of {name}", one.shape, ["batch", *shape])
        self._check_output()

    def __call__(self, feed: Mapping[str, NDArray[Any]]) -> NDArray[np.float32]:
        """The output for ``feed``, shape (batch, length); inputs it lacks are left out.

        Raises:
            ModelError: It says something else than its declaration, or no numbers.
        """
        shown = {name: values for name, values in feed.items() if name in self.inputs}
        (found,) = self._session.run([self._output[0]], shown)
        rows = len(next(iter(shown.values())))
        if found.shape != (rows, self._output[1]):
            raise self._misfit("output", list(found.shape), [rows, self._output[1]])
        if not np.isfinite(found).all():
            raise ModelError(f"{self._path}: its output is not finite; {_REMEDY}")
        return np.asarray(found, np.float32)

    def _check_output(self) -> None:
        name, length = self._output
        outputs = {one.name: one for one in self._session.get_outputs()}
        if name not in outputs:
            raise self._misfit("outputs", sorted(outputs), [name])
        if not _fits(outputs[name].shape, (length,)):
            raise self._misfit(f"shape of {name}", outputs[name].shape, ["batch", length])

    def _misfit(self, what: str, found: object, expected: object) -> ModelError:
        return ModelError(f"{self._path}: {what}: {found} where {expected} was expected; {_REMEDY}")


def visual_tower(
    path: Path, size: int, embedding: int, threads: int, providers: Providers
) -> Tower:
    """The tower that pictures go through."""
    shape = (3, size, size)
    return Tower(
        path,
        {"pixel_values": (_FLOAT, shape)},
        ("embedding", embedding),
        threads=threads,
        providers=providers,
    )


def text_tower(
    path: Path, context: int, embedding: int, threads: int, providers: Providers
) -> Tower:
    """The tower that texts go through."""
    tokens = (_INT, (context,))
    return Tower(
        path,
        {"input_ids": tokens, "attention_mask": tokens},
        ("embedding", embedding),
        threads=threads,
        providers=providers,
        optional=frozenset({"attention_mask"}),
    )


def heads(path: Path, embedding: int, labels: int) -> Tower:
    """The trained heads on embeddings of pictures."""
    return Tower(path, {"embedding": (_FLOAT, (embedding,))}, ("scores", labels))


def _fits(found: Sequence[object], expected: tuple[int | None, ...]) -> bool:
    """Whether a declared shape is (any batch, *expected), sizes that vary fitting anything."""
    if len(found) != len(expected) + 1 or isinstance(found[0], int):
        return False
    pairs = zip(found[1:], expected, strict=True)
    return all(not isinstance(one, int) or one == other for one, other in pairs)
