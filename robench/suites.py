"""What is measured together. A suite is a view on one store, not a store of its own."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
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

_LABELLED = (
    *("error", "top5_error", "nll", "brier", "ece", "rms", "rms_published", "rms_debiased"),
    "aurra",
)
METRICS = {
    "clean": _LABELLED,
    "corrupted": _LABELLED,
    "perturbed": ("flip_rate", "top5_distance"),
    "attack": ("adv_error",),
    "ood": ("aupr", "auroc", "fpr95", "aupr_in", "fpr95_in"),
}
CURVE = tuple(f"pgd(eps={k / 255!r}, step_size={k / 1020!r})" for k in (0.5, 1, 2, 3, 4, 6, 8))
"""Error against eps: PGD-20 with steps of a quarter of the radius, as in ``pgd20``."""
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


def _harder() -> Iterator[Suite]:
    """Perturbed sets at all three difficulties."""
    for entry in DATASETS.values():
        if entry.role == "perturbed":
            all_three = replace(_sequences(entry.name), difficulties=(1, 2, 3))
            yield Suite(f"{entry.name}-difficulties", clean=entry.clean, sequences=(all_three,))


def _curves() -> Iterator[Suite]:
    """Error against the radius of an attack, from 0 (the clean images) to 8/255."""
    for clean in ("digits", "cifar10", "cifar100", "imagenet"):
        yield Suite(f"{clean}-robustness-curve", clean=clean, attacks=CURVE)


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
        *_curves(),
        *_harder(),
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
