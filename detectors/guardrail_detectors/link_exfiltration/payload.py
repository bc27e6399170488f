"""How much of a URL is data that somebody put there, instead of an address."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from urllib.parse import parse_qsl, unquote, unquote_plus, urlsplit

from guardrail_detectors.link_exfiltration.forms import DIGESTS, is_servers, is_text

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
_GUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z", re.IGNORECASE).match
_wordy = re.compile(
    r"(?:(?:[A-Z]?[a-z]+){1,4}|[A-Z]+|\d+|[a-z]{1,4}\d{1,4}|\d{1,4}[a-z]{1,4})\Z"
).match
"""One word, number, or short mixture of them such as ``v2`` and ``10px``."""

_extension = re.compile(r"\.[a-z0-9]{1,5}\Z", re.IGNORECASE)
_between = re.compile(r"[^A-Za-z0-9]+")

_words = re.compile(r"[A-Za-z\u00c0-\uffff]{2,}").findall

_RANDOM_BITS = 3.6
"""Bits a character from which on a run of letters and digits is no word."""


def payload(url: str) -> float:
    """0 for a plain address, towards 1 for one that carries somebody's data.

    The highest of its pieces: query values, path segments, host labels, the fragment. What is no
    word counts together over all segments, and over all labels, since data can be cut anywhere.
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
    segments = [unquote(segment) for segment in path.split("/")]
    yield from (("path", segment) for segment in segments)
    yield "path", _together(segments)
    yield "fragment", unquote_plus(fragment)
    user, _, named = host.rpartition("@")
    labels = named.split(".")[:-2]
    yield from (("host", label) for label in labels)
    yield "host", _together(labels)
    if user:
        yield "data", user


def _together(segments: Iterable[str]) -> str:
    """Letters and digits of the segments that are neither words nor the name of a file."""
    return "".join(_between.sub("", one) for one in map(_unnamed, segments) if _is_odd(one))


def _unnamed(segment: str) -> str:
    return _extension.sub("", segment)


def _is_odd(segment: str) -> bool:
    if _GUID(segment):
        return is_text(bytes.fromhex(segment.replace("-", "")))
    if _hexadecimal(segment) and not _is_encoded(segment):
        return False
    return not all(_wordy(word) for word in _between.split(segment) if word)


def _weight(name: str, value: str) -> float:
    if not value or is_servers(name, value):
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
        return len(value) not in DIGESTS or is_text(bytes.fromhex(value))
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
