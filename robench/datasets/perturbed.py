"""Perturbation sequences: short films of one clean image under a slowly changing disturbance."""

from robench.datasets.clean import CIFAR10, CIFAR100, DIGITS
from robench.datasets.corrupted import HENDRYCKS
from robench.types import EvalSet


def _p(clean: EvalSet, folder: str, licence: str, *, published: bool = False) -> EvalSet:
    """The sequences of one clean set, with the strengths of CIFAR-P; its size counts sequences."""
    return EvalSet(
        name=f"{clean.name}-p",
        role="perturbed",
        size=clean.size,
        classes=clean.classes,
        preprocess=clean.preprocess,
        folder=folder,
        clean=clean.name,
        family="cifar",
        published=published,
        paper=HENDRYCKS,
        licence=licence,
    )


IMAGENET_P = EvalSet(
    name="imagenet-p",
    role="perturbed",
    size=50_000,
    classes=1000,
    preprocess="centre crop 224",
    folder="imagenet-p",
    aliases=("ImageNet-P", "imagenet_p"),
    layout="sequences",
    clean="imagenet",
    family="imagenet",
    paper=HENDRYCKS,
    licence="none stated",
)

PERTURBED = (
    _p(DIGITS, "digits-p", DIGITS.licence),
    _p(CIFAR10, "CIFAR-10-P", "none stated", published=True),
    _p(CIFAR100, "CIFAR-100-P", CIFAR100.licence),
    IMAGENET_P,
)
