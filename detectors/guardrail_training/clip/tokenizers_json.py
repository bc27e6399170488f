"""open_clip's tokenizers as a ``tokenizer.json`` that the package ``tokenizers`` runs alone."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from tokenizers import AddedToken, Regex, Tokenizer, models, normalizers, pre_tokenizers, processors

from guardrail_training.clip.errors import ClipTrainingError

PROBES = (
    "a photo of a gun",
    "A man's 2 dogs, 3.5 km away!",
    "  two   spaces\tand a tab ",
    "naïve café: Zürich, 東京 and 🔥",
    "don't",
    "it's they're we've I'll",
    "",
    "word " * 200,
)
"""Texts that a converted tokenizer must cut as open_clip's own does."""

_PATTERN = r"(?i)'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"
_PUNCTUATION = r"""[!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~]"""


def write_tokenizer(tokenizer: Any, context_length: int, path: Path) -> int:
    """Writes the file and returns the id that fills up short texts.

    Args:
        tokenizer: open_clip's: a ``SimpleTokenizer`` or an ``HFTokenizer``.
        context_length: Tokens of a text.
        path: The file.

    Raises:
        ClipTrainingError: The tokenizer does what a file cannot say, or its file cuts otherwise.
    """
    if hasattr(tokenizer, "bpe_ranks"):
        converted, pad = _byte_pairs(tokenizer), 0
    elif hasattr(tokenizer, "tokenizer"):
        converted, pad = _of_hugging_face(tokenizer)
    else:
        raise ClipTrainingError(
            f"tokenizer {type(tokenizer).__name__}: only open_clip's SimpleTokenizer and "
            "HFTokenizer can be written as tokenizer.json"
        )
    converted.save(str(path))
    _compare(tokenizer, path, context_length, pad)
    return pad


def cut(path: Path, texts: Sequence[str], context_length: int, pad: int) -> Any:
    """``texts`` as ids of shape (texts, context_length), int64, by the file alone."""
    tokenizer = Tokenizer.from_file(str(path))
    tokenizer.no_padding()
    tokenizer.enable_truncation(context_length)
    ids = np.full((len(texts), context_length), pad, np.int64)
    for row, one in enumerate(tokenizer.encode_batch(list(texts))):
        ids[row, : len(one.ids)] = one.ids
    return ids


def _byte_pairs(tokenizer: Any) -> Tokenizer:
    """CLIP's own tokenizer: lower case, words of letters, byte pairs that end in ``</w>``."""
    if tokenizer.reduction_fn is not None:
        raise ClipTrainingError("a SimpleTokenizer with a reduction mask cannot be exported")
    merges = sorted(tokenizer.bpe_ranks, key=tokenizer.bpe_ranks.__getitem__)
    found = Tokenizer(
        models.BPE(
            vocab=dict(tokenizer.encoder), merges=merges, end_of_word_suffix="</w>", fuse_unk=False
        )
    )
    found.normalizer = normalizers.Sequence(_cleaning(tokenizer.clean_fn))
    found.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(_PATTERN), "removed", invert=True),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    names = {tokenizer.decoder[one]: one for one in tokenizer.all_special_ids}
    first, last = (tokenizer.decoder[one] for one in tokenizer.all_special_ids[:2])
    found.add_special_tokens([AddedToken(name, normalized=False) for name in names])
    found.post_processor = processors.TemplateProcessing(
        single=f"{first} $A {last}", special_tokens=list(names.items())
    )
    return found


def _of_hugging_face(tokenizer: Any) -> tuple[Tokenizer, int]:
    """A fast Hugging Face tokenizer after open_clip's cleaning."""
    if getattr(tokenizer, "tokenizer_mode", "") or getattr(tokenizer, "strip_sep_token", False):
        raise ClipTrainingError(
            "this HFTokenizer changes ids after cutting (mode or strip_sep_token), which a "
            "tokenizer.json cannot say"
        )
    inner = tokenizer.tokenizer
    backend = getattr(inner, "backend_tokenizer", None)
    if backend is None or inner.pad_token_id is None:
        raise ClipTrainingError("this Hugging Face tokenizer has no fast version or no padding")
    found = Tokenizer.from_str(_without_lengths(backend.to_str()))
    cleaning = _cleaning(tokenizer.clean_fn)
    own = [found.normalizer] if found.normalizer is not None else []
    found.normalizer = normalizers.Sequence([*cleaning, *own])
    return found, int(inner.pad_token_id)


def _without_lengths(text: str) -> str:
    """A tokenizer file that neither cuts nor fills up: the reader does both."""
    content = json.loads(text)
    content["truncation"] = content["padding"] = None
    return json.dumps(content)


def _cleaning(clean: Any) -> list[Any]:
    """What open_clip does to a text before cutting it; mending of broken Unicode is left out."""
    tidy = [normalizers.Replace(Regex(r"\s+"), " "), normalizers.Strip()]
    match getattr(clean, "__name__", ""):
        case "_clean_canonicalize":  # as big_vision's models were trained
            bare = [normalizers.Replace("_", " "), normalizers.Replace(Regex(_PUNCTUATION), "")]
            return [*bare, normalizers.Lowercase(), *tidy]
        case "_clean_lower":
            return [*tidy, normalizers.Lowercase()]
        case _:
            return tidy


def _compare(tokenizer: Any, path: Path, context_length: int, pad: int) -> None:
    expected = np.asarray(tokenizer(list(PROBES), context_length=context_length))
    found = cut(path, PROBES, context_length, pad)
    for text, one, other in zip(PROBES, found, expected, strict=True):
        if not np.array_equal(one, other):
            raise ClipTrainingError(
                f"{path}: cuts {text[:40]!r} into {one[:12].tolist()} where open_clip says "
                f"{other[:12].tolist()}; this tokenizer cannot be exported"
            )
