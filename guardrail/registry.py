"""Names to classes. Built-ins stand here as strings: nothing is imported before it is asked for.

A distribution adds its own through the entry-point groups ``guardrail.detectors`` and
``guardrail.adapters``; a policy may also name a class itself as ``package.module:Class``. No name
ever stands for two things: a second entry of a name is an error, not an overwriting.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Mapping
from fnmatch import fnmatchcase
from functools import cache
from importlib.metadata import entry_points
from typing import Any, TypeGuard, cast

from pydantic import BaseModel

from guardrail.adapter import Adapter
from guardrail.detector import DetectorClass
from guardrail.errors import PolicyError
from guardrail.nearest import did_you_mean

DETECTORS: Mapping[str, str] = {
    "adversarial_image": "guardrail_detectors.adversarial_image:AdversarialImage",
    "document_injection": "guardrail_detectors.document_injection:DocumentInjection",
    "link_exfiltration": "guardrail_detectors.link_exfiltration:LinkExfiltration",
    "nudity": "guardrail_detectors.nudity:Nudity",
    "ocr_injection": "guardrail_detectors.ocr_injection:OcrInjection",
    "person_inference": "guardrail_detectors.person_inference:PersonInference",
    "self_moderation": "guardrail_detectors.self_moderation:SelfModeration",
    "system_prompt_leak": "guardrail_detectors.system_prompt:SystemPromptLeak",
    "system_prompt_request": "guardrail_detectors.system_prompt:SystemPromptRequest",
    "text_guard": "guardrail_detectors.text_guard:TextGuard",
    "unsafe_image": "guardrail_detectors.unsafe_image:UnsafeImage",
    "unicode_smuggling": "guardrail_detectors.unicode_smuggling:UnicodeSmuggling",
}
ADAPTERS: Mapping[str, str] = {
    "anthropic_count_tokens": "guardrail_adapters.anthropic_messages:AnthropicCountTokens",
    "anthropic_messages": "guardrail_adapters.anthropic_messages:AnthropicMessages",
    "gemini": "guardrail_adapters.gemini:Gemini",
    "ollama_chat": "guardrail_adapters.ollama:OllamaChat",
    "ollama_embed": "guardrail_adapters.ollama:OllamaEmbed",
    "ollama_generate": "guardrail_adapters.ollama:OllamaGenerate",
    "openai_chat": "guardrail_adapters.openai_chat:OpenAIChat",
    "openai_completions": "guardrail_adapters.openai_prompts:OpenAICompletions",
    "openai_embeddings": "guardrail_adapters.openai_prompts:OpenAIEmbeddings",
    "openai_image_edits": "guardrail_adapters.openai_prompts:OpenAIImageEdits",
    "openai_image_variations": "guardrail_adapters.openai_prompts:OpenAIImageVariations",
    "openai_images": "guardrail_adapters.openai_prompts:OpenAIImages",
    "openai_responses": "guardrail_adapters.openai_responses:OpenAIResponses",
}
PATHS: Mapping[str, str] = {
    "*/chat/completions": "openai_chat",
    "*/api/chat": "ollama_chat",
    "*/api/generate": "ollama_generate",
    "*/api/embed": "ollama_embed",
    "*/api/embeddings": "ollama_embed",
    "*:generateContent": "gemini",
    "*:streamGenerateContent": "gemini",
    "*:generatecontent": "gemini",  # canonical paths are in lower case
    "*:streamgeneratecontent": "gemini",
    "*/completions": "openai_completions",
    "*/embeddings": "openai_embeddings",
    "*/images/edits": "openai_image_edits",
    "*/images/generations": "openai_images",
    "*/images/variations": "openai_image_variations",
    "*/responses": "openai_responses",
    "*/v1/messages": "anthropic_messages",
    "*/v1/messages/count_tokens": "anthropic_count_tokens",
}
"""Path globs and the adapter that reads their bodies; the first that matches."""

DETECTOR_GROUP = "guardrail.detectors"
ADAPTER_GROUP = "guardrail.adapters"

_TARGET = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*:[A-Za-z_]\w*", re.ASCII)
_DETECTOR_METHODS = ("load", "inspect")
_DETECTOR_PROPERTIES = ("kinds", "categories")
_ADAPTER_METHODS = (
    "parse",
    "render",
    "with_system",
    "parse_reply",
    "question",
    "refusal",
    "error",
    "events",
)


def detector_names() -> tuple[str, ...]:
    """Every detector a policy can name, in alphabetical order; for programs that list them.

    Raises:
        PolicyError: Two entry points share a name, or one takes a built-in's.
    """
    return tuple(sorted(_targets(DETECTOR_GROUP)))


def adapter_names() -> tuple[str, ...]:
    """Every adapter a route can name, in alphabetical order; for programs that list them.

    Raises:
        PolicyError: Two entry points share a name, or one takes a built-in's.
    """
    return tuple(sorted(_targets(ADAPTER_GROUP)))


def adapter_for_path(path: str) -> str | None:
    """The name of the adapter that reads bodies sent to ``path``, None where none does."""
    for pattern, name in PATHS.items():
        if fnmatchcase(path, pattern):
            return name
    return None


def detector_class(name: str) -> DetectorClass:
    """The class that a policy names under ``detect:``; it is imported, not made.

    Raises:
        PolicyError: There is no such name, it does not import, or it is no detector.
    """
    target = target_of(name, DETECTOR_GROUP)
    found = _imported(name, target)
    config = getattr(found, "Config", None)
    if not callable(found) or not _is_model(config):
        raise PolicyError(
            f"{name!r} ({target}) is no detector: it needs the attribute Config, a pydantic model "
            "of its settings"
        )
    if config.model_config.get("extra") != "forbid":
        raise PolicyError(
            f"{name!r} ({target}): Config must refuse unknown settings; "
            'give it model_config = ConfigDict(extra="forbid")'
        )
    _need(found, _DETECTOR_METHODS, f"{name!r} ({target}) is no detector")
    return cast("DetectorClass", found)


def check_detector(detector: object, name: str) -> None:
    """Whether a detector object has what the protocol asks for.

    Raises:
        PolicyError: It lacks a member; the message names them all.
    """
    members = (*_DETECTOR_METHODS, *_DETECTOR_PROPERTIES)
    _need(detector, members, f"{name!r} ({type(detector).__qualname__}) is no detector")
    for member in _DETECTOR_PROPERTIES:
        value = getattr(detector, member)
        if not isinstance(value, frozenset) or not value:
            raise PolicyError(
                f"{name!r}: {member} must be a frozenset that is not empty, got {value!r}"
            )


@cache
def adapter(name: str) -> Adapter:
    """The adapter of that name, made once a process.

    Raises:
        PolicyError: There is no such name, it does not import, or it is no adapter.
    """
    target = target_of(name, ADAPTER_GROUP)
    found = _imported(name, target)
    _need(found, _ADAPTER_METHODS, f"{name!r} ({target}) is no adapter")
    return cast("Adapter", found())


def target_of(name: str, group: str) -> str:
    """``module:Class`` for ``name``, which may be one itself.

    Raises:
        PolicyError: The group has no such name; the message has the nearest one.
    """
    if _TARGET.fullmatch(name):
        return name
    targets = _targets(group)
    if name not in targets:
        kind = "detector" if group == DETECTOR_GROUP else "adapter"
        raise PolicyError(f"no {kind} {name!r}{did_you_mean(name, targets)}")
    return targets[name]


def _targets(group: str) -> dict[str, str]:
    targets = dict(DETECTORS if group == DETECTOR_GROUP else ADAPTERS)
    for entry in entry_points(group=group):
        if entry.name in targets:
            owner = entry.dist.name if entry.dist is not None else "an unknown distribution"
            raise PolicyError(
                f"the entry point {entry.name!r} of group {group!r} from {owner} ({entry.value}) "
                f"takes a name that stands for {targets[entry.name]}; rename it or remove one"
            )
        targets[entry.name] = entry.value
    return targets


def _imported(name: str, target: str) -> Any:
    module, _, attribute = target.partition(":")
    try:
        return getattr(importlib.import_module(module), attribute)
    except Exception as error:
        # Somebody else's module: whatever its import raises is a fault of the name or its code.
        raise PolicyError(
            f"{name!r} ({target}) cannot be imported: {type(error).__name__}: {error}; "
            "check the spelling, and that its package is installed"
        ) from error


def _need(found: object, members: tuple[str, ...], what: str) -> None:
    missing = [member for member in members if not hasattr(found, member)]
    if missing:
        raise PolicyError(f"{what}: it lacks {', '.join(missing)}")


def _is_model(config: object) -> TypeGuard[type[BaseModel]]:
    return isinstance(config, type) and issubclass(config, BaseModel)
