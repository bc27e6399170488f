"""What each adapter makes of what its recordings hold: the table in ``adapters/README.md``.

``python -m tests.adapters.coverage`` writes it there; a test compares.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from guardrail.adapter import addressed
from guardrail.registry import adapter
from guardrail.types import Conversation

HERE = Path(__file__).parent
README = HERE.parents[1] / "adapters" / "README.md"
BEGIN, END = "<!-- coverage: from the recordings of the tests -->\n", "<!-- /coverage -->\n"

RECORDINGS = {
    "openai_chat": ("openai_chat", ""),
    "openai_responses": ("openai_responses", ""),
    "openai_completions": ("openai_prompts", "completions."),
    "openai_embeddings": ("openai_prompts", "embeddings."),
    "openai_images": ("openai_prompts", "images."),
    "openai_image_edits": ("openai_prompts", "image_edits."),
    "openai_image_variations": ("openai_prompts", "image_variations."),
    "anthropic_messages": ("anthropic_messages", ""),
    "gemini": ("gemini", ""),
    "ollama_chat": ("ollama", "chat."),
    "ollama_generate": ("ollama", "generate."),
    "ollama_embed": ("ollama", "embed."),
}
"""Adapter to the folder of its recordings and how their names begin."""

FORMS = {
    "openai_image_edits": b"multipart/form-data; boundary=form-2f1c",
    "openai_image_variations": b"multipart/form-data; boundary=form-2f1c",
}
"""Adapters whose requests are no JSON, and the ``Content-Type`` of their recordings."""

KINDS = ("text", "tool_call", "tool_result", "image", "audio", "file")
DIRECTIONS = ("request", "reply", "stream")


def table() -> str:
    """The table as Markdown."""
    head = ["adapter", "direction", *(kind.replace("_", " ") for kind in KINDS), "opaque"]
    lines = [_row(head), _row(["---"] * len(head))]
    for name in RECORDINGS:
        for direction in DIRECTIONS:
            found = list(seen(name, direction))
            if not found:
                continue
            kinds = {kind for kind, _ in found}
            names = sorted({label for kind, label in found if kind == "opaque"})
            cells = ["yes" if kind in kinds else "" for kind in KINDS]
            lines.append(_row([f"`{name}`", direction, *cells, ", ".join(names)]))
    return "".join(lines)


def seen(name: str, direction: str) -> Iterator[tuple[str, str]]:
    """Kind and name of each part in the recordings of one direction."""
    folder, start = RECORDINGS[name]
    lens = adapter(name)
    for path in sorted((HERE / folder / "wire").glob(f"{start}*")):
        body = path.read_bytes()
        if direction == "request" and path.name.endswith((".request.json", ".request.form")):
            asked = addressed(lens, "/", b"", FORMS.get(name))
            yield from ((part.kind, part.name) for part in asked.parse(body).parts)
        elif direction == "reply" and path.name.endswith(".reply.json"):
            yield from ((part.kind, part.name) for part in lens.parse_reply(body).parts)
        elif direction == "stream" and path.suffix in (".sse", ".ndjson"):
            reader = streaming(name).events(Conversation((), "m", stream=True))
            for event in [*reader.feed(body), *reader.close()]:
                yield from ((delta.kind, delta.name) for delta in event.deltas)


def streaming(name: str):
    """The adapter as it reads a stream of events."""
    return addressed(adapter(name), "/models/m:streamGenerateContent", b"alt=sse")


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |\n"


def written(text: str) -> str:
    """``text`` with the table in its place."""
    head, _, rest = text.partition(BEGIN)
    return f"{head}{BEGIN}\n{table()}\n{END}{rest.partition(END)[2]}"


if __name__ == "__main__":
    README.write_text(written(README.read_text()))
