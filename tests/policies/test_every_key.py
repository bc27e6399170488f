"""policies/README.md describes every key of a policy and every setting of a detector."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from guardrail.policy_models import Policy
from guardrail.policy_parts import OpaqueKinds, Parallel, PolicyModel, PolicyStage
from guardrail.registry import DETECTORS, detector_class

README = Path(__file__).resolve().parents[2] / "policies" / "README.md"
ROW = re.compile(r"^\| `([^`|]+)` \| (.*?) \| (.+) \|$", re.MULTILINE)
MOST = 150
OF_POLICIES = {f"guardrail.policy_{part}" for part in ("models", "parts", "system")}
STEPS = {"output"}  # its stages are those of `input`


def described(heading: str) -> dict[str, tuple[str, str]]:
    section = README.read_text("utf-8").split(f"\n## {heading}\n")[1].split("\n## ")[0]
    return {key: (default, meaning) for key, default, meaning in ROW.findall(section)}


def models_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for inner in get_args(annotation) for model in models_in(inner)]


def shown(field: FieldInfo) -> str:
    """The default as a policy would write it."""
    if field.is_required():
        return "required"
    value = field.get_default(call_default_factory=True)
    if value is None:
        return "none"
    if isinstance(value, BaseModel):
        return "as below"
    text = json.dumps(value, default=list, ensure_ascii=False)
    return f"`{text}`" if len(text) <= MOST else f"{len(value)} of them"


def many(field: FieldInfo) -> str:
    kind = str(field.annotation)
    return ".NAME" if "Mapping" in kind else "[]" if "tuple" in kind else ""


def keys(model: type[BaseModel], prefix: str = "") -> Iterator[tuple[str, str]]:
    for name, field in model.model_fields.items():
        key = f"{prefix}{field.alias or name}"
        yield key, shown(field)
        if key in STEPS:
            continue
        for inner in models_in(field.annotation):
            if inner is not PolicyStage or not prefix:
                yield from keys(inner, f"{key}{many(field)}.")


def test_every_key_of_a_policy_is_described_with_its_default():
    table = described("Every key")
    wanted = dict(keys(Policy))

    assert {key: default for key, (default, _) in table.items()} == wanted
    assert all(meaning.strip() for _, meaning in table.values())


def test_every_model_of_a_policy_is_reached_by_those_keys():
    reached: set[type[BaseModel]] = {Policy}
    for _ in range(9):
        reached |= {
            inner
            for model in reached
            for field in model.model_fields.values()
            for inner in models_in(field.annotation)
        }

    made = {one for one in PolicyModel.__subclasses__() if one.__module__ in OF_POLICIES}
    assert made <= reached
    assert {OpaqueKinds, Parallel, PolicyStage} <= made


@pytest.mark.parametrize("name", sorted(DETECTORS))
def test_every_setting_of_a_detector_is_described_with_its_default(name):
    table = described("Every setting of a detector")
    config = detector_class(name).Config
    inherited = dict(keys(config.__base__)) if config.__base__ is not BaseModel else {}
    wanted = {
        f"{name}.{key}": default for key, default in keys(config) if inherited.get(key) != default
    }

    assert {key: of[0] for key, of in table.items() if key.split(".")[0] == name} == wanted
