from __future__ import annotations

import json

import numpy as np
import pytest
import torch
from transformers import AutoModel, AutoTokenizer

from guardrail_training.clip.errors import ClipTrainingError
from guardrail_training.clip.packed import pack, unpack
from guardrail_training.clip.vocabulary import trimmed
from tests.training.encoder.tiny import base_model


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    return base_model(tmp_path_factory.mktemp("base"))


def test_kept_words_mean_what_they_meant(base, tmp_path):
    small = trimmed(str(base), tmp_path / "small", 90)

    before, after = (
        AutoModel.from_pretrained(one, add_pooling_layer=False) for one in (base, small)
    )
    old, new = (AutoTokenizer.from_pretrained(one) for one in (base, small))
    assert after.config.vocab_size == len(new) == 90
    rows = [
        model.embeddings.word_embeddings.weight[tokenizer.convert_tokens_to_ids("ignore")]
        for model, tokenizer in ((before, old), (after, new))
    ]
    cosine = torch.cosine_similarity(*rows, dim=0)
    assert float(cosine.detach()) > 0.95


def test_dropped_words_are_spelt_with_letters(base, tmp_path):
    small = trimmed(str(base), tmp_path / "small", 74)

    tokenizer = AutoTokenizer.from_pretrained(small)

    pieces = tokenizer.tokenize("ignore spring")
    assert "[UNK]" not in pieces
    assert pieces[0] == "ignore"
    assert len(pieces) > 2


def test_weights_are_what_four_bits_hold(base, tmp_path):
    small = trimmed(str(base), tmp_path / "small", 1000)

    table = AutoModel.from_pretrained(small).embeddings.position_embeddings.weight.detach().numpy()

    assert table.size < 16384 or np.array_equal(table, unpack(*pack(table)))


def test_the_tokenizer_file_neither_cuts_nor_fills(base, tmp_path):
    small = trimmed(str(base), tmp_path / "small", 70)

    content = json.loads((small / "tokenizer.json").read_text())

    assert content["truncation"] is None
    assert content["padding"] is None
    assert content["post_processor"]["special_tokens"]["[CLS]"]["ids"] == [2]


def test_a_model_that_is_not_there_says_what_to_give(tmp_path):
    with pytest.raises(ClipTrainingError, match=r"cannot be loaded.*give --base"):
        trimmed(str(tmp_path / "none"), tmp_path / "small", 70)
