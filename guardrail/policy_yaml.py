"""YAML in, plain values out, with the line and column of every one of them.

Only what a policy needs is read: mappings with text keys, lists, texts, numbers, true and false.
Anything that two readers could read differently is refused with its place: repeated keys, merge
keys, tags, numbers in odd notations. Size, depth and the number of values (aliases expanded) are
bounded, so that a hostile file costs little.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml
from yaml.constructor import SafeConstructor

from guardrail.errors import PolicyError

MAX_BYTES = 1024 * 1024
MAX_DEPTH = 24
MAX_VALUES = 20_000

Path = tuple[str | int, ...]
"""Where a value stands: keys and indices from the root, e.g. ``("input", 0, "detect")``."""

_CORE = "tag:yaml.org,2002:"
_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]{0,17})")
_DECIMAL = re.compile(r"[-+]?([0-9]{1,17}\.[0-9]{0,17}|\.[0-9]{1,17})([eE][-+][0-9]{1,3})?")
_PLAIN_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A line and a column, both from 1."""

    line: int = 1
    column: int = 1


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, where in the values it is, and what to do.

    Attributes:
        path: The value at fault.
        message: What is wrong and what to do.
        key: Whether the key of that value is at fault, not the value.
    """

    path: Path
    message: str
    key: bool = False


@dataclass(slots=True)
class Document:
    """A YAML file as plain values, and where in the file each of them stands.

    Attributes:
        source: The file's name as messages show it.
        data: The bytes as read, None where there is no file.
        value: dict, list, str, int, float, bool or None.
        values: Where each value starts.
        keys: Where the key of each mapping entry starts.
        written: Text of the scalars that YAML reads as something else, e.g. ``on`` for True.
        problems: What in it is not read; whoever uses the values reports these with its own.
    """

    source: str
    data: bytes | None = field(default=None, repr=False)
    value: Any = None
    values: dict[Path, Place] = field(default_factory=dict)
    keys: dict[Path, Place] = field(default_factory=dict)
    written: dict[Path, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def place(self, path: Path, *, key: bool = False) -> Place:
        """Where ``path`` stands, or what encloses it when it is not in the file."""
        if key and path in self.keys:
            return self.keys[path]
        while path and path not in self.values:
            path = path[:-1]
        return self.values.get(path, Place())

    def error(self, problems: Iterable[Problem]) -> PolicyError:
        """All problems, one a line, in the order of the file."""
        lines = {(self.place(one.path, key=one.key), one.path, self._line(one)) for one in problems}
        ordered = sorted(lines, key=lambda entry: (entry[0], entry[2]))
        return PolicyError("\n".join(text for _, _, text in ordered))

    def _line(self, problem: Problem) -> str:
        place = self.place(problem.path, key=problem.key)
        at = "" if self.data is None else f":{place.line}:{place.column}"
        where = f"{dotted(problem.path)}: " if problem.path else ""
        return f"{self.source}{at}: {where}{problem.message}"


def dotted(path: Path) -> str:
    """``path`` as people write it, e.g. ``input[0].rules[1].at_least``."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        elif _PLAIN_KEY.fullmatch(step):
            text += f".{step}" if text else step
        else:
            text += f"[{step!r}]"
    return text


def read_yaml(data: bytes, source: str) -> Document:
    """The values of one YAML document.

    Raises:
        PolicyError: Not UTF-8, not YAML, or over a limit. Lesser faults are in ``problems``.
    """
    document = Document(source, data)
    if len(data) > MAX_BYTES:
        raise document.error([Problem((), f"longer than {MAX_BYTES} bytes; split the file")])
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        place = _place_of_byte(data, error.start)
        raise _at(source, place, "not UTF-8 text; save the file as UTF-8") from None
    root = _composed(text, source)
    if root is None:
        raise document.error([Problem((), "the file holds no values")])
    document.value = _Builder(document).value(root, ())
    return document


class _BoundedLoader(yaml.SafeLoader):
    """Composes nodes and nothing else, up to a depth and a number of values."""

    depth = 0
    count = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        """One node; PyYAML's composer calls this for each, nested ones inside it."""
        self.depth += 1
        self.count += 1
        mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]  # not in the stubs
        if self.depth > MAX_DEPTH:
            raise yaml.MarkedYAMLError(problem=f"nested over {MAX_DEPTH} deep", problem_mark=mark)
        if self.count > MAX_VALUES:
            raise yaml.MarkedYAMLError(problem=f"over {MAX_VALUES} values", problem_mark=mark)
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node


