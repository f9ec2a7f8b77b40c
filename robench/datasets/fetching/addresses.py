"""Addresses that may be asked: http and https, and nothing that a server leads elsewhere to."""

import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from email.message import Message
from http.client import HTTPResponse
from pathlib import PurePosixPath
from typing import IO, cast

from robench.errors import InputError

SCHEMES = ("http", "https")
SECONDS = 60  # without a byte


def check_url(url: str) -> None:
    """Refuse what is no address of a file on a web server.

    Raises:
        InputError: Another scheme, no host, a password, or characters that no address has.
    """
    try:
        parts = urllib.parse.urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise InputError(f"--url {url!r}: {error}.") from error
    if parts.scheme not in SCHEMES or not host:
        raise InputError(
            f"--url expects an address http://... or https://..., got {url!r}. "
            f"A file that is here already: --from FILE."
        )
    if parts.username is not None:
        raise InputError("--url must not hold a name or password.")
    if not url.isascii() or not url.isprintable() or " " in url:
        raise InputError(f"--url {url!r}: write blanks and other letters as %20 and so on.")


def shown(url: str) -> str:
    """An address for messages, without what follows the path (it may hold a key)."""
    parts = urllib.parse.urlsplit(url)
    return urllib.parse.urlunsplit((parts.scheme, parts.netloc, parts.path, "", ""))


def file_name(url: str) -> str:
    """The last part of the path of an address."""
    return PurePosixPath(urllib.parse.unquote(urllib.parse.urlsplit(url).path)).name


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows a redirection to http and https only."""

    max_redirections = 5

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: Message,
        newurl: str,
    ) -> urllib.request.Request | None:
        """The request that follows.

        Raises:
            InputError: The server leads to something else, such as a file of this machine.
        """
        scheme = urllib.parse.urlsplit(newurl).scheme
        if scheme not in SCHEMES:
            raise InputError(
                f"{shown(req.full_url)} leads to an address of the scheme {scheme!r}, which is not "
                f"followed. Expected {' or '.join(SCHEMES)}."
            )
        return super().redirect_request(req, fp, code, msg, headers, newurl)  # type: ignore[arg-type]


def open_url(url: str, headers: Mapping[str, str]) -> HTTPResponse:
    """Ask a web server, through the proxies of the environment.

    Raises:
        InputError: Redirected to what is not the web.
        urllib.error.HTTPError: Any answer but 2xx.
        OSError: No connection.
        http.client.HTTPException: An answer that is no HTTP.
    """
    opener = urllib.request.OpenerDirector()  # the usual one opens files and ftp, too
    for handler in (
        urllib.request.ProxyHandler(),
        urllib.request.HTTPHandler(),
        urllib.request.HTTPSHandler(),
        urllib.request.HTTPDefaultErrorHandler(),
        _Redirects(),
        urllib.request.HTTPErrorProcessor(),
        urllib.request.UnknownHandler(),
    ):
        opener.add_handler(handler)
    request = urllib.request.Request(url, headers=dict(headers))
    return cast("HTTPResponse", opener.open(request, timeout=SECONDS))
