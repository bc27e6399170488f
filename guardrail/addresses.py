"""Which hosts, ports and addresses a guarded fetch may reach (protection against SSRF).

Sources: RFC 6890 (special-purpose addresses), RFC 4291 2.5.5 (IPv4-mapped and -compatible), RFC
3056 (6to4), RFC 6052 (NAT64), RFC 4380 (Teredo), RFC 3986 3.2.2 (hosts).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from typing import Literal
from urllib.parse import SplitResult, urlsplit

from guardrail.errors import ImageError

Address = IPv4Address | IPv6Address

_HOST = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)(\.(?!-)[a-z0-9_-]{1,63}(?<!-))*\.?")
_LOOKS_NUMERIC = re.compile(r"(0x[0-9a-f]*|[0-9]+)", re.IGNORECASE)
_FORBIDDEN = re.compile(r"[\x00-\x20\x7f-\x9f\\<>\"^`{|}]")

# Beyond what ``ipaddress`` calls global: shared (CGNAT), benchmarking, and the deprecated ranges
# that can carry an IPv4 address in an IPv6 one.
_EXTRA_V4 = [
    IPv4Network(net)
    for net in (
        "100.64.0.0/10",
        "168.63.129.16/32",  # a cloud's host agent: looks public, answers its own machines alone
        "192.0.0.0/24",  # whole: some interpreters' tables know eight of its addresses
        "192.88.99.0/24",
        "198.18.0.0/15",
    )
]
# Documentation (RFC 9637) and segment routing (RFC 9602): younger than some interpreters' tables.
_EXTRA_V6 = [IPv6Network(net) for net in ("3fff::/20", "5f00::/16")]
_NAT64 = IPv6Network("64:ff9b::/96")
_NAT64_LOCAL = IPv6Network("64:ff9b:1::/48")
_COMPATIBLE = IPv6Network("::/96")
_SITE_LOCAL = IPv6Network("fec0::/10")


INLINE = "send the picture inline, as a data: URL"
"""What a client can do whatever is wrong with its URL."""


@dataclass(frozen=True, slots=True)
class RemoteRules:
    """What is done with pictures that a request names by URL, and where they may come from.

    Attributes:
        mode: ``inline`` fetches, ``reject`` refuses, ``passthrough`` leaves them unread.
        schemes: Allowed URL schemes.
        ports: Allowed ports.
        allow_hosts: Host globs; when not empty, only these.
        deny_hosts: Host globs that are never fetched from.
        allow_private: Networks (CIDR) that are not public and allowed all the same.
        max_redirects: Hops, each checked like the first URL.
        timeout_s: For the whole fetch.
        connect_timeout_s: For each connection.
    """

    mode: Literal["inline", "reject", "passthrough"] = "inline"
    schemes: tuple[str, ...] = ("https",)
    ports: tuple[int, ...] = (443,)
    allow_hosts: tuple[str, ...] = ()
    deny_hosts: tuple[str, ...] = ()
    allow_private: tuple[str, ...] = ()
    max_redirects: int = 3
    timeout_s: float = 10.0
    connect_timeout_s: float = 3.0


@dataclass(frozen=True, slots=True)
class Target:
    """A URL that keeps the rules: its host in lower case, its port, and itself."""

    url: str
    host: str
    port: int


def checked_url(url: str, rules: RemoteRules, ref: str = "") -> Target:
    """``url`` taken apart strictly; what two parsers could read differently is refused.

    Raises:
        ImageError: Another scheme, port or host than the rules allow, or an odd spelling.
    """
    if _FORBIDDEN.search(url) or not url.isascii():
        raise ImageError("the picture's URL has characters that must be percent-encoded", ref=ref)
    try:
        split = urlsplit(url)
        port = split.port
    except ValueError:
        raise ImageError(
            "the picture's URL cannot be read: its port is no number up to 65535, or its brackets "
            f"hold no IPv6 address; correct it, or {INLINE}",
            ref=ref,
        ) from None
    if split.scheme not in rules.schemes:
        expected = ", ".join(rules.schemes)
        raise ImageError(f"the picture's URL must start with one of: {expected}", ref=ref)
    if split.username is not None or split.password is not None or "@" in split.netloc:
        raise ImageError("the picture's URL must not carry credentials", ref=ref)
    if port is None:
        port = {"https": 443, "http": 80}.get(split.scheme, 0)
    if port not in rules.ports:
        raise ImageError(
            f"the picture's URL names port {port}, which is not allowed; allowed: "
            f"{', '.join(map(str, rules.ports))}; use one of them, or {INLINE}",
            ref=ref,
        )
    return Target(url, _checked_host(split, rules, ref), port)


def _checked_host(split: SplitResult, rules: RemoteRules, ref: str) -> str:
    host = (split.hostname or "").rstrip(".")
    if "[" in split.netloc:
        if "%" in host or _literal(host) is None:
            raise ImageError("the picture's URL has a malformed IPv6 address", ref=ref)
    elif _literal(host) is None:
        last = host.rpartition(".")[2]
        if not _HOST.fullmatch(host) or _LOOKS_NUMERIC.fullmatch(last):
            # 127.1, 0x7f.1, 2130706433, 0177.0.0.1: addresses in notations only some read.
            raise ImageError(
                "the picture's URL has a malformed host; write its name, or its address in four "
                f"decimal numbers, or {INLINE}",
                ref=ref,
            )
    if rules.allow_hosts and not any(fnmatchcase(host, glob) for glob in rules.allow_hosts):
        raise ImageError(
            "the picture's host is not on the list of allowed hosts; " + INLINE, ref=ref
        )
    if any(fnmatchcase(host, glob) for glob in rules.deny_hosts):
        raise ImageError("the picture's host is not allowed; " + INLINE, ref=ref)
    return host


def _literal(host: str) -> Address | None:
    """The address that ``host`` is in its canonical notation, None for a name."""
    try:
        return ip_address(host)
    except ValueError:
        return None


def is_allowed(address: Address, rules: RemoteRules) -> bool:
    """Whether a connection may go to ``address``: public in every reading, or listed."""
    networks = [ip_network(net) for net in rules.allow_private]
    if any(address.version == net.version and address in net for net in networks):
        return True
    return all(_is_public(reading) for reading in readings(address))


def readings(address: Address) -> Iterator[Address]:
    """``address`` and every IPv4 address that it carries inside."""
    yield address
    if isinstance(address, IPv4Address):
        return
    if address.ipv4_mapped is not None:
        yield address.ipv4_mapped
    if address.sixtofour is not None:
        yield address.sixtofour
    if address.teredo is not None:
        yield from address.teredo
    if address in _NAT64 or address in _COMPATIBLE:
        yield IPv4Address(int(address) & 0xFFFFFFFF)


def _is_public(address: Address) -> bool:
    if isinstance(address, IPv4Address):
        if any(address in net for net in _EXTRA_V4):
            return False
    elif any(address in net for net in _EXTRA_V6):
        return False
    elif address in _NAT64 or address.sixtofour is not None:
        # What a network without IPv4 has for a name, and 6to4, which Python 3.11.2 calls private
        # and 3.11.7 global: the other reading decides.
        return True
    elif address in _SITE_LOCAL or address in _NAT64_LOCAL or address.ipv4_mapped is not None:
        # A mapped address reaches the IPv4 host: its other reading decides, and there is no
        # honest reason to write one in a URL.
        return False
    return address.is_global and not address.is_multicast and not address.is_reserved
