"""How much of a URL is data that somebody put there, instead of an address."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator
from urllib.parse import parse_qsl, unquote, unquote_plus, urlsplit

_SIGNATURES = re.compile(
    r"(?:x-(?:amz|goog|ms)-.*|sig(?:nature)?|expires?|key-pair-id|policy|se|sp|sv|sr|st|sk[a-z]+"
    r"|spr|rsc[a-z]|hmac|hash|etag|v(?:er(?:sion)?)?|utm_.*|gclid|fbclid|mc_.*|hl|lang)\Z",
    re.IGNORECASE,
)
"""Parameters that say who may fetch, which version, or who is counted: a server's, no model's."""

_TELLING = re.compile(
    r"(?:d|data|secret|pass(?:word|wd)?|pwd|token|api_?key|key|cookie|session|ssn|e?mail|value|pin"
    r"|user(?:name)?|msg|message|text|content|chat|history|conversation|context|prompt|leak|exfil"
    r"|info|payload|body|note|memo|result|output|answer|creds?|credentials?|card|cc|iban|otp|code"
    r")s?\Z",
    re.IGNORECASE,
)
_encoded = re.compile(r"[A-Za-z0-9+/_=-]{20,}\Z").match
_hexadecimal = re.compile(r"(?:[0-9a-fA-F]{2}){12,}\Z").match
_personal = re.compile(r"[\w.+-]+@[\w-]+\.\w|\b\d{3}-\d{2}-\d{4}\b|\b(?:\d[ -]?){13,16}\b").search
_placeholder = re.compile(
    r"[{<\[(%$]{1,2}\s*[a-z_ -]*(?:data|secret|info|content|summary|conversation|history|password"
    r"|text|message|email|token|key|here)[a-z_ -]*\s*[}>\])%]{1,2}",
    re.IGNORECASE,
).search
_DIGESTS = frozenset({32, 40, 56, 64, 96, 128})
"""Hexadecimal digits of the usual digests, which name files and versions."""

_words = re.compile(r"[A-Za-z\u00c0-\uffff]{2,}").findall

_RANDOM_BITS = 3.6
"""Bits a character from which on a run of letters and digits is no word."""


def payload(url: str) -> float:
    """0 for a plain address, towards 1 for one that carries somebody's data.

    The highest of its pieces: query values, path segments, host labels, the fragment.
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        return 0.5  # what cannot be taken apart is no address that was meant to be one
    return max((_weight(name, value) for name, value in _pieces(parts)), default=0.0)


def _pieces(parts: object) -> Iterator[tuple[str, str]]:
    query, path, fragment = (getattr(parts, name) for name in ("query", "path", "fragment"))
    host = getattr(parts, "netloc", "")
    pairs = parse_qsl(query, keep_blank_values=True)
    yield from pairs
    if query and not any(value for _, value in pairs):
        yield "query", unquote_plus(query)
    for segment in path.split("/"):
        yield "path", unquote(segment)
    yield "fragment", unquote_plus(fragment)
    for label in host.split("@")[0].split(".")[:-2]:
        yield "host", label
    if "@" in host:
        yield "data", host.split("@")[0]


def _weight(name: str, value: str) -> float:
    if not value or _SIGNATURES.match(name):
        return 0.0
    if _placeholder(value):
        return 0.9
    if name in _PLACES:
        shortest, weight = _PLACES[name]
        return weight if len(value) >= shortest and _is_encoded(value) else 0.0
    return 0.95 if _personal(value) else _of_value(value, telling=bool(_TELLING.match(name)))


_PLACES = {"path": (40, 0.9), "fragment": (20, 0.6), "host": (24, 0.8)}
"""Parts of an address without a name of their own: from which length on what is no word counts, and
how much. Titles stand there too, joined by hyphens."""


def _of_value(value: str, *, telling: bool) -> float:
    """The weight of a query's value; ``telling`` if its name says that it holds somebody's data."""
    if _is_encoded(value):
        return 0.95 if telling else 0.8
    if len(_words(value)) >= 4:
        return 0.95 if telling else 0.7
    return 0.8 if telling and len(value) >= 4 else 0.3


def _is_encoded(value: str) -> bool:
    """Whether a value is base64, hexadecimal, or as random as them."""
    if _hexadecimal(value):
        return len(value) not in _DIGESTS
    if not _encoded(value):
        return False
    mixed = len({_class(char) for char in value}) >= 3
    return mixed and _entropy(value) >= _RANDOM_BITS


def _class(char: str) -> str:
    if char.isdigit():
        return "digit"
    return "upper" if char.isupper() else "lower" if char.islower() else "other"


def _entropy(value: str) -> float:
    counts = Counter(value).values()
    return -sum(n / len(value) * math.log2(n / len(value)) for n in counts)
