"""Which version of an optional package is installed."""

from __future__ import annotations

from functools import cache
from importlib.metadata import PackageNotFoundError, version


@cache
def installed(package: str) -> str:
    """The version, or ``missing``; looked up once: it is part of the key of every cached score."""
    try:
        return version(package)
    except PackageNotFoundError:
        return "missing"
