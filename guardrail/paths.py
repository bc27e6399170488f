"""Which paths are guarded, however they are spelled."""

from __future__ import annotations

import posixpath
from collections.abc import Sequence
from fnmatch import fnmatchcase
from urllib.parse import quote, unquote

from guardrail.policy import Policy
from guardrail.registry import adapter_for_path

_MAX_DECODINGS = 8


def canonical_path(path: str) -> str:
    """The plainest path that some server could take ``path`` for.

    Percent-encoding is undone until nothing changes, backslashes are slashes, empty, ``.`` and
    ``..`` segments and ``;parameters`` go, as do a trailing slash and white space; letters are
    lower case. Two spellings that any router treats alike have one canonical path.
    """
    for _ in range(_MAX_DECODINGS):
        decoded = unquote(path)
        if decoded == path:
            break
        path = decoded
    segments = _visible(path).replace("\\", "/").casefold().split("/")
    plain = "/".join(segment.partition(";")[0] for segment in segments)
    return posixpath.normpath(f"/{plain.lstrip('/')}")


def path_fits(path: str, globs: Sequence[str]) -> bool:
    """Whether ``path``, however it is spelled, matches one of ``globs``."""
    plain = canonical_path(path)
    return any(fnmatchcase(plain, canonical_glob(glob)) for glob in globs)


def canonical_glob(glob: str) -> str:
    """``glob`` so that it matches canonical paths: decoded, lower case, no trailing slash."""
    return _visible(unquote(glob)).casefold().rstrip("/") or "/"


def guarded_path(path: str, policy: Policy) -> str:
    """``path``, or its canonical spelling where only that has an adapter or it is oddly spelled.

    What an odd spelling says to the guard must be what it says to the upstream: a path that is a
    guarded one in disguise is judged, and forwarded, as the guarded one.
    """
    plain = canonical_path(path)
    routed = [
        route.match.path
        for route in policy.routes
        if route.adapter is not None and route.match.path is not None
    ]
    read = adapter_for_path(path) is not None or any(fnmatchcase(path, glob) for glob in routed)
    if read and _is_straight(path, plain):
        return path
    if adapter_for_path(plain) is not None or path_fits(plain, routed):
        return sent_path(None, plain)
    return path


def _is_straight(path: str, plain: str) -> bool:
    """Whether ``path`` has the segments of its canonical one, however their letters are written."""
    return canonical_glob(path) == plain


def _visible(text: str) -> str:
    return "".join(char for char in text if char.isprintable() and not char.isspace())


def sent_path(raw_path: bytes | None, path: str) -> str:
    """A request's path as it was sent, without the query.

    Args:
        raw_path: As the server read it, None where the server does not tell.
        path: Percent-decoded; encoded again where ``raw_path`` is missing.
    """
    if raw_path is None:
        return quote(path, safe="/:@!$&'()*+,;=~-._")
    return raw_path.partition(b"?")[0].decode("latin-1")
