"""Hostile picture files through header, worker and back: read as shown, or refused; never worse."""

from __future__ import annotations

import asyncio
import io
import json
import os
import random
import signal
import struct
import sys
import zlib

import numpy as np
import pytest
from PIL import Image as Pillow

from guardrail import decode
from guardrail.decode import Decoder
from guardrail.decode_worker import frames_of
from guardrail.errors import ImageError, OverloadError
from guardrail.images import ImageLimits, probe
from tests.attacks.files import SIGNATURE, chunk, encoded, png, with_zip
from tests.guardrail.picture_files import (
    animation,
    claimed,
    exif,
    gif,
    gif_frame,
    noise,
    saved,
    tiff,
    xmp,
)

LIMITS = ImageLimits()
FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "AVIF")


@pytest.fixture
async def decoder():
    made = Decoder(workers=1)
    yield made
    await made.close()


async def read(decoder: Decoder, data: bytes):
    return await decoder.frames(probe(data, LIMITS))


# What the header promised is all that is decoded.


async def test_a_frame_that_the_header_does_not_own_up_to_is_refused(decoder):
    honest = probe(animation("GIF", 3), LIMITS)

    with pytest.raises(ImageError, match="cannot be decoded"):
        await decoder.frames(claimed(honest.data, 30, 20, frames=2))

    assert len(await decoder.frames(honest)) == 3


@pytest.mark.parametrize(
    "data",
    [
        gif(1)[:-1] + gif_frame(0, 0, 3000, 3000) + b";",
        tiff((8, 8), (3000, 3000)),
        saved(noise(900, 900), "PNG"),
        saved(noise(900, 900), "WEBP"),
    ],
    ids=["grown GIF canvas", "second TIFF page", "PNG", "WebP"],
)
async def test_more_pixels_than_the_header_owned_up_to_are_refused(decoder, data):
    with pytest.raises(ImageError, match="cannot be decoded"):
        await decoder.frames(claimed(data, 8, 8, frames=2))

    assert len(await read(decoder, encoded())) == 1


@pytest.mark.parametrize(("most", "pixels"), [(2, 10**6), (3, 30 * 20 * 3 - 1)])
def test_the_worker_itself_stops_at_what_it_was_told(most, pixels, monkeypatch):
    monkeypatch.setattr(Pillow, "MAX_IMAGE_PIXELS", Pillow.MAX_IMAGE_PIXELS)  # a worker sets it
    data = animation("GIF", 3)

    with pytest.raises(ValueError, match="more than the header says"):
        frames_of(data, most, pixels)

    assert len(frames_of(data, 3, 30 * 20 * 3)) == 3


async def test_a_frame_behind_bytes_that_begin_no_block_is_scanned(decoder):
    assert len(await read(decoder, gif(3, between=b"\0junk"))) == 3


@pytest.mark.parametrize("format_", ["PNG", "WEBP", "GIF", "TIFF", "AVIF"])
async def test_all_frames_that_the_policy_admits_are_scanned(decoder, format_):
    image = probe(animation(format_, 70), ImageLimits(max_frames=80))

    assert len(await decoder.frames(image)) == image.frames == 70


async def test_pages_of_a_tiff_keep_their_own_sizes(decoder):
    pages = [Pillow.fromarray(noise(30, 20)), Pillow.fromarray(noise(10, 50))]
    out = io.BytesIO()
    pages[0].save(out, "TIFF", save_all=True, append_images=pages[1:])

    frames = await read(decoder, out.getvalue())

    assert [frame.shape for frame in frames] == [(20, 30, 3), (50, 10, 3)]
    assert np.array_equal(frames[1], noise(10, 50))


# What a picture looks like is what is scanned.


@pytest.mark.parametrize(
    "data",
    [
        saved(noise(), "WEBP", exif=exif(6)),
        saved(noise(), "WEBP", xmp=xmp(6)),
        saved(noise(), "JPEG", xmp=xmp(8)),
        saved(noise(), "TIFF", exif=exif(5)),
        saved(noise(), "AVIF", exif=exif(6)),
        saved(noise(), "PNG")[:-12] + chunk(b"eXIf", exif(6)[6:]) + chunk(b"IEND", b""),
    ],
    ids=["WebP EXIF", "WebP XMP", "JPEG XMP", "TIFF", "AVIF", "PNG behind the pixels"],
)
async def test_the_frame_stands_as_its_header_says(decoder, data):
    image = probe(data, LIMITS)

    (frame,) = await decoder.frames(image, anew=True)

    assert frame.shape[:2] == (image.height, image.width) == (30, 20)


TURNS = {
    1: lambda a: a,
    2: np.fliplr,
    3: lambda a: np.rot90(a, 2),
    4: np.flipud,
    5: lambda a: a.transpose(1, 0, 2),
    6: lambda a: np.rot90(a, -1),
    7: lambda a: np.rot90(a.transpose(1, 0, 2), 2),
    8: np.rot90,
}


