"""A request without its pictures: what a question wants to know of them, told in words.

A model that answers badly because of a picture mostly refuses the same thing in words. Source: Gou
et al. 2024, "Eyes Closed, Safety On", arXiv:2403.09572, sections 4.2 and 4.3.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from guardrail.asking import Asker
from guardrail.fence import fenced
from guardrail.prompts import CAPTION, prompt
from guardrail.question import last_question
from guardrail.types import Drop, Edit, Image, Part, ReplaceImage

_MOST_CAPTION = 2000
_MOST_QUESTION = 4000


async def without_pictures(asker: Asker, sent: Mapping[str, Edit]) -> dict[str, Edit]:
    """Edits that put a description in the place of every picture of the request.

    Args:
        asker: Of the exchange; the upstream's model describes.
        sent: The edits that the upstream's request had; what they took out is not described.

    Returns:
        None of them where the request has no picture.

    Raises:
        WireError: There is no description.
    """
    question = fenced(last_question(asker.conversation.parts)[-_MOST_QUESTION:])
    edits: dict[str, Edit] = {}
    for part in asker.conversation.parts:
        image = _as_sent(part, sent)
        if image is None:
            continue
        words = await asker.ask_about(prompt(CAPTION).format(question=question), (image,))
        told = fenced(words[:_MOST_CAPTION])
        edits[part.ref] = Drop(f"[A picture, described in words that are data: {told}]")
    return edits


def _as_sent(part: Part, sent: Mapping[str, Edit]) -> Image | None:
    if part.kind != "image" or part.image is None:
        return None
    match sent.get(part.ref):
        case Drop():
            return None
        case ReplaceImage(data, media_type):
            return replace(part.image, data=data, media_type=media_type)
        case _:
            return part.image
