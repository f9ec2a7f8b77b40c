"""`examine`: what a folder holds, whatever it is called."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from robench.datasets.doctor.archives import archive_section
from robench.datasets.doctor.array_folders import array_section
from robench.datasets.doctor.cifar_folders import PICKLES, cifar_sections
from robench.datasets.doctor.class_trees import class_section, naming_of
from robench.datasets.doctor.edit_trees import edit_section
from robench.datasets.doctor.flat_pictures import flat_section
from robench.datasets.doctor.report import Diagnosis, Finding, Looking, Section, quoted, some
from robench.datasets.doctor.sequence_trees import sequence_sections
from robench.datasets.doctor.severity_trees import severity_sections
from robench.datasets.doctor.tree import has_picture, names_in
from robench.datasets.pictures import is_picture
from robench.errors import InputError
from robench.progress import Progress

DEEPEST = 4
"""Folders in folders that are searched for sets."""

WIDEST = 200
"""Folders of one folder that are searched."""

LAYOUTS = """\
  <wnid>/*.JPEG                       ImageNet val, -R, -A, -O, -Sketch, Stylized (n01440764, ...)
  <0..999>/*.jpeg                     ImageNet-V2
  <name>/*.png                        ObjectNet (air_freshener, ...), or a set of your own
  <edit>/<wnid>/*                     ImageNet-E
  <corruption>/<1..5>/<class>/*       ImageNet-C, -C-bar; also in blur/, noise/, ...; fog_3/; TFDS
  <perturbation>/<class>/*.mp4        ImageNet-P; also folders of frames
  <corruption>.npy with labels.npy    CIFAR-10-C, CIFAR-100-C, -C-bar, -P
  data_batch_1, test_batch, ...       CIFAR-10, CIFAR-100 (python version)
  cifar10.1_v6_data.npy, ...          CIFAR-10.1, CIFAR-10.2
  blur.tar, n01440764.tar, ...        archives of these"""


def examine(folder: Path, data_dir: Path, progress: Progress | None = None) -> Diagnosis:
    """Recognise what a folder holds.

    File names and sizes are read of everything but corrupted sets of pictures, of which files are
    counted; of each set about a hundred pictures are decoded.

    Args:
        folder: Any folder: a set, a part of one, or several sets.
        data_dir: The folder of data sets, for advice.
        progress: Told of every cell.

    Raises:
        InputError: No folder, or nothing in it that is known.
    """
    if not folder.is_dir():
        raise InputError(f"There is no folder {folder}.")
    look = Looking(data_dir) if progress is None else Looking(data_dir, progress)
    sections = tuple(_sections(folder, look, DEEPEST))
    if not sections:
        folders, files = names_in(folder)
        inside = some([*(f"{name}/" for name in folders), *files]) or "nothing"
        own = " Pictures of your own need a folder for each class." if _pictures(files) else ""
        raise InputError(
            f"{folder}: no known layout of a data set; it holds {inside}.{own} Known are:\n"
            f"{LAYOUTS}"
        )
    return Diagnosis(folder, sections)


def _pictures(files: list[str]) -> bool:
    return any(is_picture(name) for name in files)


def _sections(folder: Path, look: Looking, depth: int) -> Iterator[Section]:
    """What lies in a folder, and in those inside it where it is no set itself."""
    try:
        archives = archive_section(folder, look)
        files = cifar_sections(folder, look)
        whole = [*_whole(folder, look)]
        if not whole and not any(one.layout == PICKLES for one in files):
            whole = [*_classes_or_inner(folder, look, depth)]
    except PermissionError as error:
        said = f"{error.filename} cannot be read: {error.strerror}"
        yield _refused(folder, said, f"chmod u+rX {quoted(error.filename)}")
        return
    except InputError as error:
        yield _refused(folder, str(error), "")
        return
    yield from files
    yield from whole
    if archives is not None:
        yield archives


def _refused(folder: Path, said: str, remedy: str) -> Section:
    """The section on a folder that cannot be looked at, or has a damaged manifest."""
    return Section(folder, "not known", findings=(Finding("damaged", said, remedy),))


def _whole(folder: Path, look: Looking) -> Iterator[Section]:
    """Layouts that are known by their names alone."""
    arrays = array_section(folder, look)
    if arrays is not None:
        yield arrays
    pictures = [*severity_sections(folder, look)] or [*sequence_sections(folder, look)]
    yield from pictures
    edits = None if pictures else edit_section(folder, look)
    if edits is not None:
        yield edits


def _classes_or_inner(folder: Path, look: Looking, depth: int) -> Iterator[Section]:
    """Class folders; or, where their names are nobody's, perhaps several sets side by side."""
    folders, _ = names_in(folder)
    classes = tuple(name for name in folders if has_picture(folder / name))
    kind = naming_of(classes) if classes else None
    if kind not in (None, "own"):
        yield class_section(folder, look)
        return
    inner = [*_inner(folder, folders, look, depth)]
    known = [one for one in inner if one.sets or one.corrupted or not classes]
    if known:
        yield from inner
    elif classes:
        yield class_section(folder, look)
    else:
        flat = flat_section(folder, look)
        yield from () if flat is None else (flat,)


def _inner(folder: Path, folders: list[str], look: Looking, depth: int) -> Iterator[Section]:
    """What lies in the folders of a folder."""
    if depth:
        inside = replace(look, contained=True)
        for name in folders[:WIDEST]:
            yield from _sections(folder / name, inside, depth - 1)