@pytest.mark.parametrize("format_", ["PNG", "TIFF", "WEBP"])
@pytest.mark.parametrize("orientation", TURNS)
async def test_each_orientation_moves_each_pixel_where_it_belongs(decoder, format_, orientation):
    lossless = {"lossless": True} if format_ == "WEBP" else {}

    data = saved(noise(), format_, exif=exif(orientation), **lossless)
    (frame,) = await decoder.frames(probe(data, LIMITS), anew=True)

    assert np.array_equal(frame, TURNS[orientation](noise()))


async def test_grey_with_alpha_keeps_both(decoder):
    pixels = noise(channels=2)

    (frame,) = await read(decoder, saved(pixels, "PNG"))

    assert np.array_equal(frame[..., 0], pixels[..., 0])
    assert np.array_equal(frame[..., 3], pixels[..., 1])


async def test_sixteen_bits_of_colour_are_read_by_their_high_byte(decoder):
    rows = b"".join(b"\0" + struct.pack(">6H", 0, 256, 65535, 513, 32768, 255) for _ in range(2))
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 2, 2, 16, 2, 0, 0, 0))
    data = SIGNATURE + head + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")

    (frame,) = await read(decoder, data)

    assert frame[0].tolist() == [[0, 1, 255], [2, 128, 0]]


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
async def test_one_pixel_that_is_no_number_cannot_darken_the_others(decoder, value):
    pixels = np.ones((4, 4), np.float32)
    pixels[0, 0] = value

    with pytest.raises(ImageError, match="ValueError"):
        await read(decoder, saved(pixels, "TIFF"))


# Broken files.


