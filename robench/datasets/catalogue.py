"""The one list of what can be evaluated on."""

from collections.abc import Sequence
from pathlib import Path

from robench.datasets.anomaly import ANOMALY
from robench.datasets.clean import CLEAN
from robench.datasets.corrupted import CORRUPTED
from robench.datasets.own import PREFIX, folder_set
from robench.datasets.perturbed import PERTURBED
from robench.datasets.shifted import SHIFTED
from robench.registry import lookup
from robench.types import EvalSet

DATASETS: dict[str, EvalSet] = {
    entry.name: entry for entry in (*CLEAN, *CORRUPTED, *PERTURBED, *SHIFTED, *ANOMALY)
}


def find(name: str, own: Sequence[EvalSet] = ()) -> EvalSet:
    """The set of that name.

    Args:
        name: As in a `Cell`, or ``folder:DIR`` for class folders of the user's.
        own: Sets that no list has, such as a folder of the user's; they come first.

    Raises:
        UnknownNameError: No such set; the message has the nearest names.
        InputError: The folder holds no class folders.
    """
    if name.startswith(PREFIX) and name not in {entry.name for entry in own}:
        return folder_set(Path(name.removeprefix(PREFIX)))
    return lookup({**DATASETS, **{entry.name: entry for entry in own}}, name, "data set")
