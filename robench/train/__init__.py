"""`robench train`: one network, from configuration to checkpoint."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from robench.verb import make_callable

if TYPE_CHECKING:
    from robench.progress import Progress


def verb(
    *,
    recipe: str | None = None,
    changes: dict[str, Any] | None = None,
    resume: bool = False,
    progress: "Progress | None" = None,
    **settings: Any,  # noqa: ANN401  the fields of TrainConfig
) -> Path:
    """Train one network; ``robench.train(aug="ipmix", arch="air32", data="digits")``.

    Args:
        recipe: Name or YAML file; None for the architecture's own.
        changes: Values of the recipe to replace, ``{"lr": 0.05}``.
        resume: Go on where a killed run stopped.
        progress: Where to report to.
        **settings: Fields of `robench.config.TrainConfig`, as the options of the command.

    Returns:
        Path of the checkpoint ``last.pt``.

    Raises:
        InputError: Something that the caller can mend, before the first step.
        RunError: The loss is not finite, or the disk is full.
    """
    from robench.config import data_dir  # noqa: PLC0415  importing robench needs no torch
    from robench.train.loop import train  # noqa: PLC0415
    from robench.train.resolve import resolve  # noqa: PLC0415

    values = {**settings, "data_dir": data_dir(settings.get("data_dir"))}
    return train(resolve(values, recipe, changes or {}), resume=resume, progress=progress)


make_callable(__name__)
