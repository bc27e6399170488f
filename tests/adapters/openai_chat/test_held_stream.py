"""The chat stream under the core's hold-back: redaction and release on real chunks."""

from __future__ import annotations

import json
import re

from hypothesis import given
from hypothesis import strategies as st

from guardrail.cache import VerdictCache
from guardrail.pipeline import run
from guardrail.redact import MASK
from guardrail.stream import Hold, HoldBack
from guardrail.types import Action
from tests.adapters.chat import chunk, documents, stream
from tests.adapters.strategies import splits
from tests.kit import ALLOW_OPAQUE, WordDetector, context, stage

SECRET = "bad"


async def held(chunks, action, window=6):
    """What leaves of a stream whose content is searched for a word."""
    steps = ((stage(WordDetector(SECRET), action),),)

    async def inspect(parts):
        return await run(steps, parts, context(), VerdictCache(), None, ALLOW_OPAQUE)

    back = HoldBack(stream(), inspect, Hold(window=window, tail=len(SECRET)))
    out = b"".join([await back.feed(data) for data in chunks if not back.blocked])
    if not back.blocked:
        out += await back.close()
    return out, back


def stream_of(text):
    pieces = [chunk({"role": "assistant", "content": ""})]
    pieces += [chunk({"content": c}, logprobs={"content": [{"token": c}]}) for c in text]
    return b"".join(pieces) + chunk({}, finish_reason="stop") + b"data: [DONE]\n\n"


def content(out):
    found = [d["choices"][0]["delta"].get("content", "") for d in documents(out) if d != "[DONE]"]
    return "".join(found)


@given(st.data(), st.lists(st.sampled_from(["good ", "b", "a", "d", "bad"]), max_size=10))
async def test_a_word_is_redacted_however_it_is_cut(data, words):
    text = "".join(words)
    chunks = data.draw(splits(stream_of(text)))

    out, _ = await held(chunks, Action.REDACT)

    assert content(out) == re.sub(f"({SECRET})+", MASK, text)


async def test_a_redacted_word_leaves_no_log_probabilities_behind():
    out, _ = await held([stream_of("bad")], Action.REDACT)

    tokens = [d["choices"][0].get("logprobs") for d in documents(out) if d != "[DONE]"]
    assert set(map(json.dumps, tokens)) == {"null"}


async def test_an_allowed_stream_leaves_byte_for_byte():
    body = stream_of("all is well here")

    out, _ = await held([body], Action.REDACT)

    assert out == body


async def test_a_blocked_stream_releases_no_event_that_holds_the_word():
    out, back = await held([stream_of("so far so good bad more")], Action.BLOCK)

    assert back.blocked
    assert SECRET not in content(out)
