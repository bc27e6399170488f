"""Pictures that stand in texts as data: URLs are pictures, and are edited where they stand."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass

import pytest

from guardrail import embedded
from guardrail.addresses import RemoteRules
from guardrail.cache import VerdictCache
from guardrail.embedded import folded, with_embedded
from guardrail.errors import ImageError
from guardrail.images import ImageLimits, probe
from guardrail.pictures import Pictures
from guardrail.pipeline import run
from guardrail.types import (
    Action,
    Conversation,
    Drop,
    Finding,
    Kind,
    Part,
    ReplaceImage,
    ReplaceText,
)
from tests.attacks.files import encoded
from tests.kit import ALLOW_OPAQUE, WordDetector, context, stage, text

PNG, JPEG = encoded(), encoded("JPEG")
LIMITS = ImageLimits()


def url(data: bytes = PNG, kind: str = "image/png") -> str:
    return f"data:{kind};base64,{b64encode(data).decode()}"


def derived(*texts: str) -> list[Part]:
    parts = tuple(text(one, f"/{n}", message=n) for n, one in enumerate(texts))
    found = with_embedded(Conversation(parts), LIMITS).parts
    return [part for part in found if part not in parts]


@pytest.mark.parametrize(
    "said",
    [
        f"See ![chart]({url()}) above.",
        f'<img src="{url()}">',
        url(),
        url().replace("data:image", "DATA:Image"),
        url().replace(";base64", ";charset=utf-8;base64"),
    ],
)
def test_a_picture_in_a_text_is_a_part_behind_it(said):
    (part,) = derived(said)

    assert (part.ref, part.kind, part.source, part.message) == (
        "/0~picture-0",
        "image",
        "derived",
        0,
    )
    assert part.url in said


def test_each_picture_of_a_text_is_one_part():
    found = derived("nothing", f"{url()} {url(JPEG, 'image/jpeg')} {url()}")

    assert [part.ref for part in found] == ["/1~picture-0", "/1~picture-1"]


@pytest.mark.parametrize(
    "said",
    [
        "Use data:image/png;base64, and then the bytes.",
        f"data:image/png;base64,{'QUFB' * 40}",
        "data:image/svg+xml;base64," + b64encode(b"<svg/>" * 20).decode(),
        f"data:text/plain;base64,{'QUFB' * 40}",
    ],
)
def test_what_is_no_picture_stays_a_text(said):
    assert derived(said) == []


def test_a_conversation_without_pictures_in_texts_is_not_copied():
    conversation = Conversation((text("hello"),))

    assert with_embedded(conversation, LIMITS) is conversation


def test_a_picture_in_a_text_keeps_the_limits_of_pictures():
    with pytest.raises(ImageError, match="too large") as error:
        with_embedded(Conversation((text(url(), "/0"),)), ImageLimits(max_bytes=20))

    assert error.value.ref == "/0~picture-0"


def test_no_picture_is_looked_at_behind_the_one_that_is_too_many(monkeypatch):
    looked = []
    monkeypatch.setattr(
        embedded, "probe", lambda data, limits, ref: looked.append(ref) or probe(data, limits, ref)
    )
    urls = (url(encoded(size=(8 + n, 8))) for n in range(100))
    parts = (Part("/own", "image", "user", url=url()), text(" ".join(urls), "/0"))

    with pytest.raises(ImageError, match="5 pictures; at most 4 a request") as error:
        with_embedded(Conversation(parts), ImageLimits(max_count=4))

    assert (error.value.status, error.value.ref) == (413, "/0~picture-3")
    assert len(looked) == 4


def test_an_edit_of_an_embedded_picture_is_an_edit_of_its_text():
    parts = (text(f"a {url()} b", "/0"), *derived(f"a {url()} b"))
    picture = ReplaceImage(b"new", "image/webp")

    assert folded({"/0~picture-0": picture}, parts) == {
        "/0": ReplaceText("a data:image/webp;base64,bmV3 b")
    }
    assert folded({"/0~picture-0": Drop("[gone]")}, parts) == {"/0": ReplaceText("a [gone] b")}
    assert folded({"/0": Drop("x"), "/0~picture-0": picture}, parts) == {"/0": Drop("x")}
    assert folded(
        {"/0": ReplaceText(f"[redacted] {url()} b"), "/0~picture-0": Drop("[gone]")}, parts
    ) == {"/0": ReplaceText("[redacted] [gone] b")}


def test_edits_of_other_parts_are_left_as_they_are():
    edits = {"/0": ReplaceText("x")}

    assert folded(edits, ()) is edits


@dataclass
class PictureDetector(WordDetector):
    """Finds every picture."""

    kinds: frozenset[Kind] = frozenset({"image"})

    async def inspect(self, parts, context):
        return [Finding(part.ref, "hate", 0.9) for part in parts]


async def judged(action: Action):
    pictures = Pictures()
    conversation = Conversation((text(f"Look: {url()}", "/0"), text("calm", "/1")))
    try:
        pinned, edits = await pictures.pin(conversation, LIMITS, RemoteRules())
    finally:
        await pictures.close()
    assert edits == {}
    steps = ((stage(PictureDetector(), action),),)
    return await run(
        steps, pinned.parts, context(*pinned.parts), VerdictCache(), None, ALLOW_OPAQUE
    )


async def test_an_embedded_picture_is_judged_and_covered_like_any_other():
    outcome = await judged(Action.BLOCK)

    assert outcome.action is Action.BLOCK
    assert outcome.coverage["/0~picture-0"].state == "scanned"


async def test_an_embedded_picture_is_taken_out_of_its_text():
    outcome = await judged(Action.REDACT)

    assert outcome.edits == {"/0": ReplaceText("Look: [removed]")}
    assert outcome.coverage["/0~picture-0"].state == "transformed"
    assert outcome.coverage["/0"].state == "transformed"
    assert outcome.coverage["/1"].state != "transformed"
