"""The JSON Schema of policies: completion and checking in editors, made from the models."""

from __future__ import annotations

import json
from typing import Any

from guardrail.policy_models import Policy
from guardrail.registry import DETECTORS, detector_class


def policy_schema() -> dict[str, Any]:
    """Schema of a policy file, JSON Schema 2020-12; built-in detectors' settings included.

    Raises:
        PolicyError: A built-in detector does not import.
    """
    schema = _without_null(Policy.model_json_schema())
    for name in sorted(DETECTORS):
        settings = detector_class(name).Config.model_json_schema(
            ref_template=f"#/$defs/{name}.{{model}}"
        )
        inner = settings.pop("$defs", {})
        schema["$defs"] |= {f"{name}.{key}": value for key, value in inner.items()}
        schema["$defs"][f"with.{name}"] = settings
    stage = schema["$defs"]["PolicyStage"]
    stage["properties"]["detect"] = _detect(stage["properties"]["detect"])
    stage["allOf"] = [_settings_of(name) for name in sorted(DETECTORS)]
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def schema_text() -> str:
    """The same as text: what ``guardrail schema`` prints and ``policies/schema.json`` holds."""
    return json.dumps(policy_schema(), indent=2, ensure_ascii=False) + "\n"


def _detect(written: dict[str, Any]) -> dict[str, Any]:
    kept: dict[str, Any] = {
        key: written.pop(key) for key in ("description", "title") if key in written
    }
    return {**kept, "anyOf": [{"enum": sorted(DETECTORS)}, written]}


def _settings_of(name: str) -> dict[str, Any]:
    return {
        "if": {"properties": {"detect": {"const": name}}, "required": ["detect"]},
        "then": {"properties": {"with": {"$ref": f"#/$defs/with.{name}"}}},
    }


def _without_null(value: Any) -> Any:
    """The schema without ``null``: a key that is there has a value."""
    if isinstance(value, list):
        return [_without_null(one) for one in value if one != {"type": "null"}]
    if not isinstance(value, dict):
        return value
    kept = {
        key: _without_null(one)
        for key, one in value.items()
        if not (key == "default" and one is None)
    }
    if len(kept.get("anyOf", ())) == 1:
        kept |= kept.pop("anyOf")[0]
    return kept
