"""What pydantic finds wrong in a document, said in the words of whoever wrote the YAML."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from types import UnionType
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, RootModel, ValidationError
from pydantic_core import ErrorDetails

from guardrail.nearest import did_you_mean, nearest
from guardrail.policy_parts import TAGS
from guardrail.policy_yaml import Document, Path, Problem

M = TypeVar("M", bound=BaseModel)

_QUOTED = re.compile(r"'([^']*)'")
_TYPE_ERROR = re.compile(r"(.+?)_(type|parsing|from_float|attributes_type|parsing_size)")

_EXPECTED: Mapping[str, str] = {
    "string": "a text",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "tuple": "a list",
    "list": "a list",
    "frozen_set": "a list",
    "set": "a list",
    "dict": "a mapping",
    "model": "a mapping",
}


def validated(document: Document, model: type[M]) -> M:
    """The document as a ``model``.

    Raises:
        PolicyError: It is none; every problem with its line and column.
    """
    problems = unread(document)
    try:
        value = model.model_validate(document.value)
    except ValidationError as error:
        problems += explained(error, model, document)
    else:
        if not problems:
            return value
    raise document.error(problems)


def unread(document: Document) -> list[Problem]:
    """What YAML itself spoils, and keys without a value: most often lines not finished.

    Settings of detectors may be empty, if the detectors say so.
    """
    return document.problems + [
        Problem(path, "has no value; give it one or delete the line", key=True)
        for path, text in document.written.items()
        if text.lower() in {"", "~", "null"} and path and "with" not in path
    ]


def explained(
    error: ValidationError, model: type[BaseModel], document: Document, prefix: Path = ()
) -> list[Problem]:
    """One problem for each of pydantic's.

    Args:
        error: What ``model`` raised.
        model: What was validated against; its fields are the known keys.
        document: Where the values stand.
        prefix: Where in the document the value of ``model`` is.
    """
    details = [one for one in error.errors(include_url=False) if not _follows(one)]
    problems = [_problem(detail, model, document, prefix) for detail in details]
    known = {problem.path for problem in unread(document)}
    return [problem for problem in problems if problem.path not in known]


def _follows(detail: ErrorDetails) -> bool:
    """Whether it says "too short" only because the list's entries are wrong themselves."""
    value, least = detail["input"], detail.get("ctx", {}).get("min_length", 0)
    return detail["type"] == "too_short" and isinstance(value, list) and len(value) >= least


def _problem(
    detail: ErrorDetails, model: type[BaseModel], document: Document, prefix: Path
) -> Problem:
    kind, loc = detail["type"], detail["loc"]
    if kind == "missing":
        path = _located(document, prefix, loc[:-1])
        return Problem(path, _missing(loc[-1], model, loc[:-1]))
    path = _located(document, prefix, loc)
    if kind == "extra_forbidden":
        known = known_keys(model, loc[:-1])
        return Problem(
            path, f"unknown key {loc[-1]!r}{did_you_mean(str(loc[-1]), known)}", key=True
        )
    return Problem(path, _message(detail, document.written.get(path)))


def _located(document: Document, prefix: Path, loc: tuple[int | str, ...]) -> Path:
    """``loc`` without the marks of unions, which are in no file."""
    path = prefix
    for step in loc:
        if (*path, step) in document.values or (document.data is None and step not in TAGS):
            path = (*path, step)
    return path


def _missing(name: str | int, model: type[BaseModel], loc: tuple[int | str, ...]) -> str:
    if isinstance(name, int):
        return f"expected at least {name + 1} in the list"
    meaning = ""
    for owner in _models_at(model, loc):
        for field_name, info in owner.model_fields.items():
            if name in {field_name, info.alias} and info.description:
                meaning = f" ({' '.join(info.description.split()).rstrip('.')})"
    return f"{name!r} is missing: add {name}:{meaning}"


def known_keys(model: type[BaseModel], loc: tuple[int | str, ...]) -> list[str]:
    """The keys that the mapping at ``loc`` of a ``model`` may have."""
    owners = _models_at(model, loc)
    return [info.alias or name for owner in owners for name, info in owner.model_fields.items()]


def _models_at(model: type[BaseModel], loc: tuple[int | str, ...]) -> list[type[BaseModel]]:
    owners: list[type[BaseModel]] = list(_models_in(model))
    for step in loc:
        if isinstance(step, int):
            continue
        if step in TAGS:
            owners = list(TAGS[step])
            continue
        inner = [
            found
            for owner in owners
            for name, info in owner.model_fields.items()
            if step in {name, info.alias}
            for found in _models_in(info.annotation)
        ]
        owners = inner or owners
    return owners


def _models_in(form: Any) -> Iterator[type[BaseModel]]:
    """The models that a type is made of, e.g. ``A`` and ``B`` of ``tuple[A | B, ...]``."""
    if get_origin(form) in {Union, UnionType, Annotated, tuple, list, dict, frozenset, set}:
        for inner in get_args(form):
            yield from _models_in(inner)
    elif isinstance(form, type) and issubclass(form, RootModel):
        yield from _models_in(form.model_fields["root"].annotation)
    elif isinstance(form, type) and issubclass(form, BaseModel):
        yield form


def _message(detail: ErrorDetails, written: str | None) -> str:
    kind, context = detail["type"], detail.get("ctx", {})
    got = _got(detail["input"], written)
    if kind == "literal_error":
        return _not_listed(str(context["expected"]), detail["input"], got)
    if kind in _BOUNDS:
        return f"expected {_BOUNDS[kind](context)}, got {got}"
    match = _TYPE_ERROR.fullmatch(kind)
    if match is not None and match[1] in _EXPECTED:
        return f"expected {_EXPECTED[match[1]]}, got {got}{_quotes(match[1], detail, written)}"
    if kind == "value_error":
        return str(context["error"])
    return f"{detail['msg'][:1].lower()}{detail['msg'][1:]}, got {got}"


_BOUNDS: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "greater_than": lambda ctx: f"more than {ctx['gt']:,g}",
    "greater_than_equal": lambda ctx: f"at least {ctx['ge']:,.12g}",
    "less_than": lambda ctx: f"less than {ctx['lt']:,.12g}",
    "less_than_equal": lambda ctx: f"at most {ctx['le']:,.12g}",
    "too_short": lambda ctx: f"at least {ctx['min_length']} in the list",
    "too_long": lambda ctx: f"at most {ctx['max_length']} in the list",
    "string_too_short": lambda _: "a text that is not empty",
    "string_too_long": lambda ctx: f"at most {ctx['max_length']} characters",
    "string_pattern_mismatch": lambda ctx: f"a text of the form {ctx['pattern']}",
}


def _not_listed(expected: str, value: object, got: str) -> str:
    choices = _QUOTED.findall(expected)
    if not isinstance(value, str) or not choices:
        return f"expected {expected}, got {got}"
    return f"expected {expected}, got {got}{nearest(value, choices)}"


def _quotes(expected: str, detail: ErrorDetails, written: str | None) -> str:
    plain = written is not None and isinstance(detail["input"], bool | int | float)
    return f'; put it in quotes: "{written}"' if plain and expected == "string" else ""


def _got(value: object, written: str | None) -> str:
    match value:
        case dict():
            return "a mapping"
        case list() | tuple():
            return f"a list of {len(value)}"
        case None:
            return "nothing"
        case bool() if written is not None:
            return f"{written}, which YAML reads as {str(value).lower()}"
        case int() | float():
            return f"the number {written or value}"
        case _:
            text = repr(value)
            return text if len(text) <= 80 else f"{text[:77]}..."
