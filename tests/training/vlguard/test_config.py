"""Settings: strict, with the paper's defaults, and those that ship are right."""

from __future__ import annotations

import pytest

from guardrail_training.settings import CONFIGS, read_settings
from guardrail_training.text_guard.records import DataError
from guardrail_training.vlguard.config import VLGuardConfig
from tests.training.vlguard.sets import settings

SHIPPED = sorted(CONFIGS.glob("vlguard*.yaml"))


def test_the_defaults_are_the_papers():
    found = settings(lora={}, rate=None, helpfulness={"file": "h", "images": "i"})

    assert (found.lora.rank, found.lora.alpha) == (128, 256)
    assert found.peak_rate == 2e-4
    assert settings(method="full", rate=None).peak_rate == 1e-5
    assert found.helpfulness.examples == 5000


def test_every_shipped_file_is_right_and_starts_with_the_command_that_runs_it():
    assert len(SHIPPED) == 4
    for path in SHIPPED:
        read_settings(path, VLGuardConfig)
        first = path.read_text().splitlines()[0]
        assert f"guardrail train vlguard --config {path.name} --data " in first


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("kind: vlguard\nname: x\n", "model"),
        ("kind: other\n", "kind"),
        ("kind: [", "while parsing"),
        ("kind: vlguard\nrates: 3\n", "rates"),
        ("kind: vlguard\nlora: {rank: 0}\n", "lora.rank"),
        ("", "valid dictionary"),
    ],
)
def test_a_wrong_setting_is_named(tmp_path, text, said):
    path = tmp_path / "wrong.yaml"
    path.write_text(text)

    with pytest.raises(DataError, match=r"wrong\.yaml") as error:
        read_settings(path, VLGuardConfig)

    assert said in str(error.value)


def test_a_file_that_is_not_there_is_said_so(tmp_path):
    with pytest.raises(DataError, match="cannot be read"):
        read_settings(tmp_path / "none.yaml", VLGuardConfig)
