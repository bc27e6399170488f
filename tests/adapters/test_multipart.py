"""Forms are cut in the one place where every reader cuts them, or refused."""

from __future__ import annotations

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrail.errors import WireError
from guardrail_adapters.multipart import boundary_of, read_form, replaced

B = b"b0"
HEAD = b'Content-Disposition: form-data; name="a"'


def form(*fields: tuple[bytes, bytes], end: bytes = b"--\r\n") -> bytes:
    """A form of (headers, content) pairs."""
    body = b"".join(b"--b0\r\n" + head + b"\r\n\r\n" + value + b"\r\n" for head, value in fields)
    return body + b"--b0" + end


@given(st.lists(st.tuples(st.sampled_from(["a", "b", "c"]), st.binary(max_size=40)), min_size=1))
def test_what_an_http_client_writes_is_read(pairs):
    files = [(name, ("x.bin", content, "application/pdf")) for name, content in pairs]
    request = httpx2.Request("POST", "http://guard.invalid", files=files)
    body = request.read()

    fields = read_form(body, boundary_of(request.headers["content-type"].encode()))

    assert [(one.name, one.content) for one in fields] == pairs
    assert {(one.file, one.media_type) for one in fields} == {(True, "application/pdf")}
    assert all(body[one.start : one.end] == one.content for one in fields)
    assert all(body[slice(*one.typed)] == b"application/pdf" for one in fields)


def test_a_field_without_a_filename_is_no_file():
    body = form(
        (HEAD, b"x"), (HEAD + b'; filename=""', b"y"), (HEAD + b"; filename*=UTF-8''z", b"")
    )

    assert [one.file for one in read_form(body, B)] == [False, True, True]


@pytest.mark.parametrize(
    ("content_type", "expected"),
    [
        (b"multipart/form-data; boundary=x1", b"x1"),
        (b'Multipart/Form-Data;boundary="x 1"', None),
        (b'multipart/form-data; boundary="x1"', b"x1"),
        (b"multipart/form-data; boundary=x1; boundary=x2", None),
        (b"multipart/form-data; boundary=x1; charset=utf-8", None),
        (b"multipart/form-data", None),
        (b"multipart/mixed; boundary=x1", None),
        (b"application/json", None),
        (None, None),
    ],
)
def test_only_a_plain_boundary_is_taken(content_type, expected):
    if expected is not None:
        assert boundary_of(content_type) == expected
        return
    with pytest.raises(WireError, match="expected multipart/form-data") as error:
        boundary_of(content_type)
    assert error.value.status == 415


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "does not begin"),
        (b"preamble\r\n" + form((HEAD, b"x")), "does not begin"),
        (b"--b0\n" + HEAD + b"\n\nx\n--b0--", "does not begin"),
        (form((HEAD, b"x"), end=b""), "something follows"),
        (form((HEAD, b"x"), end=b"--\r\nepilogue"), "something follows"),
        (form((HEAD, b"x\r\n--b0 \r\ny")), "something follows"),
        (form((HEAD, b"x\r\n--b0suffix")), "something follows"),
        (form((HEAD, b"x\n--b0\r\ny")), "after a bare line end"),
        (form((HEAD, b"x\r--b0--")), "after a bare line end"),
        (b"--b0\r\n" + HEAD + b"\r\n\r\nx", "without its closing boundary"),
        (form((b"", b"x")), "field 0: expected one Content-Disposition"),
        (form((b"Content-Type: text/plain", b"x")), "expected a Content-Disposition"),
        (form((HEAD + b"\r\n" + HEAD, b"x")), "expected one Content-Disposition"),
        (form((HEAD + b"\r\nContent-Transfer-Encoding: base64", b"eA==")), "Transfer-Encoding"),
        (form((HEAD + b"\r\n folded: x", b"x")), "expected one Content-Disposition"),
        (form((b"Content-Disposition: form-data", b"x")), 'expected form-data; name="…"'),
        (form((b'Content-Disposition: form-data; name=""', b"x")), 'expected form-data; name="…"'),
        (
            form((b'Content-Disposition: attachment; name="a"', b"x")),
            'expected form-data; name="…"',
        ),
        (form((HEAD + b'; name="b"', b"x")), 'expected form-data; name="…"'),
        (form((HEAD + b'; filename="a\\"b"', b"x")), 'expected form-data; name="…"'),
        (form((HEAD + b"; name*=UTF-8''b", b"x")), 'expected form-data; name="…"'),
        (form((HEAD[:-2] + b'\xff"', b"x")), "not UTF-8"),
        (b"--b0\r\n" + HEAD + b"\r\n--b0--\r\n", "its headers"),
        (form((HEAD + b"x" * 5000, b"x")), "do not end with an empty line"),
        (form(*[(HEAD, b"")] * 257), "more than 256 fields"),
    ],
)
def test_what_two_readers_may_cut_differently_is_refused(body, message):
    with pytest.raises(WireError, match=message.replace("(", r"\(")) as error:
        read_form(body, B)

    assert error.value.status in (400, 413)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(noise):
    for body in (noise, b"--b0\r\n" + noise, form((noise, b"x")), form((HEAD, noise))):
        try:
            fields = read_form(body, B)
        except WireError:
            continue
        assert all(body[one.start : one.end] == one.content for one in fields)


def test_spans_are_replaced_and_no_other_byte():
    assert replaced(b"0123456789", {(7, 8): b"", (1, 3): b"ab!"}) == b"0ab!345689"
