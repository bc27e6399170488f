"""A request: system instruction, contents, tools, and every other string that a model may read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from guardrail.errors import WireError
from guardrail.types import Conversation
from guardrail_adapters.collector import Author, Collector, as_array, as_object
from guardrail_adapters.gemini.content import fields, read_content
from guardrail_adapters.strict_json import loads

SETTINGS = frozenset({"labels", "model", "safetySettings", "serviceTier", "store"})
"""Top-level fields that steer the server and that no model reads: they are no parts."""

GENERATION = frozenset(
    {
        "audioTimestamp",
        "candidateCount",
        "enableEnhancedCivicAnswers",
        "frequencyPenalty",
        "imageConfig",
        "logprobs",
        "maxOutputTokens",
        "mediaResolution",
        "presencePenalty",
        "responseLogprobs",
        "responseMimeType",
        "responseModalities",
        "seed",
        "speechConfig",
        "temperature",
        "thinkingConfig",
        "topK",
        "topP",
    }
)
"""Fields of ``generationConfig`` that are no parts."""

_SYSTEM = Author("system", "system")
_USER = Author("user")


def read_request(body: bytes, model: str, *, stream: bool) -> Conversation:
    """The conversation of a request's body.

    Args:
        body: JSON.
        model: As the request's path names it.
        stream: Whether the path asks for a stream.

    Raises:
        WireError: Not strict JSON, or not a request of this format (status 400).
    """
    document = as_object(loads(body), "", "a JSON object")
    out = Collector("request")
    seen = set()
    for name, ref, value in fields(document, ""):
        seen.add(name)
        if name in SETTINGS:
            continue
        read = _READERS.get(name)
        if read is None:
            out.add_leaves(_USER, ref, value)
        else:
            read(out, ref, value)
    if "contents" not in seen:
        raise WireError("/contents: expected an array of contents, got nothing", ref="/contents")
    return Conversation(tuple(out.parts), model, stream, document)


def _contents(out: Collector, ref: str, value: Any) -> None:
    for index, content in enumerate(as_array(value, ref)):
        read_content(out, index, f"{ref}/{index}", content)


def _system(out: Collector, ref: str, value: Any) -> None:
    if isinstance(value, str):
        out.add_text(_SYSTEM, ref, value)
    else:
        # Whatever role it names: it is what the application says to the model.
        read_content(out, -1, ref, {**as_object(value, ref), "role": "system"})


def _tools(out: Collector, ref: str, tools: Any) -> None:
    """Declarations are texts; a tool that the provider runs is a channel that we miss."""
    for index, tool in enumerate(as_array(tools, ref)):
        for name, where, value in fields(as_object(tool, f"{ref}/{index}"), f"{ref}/{index}"):
            if name in ("functionDeclarations", "computerUse"):
                _schema(out, where, value)
            else:
                out.add(_SYSTEM, where, "opaque", name=name)


def _schema(out: Collector, ref: str, value: Any) -> None:
    out.add_leaves(_SYSTEM, ref, value, "schema")


def _generation(out: Collector, ref: str, value: Any) -> None:
    for name, where, inner in fields(as_object(value, ref), ref):
        if name == "stopSequences":
            out.add_leaves(_USER, where, inner, "schema")
        elif name not in GENERATION:
            _schema(out, where, inner)


def _cached(out: Collector, ref: str, value: Any) -> None:  # noqa: ARG001
    out.add(_SYSTEM, ref, "opaque", name="cachedContent")


_READERS: dict[str, Callable[[Collector, str, Any], None]] = {
    "contents": _contents,
    "systemInstruction": _system,
    "tools": _tools,
    "toolConfig": _schema,
    "generationConfig": _generation,
    "cachedContent": _cached,
}
