"""Files over HTTP that may break off: resumed where they stopped, checked, whole or not there."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256 as new_sha256
from pathlib import Path

import httpx

from guardrail.errors import ModelError

Progress = Callable[[int, int | None], None]
"""Called with the bytes that are there and those expected in all, None where nobody knows."""

ATTEMPTS = 3
"""How often a connection that breaks is taken up again before the user is asked to."""

MOST_BYTES = 8 * 1024**3
"""Of one file."""

_CHUNK = 1024 * 1024
_TIMEOUT = httpx.Timeout(30.0)
_OK, _PARTIAL, _BEYOND = 200, 206, 416


@dataclass(frozen=True, slots=True)
class Wanted:
    """A file to fetch.

    Attributes:
        url: Where it is.
        path: Where it goes; a ``.part`` file beside it holds what came of it so far.
        sha256: What it must be; "" where nobody knows.
        advice: What to do where the network does not give it.
    """

    url: str
    path: Path
    sha256: str = ""
    advice: str = ""

    @property
    def part(self) -> Path:
        """What came of it so far."""
        return self.path.with_name(f"{self.path.name}.part")

    @property
    def tag(self) -> Path:
        """The server's name for the version that ``part`` is of (RFC 9110, ETag)."""
        return self.path.with_name(f"{self.path.name}.etag")


def download(wanted: Wanted, progress: Progress = lambda _done, _total: None) -> str:
    """Fetches a file unless it is there already; returns its SHA-256.

    What came before an interruption is kept and taken up again, also by a later call: by a range
    request that names the version it is of, so that a file that changed begins anew. Where the
    server names no version, only a file whose checksum is known is taken up.

    Args:
        wanted: Which file, and where to.
        progress: Called as bytes come.

    Raises:
        ModelError: There is no network or no such file, it broke off too often, is too long, or is
            not the file that was wanted.
    """
    if wanted.path.is_file():
        return _checked(wanted, wanted.path)
    wanted.path.parent.mkdir(parents=True, exist_ok=True)
    with httpx.Client(follow_redirects=True, timeout=_TIMEOUT) as client:
        for attempt in range(1, ATTEMPTS + 1):
            try:
                _receive(client, wanted, progress)
                break
            except (httpx.ConnectError, httpx.ConnectTimeout, httpx.UnsupportedProtocol) as error:
                raise _unreachable(wanted, error) from None
            except httpx.HTTPError as error:
                if attempt == ATTEMPTS:
                    raise _broken_off(wanted, error) from None
    found = _checked(wanted, wanted.part)
    os.replace(wanted.part, wanted.path)  # noqa: PTH105 - whole or not there
    wanted.tag.unlink(missing_ok=True)
    return found


def _receive(client: httpx.Client, wanted: Wanted, progress: Progress) -> None:
    done = wanted.part.stat().st_size if wanted.part.is_file() else 0
    tag = wanted.tag.read_text("utf-8") if done and wanted.tag.is_file() else ""
    done = done if tag or wanted.sha256 else 0
    headers = {"accept-encoding": "identity"}
    if done:
        headers["range"] = f"bytes={done}-"
    if done and tag:
        headers["if-range"] = tag
    with client.stream("GET", wanted.url, headers=headers) as response:
        if response.status_code == _BEYOND and done:
            return  # nothing is left of it; the checksum says whether that is the whole
        if response.status_code not in {_OK, _PARTIAL}:
            raise _refused(wanted, response)
        if response.status_code == _OK:
            done = 0
        elif not response.headers.get("content-range", "").startswith(f"bytes {done}-"):
            raise ModelError(f"{wanted.url}: the server answers another range than was asked for")
        _keep_tag(wanted, response)
        left = response.headers.get("content-length", "")
        total = done + int(left) if left.isdigit() else None
        with wanted.part.open("ab" if done else "wb") as file:
            for chunk in response.iter_bytes():  # as they come: a break loses none of them
                done += len(chunk)
                if done > MOST_BYTES:
                    raise ModelError(f"{wanted.url}: longer than {MOST_BYTES} bytes")
                file.write(chunk)
                progress(done, total)


def _keep_tag(wanted: Wanted, response: httpx.Response) -> None:
    tag = response.headers.get("etag", "")
    if tag and not tag.startswith("W/"):  # a weak one may stand for other bytes (RFC 9110, 8.8.1)
        wanted.tag.write_text(tag, "utf-8")
    else:
        wanted.tag.unlink(missing_ok=True)


def _checked(wanted: Wanted, path: Path) -> str:
    digest = new_sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    found = digest.hexdigest()
    if wanted.sha256 and found != wanted.sha256:
        path.unlink()
        wanted.tag.unlink(missing_ok=True)
        raise ModelError(
            f"{wanted.url}: not the file that was expected (SHA-256 {found}, expected "
            f"{wanted.sha256}); it was deleted, try again, and if it stays so do not use it"
        )
    return found


def _refused(wanted: Wanted, response: httpx.Response) -> ModelError:
    return ModelError(
        f"{wanted.url}: the server answers {response.status_code} {response.reason_phrase}"
        f"{_then(wanted)}"
    )


def _unreachable(wanted: Wanted, error: Exception) -> ModelError:
    host = httpx.URL(wanted.url).host
    return ModelError(f"{wanted.url}: {host or 'it'} cannot be reached: {error}{_then(wanted)}")


def _broken_off(wanted: Wanted, error: Exception) -> ModelError:
    done = wanted.part.stat().st_size if wanted.part.is_file() else 0
    return ModelError(
        f"{wanted.url}: broke off {ATTEMPTS} times, {done} bytes are kept ({error}); run the same "
        "command again, it goes on where it stopped"
    )


def _then(wanted: Wanted) -> str:
    return f"; {wanted.advice}" if wanted.advice else ""
