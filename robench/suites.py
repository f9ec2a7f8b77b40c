"""What is measured together. A suite is a view on one store, not a store of its own."""

from robench.metrics.aggregates import (
    C_BAR,
    EXTRA_CORRUPTIONS,
    TEST_CORRUPTIONS,
    TEST_PERTURBATIONS,
)
from robench.types import Grid, Sequences, Suite

METRICS = {
    "clean": ("error", "top5_error", "nll", "brier", "ece", "rms", "rms_published"),
    "corrupted": ("error", "top5_error", "nll", "brier", "ece", "rms", "rms_published"),
    "perturbed": ("flip_rate", "top5_distance"),
    "attack": ("adv_error",),
    "ood": ("aupr", "auroc", "fpr95"),
}


CLEAN = ("cifar10", "cifar100", "digits")


def _small_images(clean: str, *anomalies: str) -> Suite:
    """Everything that fits 32x32 images."""
    return Suite(
        name=f"{clean}-all",
        clean=clean,
        grids=(Grid(f"{clean}-c", TEST_CORRUPTIONS + EXTRA_CORRUPTIONS),),
        anomalies=("gaussian", "rademacher", "blobs", "photos", *anomalies),
        attacks=("pgd20",),
    )


def _clean(name: str) -> Suite:
    return Suite(name=name, clean=name)


def _corrupted(name: str) -> Suite:
    grid = Grid(f"{name}-c", TEST_CORRUPTIONS + EXTRA_CORRUPTIONS)
    return Suite(name=f"{name}-c", clean=name, grids=(grid,))


def _c_bar(name: str) -> Suite:
    return Suite(name=f"{name}-c-bar", clean=name, grids=(Grid(f"{name}-c-bar", C_BAR["cifar"]),))


def _perturbed(name: str) -> Suite:
    sequences = (Sequences(f"{name}-p", TEST_PERTURBATIONS),)
    return Suite(name=f"{name}-p", clean=name, sequences=sequences)


SUITES = {
    suite.name: suite
    for suite in (
        _small_images("cifar10", "cifar100"),
        _small_images("cifar100", "cifar10"),
        _small_images("digits"),
        *map(_clean, (*CLEAN, "cifar100-tiny")),
        *map(_corrupted, CLEAN),
        *map(_c_bar, CLEAN),
        *map(_perturbed, CLEAN),
    )
}
