"""Where the commands write, and how they end when something is wrong."""

from __future__ import annotations

import sys
from collections.abc import Generator
from contextlib import contextmanager

import typer
from rich.console import Console

from guardrail.errors import GuardrailError

# A pipe has no width, and 80 columns cut the tables.
out = Console(width=None if sys.stdout.isatty() else 120)
err = Console(stderr=True)


@contextmanager
def told() -> Generator[None]:
    """Errors that name what is wrong end the program with their message and no traceback."""
    try:
        yield
    except GuardrailError as error:
        err.print(f"error: {error}", style="red", markup=False, highlight=False, soft_wrap=True)
        raise typer.Exit(2) from None
    except KeyboardInterrupt:
        raise typer.Exit(130) from None
