"""A download that goes on where it was interrupted.

RFC 9110, sections 13.1.5 (``If-Range``) and 14: a part is continued only of the very version that
it came from; otherwise the server sends the whole file, and the download begins again.
"""

import re
import time
import urllib.error
from http.client import HTTPException, HTTPResponse
from pathlib import Path

from robench.datasets.fetching.addresses import open_url, shown
from robench.datasets.fetching.partial import Part, require_space
from robench.errors import InputError, RunError
from robench.progress import Progress

TRIES = 5
"""Failures in a row after which a download gives up."""

WORTH = 16 * 2**20
"""Bytes that a try must bring for those before it to be forgotten."""

PAUSE = 1.0  # seconds before the second try; twice as many before each further one
CHUNK = 2**18  # bytes
LOOK = 256  # chunks after which the disk is looked at, where the size is not known
TRANSIENT = frozenset((408, 425, 429, 500, 502, 503, 504))

_RANGE = re.compile(r"bytes (?P<first>\d+)-\d+/(?P<total>\d+|\*)")


class _AgainError(Exception):
    """This try has failed, the next may not."""


def download(url: str, part: Part, progress: Progress) -> None:
    """Fill a part until it is the whole file.

    Args:
        url: Checked by `check_url`.
        part: Continued if its server says that the file is still the same.
        progress: Shown in MB.

    Raises:
        InputError: The server refuses, or leads elsewhere.
        RunError: It cannot be reached, or cuts off again and again, or the disk is full.
    """
    tries, furthest = 0, part.size
    while True:
        try:
            _attempt(url, part, progress)
        except _AgainError as error:
            tries = 1 if part.size >= furthest + WORTH else tries + 1
            furthest = max(furthest, part.size)
            if tries == TRIES:
                raise RunError(_gave_up(url, part, str(error))) from error
            progress.say(f"{error}; trying again ({tries} of {TRIES} tries failed)")
            time.sleep(PAUSE * 2 ** (tries - 1))
        else:
            return


def _gave_up(url: str, part: Part, reason: str) -> str:
    kept = f"{part.size} bytes are kept in {part.path}" if part.size else "Nothing came"
    return f"{shown(url)}: {reason} ({TRIES} tries). {kept}; the same command goes on from there."


def _attempt(url: str, part: Part, progress: Progress) -> None:
    """Ask for what is missing.

    Raises:
        _AgainError: The connection failed, or ended too early.
    """
    if part.total is not None and part.size == part.total:
        return
    try:
        with open_url(url, _headers(part)) as answer:
            _receive(answer, part, progress)
    except urllib.error.HTTPError as error:
        _explain(error, url, part)
    except (OSError, HTTPException) as error:
        what = getattr(error, "reason", None) or str(error) or type(error).__name__
        raise _AgainError(f"the connection failed: {what}") from error
    if part.total is not None and part.size < part.total:
        raise _AgainError(f"the connection ended after {part.size} of {part.total} bytes")


def _headers(part: Part) -> dict[str, str]:
    headers = {"User-Agent": "robench", "Accept-Encoding": "identity"}
    if part.validator is not None:
        headers |= {"Range": f"bytes={part.size}-", "If-Range": part.validator}
    return headers


def _explain(error: urllib.error.HTTPError, url: str, part: Part) -> None:
    """Decide what an answer other than 2xx means.

    Raises:
        _AgainError: It may pass.
        InputError: It will not.
    """
    with error:
        if error.code == 416:
            part.forget()
            raise _AgainError("the server no longer has what the download is a part of")
        said = f"the server says {error.code} {error.reason}"
    if error.code in TRANSIENT:
        raise _AgainError(said)
    raise InputError(f"{shown(url)}: {said}. Check --url, or bring the file with --from.")


def _receive(answer: HTTPResponse, part: Part, progress: Progress) -> None:
    """Append a body to the part, or begin the part again with it."""
    if not _continues(answer, part):
        if part.size:
            progress.say("The server does not go on with this file: the download begins again.")
        part.begin(_validator(answer), _length(answer))
    total, size = part.total, part.size
    if total is not None:
        require_space(part.path, total - size)
    progress.start("downloading (MB)", (total or 0) // 10**6)
    progress.advance(size // 10**6)
    with part.opened() as file:
        for number in range(10**9):
            piece = answer.read(CHUNK)
            if not piece:
                return
            if total is None and number % LOOK == 0:
                require_space(part.path, LOOK * CHUNK)
            part.append(file, piece)
            progress.advance((size + len(piece)) // 10**6 - size // 10**6)
            size += len(piece)


def _continues(answer: HTTPResponse, part: Part) -> bool:
    """Whether a body is the rest of the part.

    Raises:
        _AgainError: It is some other piece; the part is dropped, since nothing can be known of it.
    """
    if answer.status != 206:
        return False
    found = _RANGE.fullmatch(answer.headers.get("Content-Range", "").strip())
    rest = found and int(found["first"]) == part.size and found["total"] in ("*", str(part.total))
    if rest and part.validator is not None and _validator(answer) in (None, part.validator):
        return True
    part.forget()
    raise _AgainError("the server sent another piece than was asked for")


def _validator(answer: HTTPResponse) -> str | None:
    """What ``If-Range`` may hold: a strong tag, else a date."""
    tag: str | None = answer.headers.get("ETag")
    if tag and not tag.startswith("W/"):
        return tag
    date: str | None = answer.headers.get("Last-Modified")
    return date


def _length(answer: HTTPResponse) -> int | None:
    found = answer.headers.get("Content-Length", "")
    return int(found) if found.isdecimal() else None


def partial(folder: Path, digest: str) -> Part:
    """Where the file of that SHA-256 is collected."""
    return Part(folder / f"{digest[:16]}.part")
