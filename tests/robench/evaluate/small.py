"""A suite with a cell of every kind, in seconds, and processes that measure it.

Run as a script it is ``robench`` with that suite: what torchrun starts. As a plugin of pytest it
brings the fixtures (PYTEST_DONT_REWRITE: it is imported first).
"""

import json
import multiprocessing
import os
import signal
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from robench.config import EvalConfig
from robench.errors import RobenchError
from robench.evaluate import ranks, run
from robench.evaluate.forward import Forward
from robench.store import Store
from robench.suites import SUITES
from robench.types import Grid, Record, Sequences, Suite

NAME = "digits-small"
LIMIT, BLOCK = 24, 7
SUITES_HERE = {
    NAME: Suite(
        NAME,
        clean="digits",
        grids=(Grid("digits-c", ("contrast", "shot_noise"), (2, 5)),),
        sequences=(Sequences("digits-p", ("translate",)),),
        anomalies=("blobs",),
        attacks=("pgd20",),
    )
}
DIES = "ROBENCH_TEST_DIES"  # {"rank": 1, "block": 5}: SIGKILL there
CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(["robench.evaluate.run", "robench.models.zoo", "sklearn.datasets"])


def config(checkpoint: Path | str, out: Path, **changes: object) -> EvalConfig:
    """The small suite on a checkpoint."""
    values = {"suite": NAME, "limit": LIMIT, "block": BLOCK, "threads": 1, "device": "cpu"}
    places = {"checkpoint": str(checkpoint), "data_dir": out / "data", "out": out}
    return EvalConfig.model_validate({**values, "workers": 0, **places, **changes})


def register() -> None:
    """Make the suite known to this process, and arm what is to kill it."""
    SUITES.update(SUITES_HERE)
    dies = json.loads(os.environ.get(DIES, "{}"))
    if dies and os.environ.get("RANK", "0") == str(dies["rank"]):
        kill_at(dies["block"])


def kill_at(block: int) -> None:
    """End this process without a word when its network is given that block."""
    measure, count = Forward.measure, iter(range(1000))

    def deadly(*arguments: Any) -> Any:  # noqa: ANN401  as `Forward.measure`
        if next(count) == block:
            os.kill(os.getpid(), signal.SIGKILL)
        return measure(*arguments)

    setattr(Forward, "measure", deadly)  # noqa: B010  as a test's monkeypatch


def kill_at_write(number: int) -> None:
    """End this process without a word at some write, before it is complete."""
    sync, count = os.fsync, iter(range(10_000))

    def deadly(descriptor: int) -> None:
        if next(count) == number:
            os.kill(os.getpid(), signal.SIGKILL)
        sync(descriptor)

    setattr(os, "fsync", deadly)  # noqa: B010  likewise


def _child(
    environment: Mapping[str, str],
    configs: list[EvalConfig],
    prepare: Callable[..., None] | None,
    argument: object,
) -> None:
    """What a process does; its failure goes into the exit code and a file."""
    os.environ.update(environment)
    multiprocessing.set_start_method("fork", force=True)  # of workers, as usual until Python 3.13
    register()
    run.FLUSH, ranks.TELLING = 0.0, 0.1
    if prepare:
        prepare(argument)
    try:
        run.evaluate_all(configs)
    except RobenchError as error:
        Path(environment["TOLD"]).write_text(str(error))
        raise SystemExit(error.exit_code) from None


def start(
    configs: list[EvalConfig],
    environment: Mapping[str, str] | None = None,
    prepare: Callable[..., None] | None = None,
    argument: object = None,
) -> BaseProcess:
    """Measure in a process of its own, which writes every block at once."""
    process = CONTEXT.Process(target=_child, args=(environment or {}, configs, prepare, argument))
    process.start()
    return process


def run_ranks(configs: list[EvalConfig], folder: Path) -> list[tuple[int | None, str]]:
    """Measure in as many ranks as there are configs; exit code and message of each."""
    environments = [
        {**one, "TOLD": str(folder / f"told-{rank}")}
        for rank, one in enumerate(rank_environments(len(configs)))
    ]
    pairs = zip(configs, environments, strict=True)
    processes = [start([one], environment) for one, environment in pairs]
    for process in processes:
        process.join(60)
    told = [Path(one["TOLD"]) for one in environments]
    texts = [path.read_text() if path.exists() else "" for path in told]
    return [(p.exitcode, text) for p, text in zip(processes, texts, strict=True)]


def rank_environments(world: int) -> list[dict[str, str]]:
    """What torchrun would tell each of some processes."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    common = {"WORLD_SIZE": str(world), "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port)}
    return [{**common, "RANK": str(rank), "LOCAL_RANK": str(rank)} for rank in range(world)]


def arrays(folder: Path) -> dict[str, dict[str, tuple[str, bytes]]]:
    """Every stored array to the bit, by file and name."""
    found = {}
    for path in Store(folder).stored_paths():
        with np.load(path, allow_pickle=False) as stored:
            names = [name for name in stored.files if name != "meta"]
            found[path.name] = {
                name: (str(stored[name].dtype), stored[name].tobytes()) for name in names
            }
    return found


def records(folder: Path) -> list[Record]:
    """All records, without the time of their writing."""
    return [Record.from_dict({**one.to_dict(), "time": ""}) for one in Store(folder).records()]


def assert_same(one: Path, other: Path) -> None:
    """Two stores hold the same bits, the same lines and nothing unfinished."""
    assert arrays(one) == arrays(other)
    assert records(one) == records(other)
    assert (one / "correct.npz").read_bytes() == (other / "correct.npz").read_bytes()
    assert (one / "curves.json").read_bytes() == (other / "curves.json").read_bytes()
    for folder in (one, other):
        left = [path.name for path in folder.rglob("*") if "tmp" in path.name]
        assert left + list((folder / "outputs").glob("*.parts")) == []


@contextmanager
def known() -> Iterator[None]:
    """Make the suite known for a while."""
    with pytest.MonkeyPatch.context() as patch:
        for name, suite in SUITES_HERE.items():
            patch.setitem(SUITES, name, suite)
        yield


@pytest.fixture(name="_small_suite")
def small_suite() -> Iterator[None]:
    """Make the suite known to one test."""
    with known():
        yield


@pytest.fixture(scope="session")
def whole(digits_checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The store of the suite, measured by one process without an interruption."""
    with known():
        return run.evaluate(config(digits_checkpoint, tmp_path_factory.mktemp("whole")))


if __name__ == "__main__":
    from robench.cli import main

    register()
    run.FLUSH = 0.0
    main()
