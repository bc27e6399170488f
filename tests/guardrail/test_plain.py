"""Plain Python values as parts."""

from __future__ import annotations

from guardrail.plain import given, plain


def test_a_text_and_pictures_are_one_message_of_the_user():
    parts = plain("What is this?", [b"one", b"two"]).parts

    assert [part.ref for part in parts] == ["/text", "/images/0", "/images/1"]
    assert {part.message for part in parts} == {0}
    assert {part.source for part in parts} == {"user"}
    assert [part.kind for part in parts] == ["text", "image", "image"]


def test_without_a_text_there_are_pictures_alone():
    assert [part.ref for part in plain(None, [b"one"]).parts] == ["/images/0"]


def test_an_empty_text_is_a_text():
    assert [part.text for part in plain("", []).parts] == [""]


def test_each_picture_has_the_ref_of_its_part():
    assert given([b"one", b"two"]) == [("/images/0", b"one"), ("/images/1", b"two")]
