from __future__ import annotations

from importlib.metadata import version

import pytest

from guardrail_detectors.packages import installed


def test_an_installed_package_is_told_by_its_version():
    assert installed("rapidocr") == version("rapidocr")


def test_a_package_that_is_not_there_is_missing():
    assert installed("no-such-package-anywhere") == "missing"


@pytest.fixture(autouse=True)
def _forgotten():
    yield
    installed.cache_clear()


def test_the_environment_is_searched_once(monkeypatch):
    installed.cache_clear()
    asked = []
    monkeypatch.setattr(
        "guardrail_detectors.packages.version", lambda name: asked.append(name) or "7"
    )

    assert [installed("some-package") for _ in range(3)] == ["7", "7", "7"]
    assert asked == ["some-package"]
