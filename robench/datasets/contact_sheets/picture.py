"""The picture that a contact sheet is made from."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from robench.datasets.catalogue import DATASETS
from robench.datasets.making.pictures import PREPARATIONS, preparation, read_picture
from robench.datasets.making.recipes import Recipe
from robench.datasets.pictures import SUFFIXES
from robench.datasets.reading import load_test
from robench.errors import InputError
from robench.types import Images

PHOTOGRAPHS = ("china.jpg", "flower.jpg")
SMALL = 32


@dataclass(frozen=True)
class Subject:
    """A clean picture, ready to be corrupted.

    Attributes:
        image: (H, W, 3) uint8.
        index: Its number, which keys its randomness.
        said: What it is, for the sheet.
    """

    image: Images
    index: int
    said: str


def find(
    recipe: Recipe, family: str, source: Path | None, data_dir: Path, index: int = 0
) -> Subject:
    """The picture number ``index`` of what is at hand.

    Args:
        recipe: Of the set that is shown.
        family: Whose size it gets.
        source: A picture, a folder of pictures or of class folders, or a folder that holds the
            clean set of the recipe; None for the clean set in the data folder, else for a
            photograph of scikit-learn.
        data_dir: The folder of data sets.
        index: From 0.

    Raises:
        InputError: No such picture, or the clean set is not there.
    """
    if index < 0:
        raise InputError(f"--index must be at least 0, got {index}.")
    own = DATASETS[recipe.clean].folder if recipe.clean else None
    if source is not None and own is not None and (source / own).is_dir():
        data_dir, source = source, None
    if source is not None:
        path = _picture(source, index)
        image = _small(read_picture(path, "as stored")) if family == "cifar" else None
        ready = read_picture(path, preparation(recipe.kind, family)) if image is None else image
        return Subject(ready, index, path.name)
    if recipe.clean is not None:
        return _labelled(recipe.clean, data_dir, index)
    return _photograph(recipe, family, index)


def _picture(source: Path, index: int) -> Path:
    """The file, or that of a folder in the order of class folders and names, as sets are made."""
    if source.is_file():
        return source
    inside = [*source.glob("[!.]*"), *source.glob("[!.]*/[!.]*")] if source.is_dir() else []
    paths = sorted(path for path in inside if path.suffix.lower() in SUFFIXES and path.is_file())
    if index >= len(paths):
        raise InputError(
            f"{source}: expected a picture, or a folder with more than {index} pictures in it or "
            f"in its class folders, found {len(paths)}. Name another --from or --index."
        )
    return paths[index]


def _labelled(name: str, data_dir: Path, index: int) -> Subject:
    """A test image of a labelled set."""
    data = load_test(name, data_dir)
    if index >= len(data.labels):
        raise InputError(
            f"{name} has test images 0 to {len(data.labels) - 1}, got --index {index}."
        )
    label = data.class_names[data.labels[index]]
    return Subject(data.images[index], index, f"test image {index} of {name} ({label})")


def _photograph(recipe: Recipe, family: str, index: int) -> Subject:
    """One of two photographs that come with scikit-learn."""
    if index >= len(PHOTOGRAPHS):
        raise InputError(
            f"There are photographs 0 and 1, got --index {index}; name others: --from."
        )
    from sklearn.datasets import load_sample_image  # noqa: PLC0415  slow to import

    photo = np.asarray(load_sample_image(PHOTOGRAPHS[index]))
    said = f"photograph {PHOTOGRAPHS[index]} of scikit-learn"
    if family == "cifar":
        return Subject(_small(photo), index, said)
    ready = PREPARATIONS[preparation(recipe.kind, family)](Image.fromarray(photo))
    return Subject(np.asarray(ready), index, said)


def _small(image: Images) -> Images:
    """The central square in 32x32; what has that size is not touched."""
    height, width, _ = image.shape
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    square = Image.fromarray(image[top : top + side, left : left + side])
    return np.asarray(square.resize((SMALL, SMALL), Image.Resampling.LANCZOS))
