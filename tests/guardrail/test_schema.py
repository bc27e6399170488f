"""The schema's own rules; ``tests/policies`` holds the shipped one against the shipped policies."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from guardrail import schema
from tests.guardrail.policy_detectors import HERE
from tests.guardrail.test_policy_models import MODELS, keys_of


@pytest.fixture
def made(monkeypatch) -> dict[str, Any]:
    monkeypatch.setattr(schema, "DETECTORS", {f"{HERE}:Words": f"{HERE}:Words"})
    return schema.policy_schema()


def nodes(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        for one in value.values():
            yield from nodes(one)
    elif isinstance(value, list):
        for one in value:
            yield from nodes(one)


def test_every_mapping_of_a_policy_refuses_unknown_keys(made):
    objects = [node for node in nodes(made) if "properties" in node and "type" in node]

    assert len(objects) == len(MODELS) + 2  # and Words' own two
    assert [node["title"] for node in objects if node["additionalProperties"] is not False] == []


def test_every_key_is_there_with_its_description(made):
    models = {"Policy": made} | made["$defs"]
    found = {
        (name, key): "description" in value
        for name, model in models.items()
        if name in {one.__name__ for one in MODELS}
        for key, value in model["properties"].items()
    }

    assert set(found) == keys_of(MODELS)
    assert [key for key, described in found.items() if not described] == []


def test_no_value_may_be_null(made):
    assert [node for node in nodes(made) if node.get("type") == "null"] == []
    assert [node for node in nodes(made) if "default" in node and node["default"] is None] == []


def test_every_reference_has_its_target(made):
    references = [node["$ref"] for node in nodes(made) if "$ref" in node]

    assert len(references) == 24
    assert {one.removeprefix("#/$defs/") for one in references} <= set(made["$defs"])


def test_the_settings_of_a_detector_are_checked_when_it_is_named(made):
    [rule] = made["$defs"]["PolicyStage"]["allOf"]
    name = rule["if"]["properties"]["detect"]["const"]
    settings = made["$defs"][rule["then"]["properties"]["with"]["$ref"].removeprefix("#/$defs/")]

    assert name == f"{HERE}:Words"
    assert set(settings["properties"]) == {"word", "limit", "depth"}


def test_known_detectors_complete_and_others_stay_possible(made):
    known, other = made["$defs"]["PolicyStage"]["properties"]["detect"]["anyOf"]

    assert known == {"enum": [f"{HERE}:Words"]}
    assert "pattern" in other


def test_the_text_is_the_schema(monkeypatch):
    monkeypatch.setattr(schema, "DETECTORS", {})

    assert json.loads(schema.schema_text()) == schema.policy_schema()
    assert schema.schema_text().endswith("}\n")
