"""Pictures inside texts: ``data:`` URLs that whoever renders the text shows as pictures.

Each becomes a part of its own, derived from the text; an edit of one becomes an edit of the text.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from guardrail.errors import ImageError
from guardrail.images import ImageLimits, check_count, from_data_url, probe
from guardrail.types import Conversation, Drop, Edit, Part, ReplaceImage, ReplaceText

_MARK = "~picture-"
"""In the refs of derived pictures alone: a tilde stands before 0 or 1 in every JSON Pointer."""

_HINT = re.compile("data:image/", re.IGNORECASE)
_URL = re.compile(
    r"data:image/[a-z0-9.+-]{1,32}(?:;[\w.=-]{1,64}){0,4};base64,[a-z0-9+/]{64,}={0,2}",
    re.IGNORECASE,
)


def with_embedded(conversation: Conversation, limits: ImageLimits) -> Conversation:
    """``conversation`` and, behind each text, the pictures that stand in it.

    What does not decode to a picture stays a text and nothing else: no reader shows it. A picture
    that stands in a text several times is one part.

    Args:
        conversation: As parsed.
        limits: What pictures may be.

    Raises:
        ImageError: A picture breaks a limit, or there are too many; none is looked at after that.
    """
    if not any(_HINT.search(part.text) for part in conversation.parts):
        return conversation
    parts: list[Part] = []
    count = sum(part.kind == "image" for part in conversation.parts)
    for part in conversation.parts:
        parts.append(part)
        for picture in _pictures(part, limits):
            count += 1
            check_count(count, limits, picture.ref)
            parts.append(picture)
    return replace(conversation, parts=tuple(parts))


def folded(edits: Mapping[str, Edit], parts: Sequence[Part]) -> Mapping[str, Edit]:
    """``edits`` whose edits of embedded pictures are made in the texts that hold them."""
    if not any(_MARK in ref for ref in edits):
        return edits
    by_ref = {part.ref: part for part in parts}
    found = {ref: edit for ref, edit in edits.items() if _MARK not in ref}
    for ref, edit in edits.items():
        holder = ref.partition(_MARK)[0]
        if holder == ref or isinstance(found.get(holder), Drop):
            continue
        before = found.get(holder)
        text = before.text if isinstance(before, ReplaceText) else by_ref[holder].text
        found[holder] = ReplaceText(text.replace(by_ref[ref].url, _instead(edit)))
    return found


def _pictures(part: Part, limits: ImageLimits) -> Iterator[Part]:
    found = 0
    for url in dict.fromkeys(match[0] for match in _URL.finditer(part.text)):
        ref = f"{part.ref}{_MARK}{found}"
        if _is_picture(url, limits, ref):
            found += 1
            yield Part(ref, "image", "derived", part.role, url=url, message=part.message)


def _is_picture(url: str, limits: ImageLimits, ref: str) -> bool:
    try:
        probe(from_data_url(url, limits, ref), limits, ref)
    except ImageError as error:
        if error.status == 413:
            raise
        return False
    return True


def _instead(edit: Edit) -> str:
    match edit:
        case ReplaceImage(data, media_type):
            return f"data:{media_type};base64,{b64encode(data).decode()}"
        case ReplaceText(text):
            return text
        case Drop(notice):
            return notice