def _composed(text: str, source: str) -> yaml.Node | None:
    try:
        loader = _BoundedLoader(text)
        return loader.get_single_node()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = Place() if mark is None else Place(mark.line + 1, mark.column + 1)
        problem = error.problem or error.context or "cannot be read"
        hint = "; indent with spaces, not tabs" if "'\\t'" in problem else ""
        raise _at(source, place, f"not YAML that is read here: {problem}{hint}") from None
    except yaml.reader.ReaderError as error:
        before = text[: error.position]
        place = Place(before.count("\n") + 1, len(before) - before.rfind("\n"))
        raise _at(
            source, place, f"the character {chr(error.character)!r} is not allowed in YAML"
        ) from None
    except (ValueError, OverflowError, yaml.YAMLError) as error:
        # PyYAML's scanner lets these escape, e.g. for "\UFFFFFFFF" and %YAML 1.<5000 digits>.
        raise _at(source, Place(), f"not YAML: {error}") from None


class _Builder:
    """Turns nodes into values, noting places and every problem rather than the first alone."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._count = 0

    def value(self, node: yaml.Node, path: Path) -> Any:
        """The value of ``node``, None where it is not read.

        Raises:
            PolicyError: Aliases make it too large.
        """
        self._count += 1
        self._document.values[path] = _place(node)
        if self._count > MAX_VALUES or len(path) > MAX_DEPTH:
            message = f"aliases amount to over {MAX_VALUES} values or {MAX_DEPTH} levels"
            raise self._document.error([Problem(path, message)])
        if isinstance(node, yaml.MappingNode) and node.tag == _CORE + "map":
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode) and node.tag == _CORE + "seq":
            return [self.value(item, (*path, index)) for index, item in enumerate(node.value)]
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node, path)
        self._wrong(path, f"the tag {node.tag!r} is not read; write a plain value")
        return None

    def _mapping(self, node: yaml.MappingNode, path: Path) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = self._key(key_node, path)
            if key is None:
                continue
            inside = (*path, key)
            if key in values:
                first = self._document.keys[inside]
                self._document.keys[inside] = _place(key_node)
                message = f"the key is repeated; it stands at line {first.line} already"
                self._document.problems.append(Problem(inside, message, key=True))
                continue
            self._document.keys[inside] = _place(key_node)
            values[key] = self.value(value_node, inside)
        return values

    def _key(self, node: yaml.Node, path: Path) -> str | None:
        if isinstance(node, yaml.ScalarNode) and node.tag == _CORE + "str":
            return str(node.value)
        place = _place(node)
        where = f"the key at line {place.line}, column {place.column}"
        if node.tag == _CORE + "merge":
            self._wrong(path, f"{where}: merge keys (<<) are not read; repeat the entries")
        elif isinstance(node, yaml.ScalarNode):
            kind = node.tag.removeprefix(_CORE)
            self._wrong(path, f'{where}: YAML reads {node.value!r} as {kind}; write "{node.value}"')
        else:
            self._wrong(path, f"{where} is not text")
        return None

    def _scalar(self, node: yaml.ScalarNode, path: Path) -> Any:
        kind, text = node.tag.removeprefix(_CORE), str(node.value)
        if kind in {"str", "timestamp", "value"}:
            return text
        self._document.written[path] = text
        match kind:
            case "null":
                return None
            case "bool" if text.lower() in SafeConstructor.bool_values:
                return SafeConstructor.bool_values[text.lower()]
            case "int" if _INTEGER.fullmatch(text):
                return int(text)
            case "float" if _DECIMAL.fullmatch(text) and math.isfinite(float(text)):
                return float(text)
            case "int" | "float":
                remedy = "write it in plain decimal digits, or in quotes if it is a text"
                self._wrong(path, f"YAML reads {text!r} as a number in an odd notation; {remedy}")
            case _:
                self._wrong(path, f"the tag {node.tag!r} is not read; write a plain value")
        return None

    def _wrong(self, path: Path, message: str) -> None:
        self._document.problems.append(Problem(path, message))


def _place(node: yaml.Node) -> Place:
    return Place(node.start_mark.line + 1, node.start_mark.column + 1)


def _place_of_byte(data: bytes, offset: int) -> Place:
    before = data[:offset]
    return Place(before.count(b"\n") + 1, offset - before.rfind(b"\n"))


def _at(source: str, place: Place, message: str) -> PolicyError:
    return PolicyError(f"{source}:{place.line}:{place.column}: {message}")


def lookup(values: Any, path: Path) -> Any:
    """The value at ``path``, None where there is none."""
    for step in path:
        if isinstance(values, Mapping):
            values = values.get(step)
        elif isinstance(values, list) and isinstance(step, int) and step < len(values):
            values = values[step]
        else:
            return None
    return values
