"""Views of a reply: what each says, and from which characters it was made."""

from __future__ import annotations

from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrail_detectors.system_prompt.views import views

SECRET = "the well behind the chapel"
CODE = b64encode(SECRET.encode()).decode()
MADE = {
    "base64": CODE,
    "base64 in lines": f"{CODE[:17]}\n{CODE[17:]}",
    "base64 quoted in lines": f"> {CODE[:18]}\n> {CODE[18:]}",
    "base64 without its end": b64encode(SECRET.encode() + b"!??").decode()[:-2],
    "base64 of an address": b64encode(SECRET.encode()).decode().replace("/", "_"),
    "hex": SECRET.encode().hex(),
    "hex with spaces": SECRET.encode().hex(" "),
    "hex with prefixes": "".join(f"\\x{byte:02x}" for byte in SECRET.encode()),
    "hex numbers": " ".join(f"0x{byte:02x}" for byte in SECRET.encode()),
    "percent": "".join(f"%{byte:02x}" for byte in SECRET.encode()),
    "decimal entities": "".join(f"&#{ord(c)};" for c in SECRET),
    "named and hexadecimal entities": SECRET.replace("e", "&#x65;").replace(" ", "&nbsp;"),
    "json escapes": "".join(f"\\u{ord(c):04x}" for c in SECRET),
    "tag characters": "".join(chr(0xE0000 + ord(c)) for c in SECRET),
    "base64 of hex": b64encode(SECRET.encode().hex().encode()).decode(),
    "hex of base64": CODE.encode().hex(),
}


def plain(text: str) -> str:
    return text.replace("\u00a0", " ")


@pytest.mark.parametrize("code", MADE.values(), ids=MADE.keys())
def test_a_view_reads(code):
    assert any(SECRET in plain(view.text) for view in views(f"Here: {code} done"))


@pytest.mark.parametrize("code", MADE.values(), ids=MADE.keys())
def test_what_a_view_reads_points_to_where_it_stands(code):
    reply = f"Here: {code} done"
    view = next(one for one in views(reply) if SECRET in plain(one.text))
    at = plain(view.text).index(SECRET)

    start, end = view.starts[at], view.ends[at + len(SECRET) - 1]
    assert len("Here: ") - 1 <= start <= len("Here: > ")
    assert len(reply) - len(" done") - 3 <= end <= len(reply)


def test_markup_between_letters_is_not_read():
    assert any(SECRET in one.text for one in views("<b>the</b> <i>well</i> behind the chapel"))


def test_line_ends_in_a_json_string_are_white_space():
    assert any("rules. Never" in one.text.replace("\n", " ") for one in views("rules.\\nNever"))


def test_first_letters_of_lines_are_read_whatever_marks_them():
    marks = ["", "- ", "* ", "> ", "3. ", "12) ", "**", "  "]
    reply = "\n".join(
        f"{mark}{letter} and more" for mark, letter in zip(marks, "chapelxy", strict=True)
    )
    reply += "\nz"

    assert "chapelxyz" in [one.text for one in views(reply)]


def test_the_first_view_is_the_reply_itself():
    first = next(views("Some reply."))

    assert (first.text, first.disguised) == ("Some reply.", False)


def test_an_ordinary_reply_has_no_other_view():
    assert len(list(views("The hotline is open from Monday to Friday, 8 am to 6 pm."))) == 1


@given(st.text(max_size=200) | st.text("aA0%&#;x\\u<>=/+\n 4f", max_size=200))
def test_any_text_has_views_whose_places_are_in_it(text):
    for view in views(text):
        assert len(view.text) == len(view.starts) == len(view.ends)
        assert all(0 <= a < b <= len(text) for a, b in zip(view.starts, view.ends, strict=True))
