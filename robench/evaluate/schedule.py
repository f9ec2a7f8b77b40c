"""What is left to be measured: each cell once, for every checkpoint that still needs it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from torch import Tensor

from robench.attacks import Attack, make_attack
from robench.datasets import CellSource
from robench.datasets.class_lists import ClassMask, class_mask
from robench.errors import InputError
from robench.evaluate.identity import Bench
from robench.evaluate.parts import Arrays, Parts
from robench.evaluate.ranks import Ranks
from robench.evaluate.reader import Block, cut
from robench.passport import inputs_id
from robench.progress import Progress
from robench.store import Store
from robench.types import Cell, Outputs, Passport


@dataclass
class Member:
    """One checkpoint at one cell.

    Attributes:
        number: Of the checkpoint.
        bench: It.
        passport: Of the cell.
        path: Where its outputs are or will be.
        is_stored: Whether they are there already.
        parts: Blocks on their way there.
        done: Numbers of the blocks that an earlier run has left.
        seconds: That the network took.
    """

    number: int
    bench: Bench
    passport: Passport
    path: Path
    is_stored: bool
    parts: Parts
    done: frozenset[int] = frozenset()
    seconds: float = 0.0


@dataclass
class Task:
    """A cell, and the checkpoints that are measured on the same pixels of it.

    Attributes:
        cell: It.
        source: Its images.
        attack: What the cell is attacked with.
        mask: The classes of its set.
        members: The checkpoints.
        blocks: All blocks of the cell, by number.
    """

    cell: Cell
    source: CellSource
    attack: Attack | None
    mask: ClassMask | None
    members: list[Member] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)

    @property
    def pending(self) -> list[Member]:
        """The checkpoints that still have to be measured."""
        return [member for member in self.members if not member.is_stored]

    def wanted(self) -> list[Block]:
        """Blocks that a checkpoint lacks, whoever takes them."""
        return [
            block
            for block in self.blocks
            if any(block.number not in member.done for member in self.pending)
        ]

    def outputs(self, member: Member) -> Outputs:
        """Put the blocks of a checkpoint together.

        Raises:
            RunError: Some are missing.
        """
        source = self.source
        rows = [(block.stop - block.start) * source.frames for block in self.blocks]
        arrays = member.parts.merged(rows)
        if source.references is None:
            return Outputs(source.indices, source.labels, **arrays)
        sequences = np.repeat(np.arange(source.size, dtype=np.int64), source.frames)
        compared = np.tile(source.references, source.size)
        return Outputs(
            np.repeat(source.indices, source.frames),
            np.repeat(source.labels, source.frames),
            **arrays,
            sequences=sequences,
            references=np.where(compared < 0, -1, sequences * source.frames + compared),
        )

    def measure(self, member: Member, block: Block, images: Tensor) -> Arrays:
        """Run one network over one block."""
        forward, source = member.bench.forward, self.source
        labels = source.labels[block.start : block.stop]
        if self.attack:
            indices = source.indices[block.start : block.stop]
            return forward.assault(self.attack, images, labels, indices)
        return forward.measure(self.cell, images, np.repeat(labels, source.frames), self.mask)


def make_tasks(benches: Sequence[Bench], stores: Sequence[Store]) -> list[Task]:
    """All cells in the order of the suites; what is there is looked at, not yet read."""
    tasks: dict[tuple[Cell, int, int], Task] = {}
    for number, (bench, store) in enumerate(zip(benches, stores, strict=True)):
        for cell, source in bench.sources:
            key = (cell, id(source), bench.forward.block)
            if key not in tasks:
                tasks[key] = _task(bench, cell, source, len(tasks))
            tasks[key].members.append(_member(number, bench, store, cell, source))
    return list(tasks.values())


def _task(bench: Bench, cell: Cell, source: CellSource, number: int) -> Task:
    """A cell without checkpoints."""
    mask = bench.entry(cell).mask
    return Task(
        cell=cell,
        source=source,
        attack=make_attack(cell.attack) if cell.attack else None,
        mask=class_mask(mask) if mask else None,
        blocks=cut(source, number, bench.forward.block),
    )


def _member(number: int, bench: Bench, store: Store, cell: Cell, source: CellSource) -> Member:
    """A checkpoint at a cell."""
    passport = bench.passport(cell, source)
    path = store.outputs_path(cell, inputs_id(passport))
    parts = Parts(path, bench.conditions)
    return Member(number, bench, passport, path, path.exists(), parts)


def tidy(tasks: Sequence[Task], stores: Sequence[Store], progress: Progress) -> None:
    """Set aside what an earlier run has left in vain: damaged outputs, parts that are of no use."""
    dropped = 0
    for task in tasks:
        for member in task.members:
            if member.path.exists() and not _is_sound(stores[member.number], member, progress):
                member.path.unlink()
            if member.path.exists():
                member.parts.discard()
            else:
                dropped += member.parts.drop_unlike()
    if dropped:
        progress.say(f"{dropped} unfinished files of another block size or machine are not used.")


def _is_sound(store: Store, member: Member, progress: Progress) -> bool:
    """Whether outputs can be read, and are what their name says in eight digits."""
    try:
        passport = store.read_identity(member.path)[1]
    except InputError as error:
        progress.say(f"Measured again: {error}")
        return False
    return inputs_id(passport) == inputs_id(member.passport)


def look(tasks: Sequence[Task], ranks: Ranks) -> list[Block]:
    """See what is there, and list the blocks that this process takes, in order.

    Every process must do so between the same two meetings, so that all see the same.
    """
    chosen, count = [], 0
    for task in tasks:
        for member in task.members:
            member.is_stored = member.path.exists()
            member.done = frozenset() if member.is_stored else frozenset(member.parts.done())
        wanted = task.wanted()
        chosen += [block for place, block in enumerate(wanted, count) if ranks.takes(place)]
        count += len(wanted)
    return chosen
