"""Who may read the metrics: who blocked what is in them, and an attacker would tune against it."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from ipaddress import IPv6Address, ip_address

from guardrail.errors import WireError

_RELAYED = ("forwarded", "x-forwarded-for", "x-real-ip")
"""Headers of a reverse proxy: the peer is the proxy, not who asks."""


def check_reader(peer: str, headers: Mapping[str, str], key: str) -> None:
    """Lets whoever has ``key`` read the metrics; without a key, peers on this machine.

    Args:
        peer: The address that the connection comes from.
        headers: Of the request, by names in lower case.
        key: That has to come as bearer token; "" where none is asked for.

    Raises:
        WireError: The key is missing or wrong (401), or the peer is elsewhere (403).
    """
    if key:
        scheme, _, sent = headers.get("authorization", "").partition(" ")
        is_sent = hmac.compare_digest(sent.strip().encode(), key.encode())
        if scheme.lower() != "bearer" or not is_sent:
            raise WireError(
                "the metrics' key is missing or wrong; send 'Authorization: Bearer KEY' with the "
                "value of the variable that --metrics-key-env names",
                status=401,
            )
    elif not _is_local(peer) or any(name in headers for name in _RELAYED):
        raise WireError(
            "metrics are for clients on the proxy's own machine; for others start the proxy with "
            "--metrics-key-env NAME and send that key as bearer token",
            status=403,
        )


def _is_local(peer: str) -> bool:
    try:
        address = ip_address(peer)
    except ValueError:
        return False
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped  # of a socket that listens for both
    return address.is_loopback
