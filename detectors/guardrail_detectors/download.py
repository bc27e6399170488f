"""Files over HTTP that may break off: resumed where they stopped, checked, whole or not there."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256 as new_sha256
from pathlib import Path

import httpx

from guardrail.errors import ModelError

Progress = Callable[[int, int | None], None]
"""Called with the bytes that are there and those expected in all, None where nobody knows."""

ATTEMPTS = 3
"""How often a file is asked for, gone on with or begun anew, before the user is asked to."""

MOST_BYTES = 8 * 1024**3
"""Of one file."""

_CHUNK = 1024 * 1024
_TIMEOUT = httpx.Timeout(30.0)
_WHOLE, _PIECE, _BEYOND = 200, 206, 416
_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+|\*)")
_NO_RANGE = re.compile(r"bytes \*/(\d+)")


class _AnewError(Exception):
    """What the server answers does not go on what is kept, which has to be given up."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A file to fetch.

    Attributes:
        url: Where it is.
        path: Where it goes; a ``.part`` file beside it holds what came of it so far.
        sha256: What it must be; "" where nobody knows.
        advice: What to do where the network does not give it.
        most: How many bytes it may have.
    """

    url: str
    path: Path
    sha256: str = ""
    advice: str = ""
    most: int = MOST_BYTES

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
        ModelError: There is no network or no such file, it broke off too often, is too long, may
            be cut off without anybody noticing, or is not the file that was wanted.
    """
    if wanted.path.is_file():
        return _checked(wanted, wanted.path)
    wanted.path.parent.mkdir(parents=True, exist_ok=True)
    with httpx.Client(follow_redirects=True, timeout=_TIMEOUT) as client:
        _receive(_Coming(client, wanted, progress))
    found = _checked(wanted, wanted.part)
    os.replace(wanted.part, wanted.path)  # noqa: PTH105 - whole or not there
    wanted.tag.unlink(missing_ok=True)
    return found


@dataclass(slots=True)
class _Coming:
    """A file as it comes, over as many requests as it takes.

    ``total`` is how many bytes the server told that it has; None while it has not.
    """

    client: httpx.Client
    wanted: Wanted
    progress: Progress
    total: int | None = None

    def ask(self) -> None:
        """Asks for what is not there yet.

        Raises:
            httpx.HTTPError: It broke off.
            _AnewError: What is kept cannot be gone on with.
            ModelError: It cannot be had, or is too long.
        """
        kept, tag = _kept(self.wanted)
        headers = {"accept-encoding": "identity"}
        if kept:
            headers["range"] = f"bytes={kept}-"
        if tag:
            headers["if-range"] = tag
        with self.client.stream("GET", self.wanted.url, headers=headers) as response:
            if response.status_code == _BEYOND and kept:
                self._nothing_left(response, kept)
                return
            done = self._start(response, kept, tag)
            if self.total is not None and self.total > self.wanted.most:
                raise _too_long(self.wanted)
            _keep_tag(self.wanted, response)
            done = self._write(response, done)
        self._must_be_whole(done)

    def _nothing_left(self, response: httpx.Response, kept: int) -> None:
        """Returns where what is kept is the whole."""
        found = _NO_RANGE.fullmatch(response.headers.get("content-range", ""))
        if found is None and self.wanted.sha256:
            return  # the checksum tells
        if found is None or int(found[1]) != kept or self.total not in {None, kept}:
            raise _AnewError(f"the server has nothing after the {kept} bytes kept")

    def _start(self, response: httpx.Response, kept: int, tag: str) -> int:
        """Which byte of the file the answer begins with."""
        if response.status_code == _PIECE:
            self._agree(response, kept, tag)
            return kept
        if response.status_code != _WHOLE:
            raise _refused(self.wanted, response)
        framed = {"content-length", "transfer-encoding"} & response.headers.keys()
        if not framed and not self.wanted.sha256:  # ends where it breaks off (RFC 9112, 6.3)
            raise _endless(self.wanted)
        _forget(self.wanted)  # before the new version's tag is written
        self.total = _length(response)
        return 0

    def _agree(self, response: httpx.Response, kept: int, tag: str) -> None:
        """Returns where the answer goes on what is kept."""
        found = _RANGE.fullmatch(response.headers.get("content-range", ""))
        if found is None or int(found[1]) != kept:
            raise ModelError(f"{self.wanted.url}: the server answers a range not asked for")
        if tag and response.headers.get("etag", tag) != tag:
            raise _AnewError("the server answers a piece of another version")
        if _encoded(response):
            raise _AnewError("the server answers a compressed piece")
        told = self.total if found[2] == "*" else int(found[2])
        if self.total not in {None, told}:
            raise _AnewError(f"the whole has {told} bytes and had {self.total}")
        if told is None and not self.wanted.sha256:
            raise _AnewError("the server does not tell how long the whole is")
        self.total = told

    def _write(self, response: httpx.Response, done: int) -> int:
        with self.wanted.part.open("ab" if done else "wb") as file:
            for chunk in response.iter_bytes():  # as they come: a break loses none of them
                done += len(chunk)
                if done > self.wanted.most:
                    break
                file.write(chunk)
                self.progress(done, self.total)
        return done

    def _must_be_whole(self, done: int) -> None:
        if done > self.wanted.most:
            raise _too_long(self.wanted)
        if self.total is None or done == self.total:
            return
        if done > self.total:
            raise _AnewError(f"{done} bytes came, and the whole has {self.total}")
        # A server may answer less of a range than was asked for (RFC 9110, 15.3.7).
        raise httpx.RemoteProtocolError(f"{done} of {self.total} bytes are there")


