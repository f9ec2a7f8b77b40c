"""Downloads go on where they stopped, and only with the same file."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from archive_server import ArchiveServer, serving

from robench.datasets.fetching import download as downloading
from robench.datasets.fetching.addresses import check_url, file_name, shown
from robench.datasets.fetching.download import TRIES, download
from robench.datasets.fetching.partial import Part
from robench.errors import InputError, RunError
from robench.progress import Silent

CONTENT = random.Random(0).randbytes(700_000)
HALF = 300_000


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(downloading, "PAUSE", 0.0)
    monkeypatch.setenv("no_proxy", "127.0.0.1")


@pytest.fixture
def server() -> Iterator[ArchiveServer]:
    with serving(ArchiveServer(CONTENT)) as state:
        yield state


@pytest.fixture
def part(tmp_path: Path) -> Part:
    return Part(tmp_path / "file.part")


def fetch(server: ArchiveServer, part: Part) -> bytes:
    download(server.url, part, Silent())
    return part.path.read_bytes()


def interrupt(server: ArchiveServer, part: Part) -> None:
    """A download of which the first half came."""
    server.cuts = [HALF]
    server.codes = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(downloading, "TRIES", 1)
        with pytest.raises(RunError, match=f"{HALF} bytes are kept in"):
            download(server.url, part, Silent())
    assert part.path.read_bytes() == CONTENT[:HALF]
    server.asked.clear()
    server.sent = 0


def test_a_file_arrives_as_it_is(server: ArchiveServer, part: Part) -> None:
    assert fetch(server, part) == CONTENT
    assert server.asked == [""]


def test_an_interrupted_download_asks_for_the_rest_only(server: ArchiveServer, part: Part) -> None:
    interrupt(server, part)

    assert fetch(server, part) == CONTENT
    assert server.asked == [f"bytes={HALF}-"]
    assert server.sent == len(CONTENT) - HALF


def test_a_complete_part_is_not_asked_for_again(server: ArchiveServer, part: Part) -> None:
    fetch(server, part)

    assert fetch(server, part) == CONTENT
    assert len(server.asked) == 1


def test_a_server_without_ranges_is_asked_for_everything(server: ArchiveServer, part: Part) -> None:
    interrupt(server, part)
    server.ranges = False

    assert fetch(server, part) == CONTENT
    assert server.sent == len(CONTENT)


@pytest.mark.parametrize("checks", [True, False], ids=["If-Range heeded", "If-Range ignored"])
def test_a_file_that_changed_begins_again(checks: bool, server: ArchiveServer, part: Part) -> None:
    interrupt(server, part)
    server.content, server.etag, server.checks = CONTENT[::-1], '"second"', checks

    assert fetch(server, part) == CONTENT[::-1]


@pytest.mark.parametrize("etag", ["", 'W/"weak"'])
def test_a_part_of_an_unknown_version_begins_again(etag: str, part: Part) -> None:
    with serving(ArchiveServer(CONTENT, etag=etag)) as server:
        interrupt(server, part)

        assert fetch(server, part) == CONTENT
        assert server.asked == [""]


def test_bodies_that_break_off_are_continued_within_one_call(
    server: ArchiveServer, part: Part
) -> None:
    server.cuts = [100_000, 50_000]

    assert fetch(server, part) == CONTENT
    assert server.asked == ["", "bytes=100000-", "bytes=150000-"]


def test_a_server_that_always_breaks_off_is_left_after_some_tries(
    server: ArchiveServer, part: Part
) -> None:
    server.cuts = [1000] * 100

    with pytest.raises(RunError, match=rf"ended after {1000 * TRIES} of 700000 bytes .*kept in"):
        fetch(server, part)

    assert len(server.asked) == TRIES
    assert part.path.read_bytes() == CONTENT[: 1000 * TRIES]


def test_passing_failures_of_the_server_are_waited_out(server: ArchiveServer, part: Part) -> None:
    server.codes = [503, 429]

    assert fetch(server, part) == CONTENT


def test_what_is_not_there_is_said_at_once(server: ArchiveServer, part: Part) -> None:
    server.codes = [404] * TRIES

    with pytest.raises(InputError, match=r"set\.tar: the server says 404 Not Found\. Check --url"):
        fetch(server, part)

    assert len(server.asked) == 1


def test_a_range_that_cannot_be_satisfied_begins_again(server: ArchiveServer, part: Part) -> None:
    interrupt(server, part)
    server.codes = [416]

    assert fetch(server, part) == CONTENT
    assert server.asked == [f"bytes={HALF}-", ""]


def test_no_server_is_one_message(part: Part) -> None:
    with serving(ArchiveServer(b"")) as gone:
        url = gone.url

    with pytest.raises(RunError, match=r"the connection failed: .*Nothing came"):
        download(url, part, Silent())


@pytest.mark.parametrize("target", ["file:///etc/hostname", "ftp://127.0.0.1/x", "data:,x"])
def test_a_redirection_away_from_the_web_is_refused(
    target: str, server: ArchiveServer, part: Part
) -> None:
    server.location = target

    with pytest.raises(InputError, match=r"not allowed|not followed"):
        fetch(server, part)

    assert part.size == 0


def test_a_redirection_within_the_web_is_followed(server: ArchiveServer, part: Part) -> None:
    with serving(ArchiveServer(b"", location=server.url)) as first:
        assert fetch(first, part) == CONTENT


def test_a_file_larger_than_the_disk_is_not_begun(
    server: ArchiveServer, part: Part, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("robench.datasets.fetching.partial.SPARE", 10**18)

    with pytest.raises(RunError, match=r"needs 1 MB more\. .* MB are free"):
        fetch(server, part)

    assert part.size == 0


def test_a_damaged_note_beside_the_part_begins_again(server: ArchiveServer, part: Part) -> None:
    interrupt(server, part)
    part.path.with_suffix(".json").write_text("{torn")

    assert fetch(server, part) == CONTENT


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("file:///etc/passwd", "--from FILE"),
        ("ftp://host/x.tar", "http"),
        ("data:,x", "http"),
        ("https:///x.tar", "http"),
        ("x.tar", "http"),
        ("https://me:secret@host/x.tar", "name or password"),
        ("https://host/a b.tar", "%20"),
        ("https://host/a\nb.tar", "%20|http"),
        ("https://host:port/x", "port"),
        ("https://[::1/x", "IPv6"),
    ],
)
def test_addresses_that_are_none_of_a_file_on_the_web_are_refused(url: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        check_url(url)


def test_messages_show_no_key_of_an_address() -> None:
    url = "https://host/a/blur.tar?key=secret#x"

    assert shown(url) == "https://host/a/blur.tar"
    assert file_name(url) == "blur.tar"
