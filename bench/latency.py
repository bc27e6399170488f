"""What the guard costs: direct, bare proxy and guarded proxy, interleaved in one run.

Three servers run on the loopback: an upstream with fixed replies, a proxy that inspects nothing
(``bench.bare``) and the guarded proxy. In every round each of them gets a block of each kind of
request, in an order drawn anew, so that what slows the machine slows all three. The headline is
the CPU time of the guarded proxy's process tree per request, as a ratio to the bare proxy's:
unlike wall time it does not depend on how busy the machine is. Nothing here asserts a time.
"""

import itertools
import json
import os
import platform
import random
import shlex
import sys
import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Annotated, Any

import typer
from rich import box
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from bench.bare import Server as BareServer
from bench.load import SCENARIOS, Block, Scenario, bodies, reply_digest, run_block
from bench.processes import Server, ServerError, free_port, running
from bench.summary import Row, summarise
from bench.upstream import GAP_VARIABLE

CONCURRENCIES = (1, 8)
TARGETS = ("direct", "bare", "guarded")
POLICY = Path(__file__).parent / "policies" / "no_models.yaml"
GUARDED = (
    "{python} -m guardrail serve --host 127.0.0.1 --port {port} --upstream {upstream}"
    " --policy {policy} --workers 1"
)

_PACKAGES = ("mllm-guardrail", "litestar", "granian", "uvicorn", "uvloop", "aiohttp")

Key = tuple[str, int, str]


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is measured: rounds, requests per block, the seed, and a limit in seconds."""

    scenarios: tuple[Scenario, ...]
    rounds: int
    requests: int
    seed: int
    time_limit_s: float


@contextmanager
def servers(
    guarded: str, policy: Path, bare_server: BareServer, gap_ms: float
) -> Generator[tuple[Server, ...]]:
    """The upstream, the bare proxy and the guarded proxy, ready; all stopped on exit."""
    with ExitStack() as stack:
        port = free_port()
        gap = {GAP_VARIABLE: str(gap_ms)}
        command = [sys.executable, "-m", "bench.upstream", "--port", str(port)]
        direct = stack.enter_context(running("direct", command, port, environment=gap))
        port = free_port()
        command = [sys.executable, "-m", "bench.bare", "--port", str(port)]
        command += ["--upstream", direct.url, "--server", bare_server.value]
        bare = stack.enter_context(running("bare", command, port))
        port = free_port()
        command = [
            word.format(python=sys.executable, port=port, upstream=direct.url, policy=policy)
            for word in shlex.split(guarded)
        ]
        yield direct, bare, stack.enter_context(running("guarded", command, port))


def warm_up(targets: Sequence[Server], scenario: Scenario, seed: int) -> None:
    """Exercise every target once and check that the proxies pass the reply on byte for byte.

    Raises:
        ServerError: A proxy's reply differs from the upstream's.
    """
    body = next(bodies(scenario, seed))
    digests = {target.name: reply_digest(target, body) for target in targets}
    changed = [name for name, digest in digests.items() if digest != digests["direct"]]
    if changed:
        raise ServerError(f"{scenario.name}: reply differs from the upstream's: {changed}")
    for target in targets:
        run_block(target, bodies(scenario, seed), 40, 8)


def measure(targets: Sequence[Server], plan: Plan, progress: Progress) -> dict[Key, list[Block]]:
    """Blocks by scenario, concurrency and target: one per round, all in whole rounds.

    Stops after the round in which ``plan.time_limit_s`` has passed.
    """
    shuffle = random.Random(plan.seed).shuffle
    cases = list(itertools.product(plan.scenarios, CONCURRENCIES))
    sources = {s.name: bodies(s, plan.seed) for s in plan.scenarios}
    blocks: dict[Key, list[Block]] = {}
    task = progress.add_task("blocks", total=plan.rounds * len(cases) * len(targets))
    end = time.monotonic() + plan.time_limit_s
    for _ in range(plan.rounds):
        for scenario, concurrency in cases:
            order = list(targets)
            shuffle(order)
            for target in order:
                count = max(1, round(plan.requests * scenario.share))
                block = run_block(target, sources[scenario.name], count, concurrency)
                blocks.setdefault((scenario.name, concurrency, target.name), []).append(block)
                progress.advance(task)
        if time.monotonic() > end:
            break
    return blocks


def rows(blocks: dict[Key, list[Block]], scenarios: Sequence[Scenario], seed: int) -> list[Row]:
    """One row per case and target; the guarded proxy's carry the ratio to the bare proxy's."""
    keys = itertools.product((s.name for s in scenarios), CONCURRENCIES, TARGETS)
    return [
        summarise(
            (name, concurrency, target),
            blocks[name, concurrency, target],
            blocks[name, concurrency, "bare"] if target == "guarded" else None,
            seed,
        )
        for name, concurrency, target in keys
    ]


def _cells(row: Row) -> tuple[str, ...]:
    latencies = (row.p50_ms, row.p95_ms, row.p99_ms, row.first_byte_p50_ms)
    ratio = row.ratio
    return (
        f"{row.scenario} ×{row.concurrency}",
        row.target,
        str(row.n),
        *(f"{value:.2f}" for value in latencies),
        f"{row.requests_per_s:.0f}",
        f"{row.cpu_ms:.3f}",
        "" if ratio is None else f"{ratio.estimate:.2f} [{ratio.low:.2f}, {ratio.high:.2f}]",
    )


def _table(measured: Sequence[Row]) -> Table:
    table = Table(
        title="Latency in ms; CPU in ms per request of the target's process tree",
        box=box.SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
    )
    for name in ("case", "target"):
        table.add_column(name, no_wrap=True)
    for name in ("n", "p50", "p95", "p99", "1st p50", "req/s"):
        table.add_column(name, justify="right", no_wrap=True)
    for name in ("CPU ms", "CPU/bare [95 %]"):
        table.add_column(name, justify="right", style="bold", no_wrap=True)
    for row in measured:
        table.add_row(*_cells(row), end_section=row.target == TARGETS[-1])
    return table


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "absent"


def environment() -> dict[str, object]:
    """The processor, its cores and load, the interpreter, the versions that matter."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    models = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return {
        "cpu": models[0] if models else platform.processor(),
        "cores": os.cpu_count(),
        "load_average": os.getloadavg(),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.release()}",
        "versions": {package: _version(package) for package in _PACKAGES},
    }


