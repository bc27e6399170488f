"""What the scripted upstream does where answers are moderated: the model's name is ``strategy-what``.

Drafts that say ``wyrmwood`` are bad, and a review says so; ``forbidden`` is what another stage
blocks. Which kind of request comes is told by the guard's own words in it.
"""

from __future__ import annotations

import asyncio
import json

from guardrail.fence import asked_check_word
from guardrail.prompts import REVISE, prompt

BAD = ["First ", "grind ", "the ", "wyrmwood ", "finely."]
GOOD = ["Keep ", "it ", "away ", "from ", "children."]
WORSE = ["The ", "forbidden ", "way ", "is ", "this."]
REFUSAL = ["I\u2019m ", "sorry, ", "but ", "I ", "can\u2019t ", "help ", "with ", "that."]

_REVISION = prompt(REVISE).partition("\n")[0].encode()


async def moderated(send, request, voice, what, told):
    """Answers one request; ``told`` sends words, whole or streamed.

    Args:
        send: The server's.
        request: Its JSON, with ``raw`` for the bytes that came.
        voice: The format.
        what: What is acted out.
        told: ``told(words)`` or ``told(None)`` for a reply that breaks off.
    """
    raw = request["raw"]
    if check := asked_check_word(raw.decode()):
        await told([review(what, check, bad=b"wyrmwood" in raw)])
    elif b"Describe what can be seen" in raw:
        await told(["A jar with a label."])
    elif _REVISION in raw or b"A picture, described" in raw:
        await revision(what, told)
    else:
        await told({"safe": GOOD, "refusing": REFUSAL}.get(what, BAD))


async def revision(what, told):
    match what:
        case "worse":
            await told(WORSE)
        case "stubborn":
            await told(BAD)
        case "slow":
            await asyncio.sleep(3600)
        case "hangs":
            await told(None)
        case _:
            await told(GOOD)


def review(what, check, *, bad):
    if what == "babbling":
        return "The verdict is: safe. {" + json.dumps({"category": "none"})
    told = ("It names wyrmwood.", "no_violence", 0.9) if bad else ("Nothing.", "none", 0.0)
    critique, principle, score = told
    return json.dumps({"check": check, "critique": critique, "category": principle, "score": score})
