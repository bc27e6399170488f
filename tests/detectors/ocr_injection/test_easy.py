"""The EasyOCR engine with a package of its name that stands in for the real one."""

from __future__ import annotations

import inspect
import sys
from pathlib import Path
from types import ModuleType
from typing import ClassVar

import numpy as np
import pytest

from guardrail.errors import ModelError
from guardrail_detectors.ocr_injection.easy import _AS_THE_OTHER, EasyEngine

SQUARE = [[1, 2], [30, 2], [30, 12], [1, 12]]
PICTURE = np.zeros((20, 40, 3), np.uint8)


class Reader:
    """Records how it was made and what it was shown; says what it was told."""

    made: ClassVar[list[Reader]] = []
    fails: ClassVar[Exception | None] = None
    says: ClassVar[list[tuple[list[list[int]], str, float]]] = []

    def __init__(self, languages, **settings):
        if self.fails is not None:
            raise self.fails
        self.languages, self.settings, self.shown = languages, settings, []
        self.made.append(self)

    def readtext(self, picture, **how):
        self.shown.append(picture)
        self.how = how
        return self.says


@pytest.fixture
def reader(monkeypatch):
    """A reader class of this test alone, installed as ``easyocr.Reader``."""
    fresh = type("Reader", (Reader,), {"made": [], "fails": None, "says": []})
    module = ModuleType("easyocr")
    module.Reader = fresh
    monkeypatch.setitem(sys.modules, "easyocr", module)
    return fresh


def test_it_reads_on_the_cpu_from_its_own_folder_and_downloads_nothing(reader):
    EasyEngine(("en",), None)

    (made,) = reader.made
    assert made.settings == {
        "gpu": False,
        "model_storage_directory": str(Path.home() / ".EasyOCR" / "model"),
        "download_enabled": False,
        "verbose": False,
    }


def test_another_folder_of_weights_is_used(reader, tmp_path):
    EasyEngine(("en",), tmp_path)

    assert reader.made[0].settings["model_storage_directory"] == str(tmp_path)


def test_codes_of_the_other_engine_are_translated_and_its_own_pass(reader):
    engine = EasyEngine(("ch", "en", "chinese_cht", "japan", "korean", "de"), None)

    assert reader.made[0].languages == ["ch_sim", "en", "ch_tra", "ja", "ko", "de"]
    assert engine.languages == ("ch", "en", "chinese_cht", "japan", "korean", "de")


def test_lines_have_text_confidence_and_outline(reader):
    reader.says = [(SQUARE, " hello ", 0.75)]

    (line,) = EasyEngine(("en",), None).read(PICTURE)

    assert (line.text, line.score) == ("hello", 0.75)
    assert line.quad == ((1.0, 2.0), (30.0, 2.0), (30.0, 12.0), (1.0, 12.0))


def test_what_is_hardly_sure_or_empty_is_left_out(reader):
    reader.says = [(SQUARE, "noise", 0.29), (SQUARE, "  ", 0.9), (SQUARE, "text", 0.30)]

    lines = EasyEngine(("en",), None).read(PICTURE)

    assert [line.text for line in lines] == ["text"]


def test_turned_and_small_lines_are_asked_for_as_the_other_engine_reads_them(reader):
    EasyEngine(("en",), None).read(PICTURE)

    assert reader.made[0].how == {
        "rotation_info": [90, 180, 270], "min_size": 5, "canvas_size": 4096,
    }  # fmt: skip


def test_the_settings_are_ones_that_the_installed_package_takes():
    easyocr = pytest.importorskip("easyocr", reason="the extra `easyocr` is not installed")
    taken = inspect.signature(easyocr.Reader.readtext).parameters

    assert set(_AS_THE_OTHER) <= set(taken)


def test_it_is_shown_blue_first(reader):
    red = np.zeros((20, 40, 3), np.uint8)
    red[:, :, 0] = 255

    EasyEngine(("en",), None).read(red)

    (shown,) = reader.made[0].shown
    assert shown[0, 0].tolist() == [0, 0, 255]
    assert shown.flags.c_contiguous


def test_missing_weights_name_the_folder_and_the_command_that_fetches_them(reader, tmp_path):
    reader.fails = FileNotFoundError("Missing craft_mlt_25k.pth and downloads disabled")

    with pytest.raises(ModelError) as caught:
        EasyEngine(("en", "ch"), tmp_path)

    assert str(tmp_path) in str(caught.value)
    assert "craft_mlt_25k.pth" in str(caught.value)
    fetch = f"easyocr.Reader(['en', 'ch_sim'], model_storage_directory='{tmp_path}')"
    assert f'python -c "import easyocr; {fetch}"' in str(caught.value)
    assert "with: weights:" in str(caught.value)


def test_a_folder_that_cannot_be_made_is_an_error_of_the_model(reader):
    reader.fails = PermissionError(13, "Permission denied", "/var/empty/.EasyOCR")

    with pytest.raises(ModelError, match="Permission denied"):
        EasyEngine(("en",), None)


def test_languages_that_do_not_go_together_are_refused_with_the_reason(reader):
    reader.fails = ValueError("Chinese_tra is only compatible with English")

    with pytest.raises(ModelError, match=r"languages: .*\['ch_tra', 'fr'\] together: Chinese_tra"):
        EasyEngine(("chinese_cht", "fr"), None)


def test_without_the_package_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "easyocr", None)

    with pytest.raises(ModelError, match=r"pip install 'mllm-guardrail\[easyocr\]'"):
        EasyEngine(("en",), None)
