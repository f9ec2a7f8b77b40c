"""The evaluation of checkpoints: check everything, measure what is not stored, score."""

import time
from collections.abc import Generator, Sequence
from contextlib import ExitStack, closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from torch import Tensor

from robench.config import EvalConfig
from robench.errors import InputError, RunError
from robench.evaluate.identity import Bench
from robench.evaluate.ranks import Ranks
from robench.evaluate.reader import Block, Reader, default_workers, explained
from robench.evaluate.schedule import Member, Task, look, make_tasks, tidy
from robench.evaluate.scoring import Scorer
from robench.evaluate.setup import prepare
from robench.files import read_json, write_json
from robench.progress import Progress, Silent
from robench.store import Store

FLUSH = 20.0  # seconds of work that a killed run may lose
Stream = Generator[tuple[Block, Tensor]]


def evaluate(config: EvalConfig, progress: Progress | None = None) -> Path:
    """Measure one checkpoint on a suite; see `evaluate_all`."""
    return evaluate_all([config], progress)[0]


def evaluate_all(configs: Sequence[EvalConfig], progress: Progress | None = None) -> list[Path]:
    """Measure checkpoints on suites. What is stored already is not measured again.

    Checkpoints that see the same pixels share the reading of each cell. Under torchrun the blocks
    are dealt out among the processes; the outputs have the same bits as those of one process with
    the same size of blocks and number of threads.

    Args:
        configs: One per checkpoint; all are checked before the first image of any.
        progress: Where to report to.

    Returns:
        The folders of the stores, ``<out>/eval``.

    Raises:
        InputError: Something the caller can mend, before the first image; or a damaged picture.
        RunError: Outputs that are not numbers, a full disk, or a process that died; what was
            measured is kept.
    """
    _refuse_twins(configs)
    ranks = Ranks.join()
    shown = progress if progress and ranks.first else Silent()
    with ExitStack() as held:
        held.callback(ranks.leave)
        with ranks.as_one():
            benches = prepare(configs, ranks, shown)
        run = _Run(benches, ranks, shown)
        with ranks.as_one():
            run.hold(held)
        ranks.see_alike(run.sight())
        return run.measure()


