"""Corrupted sets: the official files, or the same corruptions made from the clean images."""

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
SEVERITIES = (1, 2, 3, 4, 5)
_FEWER = {"imagenet-c-lite": (3,)}


def severities(entry: EvalSet) -> tuple[int, ...]:
    """The severities that a corrupted set consists of."""
    return _FEWER.get(entry.name, SEVERITIES)


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
        headline="mean_ce",
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
        headline="mean_c_bar",
        paper=MINTUN,
        licence=clean.licence,
    )


IMAGENET_C = EvalSet(
    name="imagenet-c",
    role="corrupted",
    size=50_000,
    classes=1000,
    preprocess="centre crop 224",
    folder="imagenet-c",
    aliases=("ImageNet-C", "imagenet_c", "imagenet2012_corrupted"),
    layout="severities",
    clean="imagenet",
    groups=HENDRYCKS_GROUPS,
    family="imagenet",
    headline="mce",
    paper=HENDRYCKS,
    licence="none stated",
)

IMAGENET_C_LITE = EvalSet(
    name="imagenet-c-lite",
    role="corrupted",
    size=50_000,
    classes=1000,
    preprocess="resize 256 bilinear, centre crop 224",  # as when its prediction of mCE was fitted
    folder=IMAGENET_C.folder,
    aliases=IMAGENET_C.aliases,
    layout="severities",
    clean="imagenet",
    groups=("noise", "blur", "weather", "digital"),
    family="imagenet",
    headline="predicted_mce",
    paper=HENDRYCKS,
    licence="none stated",
)

IMAGENET_C_BAR = EvalSet(
    name="imagenet-c-bar",
    role="corrupted",
    size=50_000,
    classes=1000,
    preprocess="centre crop 224",
    folder="imagenet-c-bar",
    aliases=("ImageNet-C-bar", "ImageNet-C-Bar", "imagenet_c_bar"),
    layout="severities",
    clean="imagenet",
    groups=("bar",),
    family="imagenet",
    headline="mean_imagenet_c_bar",
    paper=MINTUN,
    licence="none stated",
)

CORRUPTED = (
    _c(DIGITS, "digits-c", DIGITS.licence, published=False),
    _c(CIFAR10, "CIFAR-10-C", "CC BY 4.0"),
    _c(CIFAR100, "CIFAR-100-C", "CC BY 4.0"),
    _c_bar(DIGITS, "digits-c-bar"),
    _c_bar(CIFAR10, "CIFAR-10-C-bar", published=True),
    _c_bar(CIFAR100, "CIFAR-100-C-bar"),
    IMAGENET_C,
    IMAGENET_C_LITE,
    IMAGENET_C_BAR,
)
