"""Whether results can be written, asked before the work that makes them."""

from __future__ import annotations

import os
from pathlib import Path

from guardrail.errors import PolicyError


def check_output(path: Path, option: str) -> None:
    """Whether a file can be written at ``path``, which ``option`` names; nothing is created.

    Raises:
        PolicyError: Its folder is missing, or one of the two cannot be written.
    """
    if path.is_dir():
        raise PolicyError(f"{option} {path}: is a folder; name a file in it")
    if not path.parent.is_dir():
        raise PolicyError(
            f"{option} {path}: there is no folder {path.parent}; create it, or name a file in "
            "another one"
        )
    if not os.access(path if path.exists() else path.parent, os.W_OK):
        raise PolicyError(f"{option} {path}: cannot be written; name a file elsewhere")
