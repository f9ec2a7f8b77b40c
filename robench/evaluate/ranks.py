"""One of several processes of torchrun, or the only one."""

import os
from dataclasses import dataclass
from datetime import timedelta

import torch
import torch.distributed as dist

from robench.errors import InputError, RunError

LONGEST = timedelta(days=7)  # that one rank may wait for another: a cell of ImageNet takes hours


@dataclass(frozen=True)
class Ranks:
    """Which process this is.

    Only the fact that work is done is exchanged, never pixels or outputs: those go through files.

    Attributes:
        rank: Number of this process.
        world: How many there are.
        local: Its number on this machine.
    """

    rank: int = 0
    world: int = 1
    local: int = 0

    @classmethod
    def join(cls) -> "Ranks":
        """Read what torchrun says, and meet the others.

        Raises:
            InputError: The variables of torchrun make no sense, or the others cannot be reached.
        """
        try:
            world = int(os.environ.get("WORLD_SIZE", "1"))
            rank, local = (int(os.environ.get(key, "0")) for key in ("RANK", "LOCAL_RANK"))
        except ValueError as error:
            raise InputError(
                f"WORLD_SIZE, RANK and LOCAL_RANK must be numbers: {error}."
            ) from error
        if world == 1:
            return cls()
        if not dist.is_initialized():
            try:
                dist.init_process_group("gloo", timeout=LONGEST)
            except (ValueError, RuntimeError) as error:
                raise InputError(
                    f"Rank {rank} of {world} cannot meet the others: {error}. Start all of them "
                    "with torchrun --nproc-per-node W -m robench eval ..."
                ) from error
        return cls(rank, world, local)

    @property
    def first(self) -> bool:
        """Whether this process merges, scores and reports."""
        return self.rank == 0

    def takes(self, block: int) -> bool:
        """Whether a block is this process's work."""
        return block % self.world == self.rank

    def meet(self) -> None:
        """Wait until all have come as far.

        Raises:
            RunError: Another one has ended.
        """
        if self.world == 1:
            return
        try:
            dist.barrier()
        except RuntimeError as error:
            raise RunError(
                f"Rank {self.rank}: another rank of {self.world} has ended; see its message. What "
                "was measured is kept: the same command goes on from there."
            ) from error

    def leave(self) -> None:
        """Part from the others."""
        if self.world > 1 and dist.is_initialized():
            dist.destroy_process_group()

    def device(self, name: str) -> str:
        """The device to ask for: with several on one machine each takes its own GPU."""
        several = self.world > 1 and name in ("auto", "cuda") and torch.cuda.is_available()
        return f"cuda:{self.local % torch.cuda.device_count()}" if several else name
