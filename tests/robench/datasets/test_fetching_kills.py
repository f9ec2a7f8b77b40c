"""A process that is killed anywhere leaves nothing half-written, and the next one finishes."""

import hashlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Collection
from pathlib import Path

import pytest
from archive_server import ArchiveServer, serving
from archives import classes, files_below, severities, tar_bytes

from robench.datasets.fetching import DOWNLOADS, Request, get_set

CHANGES = frozenset(("open", "os.mkdir", "os.rename", "os.remove", "os.rmdir"))
"""Of the disk, as Python's audit calls them."""

MOST = 400  # events in one call
SCRIPT = """
import sys
from pathlib import Path
from robench.datasets.fetching import Request, get_set
get_set(Request("imagenet-r", Path(sys.argv[1]), url=sys.argv[2], sha256=sys.argv[3]))
"""


def killed_at(number: int, request: Request, events: Collection[str]) -> bool:
    """Run in a process that is killed before the ``number``-th of the events.

    Returns:
        Whether it was killed: there may be fewer.
    """
    child = os.fork()
    if not child:
        count = 0

        def watch(event: str, _: tuple[object, ...]) -> None:
            nonlocal count
            count += event in events
            if count == number and event in events:  # and not for the event "os.kill" itself
                os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(watch)
        try:
            get_set(request)
        finally:
            os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL


def kill_everywhere(
    make: Callable[[Path], Request],
    folder: Path,
    events: Collection[str],
    seen: Callable[[Path], None],
) -> int:
    """Kill a call at each of the events, look, and call again; how many kills there were."""
    for number in range(1, MOST):
        data = folder / str(number)
        if not killed_at(number, make(data), events):
            return number - 1
        seen(data)
        get_set(make(data))
        seen(data)
        left = {path.name for path in next((data / DOWNLOADS).iterdir()).iterdir()}
        assert left == {".lock", "placed.json"}
    raise AssertionError(f"more than {MOST} events")


def test_class_folders_are_there_all_or_not_at_all(tmp_path: Path) -> None:
    archive = tmp_path / "set.tar.gz"
    archive.write_bytes(tar_bytes(classes("imagenet-r/", count=1), "w:gz"))
    found = []

    def seen(data: Path) -> None:
        found.append(files_below(data))

    kills = kill_everywhere(
        lambda data: Request("imagenet-r", data, source=archive), tmp_path, CHANGES, seen
    )

    whole = classes("imagenet-r/", count=1)
    assert kills > 10
    assert all(one in ({}, whole) for one in found)
    assert found[1::2] == [whole] * kills
    assert {} in found[::2]


def test_each_corruption_is_added_whole_to_those_that_are_there(tmp_path: Path) -> None:
    archives = {name: tmp_path / f"{name}.tar" for name in ("first", "second")}
    archives["first"].write_bytes(tar_bytes(severities("fog")))
    archives["second"].write_bytes(tar_bytes(severities("contrast", "snow")))
    found: list[dict[str, bytes]] = []

    def seen(data: Path) -> None:
        found.append(files_below(data))

    def make(data: Path) -> Request:
        if not data.exists():
            get_set(Request("imagenet-c", data, source=archives["first"]))
        return Request("imagenet-c", data, source=archives["second"])

    kills = kill_everywhere(make, tmp_path, {"os.rename"}, seen)

    steps = [("fog",), ("contrast", "fog"), ("contrast", "fog", "snow")]
    allowed = [{f"imagenet-c/{k}": v for k, v in severities(*names).items()} for names in steps]
    assert kills > 5
    assert all(one in allowed for one in found)
    assert all(step in found[::2] for step in allowed)
    assert found[1::2] == [allowed[-1]] * kills


@pytest.mark.parametrize("share", [0.2, 0.7])
def test_a_killed_download_is_continued_by_the_next_process(
    share: float, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    files = {**classes("imagenet-r/"), "imagenet-r/n01443537/big.jpg": os.urandom(2_000_000)}
    state = ArchiveServer(tar_bytes(files), pause=0.01)
    data = tmp_path / "data"
    with serving(state):
        digest = hashlib.sha256(state.content).hexdigest()
        first = subprocess.Popen([sys.executable, "-c", SCRIPT, str(data), state.url, digest])
        part = data / DOWNLOADS / "imagenet-r" / f"{digest[:16]}.part"
        deadline = time.monotonic() + 60
        while not part.exists() or part.stat().st_size < share * len(state.content):
            assert first.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.005)
        first.kill()
        first.wait()
        size = part.stat().st_size
        assert 0 < size < len(state.content)
        assert files_below(data) == {}
        state.pause = 0.0

        get_set(Request("imagenet-r", data, url=state.url, sha256=digest))

    assert state.asked == ["", f"bytes={size}-"]
    assert files_below(data) == files
