"""Findings by content."""

from __future__ import annotations

from guardrail.cache import VerdictCache, content_key
from guardrail.types import File, Finding, Part
from tests.kit import picture, text


def test_the_same_content_elsewhere_is_found_and_refers_to_where_it_is_now():
    cache = VerdictCache()
    cache.put(content_key("k", text("hello", "/a")), [Finding("/a", "hate", 0.7)])

    found = cache.get(content_key("k", text("hello", "/b")), "/b")

    assert found == (Finding("/b", "hate", 0.7),)


def test_a_part_without_findings_is_remembered_too():
    cache = VerdictCache()
    cache.put(content_key("k", text("hello")), [])

    assert cache.get(content_key("k", text("hello")), "/a") == ()


def test_other_content_other_settings_another_kind_and_another_name_are_other_entries():
    keys = {
        content_key("k", text("hello")),
        content_key("k", text("hello ")),
        content_key("other", text("hello")),
        content_key("k", Part("/a", "tool_result", "tool", text="hello")),
        content_key("k", text("hello", name="x")),
        content_key("k", picture(b"hello")),
    }

    assert len(keys) == 6


def test_the_entry_used_least_recently_leaves_first():
    cache = VerdictCache(max_entries=2)
    first, second, third = (content_key("k", text(t)) for t in "abc")
    cache.put(first, [])
    cache.put(second, [])
    cache.get(first, "/x")
    cache.put(third, [])

    assert cache.get(second, "/x") is None
    assert cache.get(first, "/x") == ()
    assert len(cache) == 2


def test_nothing_of_the_request_is_kept_but_the_findings():
    cache = VerdictCache()
    cache.put(content_key("k", text("hello", "/secret/ref")), [Finding("/secret/ref", "hate", 1.0)])

    assert "/secret/ref" not in repr(vars(cache))


def test_text_with_a_lone_surrogate_has_a_key():
    assert content_key("k", text("\ud800"))


def test_a_file_is_known_by_its_bytes_wherever_it_stands():
    one = Part("/a", "file", "user", url="data:,x", file=File(b"x", "text/plain", "aa"))
    moved = Part("/b", "file", "user", url="other", file=File(b"x", "text/plain", "aa"))
    other = Part("/a", "file", "user", url="data:,x", file=File(b"y", "text/plain", "bb"))

    assert content_key("s", one) == content_key("s", moved)
    assert content_key("s", one) != content_key("s", other)
