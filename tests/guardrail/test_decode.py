"""Decoding in real worker processes."""

from __future__ import annotations

import asyncio
import contextlib
import io
import os
import signal

import numpy as np
import pytest
from PIL import Image as Pillow
from PIL import ImageOps

from guardrail.decode import Decoder
from guardrail.errors import ImageError, OverloadError
from guardrail.images import ImageLimits, probe
from guardrail.types import Image
from tests.attacks.files import encoded, png, text_bomb


@pytest.fixture
async def decoder():
    made = Decoder(workers=1)
    yield made
    await made.close()


def picture(data: bytes, limits: ImageLimits = ImageLimits()) -> Image:  # noqa: B008 - immutable
    return probe(data, limits)


def saved(frame: Pillow.Image, kind: str, **more) -> bytes:
    out = io.BytesIO()
    frame.save(out, kind, **more)
    return out.getvalue()


def gradient(mode: str = "RGB") -> Pillow.Image:
    values = np.arange(20 * 30 * 3, dtype=np.uint32).reshape(20, 30, 3) % 251
    return Pillow.fromarray(values.astype(np.uint8)).convert(mode)


@pytest.mark.parametrize("kind", ["PNG", "BMP", "TIFF"])
async def test_a_lossless_picture_has_its_very_pixels(decoder, kind):
    (frame,) = await decoder.frames(picture(saved(gradient(), kind)))

    assert frame.dtype == np.uint8
    assert np.array_equal(frame, np.asarray(gradient()))
    assert not frame.flags.writeable


def oriented(tag: int, kind: str) -> bytes:
    exif = Pillow.Exif()
    exif[0x0112] = tag
    return saved(gradient(), kind, exif=exif, **({"quality": 100} if kind == "JPEG" else {}))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF"])
@pytest.mark.parametrize("orientation", range(1, 9))
async def test_orientation_is_applied_pixel_for_pixel(decoder, kind, orientation):
    data = oriented(orientation, kind)
    image = picture(data)

    (frame,) = await decoder.frames(image, anew=True)

    shown = np.asarray(ImageOps.exif_transpose(Pillow.open(io.BytesIO(data))).convert("RGB"))
    assert np.array_equal(frame, shown)
    assert frame.shape[:2] == (image.height, image.width)
    assert (frame.shape[0] > frame.shape[1]) == (orientation >= 5)


@pytest.mark.parametrize("orientation", range(10))
async def test_a_picture_that_its_orientation_mirrors_is_refused(decoder, orientation):
    image = picture(oriented(orientation, "JPEG"))

    if orientation in (2, 4, 5, 7):
        with pytest.raises(ImageError, match=r"mirrored by its orientation tag.*normalise: true"):
            await decoder.frames(image)
    else:
        assert len(await decoder.frames(image)) == 1


async def test_a_picture_that_xmp_mirrors_is_refused(decoder):
    xmp = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><a tiff:Orientation="2"/></x:xmpmeta>'

    with pytest.raises(ImageError, match="mirrored"):
        await decoder.frames(picture(saved(gradient(), "JPEG", xmp=xmp)))


async def test_a_palette_with_transparency_keeps_its_alpha(decoder):
    flat = gradient("P")
    hidden = int(np.asarray(flat)[0, 0])

    (frame,) = await decoder.frames(picture(saved(flat, "PNG", transparency=hidden)))

    expected = flat.copy()
    expected.info["transparency"] = hidden
    assert frame[0, 0, 3] == 0
    assert np.array_equal(frame, np.asarray(expected.convert("RGBA")))


async def test_an_alpha_channel_that_hides_nothing_is_left_out(decoder):
    (frame,) = await decoder.frames(picture(saved(gradient("RGBA"), "PNG")))

    assert frame.shape == (20, 30, 3)


async def test_sixteen_bits_are_scaled_and_not_clipped(decoder):
    deep = Pillow.fromarray(np.array([[0, 32768, 65535]], np.uint16))

    (frame,) = await decoder.frames(picture(saved(deep, "PNG")), anew=True)

    assert frame[0, :, 0].tolist() == [0, 127, 255]


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (np.array([[0, 32768, 65535]], np.uint16), "PNG"),
        (np.array([[0, 255, 65535]], np.uint16), "PNG"),
        (np.array([[0, 100, 255]], np.int32), "TIFF"),
        (np.array([[0, 1, 1000]], np.float32), "TIFF"),
    ],
)
async def test_grey_that_some_readers_scale_and_others_cut_off_is_refused(decoder, values, kind):
    with pytest.raises(ImageError, match=r"more than eight bits.*normalise: true"):
        await decoder.frames(picture(saved(Pillow.fromarray(values), kind)))


