"""What is measured together. A suite is a view on one store, not a store of its own."""

from robench.metrics.aggregates import (
    C_BAR,
    EXTRA_CORRUPTIONS,
    TEST_CORRUPTIONS,
    TEST_PERTURBATIONS,
)
from robench.types import Suite

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
        corrupted=f"{clean}-c",
        corruptions=TEST_CORRUPTIONS + EXTRA_CORRUPTIONS,
        anomalies=("gaussian", "rademacher", "blobs", "photos", *anomalies),
        attacks=("pgd20",),
        metrics=METRICS,
        aggregates=("mean_ce",),
    )


def _clean(name: str) -> Suite:
    return Suite(name=name, clean=name, metrics=METRICS)


def _corrupted(name: str) -> Suite:
    return Suite(
        name=f"{name}-c",
        clean=name,
        corrupted=f"{name}-c",
        corruptions=TEST_CORRUPTIONS + EXTRA_CORRUPTIONS,
        metrics=METRICS,
        aggregates=("mean_ce",),
    )


def _c_bar(name: str) -> Suite:
    return Suite(
        name=f"{name}-c-bar",
        clean=name,
        corrupted=f"{name}-c-bar",
        corruptions=C_BAR["cifar"],
        metrics=METRICS,
        aggregates=("mean_c_bar",),
    )


def _perturbed(name: str) -> Suite:
    return Suite(
        name=f"{name}-p",
        clean=name,
        perturbed=f"{name}-p",
        perturbations=TEST_PERTURBATIONS,
        metrics=METRICS,
    )


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
