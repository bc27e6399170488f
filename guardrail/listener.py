"""The address that the proxy listens on: whether it is free, and no upstream of its own."""

from __future__ import annotations

import socket
from collections.abc import Iterable
from ipaddress import ip_address
from urllib.parse import urlsplit

from guardrail.errors import PolicyError

_PORTS = {"http": 80, "https": 443}


def check_upstreams(host: str, port: int, base_urls: Iterable[str]) -> None:
    """Whether requests would leave: a proxy before itself goes round until descriptors end.

    Args:
        host: Address to listen on.
        port: TCP port to listen on.
        base_urls: Of all upstreams.

    Raises:
        PolicyError: One of them is the listener.
    """
    for base_url in base_urls:
        parts = urlsplit(base_url)
        if (parts.port or _PORTS.get(parts.scheme)) != port:
            continue
        if _is_listener(host, parts.hostname or ""):
            raise PolicyError(
                f"upstream {base_url} is the address that the proxy itself listens on: requests "
                "would go round for ever; choose another --port, or name the upstream's address"
            )


def check_address(host: str, port: int) -> None:
    """Whether the address can be listened on; the server itself would panic.

    Raises:
        PolicyError: It is in use, or not one of this machine's.
    """
    try:
        socket.create_server((host, port), family=_family(host)).close()
    except OSError as error:
        raise PolicyError(
            f"cannot listen on {host}:{port}: {error.strerror}; choose another --host or --port"
        ) from None


def _is_listener(host: str, upstream: str) -> bool:
    targets = _addresses(upstream)
    if any(ip_address(one).is_unspecified for one in _addresses(host)):
        return any(_is_own(one) for one in targets)
    return bool(targets & (_addresses(host) | {"0.0.0.0", "::"}))  # both reach this machine  # noqa: S104


def _addresses(host: str) -> set[str]:
    """The addresses of ``host``; none when nobody knows it, which the first request will tell."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except OSError:
        return set()
    return {str(entry[4][0]).partition("%")[0] for entry in found}


def _is_own(address: str) -> bool:
    """Whether ``address`` is one of this machine's: only those can be bound to."""
    try:
        socket.create_server((address, 0), family=_family(address)).close()
    except OSError:
        return False
    return True


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET
