"""Query values that belong to a server: signatures, dates, versions, campaigns, each by its form.

A name alone says nothing, because whoever writes the URL chooses it. Sources: AWS Signature
Version 4 and CloudFront signed URLs, Google Cloud Storage signed URLs, Azure service and user
delegation SAS, RFC 5646 (language tags), Urchin's campaign parameters.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable

DIGESTS = frozenset({32, 40, 56, 64, 96, 128})
"""Hexadecimal digits of the usual digests, which name files and versions."""

_SIGNED = frozenset({16, 20, 28, 32, 48, 64, 128, 256, 384, 512})
"""Bytes of the usual digests and RSA signatures."""

_PRINTABLE = 0.8
"""Share of printable bytes from which on they are somebody's words; of random bytes it is 0.37."""

_LONGEST_CAMPAIGN = 60

_hexadecimal = re.compile(r"(?:[0-9a-f]{2})+\Z", re.IGNORECASE).match
_base64 = re.compile(r"[A-Za-z0-9+/_~-]+={0,2}\Z").match
_said = re.compile(r"pass(?:word|wd)?|secret|token|key|card|pin|code|user|e?mail", re.IGNORECASE)
_word = r"[A-Z]?[a-z]{1,20}|[A-Z]{1,12}|\d{1,12}"
_campaign = re.compile(rf"(?:{_word})(?:[_.+-](?:{_word})){{0,3}}\Z").match


def is_text(content: bytes) -> bool:
    """Whether bytes are words that somebody encoded, which a digest's never are."""
    try:
        content.decode()
    except UnicodeDecodeError:
        return sum(32 <= byte < 127 for byte in content) >= _PRINTABLE * len(content)
    return True


def decoded(value: str) -> bytes | None:
    """The bytes of hexadecimal, base64 or its URL alphabets; None for anything else."""
    if _hexadecimal(value):
        return bytes.fromhex(value)
    if not _base64(value):
        return None
    bare = value.rstrip("=").translate(str.maketrans("-_~", "+//"))
    try:
        return base64.b64decode(bare + "=" * (-len(bare) % 4))
    except binascii.Error:
        return None


def is_servers(name: str, value: str) -> bool:
    """Whether ``value`` has the form of the parameter of that name, and so is no model's."""
    return any(names(name) and form(value) for names, form in _FORMS)


def _signature(value: str) -> bool:
    content = decoded(value.strip('"'))
    return content is not None and len(content) in _SIGNED and not is_text(content)


def _click(value: str) -> bool:
    """An advertiser's id of a click: a known beginning, then bytes that say nothing."""
    content = decoded(value)
    begun = value.startswith(("Cj0KCQ", "CjwKCA", "EAIaIQ", "IwAR", "IwY2xj", "IwZXh0"))
    return begun and len(value) <= 200 and content is not None and not is_text(content)


def _session(value: str) -> bool:
    """An AWS session token, whose first bytes are always the same."""
    content = decoded(value)
    begun = value.startswith(("IQoJb3JpZ2lu", "FwoGZXIvYXdz"))
    return begun and content is not None and not is_text(content[16:])


def _campaigns(value: str) -> bool:
    """A few words, none of which says that it holds somebody's data."""
    short = len(value) <= _LONGEST_CAMPAIGN and not _said.search(value)
    return short and _campaign(value) is not None


def _like(pattern: str) -> Callable[[str], bool]:
    matches = re.compile(rf"(?:{pattern})\Z", re.IGNORECASE).match
    return lambda value: matches(value) is not None


_DATE = r"\d{4}-?\d\d-?\d\d(?:T\d\d:?\d\d(?::?\d\d)?(?:\.\d{1,7})?Z?)?"
_GUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_SCOPE = r"/\d{8}/[a-z0-9-]{2,20}/[a-z0-9]{2,12}/(?:aws|goog)4_request"
_SIGNER = r"[A-Z0-9]{16,24}|[a-z0-9-]{1,30}@[a-z0-9-]{1,30}\.iam\.gserviceaccount\.com"
_FORMS = (
    (_like(r"x-(?:amz|goog|ms)-signature|sig(?:nature)?|hmac|hash|etag"), _signature),
    (_like(r"x-(?:amz|goog)-security-token"), _session),
    (_like(r"x-(?:amz|goog)-credential"), _like(rf"(?:{_SIGNER}){_SCOPE}")),
    (_like(r"x-(?:amz|goog)-algorithm"), _like(r"(?:AWS4-HMAC|GOOG4-RSA|GOOG4-HMAC)-SHA256")),
    (_like(r"x-(?:amz|goog)-signedheaders"), _like(r"host(?:;[a-z0-9-]{1,24}){0,3}")),
    (_like(r"(?:x-(?:amz|goog)-)?expires?|se|st|sk[et]"), _like(rf"\d{{1,13}}|{_DATE}")),
    (_like(r"x-(?:amz|goog|ms)-(?:date|version)|s[kv]v?"), _like(_DATE)),
    (_like(r"key-pair-id"), _like(r"(?:APKA|K)[A-Z0-9]{12,17}")),
    (_like(r"sk[ot]id"), _like(_GUID)),
    (_like(r"s[pr]|sks|spr"), _like(r"[a-z]{1,10}|https,http")),
    (_like(r"rsct"), _like(r"[a-z]{1,12}/[a-z0-9.+-]{1,20}")),
    (_like(r"rscd"), _like(r"(?:inline|attachment)(?:; ?filename=\"?[\w.-]{1,30}\"?)?")),
    (_like(r"v(?:er(?:sion)?)?"), _like(r"v?\d[\d.]{0,14}(?:-?[a-z]{1,5}\d{0,3})?|[\w-]{11}")),
    (_like(r"utm_[a-z]{1,16}"), _campaigns),
    (_like(r"gclid|fbclid"), _click),
    (_like(r"mc_[ce]id"), _like(r"[0-9a-f]{10}")),
    (_like(r"hl|lang"), _like(r"[a-z]{2,3}(?:[-_][a-z0-9]{2,4}){0,2}")),
)
