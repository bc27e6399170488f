"""The words, numbers and addresses of a policy, each with its range and a message that helps."""

from __future__ import annotations

import re
from ipaddress import ip_address, ip_network
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, StringConstraints

_HOST = re.compile(r"[a-z0-9*?](?:[a-z0-9.*?-]*[a-z0-9*?])?")


def _host_glob(text: str) -> str:
    try:
        return str(ip_address(text))
    except ValueError:
        pass
    if _HOST.fullmatch(text) is None:
        raise ValueError(
            f"{text!r} is no host: write it in lower case without scheme, port or path, "
            "e.g. '*.example.org'"
        )
    return text


def _network(text: str) -> str:
    try:
        ip_network(text)
    except ValueError as error:
        raise ValueError(f"not a network: {error}; write e.g. '10.1.0.0/16'") from None
    return text


def _base_url(text: str) -> str:
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise ValueError(f"{text!r} is no URL: {error}") from None
    extra = parts.query or parts.fragment or "@" in parts.netloc
    if parts.scheme not in {"http", "https"} or not host or extra or not text.isprintable():
        raise ValueError(
            f"{text!r} is no base URL: write scheme, host and path only, "
            "e.g. 'https://api.openai.com'"
        )
    return text.rstrip("/")


def _path_glob(text: str) -> str:
    if not text.startswith(("/", "*")):
        raise ValueError(f"{text!r} matches no path: paths start with '/', e.g. '/v1/models'")
    return text


Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
StageName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_.:-]{0,127}$")]
Glob = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]{1,512}$")]
PathGlob = Annotated[Glob, AfterValidator(_path_glob)]
HostGlob = Annotated[str, AfterValidator(_host_glob)]
Network = Annotated[str, AfterValidator(_network)]
BaseUrl = Annotated[str, AfterValidator(_base_url)]
Words = Annotated[str, StringConstraints(min_length=1, max_length=100_000)]
Count = Annotated[int, Field(strict=True, ge=1, le=2**40)]
Port = Annotated[int, Field(strict=True, ge=1, le=65_535)]
Seconds = Annotated[float, Field(strict=True, gt=0, le=3600, allow_inf_nan=False)]
Score = Annotated[float, Field(strict=True, ge=0, le=1, allow_inf_nan=False)]
OpaqueWord = Literal["block", "flag", "allow"]
