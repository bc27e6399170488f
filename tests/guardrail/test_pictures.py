from __future__ import annotations

import asyncio
from base64 import b64encode

import numpy as np
import pytest

from guardrail.addresses import RemoteRules
from guardrail.errors import ImageError
from guardrail.images import ImageLimits
from guardrail.pictures import Pictures
from guardrail.types import Box, Conversation, Part, ReplaceImage
from tests.attacks.files import encoded
from tests.guardrail.picture_files import animation, noise, saved

PICTURE = encoded()
OTHER = encoded("JPEG")
INLINE = RemoteRules()


def part(url: str, ref: str = "/a") -> Part:
    return Part(ref, "image", "user", "user", url=url)


def data_url(data: bytes = PICTURE, kind: str = "image/png") -> str:
    return f"data:{kind};base64,{b64encode(data).decode()}"


class Fetcher:
    def __init__(self, body: bytes = PICTURE) -> None:
        self.body, self.asked = body, []

    async def __call__(self, url, rules, max_bytes, ref):
        self.asked.append(url)
        await asyncio.sleep(0)
        if url.endswith("missing"):
            raise ImageError("the picture's server answered 404", ref=ref)
        return self.body


async def pin(parts, rules=INLINE, limits=ImageLimits(), fetcher=None, given=None):  # noqa: B008
    pictures = Pictures(fetcher=fetcher or Fetcher())
    try:
        return await pictures.pin(Conversation(tuple(parts)), limits, rules, given)
    finally:
        await pictures.close()


async def test_an_inline_picture_is_pinned_and_not_edited():
    conversation, edits = await pin([part(data_url())])

    assert conversation.parts[0].image.data == PICTURE
    assert edits == {}


async def test_a_remote_picture_is_forwarded_as_the_bytes_that_are_scanned():
    conversation, edits = await pin([part("https://pictures.test/a.png")])

    assert edits == {"/a": ReplaceImage(PICTURE, "image/png")}
    assert conversation.parts[0].image.data is edits["/a"].data


async def test_a_url_that_stands_twice_is_fetched_once():
    fetcher = Fetcher()
    url = "https://pictures.test/a.png"

    _, edits = await pin([part(url, "/a"), part(url, "/b")], fetcher=fetcher)

    assert fetcher.asked == [url]
    assert set(edits) == {"/a", "/b"}


async def test_pictures_by_url_may_be_refused():
    fetcher = Fetcher()

    with pytest.raises(ImageError, match="send them inline") as refused:
        await pin(
            [part("https://pictures.test/", "/b")], RemoteRules(mode="reject"), fetcher=fetcher
        )

    assert refused.value.ref == "/b"
    assert fetcher.asked == []


async def test_pictures_by_url_may_be_left_unread_and_then_have_no_image():
    fetcher = Fetcher()
    rules = RemoteRules(mode="passthrough")

    conversation, edits = await pin([part("https://pictures.test/")], rules, fetcher=fetcher)

    assert conversation.parts[0].image is None
    assert (edits, fetcher.asked) == ({}, [])


async def test_a_failed_fetch_names_the_part():
    with pytest.raises(ImageError, match="404") as refused:
        await pin([part("https://pictures.test/missing", "/c")])

    assert refused.value.ref == "/c"


async def test_a_fetched_page_is_no_picture():
    with pytest.raises(ImageError, match="not a picture"):
        await pin([part("https://pictures.test/")], fetcher=Fetcher(b"<html>"))


async def test_a_lie_about_an_inline_picture_is_refused():
    with pytest.raises(ImageError, match="but the bytes are image/jpeg"):
        await pin([part(data_url(OTHER))])


async def test_too_many_pictures_are_refused_before_any_is_fetched():
    fetcher = Fetcher()
    parts = [part(f"https://pictures.test/{n}", f"/{n}") for n in range(3)]

    with pytest.raises(ImageError, match="3 pictures; at most 2") as refused:
        await pin(parts, limits=ImageLimits(max_count=2), fetcher=fetcher)

    assert refused.value.status == 413
    assert fetcher.asked == []


