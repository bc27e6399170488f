"""A file server that breaks off, answers wrongly and takes up again, as it is told."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

_RANGE = re.compile(r"bytes=(\d+)-$")


@dataclass
class Served:
    """What is served, and how.

    ``breaks`` says after how many bytes each of the next answers ends although more was promised.
    ``scripted`` holds the next answers as they stand: status, headers, body.
    """

    files: dict[str, bytes] = field(default_factory=dict)
    breaks: list[int] = field(default_factory=list)
    tag: str = '"one"'
    ranges: bool = True
    url: str = ""
    asked: list[tuple[str, str]] = field(default_factory=list)
    moved: dict[str, str] = field(default_factory=dict)
    scripted: list[tuple[int, dict[str, str], bytes]] = field(default_factory=list)


@contextmanager
def serving() -> Iterator[Served]:
    served = Served()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer(self, served)

        def log_message(self, *arguments: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    served.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield served
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def answer(request: BaseHTTPRequestHandler, served: Served) -> None:
    asked = request.headers.get("range", "")
    served.asked.append((request.path, asked))
    if served.scripted:
        recite(request, *served.scripted.pop(0))
        return
    if request.path in served.moved:
        request.send_response(302)
        request.send_header("location", served.moved[request.path])
        request.send_header("content-length", "0")
        request.end_headers()
        return
    data = served.files.get(request.path)
    if data is None:
        request.send_error(404)
        return
    start = range_of(request, served)
    if start >= len(data) > 0:
        request.send_error(416)
        return
    request.send_response(206 if start else 200)
    if start:
        request.send_header("content-range", f"bytes {start}-{len(data) - 1}/{len(data)}")
    if served.tag:
        request.send_header("etag", served.tag)
    request.send_header("content-length", str(len(data) - start))
    request.end_headers()
    most = served.breaks.pop(0) if served.breaks else len(data)
    request.wfile.write(data[start : start + most])
    request.close_connection = True


def recite(
    request: BaseHTTPRequestHandler, status: int, headers: dict[str, str], body: bytes
) -> None:
    request.send_response(status)
    for name, value in headers.items():
        request.send_header(name, value)
    request.end_headers()
    request.wfile.write(body)
    request.close_connection = True


def range_of(request: BaseHTTPRequestHandler, served: Served) -> int:
    found = _RANGE.match(request.headers.get("range", ""))
    same = request.headers.get("if-range", served.tag) == served.tag
    return int(found[1]) if found and same and served.ranges else 0
