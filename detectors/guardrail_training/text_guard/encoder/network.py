"""The network: a BERT-shaped sentence encoder with heads on every token."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from transformers import AutoModel, AutoTokenizer
from transformers.utils import logging

from guardrail_training.text_guard.records import DataError

FAR = -1e4
"""Stands for minus infinity, in reach of 16-bit floats."""


class TextGuardNetwork(nn.Module):
    """Log odds of each head, for a text and for each of its tokens.

    A text's log odds are those of its tokens' mean plus those of its loudest token (multiple
    instance learning with max pooling): a line hidden in a report is not averaged away, and the
    loud tokens say where it stands.

    Args:
        encoder: A Hugging Face BERT without pooler.
        heads: How many.
        dropout: Before the heads.
    """

    def __init__(self, encoder: Any, heads: int, dropout: float = 0.1) -> None:
        super().__init__()
        self.encoder = encoder
        self.dropout = nn.Dropout(dropout)
        self.token = nn.Linear(encoder.config.hidden_size, heads)
        self.whole = nn.Linear(encoder.config.hidden_size, heads)
        with torch.no_grad():
            self.token.bias.fill_(-1.0)
            self.whole.bias.zero_()

    def forward(self, ids: Tensor, mask: Tensor, third_party: Tensor) -> tuple[Tensor, Tensor]:
        """Log odds of texts (batch, heads) and of tokens (batch, tokens, heads).

        Args:
            ids: Token ids, shape (batch, tokens), [CLS] first and [SEP] last.
            mask: 1 for a token, 0 for padding, same shape.
            third_party: 1 for a text that nobody may give orders in, such as a tool's result or the
                words in a picture, 0 for a message of the conversation; shape (batch,). It is told
                to the encoder as BERT's segment.
        """
        segments = third_party.unsqueeze(1).expand_as(ids)
        hidden = self.encoder(
            input_ids=ids, attention_mask=mask, token_type_ids=segments
        ).last_hidden_state
        hidden = self.dropout(hidden)  # (batch, tokens, width)
        weights = mask.unsqueeze(-1).to(hidden.dtype)
        mean = (hidden * weights).sum(1) / weights.sum(1)
        tokens = self.token(hidden).float()
        loudest = tokens.masked_fill(inner(mask).unsqueeze(-1) == 0, FAR).amax(1)
        return self.whole(mean).float() + loudest, tokens


def inner(mask: Tensor) -> Tensor:
    """``mask`` without [CLS] and [SEP], or itself for a text without tokens of its own."""
    kept = mask.clone()
    kept[:, 0] = 0
    last = mask.sum(1) - 1
    kept[torch.arange(len(mask)), last] = 0
    return torch.where((kept.sum(1, keepdim=True) > 0), kept, mask)


def load_encoder(base: str) -> tuple[Any, Any]:
    """Encoder and tokenizer of a Hugging Face name or a local folder.

    Raises:
        DataError: They are not there, or the encoder is no BERT.
    """
    quiet: Any = logging  # it would report the pooler, which is left out on purpose
    quiet.set_verbosity_error()
    quiet.disable_progress_bar()
    try:
        encoder = AutoModel.from_pretrained(base, add_pooling_layer=False)
        tokenizer = AutoTokenizer.from_pretrained(base)
    except (OSError, ValueError, TypeError) as error:
        raise DataError(
            f"base model {base!r} cannot be loaded: {str(error).splitlines()[0]}; give a Hugging "
            "Face name that this machine can reach, or a folder with config.json, "
            "model.safetensors and tokenizer.json"
        ) from None
    if encoder.config.model_type != "bert":
        raise DataError(f"base model {base!r} is a {encoder.config.model_type!r}; a BERT is needed")
    return encoder, tokenizer.backend_tokenizer
