"""A smaller copy of a BERT-shaped sentence encoder: the words that captions are made of.

Of MiniLM's 30,522 word pieces, 2,900 are unused or of other scripts; dropping them, numbers and the
rarest endings saves a sixth of the table of words, which is half of the model. The weights are
rounded to what four bits hold (see ``packed``), so that pictures are trained against the texts as
they will be embedded.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn
from transformers import AutoModel, AutoTokenizer, PreTrainedTokenizerFast
from transformers.utils import logging

from guardrail_training.clip.errors import ClipTrainingError
from guardrail_training.clip.packed import BLOCK, LEAST, pack, unpack

_SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")


def trimmed(base: str, out: Path, words: int) -> Path:
    """Writes the encoder ``base`` with ``words`` of its word pieces and weights of four bits.

    Kept are all letters and digits, then whole words of ASCII letters, then the most frequent
    endings; what was dropped is spelt with shorter pieces.

    Args:
        base: A Hugging Face name or a folder of a BERT with word pieces.
        out: Folder for the smaller one.
        words: Word pieces to keep, at most.

    Returns:
        ``out``.

    Raises:
        ClipTrainingError: The model is not there, or is no BERT with word pieces.
    """
    quiet: Any = logging  # it would report the pooler, which is left out on purpose
    quiet.set_verbosity_error()
    quiet.disable_progress_bar()
    try:
        encoder: Any = AutoModel.from_pretrained(base, add_pooling_layer=False)
        tokenizer: Any = AutoTokenizer.from_pretrained(base)
    except (OSError, ValueError, TypeError) as error:
        raise ClipTrainingError(
            f"text model {base!r} cannot be loaded: {str(error).splitlines()[0]}; give --base a "
            "Hugging Face name that this machine can reach, or a folder with config.json, "
            "model.safetensors and tokenizer.json"
        ) from None
    content = json.loads(tokenizer.backend_tokenizer.to_str())
    if encoder.config.model_type != "bert" or content["model"]["type"] != "WordPiece":
        raise ClipTrainingError(f"text model {base!r}: a BERT with word pieces is needed")
    kept = _kept(content["model"]["vocab"], words)
    _rewrite(content, kept)
    table = encoder.embeddings.word_embeddings.weight
    with torch.no_grad():
        rows = table[torch.tensor(list(kept.values()))].clone()
    words_table: Any = nn.Embedding
    encoder.embeddings.word_embeddings = words_table.from_pretrained(rows, padding_idx=0)
    encoder.config.vocab_size = len(kept)
    _round(encoder)
    out.mkdir(parents=True, exist_ok=True)
    encoder.save_pretrained(out)
    (out / "tokenizer.json").write_text(json.dumps(content, ensure_ascii=False), "utf-8")
    names = dict(zip(("pad", "unk", "cls", "sep", "mask"), _SPECIAL, strict=True))
    fast: Any = PreTrainedTokenizerFast
    fast(
        tokenizer_file=str(out / "tokenizer.json"),
        **{f"{key}_token": value for key, value in names.items()},
    ).save_pretrained(out)
    return out


def _round(encoder: nn.Module) -> None:
    """Rounds every large matrix as its ONNX graph will hold it: as (in, out), tables by rows."""
    for module in encoder.modules():
        if isinstance(module, nn.Linear | nn.Embedding) and module.weight.numel() >= LEAST:
            flipped = isinstance(module, nn.Linear)
            rows = module.weight.detach().T if flipped else module.weight.detach()
            if rows.shape[1] % BLOCK == 0:
                near = torch.from_numpy(unpack(*pack(np.ascontiguousarray(rows.numpy()))))
                module.weight = nn.Parameter((near.T if flipped else near).contiguous())


def _kept(vocabulary: dict[str, int], words: int) -> dict[str, int]:
    """Pieces that stay, special ones first, and their old numbers."""
    plain = [
        piece
        for piece, _ in sorted(vocabulary.items(), key=lambda one: one[1])
        if piece.isascii() and not piece.startswith("[unused") and piece not in _SPECIAL
    ]
    letters = [piece for piece in plain if len(piece.removeprefix("##")) == 1]
    common = [piece for piece in plain if len(piece.removeprefix("##")) > 1]
    common = [piece for piece in common if not any(letter.isdigit() for letter in piece)]
    common.sort(key=lambda piece: piece.startswith("##"))  # stable: a BERT's go by frequency
    chosen = [*_SPECIAL, *letters, *common[: max(0, words - len(letters) - len(_SPECIAL))]]
    return {piece: vocabulary[piece] for piece in chosen}


def _rewrite(content: dict[str, Any], kept: dict[str, int]) -> None:
    """Renumbers the pieces of a tokenizer file."""
    numbers = {piece: number for number, piece in enumerate(kept)}
    content["model"]["vocab"] = numbers
    content["added_tokens"] = [
        {**one, "id": numbers[one["content"]]}
        for one in content["added_tokens"]
        if one["content"] in numbers
    ]
    for name, one in content["post_processor"]["special_tokens"].items():
        one["ids"] = [numbers[name]]
    content["truncation"] = content["padding"] = None
