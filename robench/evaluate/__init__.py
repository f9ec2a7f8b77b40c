"""`robench eval` and `robench score`: from a checkpoint to records."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from robench.verb import make_callable

if TYPE_CHECKING:
    from robench.progress import Progress
    from robench.types import Record


def verb(
    checkpoint: Path | str | None,
    suite: str,
    *,
    progress: "Progress | None" = None,
    **settings: Any,  # noqa: ANN401  the fields of EvalConfig
) -> "list[Record]":
    """Measure a checkpoint; ``robench.evaluate("runs/x/last.pt", "digits-all")``.

    Args:
        checkpoint: A checkpoint file, ``timm:NAME`` or ``torchvision:NAME``; None where
            ``model="module:callable"`` needs none.
        suite: Name of a suite or set, or ``folder:DIR``.
        progress: Where to report to.
        **settings: Fields of `robench.config.EvalConfig`, as the options of the command.

    Returns:
        Every number that the store of this checkpoint holds now.

    Raises:
        InputError: Something that the caller can mend, before the first image.
        RunError: Outputs that are not numbers, or a full disk; what was measured is kept.
    """
    from robench import config  # noqa: PLC0415  importing robench needs no torch
    from robench.evaluate.run import evaluate  # noqa: PLC0415
    from robench.store import Store  # noqa: PLC0415

    values = {
        "out": config.run_folder(str(checkpoint or settings.get("model", "network"))),
        **settings,
        "checkpoint": None if checkpoint is None else str(checkpoint),
        "suite": suite,
        "data_dir": config.data_dir(settings.get("data_dir")),
    }
    folder = evaluate(config.validated(config.EvalConfig, values, "evaluation"), progress)
    return Store(folder).records()


make_callable(__name__)
