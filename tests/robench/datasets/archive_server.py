"""A small web server on this machine whose failures are chosen."""

import contextlib
import re
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class ArchiveServer:
    """What it serves, and what it was asked.

    Attributes:
        content: The one file, under every address.
        etag: Its tag; empty: none is sent.
        ranges: Whether it serves parts.
        checks: Whether it heeds ``If-Range``.
        cuts: After how many bytes each answer in turn breaks off; then none does.
        codes: Of each answer in turn; then 200 or 206.
        location: Where it redirects to.
        pause: Seconds between two pieces of 16 kB.
        asked: The ``Range`` of every request, empty for the whole file.
        sent: Bytes of bodies.
    """

    content: bytes
    etag: str = '"first"'
    ranges: bool = True
    checks: bool = True
    cuts: list[int] = field(default_factory=list)
    codes: list[int] = field(default_factory=list)
    location: str = ""
    pause: float = 0.0
    asked: list[str] = field(default_factory=list)
    sent: int = 0
    url: str = ""


@contextlib.contextmanager
def serving(state: ArchiveServer) -> Iterator[ArchiveServer]:
    """Serve until the block ends; ``state.url`` is the address of ``set.tar``."""

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            """Nothing."""

        def do_GET(self) -> None:
            _answer(self, state)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    state.url = f"http://127.0.0.1:{server.server_address[1]}/some/set.tar"
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()


def _answer(handler: BaseHTTPRequestHandler, state: ArchiveServer) -> None:
    wanted = handler.headers.get("Range", "")
    state.asked.append(wanted)
    if state.location or state.codes:
        _refuse(handler, state)
        return
    start = _start(handler, state, wanted)
    body = state.content[start:]
    handler.send_response(206 if start else 200)
    if start:
        last, total = len(state.content) - 1, len(state.content)
        handler.send_header("Content-Range", f"bytes {start}-{last}/{total}")
    if state.etag:
        handler.send_header("ETag", state.etag)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    _send(handler, state, body[: state.cuts.pop(0)] if state.cuts else body)


def _refuse(handler: BaseHTTPRequestHandler, state: ArchiveServer) -> None:
    handler.send_response(302 if state.location else state.codes.pop(0))
    if state.location:
        handler.send_header("Location", state.location)
    handler.send_header("Content-Length", "0")
    handler.end_headers()


def _start(handler: BaseHTTPRequestHandler, state: ArchiveServer, wanted: str) -> int:
    """From which byte on."""
    found = re.fullmatch(r"bytes=(\d+)-", wanted)
    same = handler.headers.get("If-Range") == state.etag or not state.checks
    return int(found[1]) if found and same and state.ranges else 0


def _send(handler: BaseHTTPRequestHandler, state: ArchiveServer, body: bytes) -> None:
    with contextlib.suppress(ConnectionError):
        for place in range(0, len(body), 2**14):
            piece = body[place : place + 2**14]
            state.sent += len(piece)
            handler.wfile.write(piece)
            time.sleep(state.pause)
