"""The fidelity card of a corrupted folder that was recognised, where it can be made."""

from dataclasses import dataclass
from pathlib import Path

from robench.datasets.catalogue import DATASETS
from robench.datasets.doctor.placing import located
from robench.datasets.doctor.report import Diagnosis, Section, quoted
from robench.datasets.fidelity.card import Card, check_folder
from robench.errors import InputError
from robench.progress import Progress


@dataclass(frozen=True)
class Comparison:
    """What was asked of the comparison of pixels; as of `check_folder`."""

    clean: str | None = None
    limit: int = 100
    only: tuple[str, ...] = ()
    every: bool = False

    @property
    def explicit(self) -> bool:
        """Whether somebody asked for more than a diagnosis, so that a refusal is an error."""
        return self.clean is not None or bool(self.only) or self.every or self.limit < 1


def compare(
    found: Diagnosis, data_dir: Path, asked: Comparison, progress: Progress
) -> tuple[Card | None, str]:
    """Hold a corrupted folder against the same cells made here.

    Args:
        found: What the folder holds.
        data_dir: The folder of data sets.
        asked: What to compare.
        progress: Told of every cell.

    Returns:
        The card, or why there is none and how to get one; both empty where nothing that was found
        is corrupted.

    Raises:
        InputError: The comparison was asked for explicitly and cannot be made.
    """
    corrupted = [one for one in found.sections if one.corrupted]
    if not corrupted and not asked.explicit:
        return None, ""
    if len(corrupted) > 1 and not asked.explicit:
        listed = "; ".join(f"robench data check {quoted(one.folder)}" for one in corrupted)
        return None, f"several corrupted sets lie here, compare each: {listed}"
    section = corrupted[0] if len(corrupted) == 1 else None
    try:
        return _card(section, found.folder, data_dir, asked, progress), ""
    except InputError as error:
        if asked.explicit:
            raise
        return None, str(error)


def _card(
    section: Section | None, folder: Path, data_dir: Path, asked: Comparison, progress: Progress
) -> Card:
    place = folder if section is None else section.folder
    return check_folder(
        place,
        data_dir,
        clean=asked.clean or _clean(section, data_dir),
        limit=asked.limit,
        only=asked.only,
        every=asked.every,
        progress=progress,
    )


def _clean(section: Section | None, data_dir: Path) -> str | None:
    """The clean pictures of a set of pictures, where they are at hand."""
    if section is None or len(section.sets) != 1:
        return None
    entry = DATASETS[section.sets[0]]
    if entry.layout != "severities" or entry.clean is None:
        return None
    found = located(DATASETS[entry.clean], data_dir)
    return None if found is None else str(found)
