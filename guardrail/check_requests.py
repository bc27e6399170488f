"""What is asked of the endpoints that judge and do not forward, as chat messages."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from guardrail.errors import WireError

M = TypeVar("M", bound=BaseModel)

_SYSTEM = frozenset({"system", "developer"})
_ROLES = frozenset({"system", "developer", "user", "assistant", "tool", "function"})


class PlainCheck(BaseModel):
    """``POST /guard/check``.

    Attributes:
        text: A user's text.
        images: Pictures of the same message, as base64 or ``data:`` URLs.
        messages: OpenAI chat messages.
        reply: A model's answer, judged by the output stages.
    """

    model_config = ConfigDict(extra="forbid")

    text: str | None = None
    images: list[str] = Field(default_factory=list)
    messages: list[dict[str, Any]] | None = None
    reply: str | None = None


class GuardrailRequest(BaseModel):
    """LiteLLM's generic guardrail contract; what it says beyond this is not needed.

    Source: https://docs.litellm.ai/docs/adding_provider/generic_guardrail_api

    Attributes:
        input_type: Whether a request or a response is to be judged.
        texts: All texts, in reading order.
        images: URLs or ``data:`` URLs.
        tools: Tools of the request.
        tool_calls: Calls of the response.
        structured_messages: The messages that the texts stand in.
        model: Asked for.
    """

    model_config = ConfigDict(extra="ignore")

    input_type: Literal["request", "response"] = "request"
    texts: list[str] | None = None
    images: list[str] | None = None
    tools: list[dict[str, Any]] | None = None
    tool_calls: list[dict[str, Any]] | None = None
    structured_messages: list[dict[str, Any]] | None = None
    model: str | None = None


class ModerationRequest(BaseModel):
    """OpenAI's moderation request: texts and pictures.

    Source: https://platform.openai.com/docs/api-reference/moderations
    """

    model_config = ConfigDict(extra="ignore")

    input: str | list[str] | list[dict[str, Any]]
    model: str = ""


def system_text(messages: Sequence[Mapping[str, Any]]) -> str:
    """What chat messages say to the model as system text; no part of it is judged."""
    contents = [one.get("content") for one in messages if one.get("role") in _SYSTEM]
    items = [item for one in contents for item in (one if isinstance(one, list) else [one])]
    texts = [item.get("text") if isinstance(item, dict) else item for item in items]
    return "\n\n".join(text for text in texts if isinstance(text, str))


def read(model: type[M], document: Any) -> M:
    """A request, checked.

    Raises:
        WireError: A field is missing or of the wrong type (status 400).
    """
    try:
        return model.model_validate(document)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = "".join(f"/{step}" for step in first["loc"])
        raise WireError(f"{where or 'the body'}: {first['msg']}", ref=where) from None


@dataclass(frozen=True, slots=True)
class Numbered:
    """Texts and pictures as one chat request.

    Attributes:
        body: The request.
        texts: Ref to the index of the text that stands there.
        images: Ref to the index of the picture that stands there.
    """

    body: bytes
    texts: Mapping[str, int]
    images: Mapping[str, int]


def numbered(request: GuardrailRequest) -> Numbered:
    """The request's texts and pictures in messages, each in its author's name.

    Texts one after the other in one role stand in one message, as do the pictures with the last
    text, so that what belongs together is judged together.
    """
    texts, images = request.texts or [], request.images or []
    default = "user" if request.input_type == "request" else "assistant"
    messages: list[dict[str, Any]] = []
    at: dict[str, int] = {}
    for index, (text, role) in enumerate(
        zip(texts, _roles_of(texts, request.structured_messages, default), strict=True)
    ):
        if not messages or messages[-1]["role"] != role:
            messages.append({"role": role, "content": []})
        content = messages[-1]["content"]
        at[f"/messages/{len(messages) - 1}/content/{len(content)}/text"] = index
        content.append({"type": "text", "text": text})
    shown: dict[str, int] = {}
    if images and (not messages or messages[-1]["role"] != default):
        messages.append({"role": default, "content": []})
    for index, url in enumerate(images):
        content = messages[-1]["content"]
        shown[f"/messages/{len(messages) - 1}/content/{len(content)}/image_url/url"] = index
        content.append({"type": "image_url", "image_url": {"url": url}})
    if request.tool_calls:
        messages.append({"role": "assistant", "content": None, "tool_calls": request.tool_calls})
    document: dict[str, Any] = {"model": request.model or "", "messages": messages}
    if request.tools and request.input_type == "request":
        document["tools"] = request.tools
    return Numbered(json.dumps(document).encode(), at, shown)


def _roles_of(
    texts: Sequence[str], messages: Sequence[Mapping[str, Any]] | None, default: str
) -> list[str]:
    """The role of each text, where the messages hold just these texts in this order."""
    told = list(_told(messages or ()))
    if [text for _, text in told] != list(texts):
        return [default] * len(texts)
    return [role if role in _ROLES else default for role, _ in told]


def _told(messages: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    for message in messages:
        role, content = str(message.get("role", "")), message.get("content")
        if isinstance(content, str):
            yield role, content
        elif isinstance(content, list):
            for part in content:
                if isinstance(part, dict) and isinstance(part.get("text"), str):
                    yield role, part["text"]
