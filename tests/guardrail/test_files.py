"""Files before they are read: what is pinned, what is refused, what stays opaque."""

from __future__ import annotations

from base64 import b64encode

import pytest

from guardrail.errors import ImageError
from guardrail.files import FileLimits, pin_files, probe_file
from guardrail.types import Conversation, Part
from tests.attacks.files import with_zip
from tests.attacks.hostile_files import PDF, SVG, drawing, page

LIMITS = FileLimits()


def url(data: bytes, claim: str) -> str:
    return f"data:{claim};base64,{b64encode(data).decode()}"


def part(data: bytes, claim: str, kind="file", name="", ref="/f") -> Part:
    return Part(ref, kind, "user", name=name, url=url(data, claim))


@pytest.mark.parametrize(
    ("data", "claim", "media_type"),
    [
        (page(), PDF, PDF),
        (drawing(), SVG, SVG),
        (b"hello", "text/plain", "text/plain"),
        ("grüße".encode(), "text/plain;charset=utf-8", "text/plain"),
        (b"# hi", "text/x-markdown", "text/markdown"),
        (b"a,b", "text/csv", "text/csv"),
        (b"{}", "text/json", "application/json"),
    ],
)
def test_a_file_that_is_read_has_its_bytes_and_type(data, claim, media_type):
    file = probe_file(part(data, claim), LIMITS)

    assert (file.data, file.media_type) == (data, media_type)


@pytest.mark.parametrize(
    ("data", "name", "media_type"),
    [
        (page(), "", PDF),
        (page(), "a.txt.pdf", PDF),
        (b"hello", "NOTES.TXT", "text/plain"),
        (b"{}", "a.json", "application/json"),
        (drawing(), "a.svg", SVG),
    ],
)
@pytest.mark.parametrize("claim", ["", "application/octet-stream"])
def test_without_a_claim_the_signature_or_the_name_says_what_it_is(data, name, media_type, claim):
    assert probe_file(part(data, claim, name=name), LIMITS).media_type == media_type


def test_plain_base64_is_read_too():
    bare = Part("/f", "file", "user", name="a.txt", url=b64encode(b"hello").decode())

    assert probe_file(bare, LIMITS).data == b"hello"


@pytest.mark.parametrize(
    "one",
    [
        part(b"PK\3\4", "application/vnd.oasis.opendocument.text"),
        part(b"hello", "text/html"),
        part(b"hello", "", name="a.docx"),
        part(b"\0\1", ""),
        Part("/f", "file", "user", url="https://example.com/a.zip"),
        Part("/f", "file", "user"),
    ],
    ids=["office", "html", "by name", "unknown", "link", "nothing"],
)
def test_a_file_of_another_type_stays_opaque(one):
    assert probe_file(one, LIMITS) is None
    conversation = Conversation((one,))
    assert pin_files(conversation, LIMITS) is conversation


@pytest.mark.parametrize(
    ("one", "words"),
    [
        (part(page(), "text/plain"), "says it is 'text/plain', but .* those of a PDF"),
        (part(b"hello", PDF), "not %PDF-"),
        (part(b"\n" + page(), PDF), "not %PDF-"),
        (part(with_zip(page()), PDF), "a PDF and a ZIP archive"),
        (part(b"\xff\xfeh\0i\0", "text/plain"), "not UTF-8 at byte 0; save it as UTF-8"),
        (part(b"a\0b", "text/csv"), r"U\+0000 at character 1.*save it as UTF-8"),
        (
            part(b"hi", "text/plain;charset=utf-16"),
            "names a charset besides UTF-8; save it as UTF-8",
        ),
        (part(b"hi", 'text/plain; charset="utf-7"'), "save it as UTF-8"),
        (Part("/f", "file", "user", url="data:text/plain,hello"), "not base64"),
        (Part("/f", "file", "user", url="data:text/plain;base64,aGk"), "valid base64"),
    ],
)
def test_what_two_readers_could_take_for_different_things_is_refused(one, words):
    with pytest.raises(ImageError, match=words) as error:
        probe_file(one, LIMITS)

    assert error.value.ref == "/f"


def test_a_picture_that_says_it_is_svg_is_a_file():
    (pinned,) = pin_files(Conversation((part(drawing(), SVG, "image"),)), LIMITS).parts

    assert (pinned.kind, pinned.file.media_type, pinned.image) == ("file", SVG, None)


def test_other_parts_are_left_alone_and_in_their_places():
    text = Part("/t", "text", "user", text="hi")
    image = part(b"x", "image/png", "image", ref="/i")
    parts = (text, part(b"hi", "text/plain"), image)

    pinned = pin_files(Conversation(parts), LIMITS).parts

    assert (pinned[0], pinned[2]) == (text, image)
    assert pinned[1].url == parts[1].url


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        (FileLimits(max_bytes=4), "too large"),
        (FileLimits(max_count=1), "2 files; at most 1"),
        (FileLimits(max_total_bytes=9), "10 bytes together; at most 9"),
    ],
)
def test_a_limit_is_named_with_the_file_that_breaks_it(limits, words):
    files = [part(b"hello", "text/plain", ref=f"/{n}") for n in range(2)]

    with pytest.raises(ImageError, match=words) as error:
        pin_files(Conversation(tuple(files)), limits)

    assert error.value.status == 413
    assert error.value.ref in ("/0", "/1")
