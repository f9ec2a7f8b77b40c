"""Corrupted sets: the official archives, or the same corruptions made from the clean images."""

from robench.datasets.clean import CIFAR10, CIFAR100, DIGITS
from robench.types import EvalSet

HENDRYCKS = (
    "Hendrycks & Dietterich, Benchmarking Neural Network Robustness to Common Corruptions and "
    "Perturbations, ICLR 2019"
)
MINTUN = (
    "Mintun, Kirillov & Xie, On Interaction Between Augmentations and Corruptions in Natural "
    "Corruption Robustness, NeurIPS 2021"
)
HENDRYCKS_GROUPS = ("noise", "blur", "weather", "digital", "extra")


def _c(clean: EvalSet, folder: str, licence: str, *, published: bool = True) -> EvalSet:
    """The 15 corruptions and the 4 extra ones of one clean set, with CIFAR's severities."""
    return EvalSet(
        name=f"{clean.name}-c",
        role="corrupted",
        size=clean.size,
        classes=clean.classes,
        preprocess=clean.preprocess,
        folder=folder,
        clean=clean.name,
        groups=HENDRYCKS_GROUPS,
        family="cifar",
        published=published,
        paper=HENDRYCKS,
        licence=licence,
    )


def _c_bar(clean: EvalSet, folder: str, *, published: bool = False) -> EvalSet:
    """The ten corruptions of CIFAR-10-C-bar on one clean set."""
    return EvalSet(
        name=f"{clean.name}-c-bar",
        role="corrupted",
        size=clean.size,
        classes=clean.classes,
        preprocess=clean.preprocess,
        folder=folder,
        clean=clean.name,
        groups=("bar",),
        family="cifar",
        published=published,
        paper=MINTUN,
        licence=clean.licence,
    )


CORRUPTED = (
    _c(DIGITS, "digits-c", DIGITS.licence, published=False),
    _c(CIFAR10, "CIFAR-10-C", "CC BY 4.0"),
    _c(CIFAR100, "CIFAR-100-C", "CC BY 4.0"),
    _c_bar(DIGITS, "digits-c-bar"),
    _c_bar(CIFAR10, "CIFAR-10-C-bar", published=True),
    _c_bar(CIFAR100, "CIFAR-100-C-bar"),
)
