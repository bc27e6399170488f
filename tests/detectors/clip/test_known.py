"""Which CLIP ``auto`` means, and what the list of names may claim."""

from __future__ import annotations

import shutil

import pytest

from guardrail.errors import ModelError
from guardrail_detectors.clip.known import EMBEDDED, KNOWN, choose, embedded_remarks
from guardrail_detectors.weights import HOME_VARIABLE, MODELS, installed_models, load_model_folder
from tests.detectors.clip.tiny import clip_folder, seal


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path / "models"))
    return tmp_path / "models"


def install(home, name):
    path = clip_folder(home / name)
    seal(path, name=name)
    return path


def test_auto_is_the_best_installed_model_in_the_order_of_the_list(home):
    install(home, "vit_b_32")
    best = install(home, "vit_l_14")
    install(home, "aaa_my_own")

    assert choose("auto").path == best


def test_a_model_that_the_list_does_not_know_comes_after_those_it_knows(home):
    own = install(home, "aaa_my_own")
    assert choose("auto").path == own

    known = install(home, "mobileclip2_s0")
    assert choose("auto").path == known


def test_a_broken_folder_and_a_model_for_texts_are_passed_over(home):
    install(home, "vit_l_14")
    (home / "vit_l_14" / "manifest.json").write_text("{")
    shutil.copytree(MODELS / "text_guard_linear", home / "siglip2_b_16")
    good = install(home, "vit_b_32")

    assert choose("auto").path == good


def test_a_model_is_found_by_the_name_it_is_installed_under(home):
    path = install(home, "vit_b_32")

    assert choose("vit_b_32").path == load_model_folder("vit_b_32").path == path


def test_a_name_that_is_not_installed_is_refused_with_the_command_that_helps(home):
    install(home, "vit_b_32")

    with pytest.raises(ModelError, match=r"no model 'vit_l_14'.*vit_b_32.*guardrail models list"):
        choose("vit_l_14")


def test_only_the_embedded_model_has_a_remark(home):
    assert embedded_remarks("unsafe_image", load_model_folder(str(install(home, "x")))) == ()


def test_models_are_installed_where_the_environment_says(monkeypatch, tmp_path):
    monkeypatch.delenv(HOME_VARIABLE, raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert installed_models() == tmp_path / "mllm-guardrail" / "models"

    monkeypatch.setenv("XDG_CACHE_HOME", "relative/is/ignored")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert installed_models() == tmp_path / ".cache" / "mllm-guardrail" / "models"


def test_names_are_unique_and_claim_to_be_pinned_only_with_revision_and_checksum():
    names = [one.name for one in KNOWN]

    assert len(set(names)) == len(names) == 7
    assert EMBEDDED not in names
    assert all(one.pinned == (len(one.sha256) == 64 and len(one.revision) == 40) for one in KNOWN)
