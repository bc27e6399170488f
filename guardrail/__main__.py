"""``python -m guardrail`` is the command line."""

from guardrail.cli import app

app()
