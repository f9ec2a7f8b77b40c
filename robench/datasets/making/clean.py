"""What labelled sets are made from: the clean test images."""

from pathlib import Path

from robench.datasets.catalogue import DATASETS
from robench.datasets.labelled import Labelled
from robench.datasets.reading import load_test
from robench.errors import InputError


def clean_images(name: str, source: Path | None, data_dir: Path, limit: int | None) -> Labelled:
    """The test images of a labelled set.

    Args:
        name: ``cifar10``, ``cifar100`` or ``digits``.
        source: The folder that holds the set's own folder, or that folder; None for ``data_dir``.
        data_dir: The folder of data sets.
        limit: Take the first so many.

    Raises:
        InputError: The images are not there, or a source is named for a set that needs none.
    """
    if DATASETS[name].folder is None and source is not None:
        raise InputError(f"{name} comes with scikit-learn: leave --from out, got {source}.")
    whole = load_test(name, home(name, source, data_dir))
    return Labelled(whole.images[:limit], whole.labels[:limit], whole.class_names)


def home(name: str, source: Path | None, data_dir: Path) -> Path:
    """The folder that holds the folder of a labelled set; arguments as `clean_images`."""
    own = DATASETS[name].folder
    if source is None or own is None:
        return data_dir
    resolved = source.resolve()
    itself = resolved.name == own and not (resolved / own).exists()
    return resolved.parent if itself else resolved
