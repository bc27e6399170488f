"""Edits and variations of pictures: a form with files in, pictures out."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Callable, Mapping
from time import time
from typing import NoReturn, Self

from guardrail.errors import WireError
from guardrail.types import Conversation, Drop, Edit, ReplaceImage, ReplaceText
from guardrail_adapters.base64_pictures import ONE_PIXEL, data_url
from guardrail_adapters.collector import Author, Collector
from guardrail_adapters.multipart import FormField, boundary_of, read_form, replaced
from guardrail_adapters.openai_prompts.adapter import OpenAIImages
from guardrail_adapters.openai_prompts.request import SETTINGS
from guardrail_adapters.pointer import child

_PICTURES = re.compile(r"image(\[\d*\])?\Z").match
_PLAIN_SETTING = re.compile(r"[\w.:/-]{0,128}\Z", re.ASCII).match
_USER = Author("user", "user", 0)


class OpenAIImageEdits(OpenAIImages):
    """A lens on ``/v1/images/edits``: a form with pictures, a mask and a prompt.

    A form's boundary stands in its ``Content-Type``: ``addressed`` gives the lens for one request.
    The refs are ``/prompt``, ``/image/0`` and so on, ``/mask``, and the names of other fields.

    Args:
        clock: Seconds since 1970, for the ``created`` of refusals.
        boundary: Of the form.
    """

    needs: tuple[str, ...] = ("prompt", "image")
    """Fields that a request must have."""

    def __init__(self, clock: Callable[[], float] = time, *, boundary: bytes = b"") -> None:
        super().__init__(clock)
        self._boundary = boundary

    def addressed(self, path: str, query: bytes, content_type: bytes | None) -> Self:  # noqa: ARG002
        """The lens for a request with this ``Content-Type``.

        Raises:
            WireError: It is no ``multipart/form-data`` with one plain boundary (status 415).
        """
        return type(self)(self._clock, boundary=boundary_of(content_type))

    def parse(self, body: bytes) -> Conversation:
        """The pictures and texts of a request.

        Raises:
            WireError: Not a form that every server reads alike, or not a request of this format
                (status 400).
        """
        fields = self._fields(body)
        out = Collector("request")
        for ref, one in fields.items():
            _read(out, ref, one)
        for name in self.needs:
            if not any(ref == f"/{name}" or ref.startswith(f"/{name}/") for ref in fields):
                raise WireError(f"/{name}: expected it to be given, got nothing", ref=f"/{name}")
        if "/stream" in fields and fields["/stream"].content.lower() != b"false":
            raise WireError("/stream: streamed pictures are not guarded; leave it out")
        model = fields["/model"].content.decode("latin-1") if "/model" in fields else ""
        return Conversation(tuple(out.parts), model)

    def render(self, body: bytes, edits: Mapping[str, Edit]) -> bytes:
        """``body`` (the form of a request, or a reply) with the edits made.

        Raises:
            WireError: An edit's ref is not in the body.
        """
        if not edits or not body.startswith(b"--" + self._boundary):
            return super().render(body, edits)
        fields = self._fields(body)
        changes: dict[tuple[int, int], bytes] = {}
        for ref, edit in edits.items():
            if ref not in fields:
                raise WireError(f"{ref!r}: the body has no such field to edit", ref=ref)
            changes |= _changes(fields[ref], edit)
        after = replaced(body, changes)
        if len(read_form(after, self._boundary)) != len(fields):
            raise WireError("an edit would end its field early: it holds the form's boundary")
        return after

    def question(self, conversation: Conversation, prompt: str) -> NoReturn:
        """No request: who draws answers no questions.

        Raises:
            WireError: Always (status 502).
        """
        raise WireError(
            f"{conversation.model or 'the model'} draws and cannot be asked "
            f"({len(prompt)} characters)",
            status=502,
        )

    def _fields(self, body: bytes) -> dict[str, FormField]:
        """Ref to field; pictures are counted, every other name stands for one field.

        Raises:
            WireError: Not a form, or a field that is repeated (status 400).
        """
        found: dict[str, FormField] = {}
        pictures = 0
        for one in read_form(body, self._boundary):
            ref = child("", one.name)
            if _PICTURES(one.name):
                ref, pictures = f"/image/{pictures}", pictures + 1
            if ref in found:
                raise WireError(f"{ref}: the field is given twice", ref=ref)
            found[ref] = one
        return found


class OpenAIImageVariations(OpenAIImageEdits):
    """A lens on ``/v1/images/variations``: one picture in, pictures out."""

    needs = ("image",)


def _read(out: Collector, ref: str, one: FormField) -> None:
    if ref == "/mask" or ref.startswith("/image/"):
        out.add(_USER, ref, "image", url=_url(one))
        return
    text = _text(one)
    if text is None:
        if ref == "/prompt":
            raise WireError("/prompt: expected a text in UTF-8, not a file", ref=ref)
        out.add(_USER, ref, "opaque", name="file")
    elif one.name not in SETTINGS or not _PLAIN_SETTING(text):
        out.add_text(_USER, ref, text)


def _text(one: FormField) -> str | None:
    """What a field says, None for a file or bytes that are no text."""
    if one.file:
        return None
    try:
        return one.content.decode()
    except UnicodeDecodeError:
        return None


def _url(one: FormField) -> str:
    """A picture as a ``data:`` URL of the media type that the form claims, or has by signature."""
    coded = b64encode(one.content).decode()
    if one.media_type in ("", "application/octet-stream"):
        return data_url(coded)
    return f"data:{one.media_type};base64,{coded}"


def _changes(one: FormField, edit: Edit) -> dict[tuple[int, int], bytes]:
    """Span to new bytes; of a picture its media type changes along."""
    match edit:
        case ReplaceText(text):
            return {(one.start, one.end): text.encode()}
        case ReplaceImage(data, media_type):
            return _with_type(one, data, media_type)
        case Drop(notice):
            if one.name == "mask" or _PICTURES(one.name):
                return _with_type(one, ONE_PIXEL, "image/png")
            return {(one.start, one.end): notice.encode()}


def _with_type(one: FormField, data: bytes, media_type: str) -> dict[tuple[int, int], bytes]:
    typed = {} if one.typed is None else {one.typed: media_type.encode()}
    return {(one.start, one.end): data, **typed}