@pytest.mark.parametrize("format_", FORMATS)
async def test_a_file_cut_at_any_tenth_is_refused_or_keeps_its_size(decoder, format_):
    data = saved(noise(64, 48), format_)

    for tenth in range(1, 10):
        try:
            (frame,) = await read(decoder, data[: len(data) * tenth // 10])
        except ImageError:
            continue
        assert frame.shape[:2] == (48, 64)

    assert len(await read(decoder, data)) == 1


@pytest.mark.parametrize("format_", FORMATS)
async def test_files_with_changed_bytes_never_yield_more_than_their_header(decoder, format_):
    draw = random.Random(11)
    data = saved(noise(), format_)

    for _ in range(80):
        changed = bytearray(data)
        for _ in range(draw.randint(1, 6)):
            changed[draw.randrange(len(changed))] = draw.randrange(256)
        try:
            image = probe(bytes(changed), LIMITS)
            frames = await decoder.frames(image)
        except ImageError:
            continue
        held = sum(frame.shape[0] * frame.shape[1] for frame in frames)
        assert held <= image.width * image.height * image.frames

    assert len(await read(decoder, data)) == 1


@pytest.mark.parametrize(
    "extra",
    [
        chunk(b"iCCP", b"p\0\0" + zlib.compress(bytes(200_000_000), 9)),
        chunk(b"zTXt", b"t\0\0" + zlib.compress(bytes(200_000_000), 9)),
        chunk(b"iTXt", b"t\0\1\0\0\0" + zlib.compress(bytes(200_000_000), 9)),
        chunk(b"zTXt", b"t\0\0" + zlib.compress(bytes(1_000_000), 9)) * 90,
    ],
    ids=["iCCP", "zTXt", "iTXt", "ninety zTXt"],
)
async def test_metadata_that_inflates_is_refused_wherever_it_stands(decoder, extra):
    before = png(4, 4, bytes(20), extra)
    behind = png(4, 4, bytes(20))[:-12] + extra + chunk(b"IEND", b"")

    for data in (before, behind):
        try:
            (frame,) = await decoder.frames(claimed(data, 4, 4))
        except ImageError:
            continue
        assert frame.shape[:2] == (4, 4)

    assert len(await read(decoder, encoded())) == 1


@pytest.mark.parametrize("format_", ["PNG", "JPEG", "GIF", "WEBP"])
def test_a_picture_that_is_an_archive_too_is_refused(format_):
    with pytest.raises(ImageError, match="also a ZIP archive"):
        probe(with_zip(encoded(format_)), LIMITS)


@pytest.mark.parametrize("tail", [b"<script>alert(1)</script>", b"<html>", b"<?php echo 1;"])
@pytest.mark.parametrize("format_", ["JPEG", "GIF"])
def test_a_picture_that_is_a_page_or_a_script_too_is_refused(format_, tail):
    with pytest.raises(ImageError, match="markup or a script"):
        probe(encoded(format_) + tail, LIMITS)


# Workers: they may die, hang or turn on us.


async def test_a_worker_that_dies_between_pictures_is_not_noticed(decoder):
    await decoder.load()
    (worker,) = decoder._all
    os.kill(worker.process.pid, signal.SIGKILL)
    worker.process.wait()

    frames = await read(decoder, encoded())

    assert len(frames) == 1
    assert worker not in decoder._all
    assert worker.process.stdout.closed


async def test_a_stopped_worker_costs_its_picture_and_nothing_else():
    decoder = Decoder(workers=1, timeout_s=0.3)
    try:
        await decoder.load()
        (worker,) = decoder._all
        os.kill(worker.process.pid, signal.SIGSTOP)

        with pytest.raises(ImageError, match=r"took longer than 0\.3 s"):
            await read(decoder, encoded())

        assert worker.process.poll() is not None
        assert len(await read(decoder, encoded())) == 1
    finally:
        await decoder.close()


LIES = {
    "a petabyte": '{"shapes": [[33554432, 33554432, 3]]}',
    "more frames": '{"shapes": [[12, 32, 3], [12, 32, 3]]}',
    "more pixels": '{"shapes": [[25, 32, 3]]}',
    "five channels": '{"shapes": [[24, 32, 5]]}',
    "no frame": '{"shapes": []}',
    "a negative side": '{"shapes": [[-24, -32, 3]]}',
    "a side that is a text": '{"shapes": [["24", 32, 3]]}',
    "no shapes": "{}",
    "a list": "[1]",
    "no JSON": "hello",
    "nothing": "",
}


@pytest.mark.parametrize("name", sorted(LIES.keys() - {"a list", "no JSON", "nothing"}))
def test_no_memory_is_set_aside_for_a_lie(name):
    with pytest.raises(ValueError, match=r"frame|pixels"):
        decode._shapes(json.loads(LIES[name]), 32 * 24, 1)


@pytest.mark.parametrize("name", LIES)
async def test_a_worker_that_was_taken_over_is_not_believed(name, tmp_path, monkeypatch):
    script = tmp_path / "worker.py"
    script.write_text(
        "import sys\n"
        "print('{}', flush=True)\n"
        f"sys.stdin.buffer.readline(); print({LIES[name]!r}, flush=True)\n"
    )
    monkeypatch.setattr(decode, "_WORKER", script)
    liar = Decoder(workers=1, timeout_s=5.0)

    try:
        with pytest.raises(ImageError, match="its decoder failed"):
            await read(liar, encoded())

        assert not liar._all
    finally:
        await liar.close()


async def test_a_worker_whose_answer_does_not_end_is_cut_off(tmp_path, monkeypatch):
    script = tmp_path / "worker.py"
    script.write_text("print('{}', flush=True)\nwhile True: print('x' * 4096, end='')\n")
    monkeypatch.setattr(decode, "_WORKER", script)
    endless = Decoder(workers=1, timeout_s=60.0)

    try:
        async with asyncio.timeout(20):
            with pytest.raises(ImageError, match="its decoder failed"):
                await read(endless, encoded())
    finally:
        await endless.close()


async def test_a_worker_that_does_not_start_fails_the_picture_as_any_other_fault(
    tmp_path, monkeypatch
):
    script = tmp_path / "worker.py"
    script.write_text("raise SystemExit(3)\n")
    monkeypatch.setattr(decode, "_WORKER", script)
    broken = Decoder(workers=1)

    try:
        with pytest.raises(OSError, match="did not start"):
            await broken.load()
        with pytest.raises(ImageError, match="its decoder failed"):
            await read(broken, encoded())
    finally:
        await broken.close()


async def test_a_worker_finds_no_keys_in_its_environment(monkeypatch, decoder):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    await decoder.load()
    (worker,) = decoder._all

    with open(f"/proc/{worker.process.pid}/environ", "rb") as environment:  # noqa: ASYNC230, PTH123
        assert b"sk-secret" not in environment.read()


async def test_a_decoder_that_is_closed_takes_no_pictures():
    decoder = Decoder(workers=1)
    await read(decoder, encoded())
    await decoder.close()

    with pytest.raises(OverloadError):
        await read(decoder, encoded())


async def test_closing_ends_workers_and_fails_what_is_under_way():
    decoder = Decoder(workers=1)
    await decoder.load()
    (worker,) = decoder._all
    os.kill(worker.process.pid, signal.SIGSTOP)
    work = [asyncio.create_task(read(decoder, encoded())) for _ in range(3)]
    await asyncio.sleep(0)

    await decoder.close()
    done = await asyncio.gather(*work, return_exceptions=True)

    assert {type(one) for one in done} <= {ImageError, OverloadError}
    assert len(done) == 3
    assert worker.process.returncode is not None


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
async def test_a_worker_lives_under_limits(decoder):
    await decoder.load()
    (worker,) = decoder._all

    with open(f"/proc/{worker.process.pid}/limits") as limits:  # noqa: ASYNC230, PTH123
        lines = {line[:26].strip(): line[26:].split()[0] for line in limits}
    assert int(lines["Max address space"]) == 3 * 1024**3
    assert lines["Max file size"] == "0"
    assert lines["Max core file size"] == "0"
