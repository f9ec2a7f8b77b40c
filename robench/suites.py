"""What is measured together. A suite is a view on one store, not a store of its own."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from robench.datasets.catalogue import DATASETS
from robench.datasets.own import PREFIX, folder_set
from robench.metrics.aggregates import (
    C_BAR,
    EXTRA_CORRUPTIONS,
    EXTRA_PERTURBATIONS,
    TEST_CORRUPTIONS,
    TEST_PERTURBATIONS,
)
from robench.registry import lookup
from robench.types import EvalSet, Grid, Sequences, Suite

METRICS = {
    "clean": ("error", "top5_error", "nll", "brier", "ece", "rms", "rms_published"),
    "corrupted": ("error", "top5_error", "nll", "brier", "ece", "rms", "rms_published"),
    "perturbed": ("flip_rate", "top5_distance"),
    "attack": ("adv_error",),
    "ood": ("aupr", "auroc", "fpr95"),
}
ANOMALIES = ("gaussian", "rademacher", "blobs", "photos")
NEW_CIFAR = ("cifar10.1", "cifar10.1-v4", "cifar10.2")
SHIFTED_IMAGENET = (
    *("imagenet-v2", "imagenet-v2-threshold0.7", "imagenet-v2-top-images", "imagenet-sketch"),
    *("imagenet-r", "imagenet-a", "imagenet-e", "objectnet", "stylized-imagenet"),
)


def _small_images(clean: str, *anomalies: str, shifted: tuple[str, ...] = ()) -> Suite:
    """Everything that there is for 32x32 images."""
    return Suite(
        name=f"{clean}-all",
        clean=clean,
        shifted=shifted,
        grids=(_grid(f"{clean}-c"), _grid(f"{clean}-c-bar")),
        sequences=(_sequences(f"{clean}-p"),),
        anomalies=(*ANOMALIES, *anomalies),
        attacks=("pgd20",),
    )


def _grid(name: str) -> Grid:
    """The corruptions of a set: those that its headline is over and, for CIFAR, the extra ones."""
    if name == "imagenet-c-lite":
        return Grid(name, TEST_CORRUPTIONS, severities=(3,))
    if name.endswith("-c-bar"):
        return Grid(name, C_BAR["imagenet" if name.startswith("imagenet") else "cifar"])
    extra = () if name.startswith("imagenet") else EXTRA_CORRUPTIONS
    return Grid(name, TEST_CORRUPTIONS + extra)


def _sequences(name: str) -> Sequences:
    """The perturbations of a set; of CIFAR and digits those for validation too."""
    extra = () if name.startswith("imagenet") else EXTRA_PERTURBATIONS
    return Sequences(name, TEST_PERTURBATIONS + extra)


def _alone(entry: EvalSet) -> Suite:
    """One set, and the clean one that it belongs to."""
    if entry.role == "clean":
        return Suite(entry.name, clean=entry.name)
    if entry.role == "corrupted":
        return Suite(entry.name, clean=entry.clean, grids=(_grid(entry.name),))
    if entry.role == "perturbed":
        return Suite(entry.name, clean=entry.clean, sequences=(_sequences(entry.name),))
    if entry.role == "shifted":
        return Suite(entry.name, shifted=(entry.name,))
    return Suite(entry.name, clean=entry.clean, anomalies=(entry.name,))


def _every_set() -> Iterator[Suite]:
    """Every set that can be measured by itself, or with its clean one."""
    for entry in DATASETS.values():
        if entry.role != "ood" or entry.clean:
            yield _alone(entry)


SUITES = {
    suite.name: suite
    for suite in (
        _small_images("cifar10", "cifar100", shifted=NEW_CIFAR),
        _small_images("cifar100", "cifar10"),
        _small_images("digits"),
        Suite(
            name="digits-demo",
            clean="digits",
            grids=(_grid("digits-c"),),
            anomalies=ANOMALIES,
            attacks=("pgd20",),
        ),
        Suite(
            name="imagenet-all",
            clean="imagenet",
            shifted=SHIFTED_IMAGENET,
            grids=(_grid("imagenet-c"), _grid("imagenet-c-bar")),
            sequences=(_sequences("imagenet-p"),),
            anomalies=("imagenet-o",),
        ),
        Suite(name="imagenet-pgd", clean="imagenet", attacks=("pgd20",)),
        *_every_set(),
    )
}


def find_suite(
    name: str, classes: int | None = None, class_names: Sequence[str] | None = None
) -> Suite:
    """The suite of that name.

    Args:
        name: One of `SUITES`, or ``folder:DIR`` for class folders of the user's.
        classes: Outputs of the network that a folder is measured with.
        class_names: Names of its classes, where they are known.

    Raises:
        UnknownNameError: No such suite.
        InputError: The folder does not fit the network.
    """
    if name.startswith(PREFIX):
        entry = folder_set(Path(name.removeprefix(PREFIX)), classes, class_names)
        return Suite(entry.name, clean=entry.name, own=(entry,))
    return lookup(SUITES, name, "suite")