def _scenarios(names: Sequence[str]) -> tuple[Scenario, ...]:
    known = {scenario.name: scenario for scenario in SCENARIOS}
    unknown = sorted(set(names) - set(known))
    if unknown:
        raise typer.BadParameter(f"{', '.join(unknown)}; known: {', '.join(known)}")
    return tuple(known[name] for name in names)


def _progress() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    return Progress(*columns, TimeRemainingColumn(), console=Console(stderr=True))


def _print(
    measured: Sequence[Row], plan: Plan, start_s: Mapping[str, float], found: Mapping[str, Any]
) -> None:
    # A pipe has no width; narrower than the table, rich would cut the numbers.
    console = Console(width=None if sys.stdout.isatty() else 120)
    console.print(_table(measured))
    starts = ", ".join(f"{name} {seconds:.2f} s" for name, seconds in start_s.items())
    console.print(f"seed {plan.seed}, {plan.rounds} rounds at most; start to ready: {starts}")
    console.print(f"{found['cpu']}, {found['cores']} cores, Python {found['python']}")


def main(  # noqa: PLR0913 - each is an option of the command line
    *,
    scenario: Annotated[
        list[str] | None, typer.Option(help="short, long or streamed; repeatable; all if omitted.")
    ] = None,
    rounds: Annotated[
        int, typer.Option(min=2, max=1000, help="Rounds; the interval comes from their spread.")
    ] = 10,
    requests: Annotated[
        int,
        typer.Option(min=8, max=100_000, help="Per block; long sends half, streamed an eighth."),
    ] = 200,
    seed: Annotated[int, typer.Option(help="Of texts, order and bootstrap.")] = 0,
    chunk_gap_ms: Annotated[
        float, typer.Option(min=0, max=1000, help="Pause of the upstream between stream chunks.")
    ] = 1.0,
    policy: Annotated[
        Path, typer.Option(exists=True, dir_okay=False, help="Policy of the guarded proxy.")
    ] = POLICY,
    guarded: Annotated[
        str, typer.Option(help="Command of the guarded proxy: {python} {port} {upstream} {policy}.")
    ] = GUARDED,
    bare_server: Annotated[
        BareServer, typer.Option(help="Server of the bare proxy; the guarded one's, to be fair.")
    ] = BareServer.GRANIAN,
    time_limit_s: Annotated[
        float, typer.Option(min=1, max=7200, help="No new round starts after this many seconds.")
    ] = 900.0,
    json_path: Annotated[
        Path | None, typer.Option("--json", dir_okay=False, help="Also write the results here.")
    ] = None,
) -> None:
    """Measure what the guarded proxy adds to calling the upstream directly.

    Targets: "direct" is the upstream alone (its CPU is its own), "bare" a Litestar proxy that
    inspects nothing, "guarded" the product. Wall latencies are read at concurrency 1, throughput
    at concurrency 8, CPU at both; the ratio's 95 % interval is a bootstrap over rounds. Request
    bodies are all different, so that no verdict cache helps. Traffic stays on the loopback.
    Linux only. Example: python -m bench.latency --rounds 20 --json latency.json
    """
    names = tuple(scenario) if scenario else tuple(s.name for s in SCENARIOS)
    plan = Plan(_scenarios(names), rounds, requests, seed, time_limit_s)
    found = environment()
    with servers(guarded, policy, bare_server, chunk_gap_ms) as targets, _progress() as progress:
        for each in plan.scenarios:
            warm_up(targets, each, seed + 1)  # other texts than the measured ones
        measured = rows(measure(targets, plan, progress), plan.scenarios, seed)
        start_s = {target.name: target.start_s for target in targets}
    _print(measured, plan, start_s, found)
    if json_path is not None:
        commands = {"guarded": guarded, "bare_server": bare_server.value}
        report = {"plan": asdict(plan), "chunk_gap_ms": chunk_gap_ms, "commands": commands}
        report |= {"environment": found, "start_s": start_s}
        report["rows"] = [asdict(row) for row in measured]
        json_path.write_text(json.dumps(report, indent=2) + "\n")


if __name__ == "__main__":
    typer.run(main)
