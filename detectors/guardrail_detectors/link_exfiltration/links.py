"""Where the links of a Markdown or HTML text are, and whether showing the text fetches them.

Sources: CommonMark 0.31 sections 4.7, 6.3, 6.4 and 6.5 (links, pictures, reference definitions,
autolinks), GitHub's extended autolinks, and the HTML attributes that browsers fetch.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import NamedTuple


class Link(NamedTuple):
    """One link.

    Attributes:
        url: Without entities, and with backslashes read as browsers read them.
        span: Of all that would be shown as one picture or link, in code points.
        fetched: Whether showing it fetches it: a picture, not a link to be followed.
    """

    url: str
    span: tuple[int, int]
    fetched: bool


LONGEST = 4096
"""Characters of one link that are looked at."""

_URL = r"(?:https?:)?//[^\s<>\"']{1,4000}"
_SLASHED = r"(?:https?:)?[/\\]{2,8}[^\s<>\"']{1,4000}"
"""An address where a browser or Markdown reads it, which take backslashes too."""

_TITLE = r"(?:[ \t\n]+(?:\"[^\"]{0,500}\"|'[^']{0,500}'|\([^)]{0,500}\)))?"
_inline = re.compile(
    rf"(?P<picture>!)?\[(?P<label>[^\[\]]{{0,1000}})\]\([ \t\n]*"
    rf"(?:<(?P<angled>{_SLASHED})>|(?P<url>{_SLASHED}?)){_TITLE}[ \t\n]*\)"
)
_definition = re.compile(rf"^ {{0,3}}\[(?P<label>[^\[\]]{{1,1000}})\]:[ \t]*\n?[ \t]*<?(?P<url>{_SLASHED}?)>?{_TITLE}[ \t]*$", re.MULTILINE)  # fmt: skip  # noqa: E501
_tag = re.compile(
    r"<(?P<tag>img|image|source|video|audio|iframe|embed|input|link|a|area|object|form)\b"
    r"(?P<attributes>[^<>]{0,4000})>?",
    re.IGNORECASE,
)
_attribute = re.compile(
    r"(?:src|srcset|href|xlink:href|poster|data|action|background)\s*=\s*"
    r"(?:\"(?P<double>[^\"]*)\"|'(?P<single>[^']*)'|(?P<bare>[^\s\"'>]+))",
    re.IGNORECASE,
)
_style = re.compile(rf"url\(\s*['\"]?(?P<url>{_SLASHED}?)['\"]?\s*\)", re.IGNORECASE)
_bare = re.compile(rf"<?(?P<url>{_URL})>?")
_addresses = re.compile(_SLASHED).findall
_escaped = re.compile(r"\\([!-/:-@\[-`{-~])")
_slashes = re.compile(r"(https?:|)/{2,}", re.IGNORECASE)
_FOLLOWED = ("a", "area", "form", "link")


def links(text: str) -> list[Link]:
    """The links in ``text`` to other hosts, in reading order; one within another is left out."""
    if "//" not in text and "&" not in text and "\\" not in text:
        return []
    found = sorted(_all(text), key=lambda one: (one.span[0], -one.span[1], not one.fetched))
    kept: list[Link] = []
    for one in found:
        if not kept or one.span[0] >= kept[-1].span[1]:
            kept.append(one)
    return kept


def _all(text: str) -> Iterator[Link]:
    shown = {found["label"].casefold() for found in _referred(text)}
    for found in _inline.finditer(text):
        url = found["angled"] or found["url"]
        yield Link(_plain(_unescaped(url)), found.span(), bool(found["picture"]))
    for found in _definition.finditer(text):
        fetched = found["label"].casefold() in shown
        yield Link(_plain(_unescaped(found["url"])), found.span(), fetched)
    for found in _tag.finditer(text):
        fetched = found["tag"].lower() not in _FOLLOWED
        for attribute in _attribute.finditer(found["attributes"]):
            value = attribute["double"] or attribute["single"] or attribute["bare"] or ""
            for url in _addresses(html.unescape(value)):
                yield Link(_plain(url), found.span(), fetched)
    for found in _style.finditer(text):
        yield Link(_plain(found["url"]), found.span(), True)  # noqa: FBT003 - a picture
    for found in _bare.finditer(text):
        url = found["url"].rstrip(".,;:!?)]}*_`")
        start = found.start()
        yield Link(_plain(url), (start, start + len(found[0])), False)  # noqa: FBT003 - a link


_referring = re.compile(r"!\[([^\[\]]{0,1000})\](?:\[(?P<label>[^\[\]]{0,1000})\])?")


def _referred(text: str) -> Iterator[dict[str, str]]:
    """Labels that pictures by reference name."""
    for found in _referring.finditer(text):
        yield {"label": found["label"] or found[1]}


def _unescaped(url: str) -> str:
    """Without Markdown's backslashes: those before punctuation (CommonMark 0.31, section 2.4)."""
    return _escaped.sub(r"\1", url)


def _plain(url: str) -> str:
    """As browsers take it apart: before the query a backslash is a slash, and slashes are many.

    Source: https://url.spec.whatwg.org/, "special authority ignore slashes state".
    """
    address, mark, rest = re.split(r"([?#]|\Z)", html.unescape(url)[:LONGEST], maxsplit=1)
    return _slashes.sub(r"\1//", address.replace("\\", "/"), count=1) + mark + rest