def _receive(coming: _Coming) -> None:
    wanted = coming.wanted
    failures: list[ModelError] = []
    while len(failures) < ATTEMPTS:
        try:
            coming.ask()
            return
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.UnsupportedProtocol) as error:
            raise _unreachable(wanted, error) from None
        except httpx.HTTPError as error:
            failures.append(_broken_off(wanted, error))
        except _AnewError as error:
            _forget(wanted)
            coming.total = None
            failures.append(_unfitting(wanted, error))
    raise failures[-1]


def _kept(wanted: Wanted) -> tuple[int, str]:
    """How many bytes are there to go on with, and the version they are of."""
    done = wanted.part.stat().st_size if wanted.part.is_file() else 0
    tag = wanted.tag.read_text("utf-8") if done and wanted.tag.is_file() else ""
    return (done, tag) if done <= wanted.most and (tag or wanted.sha256) else (0, "")


def _forget(wanted: Wanted) -> None:
    wanted.part.unlink(missing_ok=True)
    wanted.tag.unlink(missing_ok=True)


def _keep_tag(wanted: Wanted, response: httpx.Response) -> None:
    tag = response.headers.get("etag", "")
    # A weak one may stand for other bytes (RFC 9110, 8.8.1), one of a compressed answer does.
    if tag and not tag.startswith("W/") and not _encoded(response):
        wanted.tag.write_text(tag, "utf-8")
    else:
        wanted.tag.unlink(missing_ok=True)


def _encoded(response: httpx.Response) -> bool:
    """Whether the bytes on the wire are not the file's, although those were asked for."""
    return str(response.headers.get("content-encoding", "identity")).lower() != "identity"


def _length(response: httpx.Response) -> int | None:
    """Bytes of the file in the answer; None where it does not tell."""
    told = response.headers.get("content-length", "")
    if _encoded(response) or "transfer-encoding" in response.headers or not told.isdigit():
        return None
    return int(told)


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


def _endless(wanted: Wanted) -> ModelError:
    return ModelError(
        f"{wanted.url}: the server does not tell how long the file is, so that one that is cut off "
        "would be taken for whole; it has to be served with Content-Length or in chunks"
        f"{_then(wanted)}"
    )


def _too_long(wanted: Wanted) -> ModelError:
    _forget(wanted)
    return ModelError(
        f"{wanted.url}: longer than {wanted.most} bytes, the most that it may have; what came "
        f"was deleted{_then(wanted)}"
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


def _unfitting(wanted: Wanted, error: Exception) -> ModelError:
    return ModelError(
        f"{wanted.url}: {ATTEMPTS} attempts gave no pieces of one file (the last: {error}); run "
        "the same command again later, it begins anew"
    )


def _then(wanted: Wanted) -> str:
    return f"; {wanted.advice}" if wanted.advice else ""