@pytest.mark.parametrize(
    ("values", "kind"),
    [(np.array([[0, 65535]], np.uint16), "PNG"), (np.array([[0, 128, 255]], np.float32), "TIFF")],
)
async def test_deep_grey_that_all_readers_show_alike_is_not(decoder, values, kind):
    (frame,) = await decoder.frames(picture(saved(Pillow.fromarray(values), kind)))

    assert frame[0, :, 0].tolist() == [min(255, int(one)) for one in values[0]]


async def test_cmyk_becomes_rgb(decoder):
    (frame,) = await decoder.frames(picture(encoded("JPEG", mode="CMYK")))

    assert frame.shape == (24, 32, 3)


async def test_every_frame_of_an_animation_is_decoded(decoder):
    shades = [Pillow.new("RGB", (8, 8), (n * 40, 0, 0)) for n in range(5)]
    image = picture(
        saved(shades[0], "WEBP", save_all=True, append_images=shades[1:], lossless=True)
    )

    frames = await decoder.frames(image)

    assert [int(frame[0, 0, 0]) for frame in frames] == [0, 40, 80, 120, 160]


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF", "AVIF"])
async def test_a_truncated_picture_is_refused_or_read_and_the_next_one_is_fine(decoder, kind):
    data = encoded(kind, (64, 64))

    for tenth in range(3, 10):
        with contextlib.suppress(ImageError):
            await decoder.frames(picture(data[: len(data) * tenth // 10]))

    assert len(await decoder.frames(picture(data))) == 1


async def test_a_worker_that_is_killed_fails_that_picture_and_is_replaced(decoder):
    await decoder.load()
    (worker,) = decoder._all
    slow = picture(png(8000, 6000, bytes(8001 * 6000)))
    work = asyncio.create_task(decoder.frames(slow))
    await asyncio.sleep(0.03)

    os.kill(worker.process.pid, signal.SIGKILL)

    with pytest.raises(ImageError, match="its decoder failed; save it anew"):
        await work
    assert len(await decoder.frames(picture(encoded()))) == 1


async def test_a_worker_over_its_time_is_killed():
    decoder = Decoder(workers=1, timeout_s=0.001)

    try:
        with pytest.raises(ImageError, match=r"took longer than 0\.001 s; send a smaller"):
            await decoder.frames(picture(png(4000, 3000, bytes(4001 * 3000))))
    finally:
        await decoder.close()

    assert not decoder._all


async def test_a_worker_over_its_memory_refuses_and_lives(decoder):
    side = 40_000
    huge = Image(png(side, side, bytes(1000)), "image/png", side, side, 1, "0")

    with pytest.raises(ImageError, match="cannot be decoded"):
        await decoder.frames(huge)

    assert len(await decoder.frames(picture(encoded()))) == 1


async def test_a_text_chunk_that_inflates_does_no_harm(decoder):
    image = Image(text_bomb(), "image/png", 4, 4, 1, "0")

    with contextlib.suppress(ImageError):
        await decoder.frames(image)

    assert len(await decoder.frames(picture(encoded()))) == 1


async def test_more_pictures_than_may_wait_are_refused():
    decoder = Decoder(workers=1, max_waiting=1)
    image = picture(png(4000, 3000, bytes(4001 * 3000)))

    try:
        work = [asyncio.create_task(decoder.frames(image)) for _ in range(4)]
        done = await asyncio.gather(*work, return_exceptions=True)
    finally:
        await decoder.close()

    assert sum(isinstance(one, OverloadError) for one in done) == 2


async def test_pictures_side_by_side_do_not_mix(decoder):
    shades = [picture(saved(Pillow.new("L", (50, 50), n), "PNG")) for n in range(12)]

    found = await asyncio.gather(*map(decoder.frames, shades))

    assert [int(frame[0, 0, 0]) for (frame,) in found] == list(range(12))
