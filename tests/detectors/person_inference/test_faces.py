"""What tells faces is what is installed, and nothing is taken for the absence of a face."""

from __future__ import annotations

import numpy as np
import pytest

from guardrail_detectors.person_inference import faces
from guardrail_detectors.person_inference.faces import presence, resolved
from guardrail_detectors.weights import ModelFolder, load_model_folder
from tests.detectors.clip.tiny import clip_folder, plain
from tests.detectors.nudity.harmless import figure


@pytest.mark.parametrize("way", ["nudenet", "clip", "assume"])
def test_what_a_policy_names_is_taken(way):
    assert resolved(way) == way


def test_nudenet_is_asked_where_it_is_installed(monkeypatch):
    monkeypatch.setattr(faces, "find_spec", lambda name: name)

    assert resolved("auto") == "nudenet"


def test_without_it_an_installed_clip_is_asked(monkeypatch, home):
    clip_folder(home / "vit_b_32")
    monkeypatch.setattr(faces, "find_spec", lambda name: None)

    assert resolved("auto") == "clip"


def test_without_either_every_picture_may_show_a_face(monkeypatch, home):
    monkeypatch.setattr(faces, "find_spec", lambda name: None)
    monkeypatch.setattr(faces, "choose", lambda name: load_model_folder("text_guard_linear"))
    monkeypatch.setattr(faces, "embedded_remarks", lambda name, folder: (str(folder.path),))

    assert resolved("auto") == "assume"
    assert presence("assume", 1)([]) == 1.0


def test_a_clip_says_how_surely_a_face_is_there(home):
    assert isinstance(load_model_folder(str(clip_folder(home / "vit_b_32"))), ModelFolder)

    assert 0 <= presence("clip", 1)([plain("red"), plain("blue")]) <= 1


def test_the_real_network_sees_no_face_in_an_empty_picture():
    pytest.importorskip("nudenet", reason="the extra `nudity` is not installed")
    present = presence("nudenet", 1)

    assert present([np.zeros((64, 64, 3), np.uint8)]) < 0.2
    assert 0 <= present([figure()]) <= 1
