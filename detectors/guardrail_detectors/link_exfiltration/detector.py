"""The detector: one finding a link that would carry data away."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field

from guardrail.detector import Context
from guardrail.types import TEXT_KINDS, Finding, Kind, Part
from guardrail_detectors.link_exfiltration.links import LONGEST, Link, links
from guardrail_detectors.link_exfiltration.payload import payload

CATEGORY = "data_exfiltration"

_FOLLOWED = 0.75
"""A link that somebody has to follow weighs this much of a picture that is fetched at once."""

_PICTURE = 0.2
"""Any picture of another host tells that host who reads the answer, and when."""


class LinkExfiltrationConfig(BaseModel):
    """The ``with:`` block of ``link_exfiltration``.

    Attributes:
        allow_hosts: Host globs that are trusted with whatever a URL says, e.g. ``*.example.com``.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    allow_hosts: tuple[str, ...] = Field(
        (), description="Host globs that are trusted with whatever a URL says."
    )


class LinkExfiltration:
    """Reports links and pictures of other hosts, graded by the data in their URLs.

    An answer that was talked into it shows a picture whose address holds what the conversation
    said: the client fetches it, and the data is gone. Source: Rehberger 2023, "ChatGPT: Data
    Exfiltration via Images", and CVE-2025-32711 ("EchoLeak", by reference definitions).

    Removing every span that it reports leaves a text without these links.
    """

    Config = LinkExfiltrationConfig
    kinds: frozenset[Kind] = TEXT_KINDS
    categories = frozenset({CATEGORY})
    version = "2"
    per_part = True
    inline = True
    lookback = LONGEST

    def __init__(self, config: LinkExfiltrationConfig) -> None:
        self._config = config

    async def load(self) -> None:
        """Nothing: there are no weights."""

    async def inspect(self, parts: Sequence[Part], context: Context) -> Sequence[Finding]:  # noqa: ARG002
        """The links in each part's text, in order."""
        return [finding for part in parts for finding in self._find(part)]

    def _find(self, part: Part) -> Iterator[Finding]:
        for link in links(part.text):
            score = 0.0 if self._trusts(link.url) else graded(link)
            if score > 0:
                yield Finding(part.ref, CATEGORY, score, link.span, None, link.url[:300])

    def _trusts(self, url: str) -> bool:
        host = _host(url)
        return host is not None and any(
            fnmatchcase(host, glob.lower()) for glob in self._config.allow_hosts
        )


def graded(link: Link) -> float:
    """The score of one link: of a picture its payload's, of a link to be followed less."""
    weight = payload(link.url)
    return max(weight, _PICTURE) if link.fetched else round(weight * _FOLLOWED, 3)


def _host(url: str) -> str | None:
    """The host of an address; None of one with a user, where readers differ about the host."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return None if "@" in parts.netloc else (parts.hostname or "").lower()
