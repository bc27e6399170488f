"""Who may spend the proxy's own key: clients with one of theirs, and no stranger's web page."""

from __future__ import annotations

import hmac
from urllib.parse import urlsplit

from guardrail.errors import WireError
from guardrail.keys import api_keys
from guardrail.wire import Headers, header

_FOREIGN = (b"cross-site", b"same-site")


def check_client(headers: Headers, key: str) -> None:
    """Lets a request through to which the proxy lends its key.

    A web page may send a simple POST to any address that its visitor reaches, this machine's own
    too, and browsers say so (Fetch Metadata, W3C; RFC 6454, section 7).

    Args:
        headers: Of the request.
        key: That has to come where an SDK puts its API key; "" where none is asked for.

    Raises:
        WireError: The key is missing or wrong (401), or a page of another site asks (403).
    """
    if key:
        sent = [one.encode("latin-1") for one in api_keys(headers)]
        if not any(hmac.compare_digest(one, key.encode()) for one in sent):
            raise WireError(
                "the proxy's key is missing or wrong; give your SDK the value of the variable that "
                "--client-key-env names as its API key",
                status=401,
            )
    elif _is_foreign(headers):
        raise WireError(
            "a page of another site asks, and the proxy would spend its own key; start the proxy "
            "with --client-key-env NAME and send that key",
            status=403,
        )


def _is_foreign(headers: Headers) -> bool:
    if header(headers, b"sec-fetch-site") in _FOREIGN:
        return True
    origin = header(headers, b"origin")
    if origin is None:
        return False
    host = header(headers, b"host") or b""
    return urlsplit(origin.decode("latin-1")).netloc.casefold() != host.decode("latin-1").casefold()
