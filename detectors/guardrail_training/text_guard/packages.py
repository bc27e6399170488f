"""Texts of software that is installed: descriptions, docstrings, source, licences. None attacks.

People paste such texts every day, and a text guard that never saw any takes the orders of a manual
("Ignore this file", "You must not") for orders to a model.
"""

from __future__ import annotations

import ast
import re
import sysconfig
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib import metadata
from pathlib import Path, PurePosixPath
from zlib import crc32

from guardrail_training.text_guard.records import DataError, Record

STANDARD_LIBRARY = "python"
"""Name under which the modules that Python brings are asked for."""

Files = Mapping[str, Path]
"""Files by their names in the package."""

_FILES = 25  # of a package and kind
_PASSAGE = 2500  # characters
_PASSAGES = 8  # of one description
_DOCSTRINGS = 4  # of one file
_SHORT = 120  # characters that a text has at least
_LARGE = 400_000  # bytes of a file that is not read

_SOURCES = frozenset({".py", ".pyi"})
_OTHERS = frozenset(
    {".h", ".hpp", ".cuh", ".c", ".js", ".css", ".html", ".yaml", ".yml", ".toml", ".json"}
    | {".md", ".rst", ".txt", ".cfg", ".ini", ".sh", ".csv"}
)
_LICENCE = re.compile(r"(LICEN[CS]E|COPYING|NOTICE|AUTHORS)[^.]*(\.txt|\.md|\.rst)?", re.IGNORECASE)
_OTHERS_WORK = re.compile(r"_?vendor(ed)?|externals?|third_?party|extern", re.IGNORECASE)
"""Folders of software that is under another licence than the package that brings it."""


def texts_of(packages: Iterable[str]) -> list[Record]:
    """Harmless texts of installed packages, the same for the same versions of them.

    Groups are ``package_descriptions``, ``package_licences``, ``package_docstrings``,
    ``package_sources`` and ``package_files``; ``meta`` holds ``package``.

    Args:
        packages: Names of distributions, or ``STANDARD_LIBRARY``.

    Raises:
        DataError: One is not installed, or has no texts.
    """
    found: list[Record] = []
    for name in packages:
        texts = list(_of_package(name))
        if not texts:
            raise DataError(
                f"packages: {name} has no texts; leave it out of a copy of the settings"
            )
        found += texts
    return found


def description(package: metadata.Distribution) -> str:
    """What the package's page says; "" when it says nothing that can be read."""
    try:
        about = package.metadata
    except UnicodeDecodeError:
        return ""
    return about["Description"] or "" if "Description" in about else ""


def _of_package(name: str) -> Iterator[Record]:
    if name == STANDARD_LIBRARY:
        folder = Path(sysconfig.get_path("stdlib"))
        files: Files = {one.name: one for one in folder.glob("*.py")}
    else:
        package = _distribution(name)
        yield from _records("package_descriptions", name, _passages(description(package)))
        files = _files(package)
    licences = {one: path for one, path in files.items() if _LICENCE.fullmatch(path.name)}
    rest = {
        one: path
        for one, path in files.items()
        if one not in licences and ".dist-info" not in PurePosixPath(one).parts[0]
    }
    yield from _records("package_licences", name, _slices(_read(licences)))
    sources = _read({one: path for one, path in rest.items() if path.suffix in _SOURCES})
    yield from _records("package_sources", name, _slices(sources))
    yield from _records("package_docstrings", name, _docstrings(sources))
    others = _read({one: path for one, path in rest.items() if path.suffix in _OTHERS})
    yield from _records("package_files", name, _slices(others))


def _distribution(name: str) -> metadata.Distribution:
    try:
        return metadata.distribution(name)
    except metadata.PackageNotFoundError:
        raise DataError(
            f"packages: {name} is not installed; install the extra `train`, or leave it out of a "
            "copy of the settings"
        ) from None


def _files(package: metadata.Distribution) -> Files:
    """The package's own regular files, those that it only brings with it left out."""
    folder = Path(str(package.locate_file(""))).resolve()
    found: dict[str, Path] = {}
    for one in package.files or ():
        try:
            path = Path(str(one.locate())).resolve()
            own = path.is_relative_to(folder) and path.is_file()
        except (OSError, ValueError):
            continue
        if own and not any(_OTHERS_WORK.fullmatch(part) for part in one.parts):
            found[str(PurePosixPath(*one.parts))] = path
    return found


def _read(files: Files) -> dict[str, str]:
    """Texts of up to ``_FILES`` of them, chosen by their names: of all folders, always the same."""
    chosen = sorted(files, key=lambda name: crc32(name.encode("utf-8", "surrogatepass")))
    read = ((name, _text(files[name])) for name in chosen[:_FILES])
    return {name: text for name, text in read if text}


def _text(path: Path) -> str:
    try:
        text = path.read_text("utf-8") if path.stat().st_size <= _LARGE else ""
    except (OSError, UnicodeDecodeError):
        return ""
    return text if len(text.strip()) >= _SHORT else ""


def _slices(texts: Mapping[str, str]) -> list[str]:
    return [_slice(text, name) for name, text in texts.items()]


def _slice(text: str, name: str) -> str:
    """``_PASSAGE`` characters from a place that depends on ``name``."""
    start = crc32(name.encode("utf-8", "surrogatepass")) % max(1, len(text) - _PASSAGE)
    return text[start : start + _PASSAGE]


def _passages(text: str) -> list[str]:
    return [text[at : at + _PASSAGE] for at in range(0, len(text), _PASSAGE)][:_PASSAGES]


def _docstrings(sources: Mapping[str, str]) -> list[str]:
    return [one for name, text in sources.items() for one in _docstrings_of(text, name)]


def _docstrings_of(source: str, name: str) -> list[str]:
    try:
        nodes = list(ast.walk(ast.parse(source)))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    kinds = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    said = [ast.get_docstring(one) or "" for one in nodes if isinstance(one, kinds)]
    long = [one for one in said if len(one) >= _SHORT]
    long.sort(key=lambda one: crc32(one.encode("utf-8", "surrogatepass")))
    return [_slice(one, name) for one in long[:_DOCSTRINGS]]


def _records(group: str, package: str, texts: Sequence[str]) -> Iterator[Record]:
    for number, text in enumerate(texts):
        if len(text.strip()) >= _SHORT:
            name = f"{group}-{package}-{number}"
            yield Record(name, text, "benign", group, meta={"package": package})