class _Run:
    """One evaluation of some checkpoints.

    Only the first rank holds the stores, merges and scores.
    """

    def __init__(self, benches: Sequence[Bench], ranks: Ranks, progress: Progress) -> None:
        self.benches = benches
        self.ranks = ranks
        self.progress = progress
        self.stores = [Store(bench.config.out / "eval") for bench in benches]
        self.scorers: list[Scorer] = []
        self.tasks: list[Task] = []
        self.forward = self.scoring = 0.0

    def hold(self, held: ExitStack) -> None:
        """Lock the stores and bind them to their checkpoints; all before the first image."""
        if self.ranks.first:
            for store, bench in zip(self.stores, self.benches, strict=True):
                held.enter_context(store)
                _claim(store, bench)
            self.scorers = [Scorer.of(store) for store in self.stores]
        self.tasks = make_tasks(self.benches, self.stores)
        if self.ranks.first:
            tidy(self.tasks, self.stores, self.progress)

    def sight(self) -> dict[str, Any]:
        """What all ranks must see alike."""
        found: dict[str, Any] = {}
        for number, bench in enumerate(self.benches):
            found |= {f"{name} (network {number + 1})": x for name, x in bench.conditions.items()}
        for task in self.tasks:
            found[task.cell.slug] = [member.path.name for member in task.members]
        return found

    def measure(self) -> list[Path]:
        """Cell by cell; returns the folders of the stores."""
        self.ranks.meet()
        blocks = look(self.tasks, self.ranks)
        self.ranks.meet()
        workers = default_workers(self.ranks.beside, self.benches[0].config.workers)
        reader = Reader([task.source for task in self.tasks], workers)
        images = sum(task.source.size for task in self.tasks if not task.pending)
        images += sum(block.stop - block.start for block in blocks)
        self.progress.start(f"eval {self.benches[0].suite}", images)
        began = time.perf_counter()
        with closing(reader(blocks)) as stream, explained():
            for number, task in enumerate(self.tasks):
                mine = [block for block in blocks if block.source == number]
                waited = reader.waited
                self._task(task, mine, stream)
                self._note(task, mine, reader.waited - waited)
        for scorer in self.scorers:
            scorer.summary.write()
        self.ranks.meet()
        self._close(time.perf_counter() - began, reader.waited)
        return [store.folder for store in self.stores]

    def _task(self, task: Task, mine: Sequence[Block], stream: Stream) -> None:
        """Measure a cell, as far as that is this rank's work, and score it."""
        for member in task.members:
            self._score(member)
        if not task.pending:
            self.progress.advance(task.source.size)
            return
        try:
            self._blocks(task, mine, stream)
        except BaseException:
            self._flush(task)
            raise
        if self.ranks.world > 1:
            self._flush(task)
        self.ranks.meet()
        for member in task.pending:
            self._finish(task, member)

    def _blocks(self, task: Task, mine: Sequence[Block], stream: Stream) -> None:
        """Run the networks over the blocks; now and then write what they gave."""
        flushed = time.monotonic()
        for _ in mine:
            block, images = next(stream)
            for member in task.pending:
                if block.number not in member.done:
                    self._forward(task, member, block, images)
            self.progress.advance(block.stop - block.start, task.cell.slug.split("_eps")[0])
            if time.monotonic() - flushed > FLUSH:
                self._flush(task)
                flushed = time.monotonic()

    def _forward(self, task: Task, member: Member, block: Block, images: Tensor) -> None:
        """Run one network over one block; of a cell that it fails at nothing is kept."""
        began = time.perf_counter()
        try:
            member.parts.add(block.number, task.measure(member, block, images))
        except RunError:
            member.parts.discard()
            raise
        member.seconds += time.perf_counter() - began

    def _flush(self, task: Task) -> None:
        for member in task.pending:
            member.parts.flush()

    def _finish(self, task: Task, member: Member) -> None:
        """Put the blocks into one file, and score it."""
        if not self.ranks.first:
            return
        store = self.stores[member.number]
        store.write_outputs(task.cell, member.passport, task.outputs(member))
        member.parts.discard()
        self._score(member)

    def _score(self, member: Member) -> None:
        """Compute what is not there yet of a cell, once its outputs are."""
        if not self.ranks.first or not member.path.exists():
            return
        began = time.perf_counter()
        self.scorers[member.number].score_file(member.path)
        self.scoring += time.perf_counter() - began

    def _note(self, task: Task, mine: Sequence[Block], waited: float) -> None:
        """Write down where the time of this process went."""
        measured = [member for member in task.pending if self.ranks.first]
        for member in measured:
            self.forward += member.seconds
            own = (b.stop - b.start for b in mine if b.number not in member.done)
            line = {
                "cell": task.cell.to_dict(),
                "images": sum(own),
                "wait_s": round(waited, 3),
                "forward_s": round(member.seconds, 3),
                "time": datetime.now(UTC).isoformat(timespec="seconds"),
            }
            self.stores[member.number].note(line)

    def _close(self, seconds: float, waited: float) -> None:
        """Say what was left out, and where the time went."""
        lines = [line for bench in self.benches for line in bench.missing]
        lines += [line for scorer in self.scorers for line in scorer.left_out()]
        for line in dict.fromkeys(lines):
            self.progress.say(line)
        self.progress.say(
            f"{seconds:.1f} s: {waited:.1f} s reading or waiting for pixels, {self.forward:.1f} s "
            f"in the network, {self.scoring:.1f} s scoring."
        )


def _refuse_twins(configs: Sequence[EvalConfig]) -> None:
    """See that each checkpoint has a folder of its own.

    Raises:
        InputError: Two share one.
    """
    users: dict[Path, str] = {}
    for config in configs:
        folder = config.out.resolve()
        if folder in users:
            raise InputError(
                f"{users[folder]} and {config.name} would both write to {config.out}. Evaluate "
                "them one by one, each with its own --out."
            )
        users[folder] = config.name


def _claim(store: Store, bench: Bench) -> None:
    """Bind the store to its checkpoint and note the suite.

    Raises:
        InputError: It holds the results of another one, and ``fresh`` was not asked.
    """
    path = store.folder / "checkpoint.json"
    if bench.config.fresh:
        store.clear()
    loaded, suite = bench.loaded, bench.suite
    model = {"arch": loaded.arch, **loaded.meta}
    if path.exists() and store.is_begun():
        known = read_json(path)
        if (known["sha256"], known["model"]["arch"]) != (loaded.sha256, loaded.arch):
            raise InputError(
                f"{store.folder} holds results of another checkpoint ({known['sha256'][:12]}, "
                f"{known['model']['arch']}; this one is {loaded.sha256[:12]}, {loaded.arch}). "
                "Discard them with --fresh, or choose another --out."
            )
        suites = [*(name for name in known["suites"] if name != suite), suite]
        before = known.get("asked") or [[name] for name in known["suites"]]
    elif store.is_begun():
        raise InputError(
            f"{store.folder} does not say of which checkpoint it holds results. Discard them with "
            "--fresh, or choose another --out."
        )
    else:
        suites, before = [suite], []
    ours = [suite, *bench.config.asked[1:]]
    content = {
        "sha256": loaded.sha256,
        "file": Path(bench.config.name).name,
        "model": model,
        "suites": suites,
        "asked": [*(one for one in before if one != ours), ours],
    }
    write_json(path, content)
