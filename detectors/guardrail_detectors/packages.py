"""Which version of an optional package is installed."""

from __future__ import annotations

from functools import cache
from importlib.metadata import PackageNotFoundError, version


@cache
def installed(package: str) -> str:
    """The version, or ``missing``.

    Looked up once, as it is part of the key of every cached score: what is installed later is seen
    after a restart.
    """
    try:
        return version(package)
    except PackageNotFoundError:
        return "missing"
