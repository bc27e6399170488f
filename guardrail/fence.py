"""Texts of others inside prompts of the guard's own: fenced off, so that they cannot end early."""

from __future__ import annotations

import re
from hashlib import sha256

_CHECK = re.compile(r"check-[0-9a-f]{8}")


def fenced(text: str) -> str:
    """``text`` between two marks that do not occur in it.

    The mark depends on the text alone, so that the same input is asked about in the same words; to
    forge it, a text would have to hold a part of its own digest.
    """
    salt = 0
    while (mark := _mark(text, salt)) in text:
        salt += 1
    return f"<<{mark}\n{text}\n{mark}>>"


def check_word(text: str) -> str:
    """A word that stands in nobody's text before the guard says it; the same for the same text."""
    return f"check-{_mark(text, -1)[5:13]}"


def asked_check_word(prompt: str) -> str:
    """The check word that a question asks for: its last, for what is fenced stands before it."""
    found = _CHECK.findall(prompt)
    return found[-1] if found else ""


def _mark(text: str, salt: int) -> str:
    digest = sha256(f"{salt}:{text}".encode("utf-8", "surrogatepass"))
    return f"DATA-{digest.hexdigest()[:16]}"
