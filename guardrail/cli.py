"""The command line: one function a command, no logic.

Ends with 0 when all is well, 1 when a probe, a model or the demo failed, 2 when it was called
wrongly or a policy is wrong.
"""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import Annotated, Any

import typer

from guardrail import __version__
from guardrail import cli_options as options
from guardrail.cli_console import err, out, told
from guardrail.cli_models import models_app, train_app
from guardrail.cli_options import PolicyOption
from guardrail.errors import GuardrailError

app = typer.Typer(
    name="guardrail",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Safety guardrail for multimodal LLMs. Start with `guardrail demo`.",
)
app.add_typer(models_app, name="models")
app.add_typer(train_app, name="train")


def _version(value: bool) -> None:
    if value:
        out.print(__version__)
        raise typer.Exit


@app.callback()
def main(
    _: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print it.")
    ] = False,
) -> None:
    """Safety guardrail for multimodal LLMs. Start with `guardrail demo`."""
    logging.basicConfig(format="%(levelname)s %(name)s: %(message)s")
    logging.getLogger("guardrail").setLevel(logging.INFO)


@app.command()
def serve(  # noqa: PLR0913 - each is an option
    *,
    upstream: options.Upstream = "",
    policy: PolicyOption = "default",
    host: options.Host = "127.0.0.1",
    port: options.Port = 8000,
    workers: options.Workers = 1,
    api_key_env: options.ApiKeyEnv = "",
    api_key_header: options.ApiKeyHeader = "",
    client_key_env: options.ClientKeyEnv = "",
    audit: options.Audit = "",
    audit_content: options.AuditContent = False,
    reload: options.Reload = True,
    checks: options.Checks = False,
    check_key_env: options.CheckKeyEnv = "",
    metrics_key_env: options.MetricsKeyEnv = "",
) -> None:
    """Run the reverse proxy in front of an endpoint.

    Example: `guardrail serve --upstream https://api.openai.com --policy strict --audit audit.jsonl`
    """
    from guardrail.server import Settings  # noqa: PLC0415 - granian is for this command only
    from guardrail.server import serve as run  # noqa: PLC0415

    settings = Settings(
        policy=policy,
        upstream=upstream,
        api_key_env=api_key_env,
        api_key_header=api_key_header,
        client_key_env=client_key_env,
        host=host,
        port=port,
        workers=workers,
        audit=audit,
        audit_content=audit_content,
        reload=reload,
        checks=checks,
        check_key_env=check_key_env,
        metrics_key_env=metrics_key_env,
    )
    with told():
        run(settings)


@app.command()
def demo(
    report: Annotated[Path, typer.Option(help="Where the HTML report goes.")] = Path("demo.html"),
) -> None:
    """Send attacks and harmless requests through a real proxy and see what happens to them.

    Needs nothing: a stand-in upstream answers from a script, the pictures are drawn here.
    """
    from guardrail.demo import run_demo  # noqa: PLC0415 - each command imports what it needs

    with told():
        raise typer.Exit(run_demo(report, out))


@app.command()
def check(
    policies: Annotated[
        list[str] | None, typer.Argument(help="Built-ins or files; the built-ins without any.")
    ] = None,
) -> None:
    """Check policies: keys, names, dead rules. Loads no weights.

    Example: `guardrail check my-policy.yaml`
    """
    from guardrail.check import checked  # noqa: PLC0415
    from guardrail.policy import BUILTIN, load_policy  # noqa: PLC0415

    failed = False
    for source in policies or BUILTIN:
        try:
            table, remarks = checked(load_policy(source))
        except GuardrailError as error:
            err.print(str(error), style="red", markup=False, highlight=False, soft_wrap=True)
            failed = True
            continue
        out.print(table)
        for remark in remarks:
            out.print(f"  note: {remark}", markup=False, highlight=False)
    if failed:
        raise typer.Exit(2)


@app.command("test")
def run_tests(
    sources: Annotated[
        list[Path] | None,
        typer.Argument(help="Folders, policies or *.probes.yaml; the built-ins without any."),
    ] = None,
) -> None:
    """Run the probes beside policies: inputs with the action that is expected of them.

    Example: `guardrail test policies/`
    """
    from guardrail.probe_report import probe_table  # noqa: PLC0415
    from guardrail.probe_run import probe_files, run_probes  # noqa: PLC0415

    with told():
        results = [
            result
            for file in probe_files(sources or [])
            for result in asyncio.run(run_probes(file))
        ]
    out.print(probe_table(results))
    if any(result.fault for result in results):
        raise typer.Exit(1)


@app.command()
def explain(
    request: Annotated[
        Path | None, typer.Argument(help="A request body as JSON; without it, who reads what.")
    ] = None,
    policy: PolicyOption = "default",
    adapter: Annotated[str, typer.Option(help="The body's wire format.")] = "openai_chat",
) -> None:
    """Show why a request gets its verdict, or which stage of a policy reads what.

    Example: `guardrail explain request.json --policy strict`
    """
    from guardrail.explain import matrix, verdict_tables  # noqa: PLC0415
    from guardrail.guard import Guard  # noqa: PLC0415

    with told():
        guard = Guard.from_policy(policy)
        if request is None:
            out.print(matrix(guard.snapshot))
            return
        conversation, outcome = asyncio.run(_checked(guard, _read(request), adapter))
    out.print(verdict_tables(conversation, outcome, guard.snapshot))


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise GuardrailError(f"{path}: cannot be read: {error.strerror}") from None


async def _checked(guard: Any, body: bytes, adapter: str) -> Any:
    try:
        return await guard.acheck_body(body, adapter)
    finally:
        await guard.close()


@app.command()
def schema() -> None:
    """Print the JSON Schema of policies, for completion in editors."""
    from guardrail.schema import schema_text  # noqa: PLC0415

    typer.echo(schema_text(), nl=False)


@app.command()
def scan(
    source: Annotated[Path, typer.Argument(help="JSON lines, or a folder of pictures.")],
    *,
    output: Annotated[Path, typer.Option("--output", "-o", help="Result lines go here.")],
    policy: PolicyOption = "default",
    workers: Annotated[int, typer.Option(min=1, max=256, help="Items at one time.")] = 2,
    limit: Annotated[int | None, typer.Option(min=1, help="Most items.")] = None,
    resume: Annotated[bool, typer.Option(help="Skip items whose results are there.")] = True,
    content: Annotated[
        bool, typer.Option("--content", help="Write the texts that findings are about.")
    ] = False,
) -> None:
    """Run the input stages over many items, offline, and write every score.

    Each line is `{"id", "text"?, "image"?, "messages"?}`, `image` being a path beside the file;
    other keys are copied to the result, and `label` sorts the summary. Example:
    `guardrail scan traffic.jsonl --policy default --output scores.jsonl`
    """
    from guardrail.scan import ScanOptions  # noqa: PLC0415
    from guardrail.scan_progress import scan_with_progress  # noqa: PLC0415

    options = ScanOptions(source, output, workers, limit, resume, content)
    with told():
        scan_with_progress(policy, options, out, err)
