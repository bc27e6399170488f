"""False alarms on technical texts: ``python -m bench.everyday_texts``.

Nobody attacks anybody in a changelog, and people paste such texts all day. Passages are cut from
what a Debian machine and this Python have installed, kind by kind, and judged as a user's message
and as a tool's result. Software that the shipped settings teach (``packages:``) is left out by its
name, and so are passages that share a tenth of their runs of five words with its texts, as copies
of the same licence do: to models of these settings all passages are strangers.
"""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Callable, Iterator, Sequence
from importlib import metadata
from pathlib import Path
from random import Random
from typing import Annotated

import numpy as np
import typer
import yaml
from rich.console import Console
from rich.progress import track
from rich.table import Table

from bench.quality import environment
from guardrail.scan_summary import wilson
from guardrail_detectors.text_guard.scorer import DEFAULT_MODEL, TextScorer
from guardrail_training.text_guard.__main__ import CONFIG
from guardrail_training.text_guard.encoder.pool import ATTACKS
from guardrail_training.text_guard.packages import description, texts_of
from guardrail_training.text_guard.records import shingles

LEAST, LENGTH = 300, 1200
"""Characters: shorter texts are left out, and passages have this many at most."""

AT = (0.5, 0.7, 0.85, 0.9)

_LARGEST = 2_000_000
_SHARED = 0.1
_NOTES = re.compile("README|NEWS|FAQ|TODO")
_MACRO = re.compile(r"^\.\S+ ?|\\f.|\\(?=-)", re.MULTILINE)


def text_of(path: Path) -> str:
    """The text of a file, of its content when it is compressed; "" when it is none or too large."""
    try:
        if not path.is_file():
            return ""
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            content = file.read(_LARGEST + 1)
        return content.decode("utf-8") if len(content) <= _LARGEST else ""
    except (OSError, EOFError, UnicodeDecodeError, zlib.error):
        return ""


def passage(text: str, rng: Random) -> str:
    """``LENGTH`` characters from anywhere."""
    start = rng.randrange(max(1, len(text) - LENGTH))
    return text[start : start + LENGTH]


def some(files: Sequence[Path], count: int, rng: Random, read: Callable[[Path], str]) -> list[str]:
    """Passages of up to ``count`` of ``files``."""
    found: list[str] = []
    for path in rng.sample(sorted(files), len(files)):
        if len(found) == count:
            break
        if len(text := read(path)) >= LEAST:
            found.append(passage(text, rng))
    return found


def kinds(
    root: Path, count: int, rng: Random, learnt: Sequence[str]
) -> Iterator[tuple[str, list[str]]]:
    """Passages by kind.

    Args:
        root: Of the file system.
        count: Passages of a kind at most.
        rng: Of files and places.
        learnt: Names of distributions that are left out.
    """
    documents = [*(root / "usr/share/doc").glob("*/*")]
    scripts = [one for one in (root / "usr/bin").glob("*") if _is_script(one)]
    named: dict[str, list[Path]] = {
        "changelogs": [one for one in documents if one.name.startswith("changelog")],
        "README, NEWS, FAQ": [one for one in documents if _NOTES.match(one.name)],
        "copyright files": [one for one in documents if one.name == "copyright"],
        "scripts": scripts,
        "settings": [*(root / "etc").rglob("*.conf")],
        "JavaScript": [*(root / "usr").rglob("node_modules/**/*.js")],
    }  # fmt: skip
    for name, files in named.items():
        yield name, some(files, count, rng, text_of)
    manuals = [*(root / "usr/share/man").glob("man[158]/*.gz")]
    yield "manuals", some(manuals, count, rng, lambda path: _MACRO.sub("", text_of(path)))
    yield "descriptions of Python packages", _descriptions(count, rng, learnt)


def _is_script(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(2) == b"#!"
    except OSError:
        return False


def _descriptions(count: int, rng: Random, learnt: Sequence[str]) -> list[str]:
    known = {re.sub(r"[-_.]+", "-", one).lower() for one in learnt}
    texts = {}
    for one in metadata.distributions():
        name = re.sub(r"[-_.]+", "-", one.metadata["Name"] or "").lower()
        said = description(one)
        if name not in known and len(said) >= LEAST:
            texts[name] = said
    return [passage(texts[name], rng) for name in rng.sample(sorted(texts), min(count, len(texts)))]


def strangers(texts: Sequence[str], learnt: frozenset[int]) -> list[str]:
    """Those of ``texts`` that share less than a tenth of their shingles with ``learnt``."""
    return [one for one in texts if len(found := shingles(one)) * _SHARED > len(found & learnt)]


def main(
    model: Annotated[str, typer.Option(help="Name or folder of a text model.")] = DEFAULT_MODEL,
    count: Annotated[int, typer.Option(help="Passages of a kind at most.")] = 150,
    seed: Annotated[int, typer.Option(help="Of files and places.")] = 0,
    root: Annotated[Path, typer.Option(help="Of Debian; packages are this Python's own.")] = Path(
        "/"
    ),
) -> None:
    """Count the harmless technical passages that reach scores between 0.5 and 0.9."""
    packages = list(yaml.safe_load(CONFIG.read_text("utf-8")).get("packages", {}))
    learnt = frozenset(one for text in texts_of(packages) for one in shingles(text.text))
    found = {
        name: strangers(texts, learnt) for name, texts in kinds(root, count, Random(seed), packages)
    }
    found["all"] = [text for texts in found.values() for text in texts]
    scorer = TextScorer.load(model)
    columns = [scorer.labels.index(one) for one in ATTACKS]
    scores = [
        scorer.scores(found["all"], [party] * len(found["all"]))[:, columns].max(1)
        for party in track((False, True), description="judging")
    ]
    about = scorer.folder.manifest
    table = Table(title=f"{about.name} {about.version}, seed {seed}, {environment()}")
    messages, results = ([f"{party} ≥ {one}" for one in AT] for party in ("message", "tool"))
    for heading in ("texts", "n", *messages, f"95 % of message ≥ {AT[-1]}", *results):
        table.add_column(heading)
    start = 0
    for name, texts in found.items():
        first = 0 if name == "all" else start
        parts = [judged[first : first + len(texts)] for judged in scores]
        table.add_row(name, str(len(texts)), *_row(*parts))
        start += len(texts)
    Console(width=150).print(table)


def _row(messages: np.ndarray, results: np.ndarray) -> list[str]:
    """Counts of both parties, between them the interval of the share of the first at the last."""
    low, high = wilson(int((messages >= AT[-1]).sum()), max(1, len(messages)))
    hits, others = ([str(int((part >= one).sum())) for one in AT] for part in (messages, results))
    return [*hits, f"{low:.1%} to {high:.1%}", *others]


if __name__ == "__main__":
    typer.run(main)
