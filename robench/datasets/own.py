"""A folder of the user's, with a folder of pictures per class, as a set to measure or train on."""

import unicodedata
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from robench.datasets.class_lists import OUTPUTS
from robench.datasets.labelled import Labelled
from robench.datasets.layouts import Listing, imagenet_classes, list_classes, naming
from robench.datasets.pictures import DAMAGED, damaged, open_picture
from robench.datasets.preprocessing import AS_STORED, USUAL, pipeline
from robench.errors import InputError
from robench.types import EvalSet

PREFIX = "folder:"
SMALL = 64  # pixels; pictures of one size up to this are taken as they are
ROOM = 4 * 2**30  # bytes of training images that are held in memory


def folder_set(
    folder: Path, outputs: int | None = None, class_names: Sequence[str] | None = None
) -> EvalSet:
    """Describe a folder for a network.

    With as many classes as the network has outputs, each folder is one class of the network: by
    name where the network knows the names of its classes, else in the order of their characters,
    which for folders named by number is not that of the numbers.
    Folders named by wnid or by number (0 to 999) suit a network with ImageNet's 1000 outputs; all
    of them compete, as nobody can know which classes the folder leaves out on purpose.

    Args:
        folder: Holds class folders.
        outputs: Of the network; None: as many as there are folders.
        class_names: Of the network, where they are known.

    Raises:
        InputError: No pictures, or classes that do not fit the network.
    """
    listing = list_classes(folder.expanduser().resolve())
    classes = len(listing.folders) if outputs is None else outputs
    _classes(listing, classes, class_names)
    return EvalSet(
        name=f"{PREFIX}{listing.root.name}",
        role="clean",
        size=len(listing.paths),
        classes=classes,
        preprocess=_preprocess(listing, classes),
        folder=str(listing.root),
        layout="classes",
        published=False,
        names=tuple(class_names or ()),
        paper="a folder of the user's",
        licence="not known",
    )


def own_classes(entry: EvalSet, listing: Listing) -> list[int]:
    """The class of each folder, among the outputs of the network; errors as for `folder_set`."""
    return _classes(listing, entry.classes, entry.names)


def _classes(listing: Listing, outputs: int, names: Sequence[str] | None) -> list[int]:
    """The class of each folder."""
    folders = listing.folders
    if names:
        place = {_composed(name): index for index, name in enumerate(names)}
        odd = [name for name in folders if _composed(name) not in place]
        if not odd:
            return [place[_composed(name)] for name in folders]
        if naming(folders) not in ("wnid", "integer") or outputs != OUTPUTS:
            raise InputError(
                f"{listing.root}: {len(odd)} folders are no classes of the network, such as "
                f"{odd[0]!r}; it knows {', '.join(names[:5])}{', ...' if names[5:] else ''}."
            )
    if outputs == OUTPUTS and naming(folders) in ("wnid", "integer"):
        return imagenet_classes(listing.root, folders)
    if len(folders) != outputs:
        raise InputError(
            f"{listing.root} has {len(folders)} class folders, but the network has {outputs} "
            f"outputs. Expected a folder for each, or folders named by wnid or number for a "
            f"network with ImageNet's {OUTPUTS}."
        )
    return list(range(outputs))


def _composed(name: str) -> str:
    """One spelling of a letter with an accent: some file systems store two characters for it."""
    return unicodedata.normalize("NFC", name)


def _preprocess(listing: Listing, outputs: int) -> str:
    """Small pictures of one size stay as they are; the first of each class is looked at.

    For ImageNet's classes they are scaled as all others.
    """
    if outputs == OUTPUTS:
        return USUAL.id
    firsts = np.cumsum([0, *listing.counts[:-1]])
    sizes = {_size(listing.root / listing.paths[index]) for index in firsts}
    small = len(sizes) == 1 and max(next(iter(sizes))) <= SMALL
    return AS_STORED.id if small else USUAL.id


def _size(path: Path) -> tuple[int, int]:
    """Width and height, from the header."""
    try:
        with Image.open(path) as opened:
            return opened.size
    except DAMAGED as error:
        raise damaged(path, error) from error


def load_folder(name: str) -> Labelled:
    """Read all pictures of ``folder:DIR`` into memory, to train on.

    Raises:
        InputError: Missing, damaged, or more than `ROOM`.
    """
    entry = folder_set(Path(name.removeprefix(PREFIX)))
    listing = list_classes(Path(entry.folder or ""))
    prepare = pipeline(entry.preprocess)
    first = prepare(open_picture(listing.root / listing.paths[0]))
    needed = first.nbytes * len(listing.paths)
    if needed > ROOM:
        raise InputError(
            f"{listing.root}: {len(listing.paths)} pictures would take {needed / 2**30:.1f} GiB of "
            f"memory, of at most {ROOM / 2**30:.0f}. Train on fewer."
        )
    images = np.empty((len(listing.paths), *first.shape), dtype=np.uint8)
    for index, path in enumerate(listing.paths):
        picture = prepare(open_picture(listing.root / path))
        if picture.shape != first.shape:
            raise InputError(
                f"{listing.root / path}: expected {first.shape[1]}x{first.shape[0]} pixels, got "
                f"{picture.shape[1]}x{picture.shape[0]}."
            )
        images[index] = picture
    labels = listing.per_file(range(len(listing.folders)))
    return Labelled(images, labels, listing.folders)
