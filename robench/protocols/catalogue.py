"""Protocols that others have published numbers under; `robench lint` tells which a file matches."""

from dataclasses import replace

from robench.datasets.preprocessing import AS_FILES, USUAL
from robench.protocols.base import Protocol, Rule
from robench.protocols.policies import (
    ALEXNET,
    ALEXNET_MEANS,
    BAR,
    BIG_BAR,
    CLEAN,
    FIFTEEN,
    FILES_ALONE,
    FLIP_RATES,
    IMAGENET_C,
    LAST_BIN_LOST,
    MASKED,
    NOISED_CENTRE,
    ONE_IN_FIVE,
    POSITIVE,
    RESIZED,
    SEQUENCES,
    SPATTER,
    TWO_HUNDRED,
    WHATEVER,
)

_CIFAR_C, _CIFAR_P = ("cifar10-c", "cifar100-c"), ("cifar10-p", "cifar100-p")
_CIFAR = ("cifar10", "cifar100")
_CIFAR_BAR = ("cifar10-c-bar", "cifar100-c-bar")
_DRAWN = ("gaussian", "rademacher", "blobs")  # anomalies that the papers draw as well


def _files(*sets: str) -> Rule:
    """The published files, which others can measure on as well.

    Not of CIFAR-100-P and CIFAR-100-C-bar: nobody has published files of them.
    """
    return Rule("source", sets, "source", ["files", "official"], "the published files")


def _images(value: int | str, *sets: str, words: str = "") -> Rule:
    """How many images of each cell."""
    return Rule("images", sets, "images", value, words or f"{value} images of each cell")


def _of(rule: Rule, *sets: str) -> Rule:
    """The same rule for other sets."""
    return replace(rule, sets=sets)


_VAL = Rule(
    "ImageNet preprocessing",
    ("imagenet",),
    "preprocess",
    USUAL.id,
    source="torchvision's transform for evaluation, in the code of all of them",
)
_PLAIN = Rule(
    "constants", _CIFAR_C, "constants", None, "a plain mean over the 75 cells, no normaliser"
)
_FRAMES = Rule(
    "ImageNet-P preprocessing",
    ("imagenet-p",),
    "preprocess",
    AS_FILES.id,
    "the 224-pixel frames as they are",
    "ImageNet-P/test.py of hendrycks/robustness",
)
_CIFAR_RULES = (
    _of(FIFTEEN, *_CIFAR_C),
    _PLAIN,
    _files(*_CIFAR, *_CIFAR_C),
    _images("all", *_CIFAR, *_CIFAR_C),
)
_PIXMIX_RULES = (
    _of(_VAL, "imagenet", *MASKED),
    RESIZED,
    _of(WHATEVER, *IMAGENET_C, *_CIFAR_C),
    _PLAIN,
    ALEXNET_MEANS,
    _of(SPATTER, *_CIFAR_P),
    SEQUENCES,
    FLIP_RATES,
    TWO_HUNDRED,
    _of(LAST_BIN_LOST, *_CIFAR, "imagenet", "imagenet-r", "imagenet-a", *IMAGENET_C),
    _of(NOISED_CENTRE, *_CIFAR),
    _of(ONE_IN_FIVE, *_DRAWN),
    POSITIVE,
    _files(*CLEAN[1:], *MASKED, *IMAGENET_C, "imagenet-p", *_CIFAR_C, "cifar10-p"),
    _images("all", *CLEAN[1:], *MASKED, *IMAGENET_C, "imagenet-p", *_CIFAR_C, *_CIFAR_P),
)

HENDRYCKS2019 = Protocol(
    name="hendrycks2019",
    title="ImageNet-C and -P as their authors measure them",
    rules=(
        _VAL,
        FILES_ALONE,
        _of(FIFTEEN, *IMAGENET_C),
        ALEXNET,
        _FRAMES,
        SEQUENCES,
        FLIP_RATES,
        _files("imagenet", "imagenet-c", "imagenet-p"),
        _images("all", "imagenet", "imagenet-c", "imagenet-p"),
    ),
    paper="Hendrycks & Dietterich, ICLR 2019",
)
AUGMIX = Protocol(
    name="augmix",
    title="CIFAR-C as a plain mean, ImageNet-C resized",
    rules=(
        _VAL,
        RESIZED,
        _of(WHATEVER, *IMAGENET_C),
        ALEXNET_MEANS,
        *_CIFAR_RULES,
        _files("imagenet", *IMAGENET_C),
        _images("all", "imagenet", *IMAGENET_C),
    ),
    paper="Hendrycks et al., AugMix, ICLR 2020",
)
PIXMIX = Protocol(
    name="pixmix",
    title="the safety measures of PixMix",
    rules=_PIXMIX_RULES,
    paper="Hendrycks et al., PixMix, CVPR 2022",
)
IPMIX = Protocol(
    name="ipmix",
    title="those of PixMix, and C-bar",
    rules=(
        *_PIXMIX_RULES,
        _of(BAR, *_CIFAR_BAR),
        BIG_BAR,
        _files("cifar10-c-bar", "imagenet-c-bar"),
        _images("all", *_CIFAR_BAR, "imagenet-c-bar"),
    ),
    paper="Huang et al., IPMix, NeurIPS 2023",
)
ROBUSTBENCH_5K = Protocol(
    name="robustbench-5k",
    title="ImageNet-C on 5,000 of the images, without resizing",
    rules=(
        FILES_ALONE,
        _of(FIFTEEN, *IMAGENET_C),
        ALEXNET,
        _files(*IMAGENET_C),
        replace(
            _images(5000, *IMAGENET_C, words="the 5,000 images of RobustBench's own list"),
            source="imagenet_test_image_ids.txt of RobustBench",
        ),
    ),
    paper="Croce et al., RobustBench, NeurIPS 2021 Datasets and Benchmarks",
)
TESTBED = Protocol(
    name="testbed",
    title="ImageNet-C resized, class masks on -R, -A and ObjectNet",
    rules=(
        _VAL,
        replace(RESIZED, source="StandardTransform(256, 224) of imagenet-testbed"),
        _of(FIFTEEN, *IMAGENET_C),
        ALEXNET,
        _of(TWO_HUNDRED, "imagenet-r", "imagenet-a"),
        replace(
            TWO_HUNDRED,
            sets=("objectnet",),
            words="the 113 classes that ImageNet has too, before the softmax",
            source="imagenet-testbed",
        ),
        _files("imagenet", "imagenet-r", "imagenet-a", "objectnet", *IMAGENET_C),
        _images("all", "imagenet", "imagenet-r", "imagenet-a", *IMAGENET_C),
        replace(
            _images(18514, "objectnet", words="18,514 of the 18,574 images"),
            source="the results of imagenet-testbed",
        ),
    ),
    paper="Taori et al., NeurIPS 2020",
)
