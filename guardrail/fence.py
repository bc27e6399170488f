"""Texts of others inside prompts of the guard's own: fenced off, so that they cannot end early."""

from __future__ import annotations

from hashlib import sha256


def fenced(text: str) -> str:
    """``text`` between two marks that do not occur in it.

    The mark depends on the text alone, so that the same input is asked about in the same words; to
    forge it, a text would have to hold a part of its own digest.
    """
    salt = 0
    while (mark := _mark(text, salt)) in text:
        salt += 1
    return f"<<{mark}\n{text}\n{mark}>>"


def _mark(text: str, salt: int) -> str:
    digest = sha256(f"{salt}:{text}".encode("utf-8", "surrogatepass"))
    return f"DATA-{digest.hexdigest()[:16]}"
