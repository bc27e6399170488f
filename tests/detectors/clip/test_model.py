"""A loaded CLIP: embeddings, company that changes nothing, and readiness refused on drift."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import numpy as np
import onnx
import pytest
from PIL import Image as Pillow

from guardrail.errors import ModelError
from guardrail_detectors.clip import load_clip
from tests.detectors.clip.tiny import COLOURS, clip_folder, plain, seal, visual

LABELS = ("weapons", "hate")


@pytest.fixture
def path(tmp_path):
    return clip_folder(tmp_path / "tiny", LABELS)


def golden(path, change):
    content = json.loads((path / "golden.json").read_text())
    change(content)
    (path / "golden.json").write_text(json.dumps(content))
    seal(path, LABELS)


def test_pictures_lie_near_the_texts_that_name_their_colour(path):
    model = load_clip(str(path))

    seen = model.pictures([model.folder.preprocess(plain(one)) for one in COLOURS])
    said = model.texts([f"a photo of {one}" for one in COLOURS])

    assert (seen @ said.T).argmax(axis=1).tolist() == [0, 1, 2, 3]
    assert np.allclose(np.linalg.norm(seen, axis=1), 1, atol=1e-5)


def test_nothing_embeds_to_nothing(path):
    model = load_clip(str(path))

    assert model.pictures([]).shape == model.texts([]).shape == (0, 8)
    assert model.scores(model.pictures([])).shape == (0, 2)


def test_many_texts_are_embedded_in_their_order(path):
    model = load_clip(str(path))
    words = [one for _ in range(20) for one in COLOURS]

    rows = model.texts(words)

    assert rows.shape == (80, 8)
    assert np.allclose(rows, np.tile(model.texts(list(COLOURS)), (20, 1)))


def test_a_text_longer_than_the_context_is_cut(path):
    model = load_clip(str(path))

    whole, longer = model.texts(["red " * 12, "red " * 12 + "blue " * 50])

    assert np.allclose(whole, longer)


def test_heads_score_what_they_were_made_for(path):
    model = load_clip(str(path))
    seen = model.pictures([model.folder.preprocess(plain(one)) for one in ("red", "green", "grey")])

    scores = model.scores(seen)

    assert scores.shape == (3, 2)
    assert scores[0, 0] > 0.9
    assert scores[1, 0] < 0.1
    assert scores[1, 1] > 0.9
    assert scores[2, 1] < 0.1


def test_a_model_without_heads_scores_nothing(tmp_path):
    model = load_clip(str(clip_folder(tmp_path / "tiny")))

    assert model.scores(model.texts(["red"])).shape == (1, 0)


def test_a_model_is_loaded_once(path):
    with ThreadPoolExecutor(4) as pool:
        models = list(pool.map(lambda _: load_clip(str(path)), range(4)))

    assert all(model is models[0] for model in models)


def test_a_model_that_took_the_place_of_another_is_loaded_anew(path):
    before = load_clip(str(path))
    golden(path, lambda content: content.update(pictures=content["pictures"][:1]))

    assert load_clip(str(path)) is not before


def test_concurrent_callers_get_their_own_pictures(path):
    model = load_clip(str(path))
    tensors = {one: model.folder.preprocess(plain(one)) for one in COLOURS}
    alone = {one: model.pictures([tensor])[0] for one, tensor in tensors.items()}
    together = Barrier(len(tensors))

    def ask(one):
        together.wait(5)
        return [model.pictures([tensors[one]])[0] for _ in range(20)]

    with ThreadPoolExecutor(len(tensors)) as pool:
        found = dict(zip(tensors, pool.map(ask, tensors), strict=True))

    for one, rows in found.items():
        assert np.allclose(rows, alone[one], atol=1e-5)


def test_a_network_whose_rows_influence_one_another_is_shown_them_one_by_one(tmp_path):
    path = clip_folder(tmp_path / "tiny")
    onnx.save(visual(louder=True), path / "visual.int8.onnx")
    seal(path)
    model = load_clip(str(path), "int8")
    dim, bright = (model.folder.preprocess(np.full((9, 9, 3), n, np.uint8)) for n in (120, 255))

    together = model.pictures([dim, bright])

    assert np.array_equal(together[0], model.pictures([dim])[0])


def test_a_drifted_picture_refuses_readiness(path):
    golden(path, lambda content: content["pictures"][0]["embedding"].reverse())

    with pytest.raises(ModelError, match=r"golden/0\.png: embedded with cosine .*≥ 0\.9995"):
        load_clip(str(path))


def test_a_drifted_text_refuses_readiness(path):
    golden(path, lambda content: content["texts"][2]["embedding"].reverse())

    with pytest.raises(ModelError, match="'blue': embedded with cosine"):
        load_clip(str(path))


def test_another_preprocessing_refuses_readiness(path):
    settings = json.loads((path / "preprocess.json").read_text())
    (path / "preprocess.json").write_text(json.dumps({**settings, "mean": [0.1, 0.5, 0.9]}))
    seal(path, LABELS)

    with pytest.raises(ModelError, match="do not fit together"):
        load_clip(str(path))


@pytest.mark.parametrize("scores", [{"weapons": 0.1, "hate": 0.0}, {"hate": 0.0}])
def test_heads_that_score_otherwise_refuse_readiness(path, scores):
    golden(path, lambda content: content["pictures"][0].update(scores=scores))

    with pytest.raises(ModelError, match=r"golden/0\.png scores 0\.9\d+ for weapons"):
        load_clip(str(path))


def test_a_golden_picture_that_was_exchanged_is_noticed_by_its_checksum(path):
    Pillow.fromarray(plain("green")).save(path / "golden" / "0.png")

    with pytest.raises(ModelError, match="checksum differs"):
        load_clip(str(path))


def test_a_tokenizer_that_is_none_is_refused(path):
    (path / "tokenizer.json").write_text("{}")
    seal(path, LABELS)

    with pytest.raises(ModelError, match=r"tokenizer\.json: not a tokenizer that loads"):
        load_clip(str(path))


def test_labels_without_heads_are_refused(tmp_path):
    path = clip_folder(tmp_path / "tiny")
    seal(path, LABELS)

    with pytest.raises(ModelError, match=r"lists no file 'heads\.onnx'"):
        load_clip(str(path))


def test_cuda_is_refused_where_there_is_none(path):
    with pytest.raises(ModelError, match="no execution provider CUDAExecutionProvider"):
        load_clip(str(path), device="cuda")
