"""Containers walked by structure: what they hold, and that no file makes the walk long."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image as Pillow

from guardrail.errors import ImageError
from guardrail.images import ImageLimits, probe
from guardrail.picture_headers import MAX_PIECES, gif_shape, tiff_shape, webp_shape
from tests.attacks.files import chunk, encoded, png
from tests.clock import seconds_of_work
from tests.guardrail.picture_files import animation, exif, gif, gif_frame, noise, saved, tiff, xmp

LIMITS = ImageLimits()
JPEG = encoded("JPEG")
GIF = b"GIF89a" + struct.pack("<HHBBB", 8, 8, 0, 0, 0)
MEGABYTE = 1_000_000

# Each took a reader 1.2 to 5.2 s at 20 MB, under the interpreter's lock.
SLOW = {
    "empty PNG chunks": png(8, 8, b"", chunk(b"prVt", b"") * 40_000),
    "PNG texts": png(8, 8, b"", chunk(b"tEXt", b"a\0") * 40_000),
    "PNG chunks behind the pixels": png(8, 8)[:-12] + chunk(b"prVt", b"") * 300_000,
    "JPEG comments": JPEG[:2] + b"\xff\xfe\x00\x02" * 100_000 + JPEG[2:],
    "JPEG fill bytes": JPEG[:2] + b"\xff" * MEGABYTE + JPEG[2:],
    "JPEG junk": JPEG[:2] + b"\x00" * MEGABYTE + JPEG[2:],
    "JPEG restart markers": JPEG[:2] + b"\xff\xd0" * 100_000 + JPEG[2:],
    "JPEG profile pieces": JPEG[:2] + b"\xff\xe2\x00\x10ICC_PROFILE\0\1\1" * 50_000 + JPEG[2:],
    "GIF extensions": GIF + b"\x21\xfe\x00" * 300_000,
    "GIF blocks of one byte": GIF + b"\x21\xfe" + b"\x01a" * 500_000 + b"\0",
    "GIF junk": GIF + b"\0" * MEGABYTE,
    "WebP chunks": b"RIFF\0\0\0\0WEBP" + b"ABCD\0\0\0\0" * 100_000,
    "TIFF tags": tiff((8, 8), tags=30_000),
    "TIFF tags over pages": tiff(*[(8, 8)] * 40, tags=1000),
}


@pytest.mark.parametrize("name", SLOW)
def test_a_container_of_very_many_pieces_is_refused_at_once(name):
    def refused():
        with pytest.raises(ImageError, match="header is broken"):
            probe(SLOW[name], LIMITS)

    assert seconds_of_work(refused) < 0.5


def test_as_many_pieces_as_an_editor_writes_are_read():
    notes = chunk(b"tEXt", b"a\0note") * 400
    segments = b"\xff\xfe\x00\x06note" * 400

    assert probe(png(8, 8, b"", notes), LIMITS).width == 8
    assert probe(JPEG[:2] + segments + JPEG[2:], LIMITS).width == 32
    assert MAX_PIECES > 400


@pytest.mark.parametrize("between", [b"", b"\0", b"junk", b"\x21\xfe\x03abc\x00", b"\x00" * 300])
def test_gif_frames_are_counted_whatever_stands_between_them(between):
    assert gif_shape(gif(7, between=between), 65) == (8, 8, 7)
    assert gif_shape(gif(70, between=between), 65) == (8, 8, 65)


def test_gif_frames_behind_the_trailer_are_shown_by_nobody_and_not_counted():
    assert gif_shape(gif(2) + gif_frame(0, 0, 1, 1), 65) == (8, 8, 2)


def test_a_gif_frame_beyond_the_canvas_makes_the_canvas_grow():
    data = gif(1)[:-1] + gif_frame(100, 0, 900, 10) + gif_frame(0, 5, 1, 2000) + b";"

    assert gif_shape(data, 65) == (1000, 2005, 3)
    with pytest.raises(ImageError, match="at most 1000000 pixels"):
        probe(data, ImageLimits(max_pixels=1_000_000))


@pytest.mark.parametrize("format_", ["PNG", "WEBP", "GIF", "TIFF", "AVIF"])
@pytest.mark.parametrize("count", [1, 2, 9])
def test_an_animation_has_the_frames_that_were_written(format_, count):
    image = probe(animation(format_, count), LIMITS)

    assert (image.width, image.height, image.frames) == (30, 20, count)


@pytest.mark.parametrize("format_", ["PNG", "WEBP", "GIF", "TIFF"])
def test_an_animation_counts_every_frame_towards_the_pixels(format_):
    with pytest.raises(ImageError, match="in 9 frames"):
        probe(animation(format_, 9), ImageLimits(max_pixels=30 * 20 * 9 - 1))


def test_the_largest_page_of_a_tiff_counts_not_the_first():
    assert tiff_shape(tiff((10, 10), (3000, 20), (5, 4000)), 65) == (3000, 4000, 3)


def test_tiff_pages_that_lead_back_to_each_other_end():
    assert tiff_shape(tiff((8, 8), (8, 8), loop=True), 65) == (8, 8, 2)


def test_a_tiff_page_without_a_size_is_refused():
    with pytest.raises(ValueError, match="without a size"):
        tiff_shape(tiff((0, 8)), 65)


@pytest.mark.parametrize("big", [False, True])
def test_tiffs_of_both_sizes_of_offsets_are_read(big):
    data = saved(noise(), "TIFF", big_tiff=big)

    assert tiff_shape(data, 65) == (30, 20, 1)


def test_a_big_endian_tiff_is_read():
    entries = b"".join(struct.pack(">HHIHH", tag, 3, 1, 40, 0) for tag in (256, 257))
    data = b"MM\0*" + struct.pack(">IH", 8, 2) + entries + struct.pack(">I", 0)

    assert tiff_shape(data, 65) == (40, 40, 1)


@pytest.mark.parametrize("format_", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_says_how_a_picture_stands(format_, orientation):
    image = probe(saved(noise(), format_, exif=exif(orientation)), LIMITS)

    assert (image.width, image.height) == ((20, 30) if orientation > 4 else (30, 20))


@pytest.mark.parametrize("format_", ["JPEG", "WEBP"])
@pytest.mark.parametrize("orientation", [1, 3, 6])
def test_xmp_says_how_a_picture_stands_where_exif_does_not(format_, orientation):
    image = probe(saved(noise(), format_, xmp=xmp(orientation)), LIMITS)

    assert (image.width, image.height) == ((20, 30) if orientation > 4 else (30, 20))


def test_exif_outranks_xmp():
    image = probe(saved(noise(), "WEBP", exif=exif(1), xmp=xmp(6)), LIMITS)

    assert (image.width, image.height) == (30, 20)


def test_the_exif_of_a_png_counts_behind_its_pixels_too():
    data = saved(noise(), "PNG")[:-12] + chunk(b"eXIf", exif(6)[6:]) + chunk(b"IEND", b"")

    image = probe(data, LIMITS)

    assert (image.width, image.height) == (20, 30)


def test_a_broken_orientation_turns_nothing():
    data = saved(noise(), "PNG")[:-12] + chunk(b"eXIf", b"MM\0*\xff\xff") + chunk(b"IEND", b"")

    assert probe(data, LIMITS).width == 30


@pytest.mark.parametrize("lossless", [True, False])
def test_webp_is_read_without_its_canvas(lossless, monkeypatch):
    monkeypatch.setattr(Pillow, "open", None)

    assert probe(saved(noise(), "WEBP", lossless=lossless), LIMITS).width == 30


def test_a_webp_canvas_of_four_gigapixels_is_refused_by_its_header():
    body = b"VP8X" + struct.pack("<I", 10) + bytes(4) + b"\xff\xff\x00" * 2

    with pytest.raises(ImageError, match="65536 x 65536 pixels") as refused:
        probe(b"RIFF" + struct.pack("<I", 4 + len(body)) + b"WEBP" + body, LIMITS)

    assert refused.value.status == 413


@pytest.mark.parametrize("body", [b"", b"VP8 \x05\0\0\0hello", b"ANMF\0\0\0\0", b"EXIF\0\0\0\0"])
def test_a_webp_that_does_not_say_its_size_is_refused(body):
    with pytest.raises(ValueError, match="no frame header"):
        webp_shape(b"RIFF\0\0\0\0WEBP" + body, 65)


HEADS = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0", b"GIF89a", b"RIFF\0\0\0\0WEBPVP8X", b"II*\0")
HEADS += (b"MM\0*", b"II+\0\x08\0\0\0", b"BM", b"\0\0\0\x1cftypavif", b"")


@settings(max_examples=600, deadline=None)
@given(st.sampled_from(HEADS), st.binary(max_size=300))
def test_arbitrary_bytes_behind_a_signature_are_read_or_refused(head, rest):
    try:
        image = probe(head + rest, LIMITS)
    except ImageError:
        return

    assert 1 <= image.width * image.height * image.frames <= LIMITS.max_pixels


PICTURES = tuple(
    saved(noise(), format_) for format_ in ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "AVIF")
) + tuple(animation(format_, 3) for format_ in ("PNG", "WEBP", "GIF", "TIFF"))


@settings(max_examples=600, deadline=None)
@given(
    st.sampled_from(PICTURES),
    st.lists(st.tuples(st.integers(0, 199), st.integers(0, 255)), min_size=1, max_size=12),
)
def test_a_picture_with_changed_bytes_is_read_or_refused(data, changes):
    changed = bytearray(data)
    for at, value in changes:
        changed[at % len(changed)] = value
    try:
        image = probe(bytes(changed), LIMITS)
    except ImageError:
        return

    assert 1 <= image.width * image.height * image.frames <= LIMITS.max_pixels