async def test_the_bytes_of_all_pictures_are_bounded_together():
    limits = ImageLimits(max_total_bytes=len(PICTURE) * 2 - 1)

    with pytest.raises(ImageError, match="together"):
        await pin([part(data_url(), "/a"), part(data_url(), "/b")], limits=limits)


async def test_bytes_that_are_given_need_no_url():
    conversation, edits = await pin([part("")], given={"/a": PICTURE})

    assert conversation.parts[0].image.data == PICTURE
    assert edits == {}


async def test_a_text_alone_costs_nothing():
    conversation = Conversation((Part("/t", "text", "user", "user", "hello"),))
    pictures = Pictures(fetcher=Fetcher())

    assert await pictures.pin(conversation, ImageLimits(), INLINE) == (conversation, {})


async def test_a_picture_is_painted_over_and_pinned_again():
    pictures = Pictures()
    conversation, _ = await pictures.pin(Conversation((part(data_url()),)), ImageLimits(), INLINE)
    image = conversation.parts[0].image

    try:
        edit, painted = await pictures.paint(image, [Box(0, 0, 32, 24)])
        (frame,) = await pictures.decode(painted)
    finally:
        await pictures.close()

    assert edit.data == painted.data != image.data
    assert frame.max() == 0


@pytest.mark.parametrize("mode", ["inline", "reject", "passthrough"])
@pytest.mark.parametrize(
    "lead", [" data:", "\tdata:", "\ndata:", "da\nta:", "DA\tTA:", "\x00data:", "data\r:"]
)
async def test_an_inline_picture_cannot_pass_for_a_remote_one(mode, lead):
    url = data_url().replace("data:", lead)

    with pytest.raises(ImageError, match="white space in its scheme"):
        await pin([part(url)], RemoteRules(mode=mode))


async def test_pictures_over_the_total_are_not_fetched_to_the_end():
    fetcher = Fetcher()
    parts = [part(f"https://pictures.test/{n}", f"/{n}") for n in range(40)]

    with pytest.raises(ImageError, match="together"):
        await pin(parts, limits=ImageLimits(max_total_bytes=len(PICTURE)), fetcher=fetcher)

    assert len(fetcher.asked) <= 8  # four at once, and those that began as the first ended


async def test_a_picture_that_only_a_lax_policy_admits_is_painted_all_the_same():
    wide = saved(np.full((2, 17_000, 3), 200, np.uint8), "PNG")
    lax = ImageLimits(max_side=20_000)
    pictures = Pictures()
    conversation, _ = await pictures.pin(Conversation((part(data_url(wide)),)), lax, INLINE)

    try:
        _, painted = await pictures.paint(conversation.parts[0].image, [Box(0, 0, 50, 2)])
    finally:
        await pictures.close()

    assert (painted.width, painted.height) == (17_000, 2)


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "GIF", "TIFF"])
async def test_a_painted_animation_has_the_frames_it_had(kind):
    media_type = f"image/{kind.lower()}"
    pictures = Pictures()
    url = data_url(animation(kind, 5), media_type)
    conversation, _ = await pictures.pin(Conversation((part(url),)), ImageLimits(), INLINE)
    image = conversation.parts[0].image

    try:
        before = await pictures.decode(image)
        _, painted = await pictures.paint(image, [Box(0, 0, 30, 20, frame=4)])
        after = await pictures.decode(painted)
    finally:
        await pictures.close()

    assert painted.frames == image.frames == 5
    assert all(np.array_equal(old, new) for old, new in zip(before[:4], after[:4], strict=True))
    assert after[4][..., :3].max() == 0


async def test_a_large_picture_is_pinned_in_a_thread_with_the_same_result():
    large = saved(noise(400, 400), "PNG")

    conversation, _ = await pin([part(data_url(large))])

    assert len(large) > 64 * 1024
    assert conversation.parts[0].image.data == large
