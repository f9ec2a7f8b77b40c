"""Curves for TensorBoard, where the extra of that name is installed."""

import importlib.util
from pathlib import Path

from robench.errors import InputError
from robench.train.state import Progressed


def check_tensorboard() -> None:
    """Fail early.

    Raises:
        InputError: The extra is not installed.
    """
    if importlib.util.find_spec("tensorboard") is None:
        raise InputError(
            "--tensorboard needs the extra: pip install 'robench[tensorboard]', or "
            "uv sync --extra tensorboard."
        )


def write_curves(out: Path, progressed: Progressed) -> None:
    """Write the last epoch as scalars to ``<out>/tensorboard``; a resumed run replaces its own."""
    from torch.utils.tensorboard import SummaryWriter  # noqa: PLC0415  an extra

    *_, line = progressed.history
    epoch = int(line["epoch"])
    with SummaryWriter(str(out / "tensorboard"), purge_step=epoch) as writer:
        for name, value in line.items():
            if name != "epoch":
                writer.add_scalar(f"train/{name}", value, epoch)
