"""What a set is, what it needs, and what to do where robench cannot get it."""

from pathlib import Path

from robench.datasets import presence
from robench.datasets.fetching.arranging import recognised
from robench.datasets.making.recipes import RECIPES
from robench.datasets.published import archives_of
from robench.datasets.reading import READERS
from robench.datasets.regenerated import names
from robench.datasets.severity_folders import severity_names
from robench.types import EvalSet

HINTS = {
    "imagenet": "ILSVRC2012_img_val.tar holds pictures without class folders: unpack it into a "
    "folder, and robench data check FOLDER says how they are sorted into classes.",
    "cifar10-c": "The published tar is said to have the md5 56bf5dcef84df0e2308c6dcbcbbd8499 "
    "(a public note, not verified here).",
    "cifar10.1": "Two files, images and labels: one call for each.",
    "cifar10.1-v4": "Two files, images and labels: one call for each.",
}
"""What helps to find the right files; none of it is a checksum that robench relies on."""


def hint(entry: EvalSet) -> str:
    """What helps to find the right files of a set; empty where nothing is known."""
    archives = sorted(archives_of(entry))
    if archives:
        return f"Several archives ({', '.join(archives)}): one call for each."
    return HINTS.get(entry.name, "")


def describe(entry: EvalSet) -> str:
    """Paper, licence and page of a set, to be read before anything is fetched."""
    page = f"\npage: {entry.page}" if entry.page else ""
    return f"{entry.name}\npaper: {entry.paper}\nlicence: {entry.licence or 'not known'}{page}"


def needless(entry: EvalSet) -> str | None:
    """Why there is nothing to download, and what to do instead; None where there may be."""
    make = f"robench data make {entry.name}"
    if entry.folder is None:
        source = "comes with scikit-learn" if entry.name in READERS else "is drawn when measured"
        return f"{entry.name} needs no download: it {source}."
    if not entry.published and entry.name in RECIPES:
        return (
            f"{entry.name} needs no download: nobody publishes it, it is drawn when measured. "
            f"To have it on disk: {make}"
        )
    if entry.name == "cifar100-tiny":
        return f"{entry.name} has no publisher; cifar100 is the complete set."
    return None


def how_to(entry: EvalSet, data_dir: Path) -> str:
    """What to do where the address, or the checksum, of a set is not known for certain."""
    lines = [
        f"Where {entry.name} can be downloaded is not known for certain, so the address and the "
        f"checksum are yours to give: robench data get {entry.name} --url URL --sha256 HEX, or for "
        f"a file that is here: robench data get {entry.name} --from FILE. Files unpacked by hand "
        f"belong in {data_dir / (entry.folder or '')}."
    ]
    lines += filter(None, [hint(entry)])
    if entry.name in RECIPES:
        lines.append(f"Or make it from {entry.clean}: robench data make {entry.name}")
    return " ".join(lines)


def there(entry: EvalSet, data_dir: Path, *, more: bool) -> str | None:
    """That a set is there, in words; None if it is not.

    Args:
        entry: The set.
        data_dir: The folder of data sets.
        more: Whether an archive is offered, so that a set with parts missing is not complete.
    """
    if not recognised(entry, data_dir):
        return None
    missing = _missing(entry, data_dir)
    if missing and more:
        return None
    lacking = f" It lacks {', '.join(missing)}." if missing else ""
    return f"{entry.name} is there already, in {data_dir}; nothing was done.{lacking}"


def _missing(entry: EvalSet, data_dir: Path) -> tuple[str, ...]:
    """Members of a set of several archives that are not there."""
    if entry.role == "corrupted":
        severities = entry.layout == "severities"
        stored = (severity_names if severities else presence.archived)(entry, data_dir)
        return tuple(name for name in names(entry) if name not in stored)
    if entry.role == "perturbed" or entry.layout == "edits":
        return ("perhaps others",)  # which there are is not known for certain
    return ()
