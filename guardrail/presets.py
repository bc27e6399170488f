"""Endpoints by name: where they are, and the header that carries their key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from guardrail.errors import PolicyError
from guardrail.nearest import did_you_mean


@dataclass(frozen=True, slots=True)
class Preset:
    """One endpoint.

    Attributes:
        base_url: Where requests go.
        key_header: The header that carries its key; in ``authorization`` as bearer token.
    """

    base_url: str
    key_header: str = "authorization"


PRESETS: Mapping[str, Preset] = {
    "anthropic": Preset("https://api.anthropic.com", "x-api-key"),
    "gemini": Preset("https://generativelanguage.googleapis.com", "x-goog-api-key"),
    "groq": Preset("https://api.groq.com/openai"),
    "llama.cpp": Preset("http://127.0.0.1:8080"),
    "lmstudio": Preset("http://127.0.0.1:1234"),
    "mistral": Preset("https://api.mistral.ai"),
    "ollama": Preset("http://127.0.0.1:11434"),
    "openai": Preset("https://api.openai.com"),
    "openrouter": Preset("https://openrouter.ai/api"),
    "sglang": Preset("http://127.0.0.1:30000"),
    "together": Preset("https://api.together.xyz"),
    "vllm": Preset("http://127.0.0.1:8000"),
}
"""Name to endpoint; local servers at the port that they listen on unless told otherwise."""


def preset(upstream: str) -> Preset:
    """The endpoint that ``upstream`` names, or whose base URL it is.

    Raises:
        PolicyError: It is neither a URL nor a name; the message has the nearest one.
    """
    if "://" in upstream:
        return Preset(upstream)
    if upstream not in PRESETS:
        near = did_you_mean(upstream, PRESETS)
        raise PolicyError(
            f"upstream {upstream!r} is neither a base URL nor a name{_with_scheme(upstream)}{near}"
        )
    return PRESETS[upstream]


def _with_scheme(upstream: str) -> str:
    """What to write in place of a host without a scheme; "" for what looks like a name."""
    host, _, port = upstream.partition("/")[0].rpartition(":")
    if not port.isdecimal():
        host, port = port, ""
    if not port and "." not in host and host != "localhost":
        return ""
    scheme = "https" if port == "443" or (not port and host != "localhost") else "http"
    return f"; a base URL begins with its scheme: write {f'{scheme}://{upstream}'!r}"
