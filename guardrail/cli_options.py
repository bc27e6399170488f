"""The options of the commands, with the words that ``--help`` says of them."""

from __future__ import annotations

from typing import Annotated

import typer

from guardrail.presets import PRESETS

PolicyOption = Annotated[
    str,
    typer.Option(
        "--policy", "-p", help="A built-in (default, strict, moderated, monitor) or a file."
    ),
]

Upstream = Annotated[
    str, typer.Option(help=f"Base URL to forward to, or one of: {', '.join(PRESETS)}.")
]
Host = Annotated[str, typer.Option(help="Address to listen on.")]
Port = Annotated[int, typer.Option(min=1, max=65535, help="TCP port.")]
Workers = Annotated[int, typer.Option(min=1, max=256, help="Processes.")]
ApiKeyEnv = Annotated[
    str, typer.Option(help="Variable with the upstream's key; else the client's is passed on.")
]
ApiKeyHeader = Annotated[
    str, typer.Option(help="The header for that key; else the named upstream's, or bearer.")
]
Audit = Annotated[str, typer.Option(help="File for audit lines, or - for stdout.")]
AuditContent = Annotated[
    bool, typer.Option("--audit-content", help="Write the texts that findings are about.")
]
Reload = Annotated[bool, typer.Option(help="Take over edits of the policy file.")]
Checks = Annotated[
    bool, typer.Option("--checks", help="Add /guard/check, /v1/moderations and LiteLLM's API.")
]
ClientKeyEnv = Annotated[
    str,
    typer.Option(help="With --api-key-env: variable with the key that clients have to send."),
]
MetricsKeyEnv = Annotated[
    str, typer.Option(help="Variable with the key of /metrics; else it answers this machine only.")
]
CheckKeyEnv = Annotated[
    str, typer.Option(help="Variable with the key that those ask for; else they ask for none.")
]
