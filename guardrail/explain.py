"""What ``explain`` shows: why a request got its verdict, and which stage reads what."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from guardrail.decide import applies
from guardrail.snapshot import Snapshot
from guardrail.stage import Stage
from guardrail.types import Conversation, Finding, Kind, Outcome, Side, Verdict

KINDS: tuple[Kind, ...] = (
    "text", "image", "tool_call", "tool_result", "audio", "file", "opaque",
)  # fmt: skip
_STYLES = {"ALLOW": "green", "FLAG": "yellow", "REDACT": "magenta", "BLOCK": "red"}


def verdict_tables(
    conversation: Conversation, outcome: Outcome, snapshot: Snapshot, side: Side = "input"
) -> RenderableType:
    """The parts with their coverage, and every finding beside the rules that it met."""
    action = outcome.action.name
    head = Text.assemble("verdict: ", (action, f"bold {_STYLES.get(action, '')}"))
    tables = (_parts(conversation, outcome), _findings(outcome, snapshot, side))
    return Group(head, *tables, *_notes(outcome))


def matrix(snapshot: Snapshot) -> Table:
    """Which stage reads which kind of part, on both sides; what nobody reads is opaque."""
    table = Table(title=Text(f"{snapshot.policy.name}: who reads what"), title_justify="left")
    for column in ("side", "stage", "written by", *KINDS):
        table.add_column(column)
    sides: tuple[Side, ...] = ("input", "output")
    for side in sides:
        stages = [stage for step in snapshot.steps(side) for stage in step]
        for stage in stages:
            reads = ["●" if kind in stage.detector.kinds else "" for kind in KINDS]
            sources = ", ".join(sorted(stage.sources)) if stage.sources else "anybody"
            table.add_row(side, stage.name, sources, *reads)
        read = {kind for stage in stages for kind in stage.detector.kinds}
        unread = ["" if kind in read else _opaque(snapshot, kind) for kind in KINDS]
        table.add_row(side, "[dim]nobody[/dim]", "", *unread, end_section=True)
    return table


def _opaque(snapshot: Snapshot, kind: Kind) -> str:
    actions = snapshot.opaque
    match kind:
        case "audio":
            return actions.audio.name.lower()
        case "file":
            return actions.file.name.lower()
        case _:
            return actions.unknown.name.lower()


def _parts(conversation: Conversation, outcome: Outcome) -> Table:
    table = Table(title="Parts", title_justify="left")
    for column in ("ref", "kind", "source", "coverage", "by"):
        table.add_column(column, overflow="fold")
    for part in conversation.parts:
        covered = outcome.coverage.get(part.ref)
        state = "not reached" if covered is None else covered.state
        by = "" if covered is None else covered.reason or ", ".join(covered.stages)
        # Text: what stands in a request must not be taken for the console's markup.
        table.add_row(*map(Text, (part.ref, part.kind, part.source, state, by)))
    return table


def _findings(outcome: Outcome, snapshot: Snapshot, side: Side) -> Table:
    table = Table(title="Stages and findings", title_justify="left")
    for column in ("stage", "category", "score", "rules met", "where", "excerpt"):
        table.add_column(column, overflow="fold")
    stages = {stage.name: stage for step in snapshot.steps(side) for stage in step}
    for verdict in outcome.verdicts:
        rows = [*_rows(verdict, stages.get(verdict.stage))]
        for row in rows or [("", "", "", "", "")]:
            table.add_row(*map(Text, (_told(verdict), *row)))
        table.add_section()
    return table


def _notes(outcome: Outcome) -> Iterator[Text]:
    """How parts were looked at, a paragraph a stage and part."""
    for verdict in outcome.verdicts:
        for ref, notes in verdict.notes.items():
            yield Text(f"{verdict.stage} looked at {ref}: " + "; ".join(notes))


def _told(verdict: Verdict) -> str:
    failed = f", {verdict.error}" if verdict.error else ""
    return f"{verdict.stage}: {verdict.action.name}{failed} ({verdict.seconds * 1000:.0f} ms)"


def _rows(verdict: Verdict, stage: Stage | None) -> Iterator[tuple[str, str, str, str, str]]:
    for finding in sorted(verdict.findings, key=lambda one: -one.score):
        met = [
            f"≥ {rule.at_least:g} → {rule.action.name.lower()}"
            for rule in (stage.rules if stage else ())
            if applies(rule, finding)
        ]
        score = f"{finding.score:.2f}"
        yield finding.category, score, "\n".join(met), where(finding), finding.excerpt[:80]


def where(finding: Finding) -> str:
    """The finding's place in words: its part, and characters or pixels of it."""
    if finding.box is not None:
        box = finding.box
        frame = f" of frame {box.frame}" if box.frame else ""
        return f"{finding.ref} pixels {box.left},{box.top} to {box.right},{box.bottom}{frame}"
    if finding.span is not None:
        return f"{finding.ref} characters {finding.span[0]} to {finding.span[1]}"
    return finding.ref
