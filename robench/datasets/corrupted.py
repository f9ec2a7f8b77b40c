"""Corrupted sets: the official archives, or the same corruptions made from the clean images."""

from robench.datasets.clean import AS_STORED, DIGITS
from robench.types import EvalSet

HENDRYCKS = (
    "Hendrycks & Dietterich, Benchmarking Neural Network Robustness to Common Corruptions and "
    "Perturbations, ICLR 2019"
)

DIGITS_C = EvalSet(
    name="digits-c",
    role="corrupted",
    size=500,
    classes=10,
    preprocess=DIGITS.preprocess,
    clean="digits",
    paper=HENDRYCKS,
    licence=DIGITS.licence,
)

CIFAR10_C = EvalSet(
    name="cifar10-c",
    role="corrupted",
    size=10_000,
    classes=10,
    preprocess=AS_STORED,
    folder="CIFAR-10-C",
    clean="cifar10",
    paper=HENDRYCKS,
    licence="CC BY 4.0",
)

CIFAR100_C = EvalSet(
    name="cifar100-c",
    role="corrupted",
    size=10_000,
    classes=100,
    preprocess=AS_STORED,
    folder="CIFAR-100-C",
    clean="cifar100",
    paper=HENDRYCKS,
    licence="CC BY 4.0",
)

CORRUPTED = (DIGITS_C, CIFAR10_C, CIFAR100_C)
