"""The words in which the guard speaks to models, one file a version.

A file is never edited once it was shipped: a new wording is a new file, so that the version in a
record says what a model was told.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files

REVISE = "revise_1"
"""Asks for a better answer."""

CAPTION = "caption_1"
"""Asks for what a picture shows, as far as a question wants to know it."""


@cache
def prompt(name: str, package: str = __name__) -> str:
    """The text of a prompt, with the places that ``str.format`` fills.

    Args:
        name: File name without its ending.
        package: Where the file lies.
    """
    return files(package).joinpath(f"{name}.txt").read_text("utf-8").rstrip("\n")
