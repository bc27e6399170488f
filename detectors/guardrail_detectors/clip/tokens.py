"""Texts as the token ids of a text tower."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from guardrail.errors import ModelError

Ids = NDArray[np.int64]
"""Shape (texts, context length)."""


class ClipTokenizer:
    """Token ids and masks, cut or filled up to one length.

    Args:
        path: ``tokenizer.json`` of the package ``tokenizers``.
        context_length: Tokens of each text, start and end included.
        pad_id: Token that fills up.

    Raises:
        ModelError: The file is no tokenizer.
    """

    def __init__(self, path: Path, context_length: int, pad_id: int) -> None:
        from tokenizers import Tokenizer  # noqa: PLC0415 - 30 ms that only a loaded model costs

        try:
            tokenizer: Any = Tokenizer.from_file(str(path))
        except Exception as error:  # the library raises bare Exception
            raise ModelError(f"{path}: not a tokenizer that loads: {error}") from error
        tokenizer.no_padding()
        tokenizer.enable_truncation(context_length)
        self._tokenizer = tokenizer
        self._length = context_length
        self._pad_id = pad_id

    def __call__(self, texts: Sequence[str]) -> tuple[Ids, Ids]:
        """Ids and mask (1 for a token, 0 for filling) of ``texts``."""
        ids = np.full((len(texts), self._length), self._pad_id, np.int64)
        mask = np.zeros_like(ids)
        for row, one in enumerate(self._tokenizer.encode_batch(list(texts))):
            ids[row, : len(one.ids)] = one.ids
            mask[row, : len(one.ids)] = 1
        return ids, mask
