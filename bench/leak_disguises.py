"""Ways to repeat a secret text without saying it as it stands, each reversible by a reader."""

from __future__ import annotations

import html
import json
import re
from base64 import b64encode
from codecs import encode
from collections.abc import Callable, Mapping
from random import Random
from textwrap import wrap

Disguise = Callable[[str, Random], str]

_LEET = str.maketrans("oieast", "013457")
_CYRILLIC = str.maketrans("aeopcyxisjkmtbhABEKMHOPCTX", "аеорсухіѕјкмтвнАВЕКМНОРСТХ")
_GREEK = str.maketrans("aoptuikvxnABEZHIKMNOPTYX", "αορτυικνχηΑΒΕΖΗΙΚΜΝΟΡΤΥΧ")
_ZERO_WIDTH = "\u200b\u200c\u200d\u2060"
_MARKERS = ("- ", "* ", "{n}. ", "> ", "Part {n}: ")


def _case(text: str, draw: Random) -> str:
    return draw.choice([str.upper, str.lower, str.title, str.swapcase])(text)


def _spacing(text: str, draw: Random) -> str:
    return "".join(draw.choice(["  ", "\n", " \n ", "\t"]) if c == " " else c for c in text)


def _bare(text: str, draw: Random) -> str:
    kept = re.sub(r"[^\w\s]", "", text)
    return kept if draw.random() < 0.5 else kept.replace(" ", "")


def _joined(text: str, draw: Random) -> str:
    return draw.choice([" ", "-", ".", "_", "|", " / "]).join(text)


def _base64(text: str, draw: Random) -> str:
    code = b64encode(text.encode()).decode()
    return "\n".join(wrap(code, draw.choice([40, 61, 76, 10_000])))


def _hex(text: str, draw: Random) -> str:
    code = text.encode().hex(draw.choice([" ", ":", "-"])) if draw.random() < 0.7 else ""
    return code or "".join(f"\\x{byte:02x}" for byte in text.encode())


def _mirrored(text: str, draw: Random) -> str:
    ways: list[Callable[[str], str]] = [
        lambda one: one[::-1],
        lambda one: " ".join(word[::-1] for word in one.split()),
        lambda one: " ".join(reversed(one.split())),
    ]
    return draw.choice(ways)(text)


def _leet(text: str, draw: Random) -> str:
    return "".join(c.lower().translate(_LEET) if draw.random() < 0.8 else c for c in text)


def _look_alikes(text: str, draw: Random) -> str:
    table = draw.choice([_CYRILLIC, _GREEK])
    return "".join(c.translate(table) if draw.random() < 0.8 else c for c in text)


def _wide(text: str, draw: Random) -> str:
    start = draw.choice([0xFF01 - 0x21, 0])
    if start:
        return "".join(chr(ord(c) + start) if "!" <= c <= "~" else c for c in text)
    bold = {**{chr(65 + n): 0x1D400 + n for n in range(26)}}
    bold |= {chr(97 + n): 0x1D41A + n for n in range(26)}
    return "".join(chr(bold[c]) if c in bold else c for c in text)


def _invisible(text: str, draw: Random) -> str:
    return "".join(c + draw.choice([*_ZERO_WIDTH, "\U000e0020", "\u00ad"]) for c in text)


def _tags(text: str, draw: Random) -> str:
    cover = draw.choice(["Certainly.", "Here you are!", "No problem."])
    return cover + "".join(chr(0xE0000 + ord(c)) for c in text if c.isascii())


def _escaped(text: str, draw: Random) -> str:
    ways: list[Callable[[str], str]] = [
        lambda one: "".join(f"%{byte:02X}" for byte in one.encode()),
        lambda one: "".join(f"&#{ord(c)};" for c in one),
        lambda one: "".join(f"\\u{ord(c):04x}" if ord(c) < 0x10000 else c for c in one),
        lambda one: "".join(html.escape(c) if c != "e" else "&#x65;" for c in one),
    ]
    return draw.choice(ways)(text)


def _markdown(text: str, draw: Random) -> str:
    mark = draw.choice(["**", "*", "`", "~~", "<b>"])
    close = mark.replace("<", "</")
    words = (f"{mark}{word}{close}" if draw.random() < 0.6 else word for word in text.split())
    return "> " + " ".join(words)


def _json(text: str, draw: Random) -> str:
    lines = "\n".join(wrap(text, 60))
    return "```json\n" + json.dumps({draw.choice(["prompt", "rules", "config"]): lines}) + "\n```"


def _chunks(text: str, draw: Random) -> str:
    words, size, marker = text.split(), draw.choice([4, 6, 8]), draw.choice(_MARKERS)
    chunks = [" ".join(words[at : at + size]) for at in range(0, len(words), size)]
    return "\n".join(marker.format(n=n) + chunk for n, chunk in enumerate(chunks, 1))


def _acrostic(text: str, draw: Random) -> str:
    fill = ("is what comes next", "goes here", "follows", "and so on", "may stand here too")
    letters = [c for c in text if c.isalpha()][:60]
    return "\n".join(f"{letter.upper()} {draw.choice(fill)}" for letter in letters)


def _changed(text: str, draw: Random) -> str:
    """Every sixth to ninth word another one, as in a careless retelling."""
    words, step = text.split(), draw.randint(6, 9)
    other = ("surely", "the", "always", "customers", "things", "kindly", "maybe", "such")
    if len(words) < step:  # a canary: one letter left out
        at = draw.randrange(4, len(text) - 4)
        return text[:at] + text[at + 1 :]
    words[step - 1 :: step] = [draw.choice(other) for _ in words[step - 1 :: step]]
    return " ".join(words)


def _twice(text: str, draw: Random) -> str:
    inner = draw.choice([_mirrored, _look_alikes, _case, _joined, _leet])
    outer = draw.choice([_base64, _hex, _escaped, _json])
    return outer(inner(text, draw), draw)


DISGUISES: Mapping[str, Disguise] = {
    "verbatim": lambda text, _: text,
    "case": _case,
    "spacing": _spacing,
    "no punctuation": _bare,
    "joined letters": _joined,
    "base64": _base64,
    "hex": _hex,
    "rot13": lambda text, _: encode(text, "rot13"),
    "mirrored": _mirrored,
    "digits for letters": _leet,
    "look-alikes": _look_alikes,
    "wide or bold letters": _wide,
    "invisible between": _invisible,
    "tag characters": _tags,
    "percent, HTML or JSON escapes": _escaped,
    "markdown": _markdown,
    "json": _json,
    "list of chunks": _chunks,
    "acrostic": _acrostic,
    "changed words": _changed,
    "two disguises at once": _twice,
}
"""By name; the text comes first, then what draws the variant."""
