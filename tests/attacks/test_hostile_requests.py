"""Hostile requests to a real proxy: each has its clear 4xx, and nothing of it is logged."""

from __future__ import annotations

import gzip
import json
from base64 import b64encode

import httpx
import pytest

from tests.attacks import files
from tests.e2e.conftest import HERE, proxy

PATH = "/v1/chat/completions"
JSON = {"content-type": "application/json"}
MARK = "do-not-log-me-7f3a"


def chat(*content: object, **more: object) -> bytes:
    return json.dumps(
        {"model": "plain", "messages": [{"role": "user", "content": list(content)}], **more}
    ).encode()


def picture(data: bytes, kind: str = "image/png") -> dict:
    return {
        "type": "image_url",
        "image_url": {"url": f"data:{kind};base64,{b64encode(data).decode()}"},
    }


def linked(url: str) -> dict:
    return {"type": "image_url", "image_url": {"url": url}}


def text(words: str = MARK) -> dict:
    return {"type": "text", "text": words}


RAW = '{"model": "plain", "messages": [{"role": "user", "content": "%s"}]%s}'

MANY = " ".join(
    f"data:image/png;base64,{b64encode(files.encoded(size=(n + 1, 8))).decode()}"
    for n in range(1000)
)

# name, body, status, words of the message
BODIES = [
    ("ten thousand parts", chat(*[text()] * 10_000), 413, "at least 4097 parts; at most 4096"),
    ("fifty thousand strings of no meaning", chat(text(), x=["a b"] * 50_000), 413, "at least 4097 parts; at most 4096"),
    ("a thousand pictures in a text", chat(text(MANY)), 413, "65 pictures; at most 64"),
    ("deep JSON", b'{"messages": ' + b"[" * 5000 + b"]" * 5000 + b"}", 400, "nested"),
    ("a repeated key", (RAW % (MARK, ', "model": "other"')).encode(), 400, "model"),
    ("a key repeated by an escape", (RAW % (MARK, ', "mod\\u0065l": "other"')).encode(), 400, "model"),
    ("not a number", (RAW % (MARK, ', "temperature": NaN')).encode(), 400, "NaN"),
    ("an endless number", (RAW % (MARK, ', "n": ' + "9" * 5000)).encode(), 400, "digits"),
    ("an overflowing number", (RAW % (MARK, ', "top_p": 1e999')).encode(), 400, "1e999"),
    ("UTF-16", (RAW % (MARK, "")).encode("utf-16"), 400, "UTF-8"),
    ("a byte order mark", b"\xef\xbb\xbf" + (RAW % (MARK, "")).encode(), 400, "byte order mark"),
    ("a lone surrogate", (RAW % ("\\ud800" + MARK, "")).encode(), 400, "surrogate"),
    ("Latin-1", (RAW % ("\xe9" + MARK, "")).encode("latin-1"), 400, "UTF-8"),
    ("two values", (RAW % (MARK, "") * 2).encode(), 400, "JSON"),
    ("an empty body", b"", 400, "JSON"),
    ("an array", b"[1, 2]", 400, "object"),
    ("no messages", b'{"model": "plain"}', 400, "messages"),
    ("messages of another type", b'{"model": "plain", "messages": "hi"}', 400, "messages"),
    ("a model of another type", b'{"model": ["a"], "messages": []}', 400, "model"),
    ("a body of its own encoding", gzip.compress(chat(text())), 415, "content-encoding"),
    ("a bomb", chat(text(), picture(files.bomb())), 413, "decompression bomb"),
    ("a GIF of ten thousand frames", chat(picture(files.many_frames(10_000), "image/gif")), 413, "frames"),
    ("a picture and a ZIP", chat(picture(files.with_zip(files.encoded()))), 400, "ZIP"),
    ("a picture and a page", chat(picture(files.with_page(files.encoded("JPEG")), "image/jpeg")), 400, "markup"),
    ("a picture and a PDF", chat(picture(files.with_pdf(files.encoded()))), 400, "PDF"),
    ("a JPEG that says PNG", chat(picture(files.encoded("JPEG"))), 400, "says 'image/png', but the bytes are image/jpeg"),
    ("a PNG that says HTML", chat(picture(files.encoded(), "text/html")), 400, "says 'text/html'"),
    ("a page that says PNG", chat(picture(b"<html>" + MARK.encode())), 400, "not a picture"),
    ("a header alone", chat(picture(files.SIGNATURE)), 400, "picture"),
    ("sixty-five pictures", chat(*[picture(files.encoded())] * 65), 413, "65 pictures; at most 64"),
    ("no base64", chat(linked("data:image/png,abc")), 400, "base64"),
    ("broken base64", chat(linked("data:image/png;base64,a*b=")), 400, "base64"),
    ("base64 with white space", chat(linked("data:image/png;base64,iVBO\nRw0K")), 400, "base64"),
    ("an empty picture", chat(linked("data:image/png;base64,")), 400, "empty"),
    ("no URL", chat(linked("")), 400, "URL"),
    ("a file URL", chat(linked("file:///etc/passwd")), 400, "must start with"),
    ("the metadata service", chat(linked("https://169.254.169.254/latest/meta-data")), 400, "public"),
    ("loopback", chat(linked("https://127.0.0.1/")), 400, "public"),
    ("loopback in IPv6", chat(linked("https://[::1]/")), 400, "public"),
    ("loopback, mapped", chat(linked("https://[::ffff:127.0.0.1]/")), 400, "public"),
    ("loopback, short", chat(linked("https://127.1/")), 400, "host"),
    ("loopback, decimal", chat(linked("https://2130706433/")), 400, "host"),
    ("loopback, hexadecimal", chat(linked("https://0x7f000001/")), 400, "host"),
    ("loopback, octal", chat(linked("https://0177.0.0.1/")), 400, "host"),
    ("loopback by name", chat(linked("https://localhost/")), 400, "public"),
    ("credentials", chat(linked("https://a:b@example.com/")), 400, "credentials"),
    ("another port", chat(linked("https://example.com:22/")), 400, "port 22"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("body", "status", "words"), [case[1:] for case in BODIES], ids=[case[0] for case in BODIES]
)
def test_a_hostile_body_has_its_clear_answer(guarded, log, audit, body, status, words):
    before = len(log.rows())
    headers = {**JSON, **({"content-encoding": "gzip"} if body[:2] == b"\x1f\x8b" else {})}

    reply = httpx.post(
        f"{guarded}{PATH}", content=body, headers=headers, timeout=30, trust_env=False
    )

    assert (reply.status_code, reply.headers["content-type"]) == (status, "application/json"), (
        reply.text
    )
    error = reply.json()["error"]
    assert words in error["message"]
    assert error["type"]
    assert error["code"]
    assert MARK not in reply.text
    assert len(log.rows()) == before
    assert MARK not in audit.read_text()


def test_an_unknown_part_type_is_refused_and_never_forwarded(guarded, log):
    before = len(log.rows())

    reply = httpx.post(
        f"{guarded}{PATH}",
        content=chat(text("hi"), {"type": "hologram", "hologram": MARK}),
        headers=JSON,
        trust_env=False,
    )

    assert reply.json()["choices"][0]["finish_reason"] == "content_filter"
    assert len(log.rows()) == before


def test_a_body_over_the_limit_is_refused_before_it_is_read_to_its_end(upstream, tmp_path):
    policy = tmp_path / "small.yaml"
    policy.write_text((HERE / "policy.yaml").read_text() + "max_body_bytes: 1000\n")
    with proxy(upstream, policy) as (url, _):
        reply = httpx.post(
            f"{url}{PATH}", content=chat(text("x" * 2000)), headers=JSON, trust_env=False
        )

    assert reply.status_code == 413
    assert "1000 bytes" in reply.json()["error"]["message"]


def test_huge_headers_are_refused(guarded, log):
    before = len(log.rows())

    try:
        reply = httpx.post(
            f"{guarded}{PATH}",
            content=chat(text()),
            headers={**JSON, "x-huge": "a" * 300_000},
            trust_env=False,
        )
        refused = 400 <= reply.status_code < 500
    except httpx.TransportError:  # hung up on, which HTTP/1.1 allows for a head that is too long
        refused = True

    assert refused
    assert len(log.rows()) == before


@pytest.mark.parametrize(
    "path",
    [
        "//v1/chat/completions",
        "/v1/chat/completions/",
        "/v1/Chat/Completions",
        "/v1/%63hat/completions",
        "/v1/%2563hat/completions",
        "/v1/./chat/completions",
        "/v1/x/../chat/completions",
        "/v1/chat/completions;a=b",
        "/v1\\chat\\completions",
        "/v1/models/../chat/completions",
    ],
)
def test_no_spelling_of_a_guarded_path_goes_around_the_guard(guarded, log, path):
    before = len(log.rows())

    with httpx.Client(trust_env=False) as client:
        raw = httpx.Request("POST", guarded, content=chat(text("a forbidden thing")), headers=JSON)
        raw.url = raw.url.copy_with(raw_path=path.encode())
        reply = client.send(raw)

    assert len(log.rows()) == before
    assert reply.headers.get("x-guardrail-action") == "block" or reply.status_code in (400, 501)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/v1/responses/resp_1/cancel"),
        ("POST", "/v1/models/gemini-pro:embedContent"),
        ("POST", "/v1/audio/translations"),
        ("GET", "/v1/files/file-1/content"),
        ("POST", "/"),
    ],
)
def test_a_path_without_an_adapter_is_not_forwarded(guarded, log, method, path):
    before = len(log.rows())

    reply = httpx.request(method, f"{guarded}{path}", content=b"{}", trust_env=False)

    assert reply.status_code == 501
    assert "unguarded_paths" in reply.json()["error"]["message"]
    assert len(log.rows()) == before


def test_a_path_that_the_policy_lists_is_forwarded(guarded):
    assert httpx.get(f"{guarded}/v1/models", trust_env=False).json() == {
        "object": "list",
        "data": [],
    }
