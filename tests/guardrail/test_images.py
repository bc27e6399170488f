from __future__ import annotations

import contextlib
import io
import random
from base64 import b64encode

import pytest
from PIL import Image

from guardrail.errors import ImageError
from guardrail.images import ImageLimits, check_claim, from_data_url, probe
from guardrail.polyglots import second_nature
from tests.attacks.files import bomb, encoded, many_frames, png, text_bomb, with_pdf, with_zip
from tests.clock import seconds_of_work

LIMITS = ImageLimits()
KINDS = {
    "PNG": "image/png", "JPEG": "image/jpeg", "WEBP": "image/webp", "GIF": "image/gif",
    "BMP": "image/bmp", "TIFF": "image/tiff", "AVIF": "image/avif",
}  # fmt: skip


@pytest.mark.parametrize(("kind", "media_type"), KINDS.items())
def test_a_picture_is_what_its_bytes_say(kind, media_type):
    data = encoded(kind, (40, 30))

    image = probe(data, LIMITS)

    assert (image.media_type, image.width, image.height, image.frames) == (media_type, 40, 30, 1)
    assert image.data is data


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_every_pixel_format_of_png_is_read(mode):
    assert probe(encoded("PNG", mode=mode), LIMITS).width == 32


@pytest.mark.parametrize("kind", ["JPEG", "TIFF"])
def test_cmyk_is_read(kind):
    assert probe(encoded(kind, mode="CMYK"), LIMITS).width == 32


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_size_is_that_of_the_picture_as_it_is_shown(kind, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation

    image = probe(encoded(kind, (40, 30), exif=exif), LIMITS)

    assert (image.width, image.height) == ((30, 40) if orientation >= 5 else (40, 30))


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG", "TIFF"])
def test_frames_are_counted(kind):
    frames = [Image.effect_noise((16, 16), n * 20 + 5).convert("RGB") for n in range(5)]
    out = io.BytesIO()
    frames[0].save(out, kind, save_all=True, append_images=frames[1:])

    assert probe(out.getvalue(), LIMITS).frames == 5


@pytest.mark.parametrize(
    ("data", "limits", "words"),
    [
        (bomb(), LIMITS, "too large"),
        (bomb(9000), LIMITS, "81|9000 x 9000"),
        (png(20_000, 3), LIMITS, "16384 a side"),
        (many_frames(25), LIMITS, "24 frames"),
        (many_frames(10_000), LIMITS, "24 frames"),
        (encoded(size=(100, 100)), ImageLimits(max_pixels=9999), "9999 pixels"),
        (encoded(size=(100, 100)), ImageLimits(max_bytes=50), "50 bytes"),
    ],
)
def test_a_picture_over_a_limit_is_refused_by_its_header(data, limits, words):
    with pytest.raises(ImageError, match=words) as refused:
        probe(data, limits, "/ref")

    assert refused.value.status == 413
    assert refused.value.ref == "/ref"


def test_a_text_chunk_that_inflates_to_megabytes_costs_nothing_here():
    data = text_bomb()

    def read():
        with contextlib.suppress(ImageError):
            probe(data, LIMITS)

    assert len(data) < 100_000
    assert seconds_of_work(read) < 1


@pytest.mark.parametrize("kind", KINDS)
def test_a_truncated_file_is_read_or_refused_and_nothing_else(kind):
    data = encoded(kind, (64, 64))

    for tenth in range(10):
        try:
            image = probe(data[: len(data) * tenth // 10], LIMITS)
        except ImageError:
            continue
        assert (image.width, image.height) == (64, 64)


@pytest.mark.parametrize("kind", KINDS)
def test_a_fuzzed_header_is_read_or_refused_and_nothing_else(kind):
    rng = random.Random(7)
    data = encoded(kind, (24, 24))

    for _ in range(120):
        fuzzed = bytearray(data)
        for _ in range(rng.randint(1, 8)):
            fuzzed[rng.randrange(min(len(fuzzed), 200))] = rng.randrange(256)
        try:
            image = probe(bytes(fuzzed), LIMITS)
        except ImageError:
            continue
        assert image.width * image.height * image.frames <= LIMITS.max_pixels


@pytest.mark.parametrize(
    "data", [b"", b"hello", b"<svg/>", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF89a", bytes(100)]
)
def test_what_is_no_picture_is_refused(data):
    with pytest.raises(ImageError) as refused:
        probe(data, LIMITS)

    assert refused.value.status == 400


@pytest.mark.parametrize(
    ("data", "nature"),
    [
        (with_zip(encoded()), "a ZIP archive"),
        (with_zip(encoded("JPEG")), "a ZIP archive"),
        (with_pdf(encoded()), "a PDF"),
        (encoded("GIF") + b"<SCRIPT >", "a page with markup or a script"),
        (encoded("PNG") + b"PK\x05\x06 and more", ""),
        (encoded("JPEG") + bytes(1000), ""),
    ],
)
def test_a_picture_that_is_something_else_too_is_known(data, nature):
    assert second_nature(data) == nature


def url(data: bytes, head: str = "data:image/png;base64,") -> str:
    return head + b64encode(data).decode()


@pytest.mark.parametrize(
    "head",
    [
        "data:image/png;base64,",
        "DATA:Image/PNG;BASE64,",
        "data:image/png;a=b;base64,",
        "data:;base64,",
    ],
)
def test_a_data_url_is_decoded(head):
    assert from_data_url(url(b"pixels", head), LIMITS) == b"pixels"


@pytest.mark.parametrize(
    "bad",
    [
        "data:image/png,abc", "data:image/png;base64,", "data:image/png;base64,a", "data:image/png;base64,ab\ncd",
        "data:image/png;base64,ab-_", "data:image/png;base64,abc=abc=", "data:image/png;base64,%41%41%41%41",
        "data:image/png;charset=base64,AAAA", "data:", "image/png;base64,AAAA", "data:image/png;base64,AAA\u00e9",
    ],
)  # fmt: skip
def test_a_data_url_that_parsers_read_differently_is_refused(bad):
    with pytest.raises(ImageError):
        from_data_url(bad, LIMITS)


def test_a_data_url_that_is_too_long_is_refused_before_it_is_decoded():
    with pytest.raises(ImageError, match="at most 10 bytes") as refused:
        from_data_url(url(bytes(1000)), ImageLimits(max_bytes=10))

    assert refused.value.status == 413


@pytest.mark.parametrize(
    ("claim", "kind"),
    [("image/png", "PNG"), ("image/jpg", "JPEG"), ("IMAGE/JPEG", "JPEG"), ("image/x-png", "PNG")],
)
def test_a_true_claim_passes(claim, kind):
    check_claim(f"data:{claim};base64,AAAA", probe(encoded(kind), LIMITS))


@pytest.mark.parametrize(
    "claim", ["", "image/jpeg", "text/html", "application/octet-stream", "image/svg+xml"]
)
def test_a_lie_about_the_type_is_refused(claim):
    with pytest.raises(ImageError, match="but the bytes are image/png"):
        check_claim(f"data:{claim};base64,AAAA", probe(encoded(), LIMITS))
