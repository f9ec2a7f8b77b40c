"""One of several processes of torchrun, or the only one."""

import atexit
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import torch
import torch.distributed as dist

from robench.errors import InputError, RobenchError, RunError

MEETING = timedelta(minutes=10)  # until all processes have started
LONGEST = timedelta(days=7)  # that one rank may wait for another: a cell of ImageNet takes hours
TELLING = 5.0  # seconds that a rank gives another one to say what went wrong


@dataclass(frozen=True)
class Ranks:
    """Which process this is.

    Only the fact that work is done is exchanged, never pixels or outputs: those go through files.

    Attributes:
        rank: Number of this process.
        world: How many there are.
        local: Its number on this machine.
        beside: How many there are on this machine.
        group: Of torch.distributed, of our own; None for the only process.
    """

    rank: int = 0
    world: int = 1
    local: int = 0
    beside: int = 1
    group: Any = None

    @classmethod
    def join(cls) -> "Ranks":
        """Read what torchrun says, and meet the others.

        Raises:
            InputError: The variables of torchrun make no sense, or the others cannot be reached.
        """
        world = _number("WORLD_SIZE", 1)
        if world == 1:
            return cls()
        rank, local = _number("RANK", 0), _number("LOCAL_RANK", 0)
        try:
            if not dist.is_initialized():
                dist.init_process_group("gloo", timeout=MEETING)
                atexit.register(_end)
            group = dist.new_group(backend="gloo", timeout=LONGEST)
        except (ValueError, RuntimeError) as error:
            raise InputError(
                f"Rank {rank} of {world} cannot meet the others: {error}. Start all of them with "
                "torchrun --nproc-per-node W -m robench eval ..."
            ) from error
        return cls(rank, world, local, _number("LOCAL_WORLD_SIZE", world), group)

    @property
    def first(self) -> bool:
        """Whether this process merges, scores and reports."""
        return self.rank == 0

    def takes(self, block: int) -> bool:
        """Whether a block is this process's work."""
        return block % self.world == self.rank

    @contextmanager
    def as_one(self) -> Iterator[None]:
        """Fail together: what one cannot do, none does, and one alone has the time to say so.

        Raises:
            RobenchError: Of the first rank that failed; on all of them, if later on the others.
        """
        failure: RobenchError | None = None
        try:
            yield
        except RobenchError as error:
            if self.world == 1:
                raise
            failure = error
        failures = self._gathered(failure)
        failed = [rank for rank, error in enumerate(failures) if error is not None]
        if not failed:
            return
        if failure is not None and self.rank == failed[0]:
            raise failure
        time.sleep(TELLING)
        raise failures[failed[0]]

    def see_alike(self, seen: Mapping[str, Any]) -> None:
        """Compare what all are about to measure, and under which conditions.

        Raises:
            InputError: They differ.
        """
        with self.as_one():
            theirs: Mapping[str, Any] = self._gathered(seen)[0]
            unlike = [key for key in {**theirs, **seen} if seen.get(key) != theirs.get(key)]
            if unlike:
                key = unlike[0]
                raise InputError(
                    f"Rank {self.rank} differs from rank 0 in {key}: {seen.get(key)}, not "
                    f"{theirs.get(key)}. All processes need the same checkpoints, data, "
                    "libraries, threads and kind of device."
                )

    def meet(self) -> None:
        """Wait until all have come as far.

        Raises:
            RunError: Another one has ended.
        """
        self._gathered(None)

    def leave(self) -> None:
        """Part from the others; needed after a failure, too."""
        if self.group is not None:
            dist.destroy_process_group(self.group)

    def device(self, name: str) -> str:
        """The device to ask for: with several on one machine each takes its own GPU."""
        several = self.world > 1 and name in ("auto", "cuda") and torch.cuda.is_available()
        return f"cuda:{self.local % torch.cuda.device_count()}" if several else name

    def _gathered(self, plain: Any) -> list[Any]:  # noqa: ANN401  small, whatever it is
        """What every rank gives here, in their order."""
        if self.world == 1:
            return [plain]
        found = [None] * self.world
        try:
            dist.all_gather_object(found, plain, group=self.group)
        except RuntimeError as error:
            raise RunError(
                f"Rank {self.rank}: another rank of {self.world} has ended; see its message. What "
                "was measured is kept: the same command goes on from there."
            ) from error
        return found


def _end() -> None:
    """End the threads of torch.distributed, which else may abort the process when it exits."""
    if dist.is_initialized():
        dist.destroy_process_group()


def _number(key: str, usual: int) -> int:
    """A variable of torchrun.

    Raises:
        InputError: It is no number.
    """
    text = os.environ.get(key, str(usual))
    if not text.isdecimal():
        raise InputError(f"{key} must be a number, as torchrun sets it, got {text!r}.")
    return int(text)
