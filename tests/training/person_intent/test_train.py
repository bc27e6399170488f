"""Heads learn what parts their examples, say how sure they are, and load where they are used."""

from __future__ import annotations

import numpy as np
import pytest

from guardrail.errors import ModelError
from guardrail_detectors.clip import load_clip
from guardrail_detectors.person_inference.intent import Intent
from guardrail_training.person_intent.examples import Example
from guardrail_training.person_intent.train import fit, write
from tests.detectors.clip.tiny import COLOURS, clip_folder


@pytest.fixture
def tiny(tmp_path):
    return clip_folder(tmp_path / "tiny")


def rows():
    """Red asks who, green asks what; each line in a few wordings."""
    asks = {"red": "identity", "green": "ungrounded_inference"}
    return [
        Example(f"{'a ' * count}{colour} {extra}".strip(), asks.get(colour, ""), f"{colour}{count}")
        for colour in COLOURS
        for count in range(5)
        for extra in ("", "of", "photo of")
    ]


@pytest.fixture
def heads(tiny):
    some = rows()
    embeddings = load_clip(str(tiny)).texts([one.text for one in some])
    return [fit(some, embeddings, category) for category in ("identity", "ungrounded_inference")]


def test_a_head_is_sure_of_lines_it_never_saw(heads):
    assert all(head.auroc > 0.99 for head in heads)


def test_the_written_folder_loads_and_scores(tiny, heads, tmp_path):
    write(heads, load_clip(str(tiny)), rows(), tmp_path / "heads")

    scores = Intent.load(str(tmp_path / "heads"), str(tiny)).scores(["a red", "green", "a blue"])

    assert scores.argmax(axis=1)[:2].tolist() == [0, 1]
    assert scores[0, 0] > 0.9
    assert scores[2].max() < 0.1


def test_the_written_network_computes_what_was_fitted(tiny, heads, tmp_path):
    model = load_clip(str(tiny))
    write(heads, model, rows(), tmp_path / "heads")
    embedding = model.texts(["a photo of red"])

    (scores,) = Intent.load(str(tmp_path / "heads"), str(tiny)).scores(["a photo of red"])

    odds = [float(embedding[0] @ head.weights) + head.bias for head in heads]
    assert np.allclose(scores, 1 / (1 + np.exp(-np.array(odds))), atol=1e-5)


def test_heads_on_another_text_tower_are_refused(tiny, heads, tmp_path):
    write(heads, load_clip(str(tiny)), rows(), tmp_path / "heads")
    golden = tmp_path / "heads" / "golden.jsonl"
    changed = golden.read_text().replace("0.", "0.9", 1)
    golden.write_text(changed)

    with pytest.raises(ModelError, match="checksum differs"):
        Intent.load(str(tmp_path / "heads"), str(tiny))
