"""``guardrail demo``: attacks and harmless requests through a real proxy, with a report."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

import httpx
from rich.console import Console
from rich.table import Table
from rich.text import Text

from guardrail.demo.exchanges import exchanges
from guardrail.demo.report import write_report
from guardrail.demo.run import Happened, send
from guardrail.demo.servers import servers
from guardrail.outputs import check_output

_TIMEOUT_S = 60.0
_NEXT = """\
Now with a real model:

  guardrail serve --upstream https://api.openai.com --policy default

  from openai import OpenAI
  client = OpenAI(base_url="http://127.0.0.1:8000/v1")   # nothing else changes
"""


def run_demo(report: Path, console: Console) -> int:
    """Runs the demo and writes its report; 0 when everything ended as it should, else 1.

    Raises:
        GuardrailError: The report cannot be written there, or a server does not start.
    """
    check_output(report, "--report")
    happened: list[Happened] = []
    with (
        tempfile.TemporaryDirectory(prefix="guardrail-demo-") as folder,
        console.status("starting a stand-in upstream and the proxy …") as status,
        servers(Path(folder)) as running,
        httpx.Client(base_url=running.proxy, timeout=_TIMEOUT_S, trust_env=False) as client,
    ):
        console.print(f"proxy ready after {running.start_s:.1f} s", highlight=False)
        for exchange in exchanges():
            status.update(f"sending: {exchange.name}")
            happened.append(send(client, running, exchange))
    write_report(report, happened)
    console.print(_table(happened))
    console.print(f"The pictures, with boxes around what was found: {report}", highlight=False)
    console.print()
    console.print(_NEXT, highlight=False)
    return 0 if all(one.as_expected for one in happened) else 1


def _table(happened: Sequence[Happened]) -> Table:
    table = Table(title="What was sent, and what happened", title_justify="left")
    for column in ("exchange", "expected", "happened", "because", "reached the model", "ms"):
        table.add_column(column, justify="right" if column == "ms" else "left")
    for one in happened:
        action = Text(one.action, "green" if one.as_expected else "bold red")
        reached = "yes, byte for byte" if one.untouched else ("yes" if one.reached else "no")
        table.add_row(
            one.exchange.name, one.exchange.expected, action, because(one), reached, f"{one.ms:.0f}"
        )
    return table


def because(one: Happened) -> str:
    """The finding with the highest score, in words."""
    for stage, finding in one.findings():
        box = finding.get("box")
        where = f" at {box[0]},{box[1]} to {box[2]},{box[3]}" if box else ""
        return f"{stage}: {finding['category']} {finding['score']:.2f}{where}"
    return ""
