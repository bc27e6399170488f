from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import open_clip
import pytest

from guardrail_training.clip.errors import ClipTrainingError
from guardrail_training.clip.tokenizers_json import PROBES, cut, write_tokenizer
from tests.training.encoder.tiny import base_model


@pytest.mark.parametrize("clean", ["lower", "whitespace", "canonicalize"])
def test_clips_own_tokenizer_is_cut_alike_after_every_cleaning(tmp_path, clean):
    tokenizer = open_clip.tokenizer.SimpleTokenizer(context_length=77, clean=clean)
    path = tmp_path / "tokenizer.json"

    pad = write_tokenizer(tokenizer, 77, path)

    assert pad == 0
    assert np.array_equal(cut(path, PROBES, 77, pad), tokenizer(list(PROBES)).numpy())


def test_a_long_text_keeps_its_end_token(tmp_path):
    path = tmp_path / "tokenizer.json"
    write_tokenizer(open_clip.tokenizer.SimpleTokenizer(context_length=8), 8, path)

    ids = cut(path, ["gun " * 50], 8, 0)[0]

    assert (ids[0], ids[-1]) == (49406, 49407)


@pytest.mark.parametrize("clean", ["whitespace", "lower", "canonicalize"])
def test_a_hugging_face_tokenizer_keeps_its_cleaning(tmp_path, clean):
    folder = base_model(tmp_path / "words")
    tokenizer = open_clip.tokenizer.HFTokenizer(str(folder), context_length=12, clean=clean)
    path = tmp_path / "tokenizer.json"

    pad = write_tokenizer(tokenizer, 12, path)

    assert pad == 0
    assert np.array_equal(cut(path, PROBES, 12, pad), tokenizer(list(PROBES)).numpy())


def test_what_no_file_can_say_is_refused(tmp_path):
    folder = base_model(tmp_path / "words")
    changed = open_clip.tokenizer.HFTokenizer(str(folder), context_length=12, strip_sep_token=True)
    masked = open_clip.tokenizer.SimpleTokenizer(context_length=8, reduction_mask="simple")

    for tokenizer, said in (
        (changed, "strip_sep_token"),
        (masked, "reduction mask"),
        (SimpleNamespace(), "only open_clip's SimpleTokenizer and HFTokenizer"),
    ):
        with pytest.raises(ClipTrainingError, match=said):
            write_tokenizer(tokenizer, 8, tmp_path / "x.json")


def test_a_file_that_cuts_otherwise_is_refused(tmp_path):
    folder = base_model(tmp_path / "words")
    tokenizer = open_clip.tokenizer.HFTokenizer(str(folder), context_length=12)
    plain = tokenizer.clean_fn
    tokenizer.clean_fn = lambda text: plain(text) + " bomb"

    with pytest.raises(ClipTrainingError, match="this tokenizer cannot be exported"):
        write_tokenizer(tokenizer, 12, tmp_path / "x.json")
