"""Where tensors live."""

import ctypes
import os
from typing import TYPE_CHECKING

from robench.errors import InputError

if TYPE_CHECKING:
    import torch


def pick_device(name: str) -> "torch.device":
    """The device of that name; ``auto`` is CUDA where there is one, else the CPU.

    Raises:
        InputError: No such device on this machine.
    """
    import torch  # noqa: PLC0415  plumbing stays light until it is used

    wanted = ("cuda" if torch.cuda.is_available() else "cpu") if name == "auto" else name
    try:
        device = torch.device(wanted)
        if device.type not in ("cpu", "cuda"):
            raise InputError(f"Device {name!r} is not supported: expected auto, cpu or cuda.")
        torch.zeros((), device=device)
    except (RuntimeError, AssertionError) as error:
        raise InputError(f"Device {name!r} cannot be used: {error}. Try --device cpu.") from error
    return device


def one_process() -> None:
    """Refuse to be one of several processes of torchrun: they would write to one folder.

    Raises:
        InputError: ``WORLD_SIZE`` is above 1.
    """
    world = os.environ.get("WORLD_SIZE", "1")
    if world != "1":
        raise InputError(
            f"robench trains in one process, got WORLD_SIZE={world}: leave out torchrun."
        )


def device_name(device: "torch.device") -> str:
    """What a passport says of it."""
    import torch  # noqa: PLC0415  as above

    return torch.cuda.get_device_name(device) if device.type == "cuda" else device.type


def keep_memory() -> bool:
    """Keep freed memory for the next allocation of this process, where the C library can (glibc).

    By default large blocks go back to the system and come again page by page, which costs batched
    augmentation a quarter of its time. The peak of memory does not change.

    Returns:
        Whether it was possible.
    """
    trim, mapped = -1, -3  # M_TRIM_THRESHOLD, M_MMAP_THRESHOLD of malloc.h
    try:
        option = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError, TypeError):  # another C library
        return False
    return bool(option(mapped, 1 << 25)) and bool(option(trim, 1 << 30))
