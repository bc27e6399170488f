"""The error tree: everything this package raises on purpose.

::

    GuardrailError
    ├── PolicyError     a policy, its settings or a model it names is wrong: fix the YAML
    ├── WireError       a body, stream or header breaks its format or a limit: HTTP 4xx
    │   └── ImageError  a picture cannot be accepted: too large, truncated, not a picture
    ├── ModelError      weights are missing, altered or do not fit
    └── OverloadError   a bounded queue is full: HTTP 503 with Retry-After
"""

from __future__ import annotations

from typing import TypeVar


class GuardrailError(Exception):
    """Base of every error raised on purpose."""


class PolicyError(GuardrailError):
    """A policy cannot be loaded; the message names file, line, column and the remedy."""


class WireError(GuardrailError):
    """What came over the wire breaks its format or a limit; rendered as HTTP ``status``.

    Args:
        message: What is wrong and what to do; may be shown to the client.
        ref: JSON Pointer of the value at fault, "" for the whole body.
        status: HTTP status of the answer, 400 to 499 for a client's fault, 502 for an upstream's.
    """

    def __init__(self, message: str, *, ref: str = "", status: int = 400) -> None:
        super().__init__(message)
        self.ref = ref
        self.status = status


class ImageError(WireError):
    """A picture is refused before or while it is decoded."""


class ModelError(GuardrailError):
    """Weights are missing, altered or do not fit; the message names the command that helps."""


class OverloadError(GuardrailError):
    """A bounded queue is full; the answer is 503 with ``Retry-After``."""


E = TypeVar("E", bound=GuardrailError)


def first_of(group: ExceptionGroup[Exception], kind: type[E]) -> E:
    """The first error of ``group``, all of which are of ``kind``.

    To be raised from an ordinary ``except``: what is raised inside an ``except*`` arrives wrapped
    in a group of its own on Python 3.11.2 (seen; not on 3.11.7).

    Raises:
        ExceptionGroup: ``group``, when it holds an error of another kind.
    """
    found = [error for error in group.exceptions if isinstance(error, kind)]
    if len(found) < len(group.exceptions):
        raise group
    return found[0]


def recorded(error: BaseException) -> str:
    """What an audit record says of ``error``.

    Of others' exceptions the type alone: their texts may hold content, or a key.
    """
    name = type(error).__name__
    return f"{name}: {error}" if isinstance(error, GuardrailError) else name
