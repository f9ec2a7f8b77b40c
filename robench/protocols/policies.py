"""The two ways to measure: correctly, and as the authors' code did.

The facts were found by reading and running the official code: hendrycks/robustness, AugMix 9b9824c,
PixMix f867e87 and IPMix 050bcb6.
"""

from robench.datasets.preprocessing import AS_FILES, USUAL
from robench.metrics.groups import (
    C_BAR,
    PUBLISHED_PERTURBATIONS,
    TEST_CORRUPTIONS,
    TEST_PERTURBATIONS,
)
from robench.protocols.base import Protocol, Rule

IMAGENET_C = ("imagenet-c",)
CIFAR_C = ("digits-c", "cifar10-c", "cifar100-c")
CIFAR_P = ("digits-p", "cifar10-p", "cifar100-p")
IMAGENET_P = ("imagenet-p",)
CLEAN = ("digits", "cifar10", "cifar100", "imagenet")
MASKED = ("imagenet-r", "imagenet-a", "imagenet-o")
SMALL_ANOMALIES = ("gaussian", "rademacher", "blobs", "photos")
ANOMALIES = (*SMALL_ANOMALIES, "imagenet-o")

PREPROCESSING = "ImageNet-C preprocessing"
CORRUPTIONS = "corruption list"
PERTURBATIONS = "perturbation list"
CONSTANTS = "constants"
MASKS = "class masks"
BINS = "calibration bins"
BALL = "PGD ball"
AUPR = "AUPR convention"
ORDER = (PREPROCESSING, CORRUPTIONS, PERTURBATIONS, CONSTANTS, MASKS, BINS, BALL, AUPR)

FILES_ALONE = Rule(
    PREPROCESSING,
    IMAGENET_C,
    "preprocess",
    AS_FILES.id,
    "the 224-pixel files as they are",
    "ImageNet-C/test.py of hendrycks/robustness; ResNet-50 76.7",
)
RESIZED = Rule(
    PREPROCESSING,
    IMAGENET_C,
    "preprocess",
    USUAL.id,
    "resize 256, centre crop 224 of files that have 224 pixels already",
    "imagenet.py of AugMix, PixMix and IPMix; ResNet-50 76.7 -> 78.2",
)
FIFTEEN = Rule(
    CORRUPTIONS,
    (*IMAGENET_C, *CIFAR_C),
    "cells",
    list(TEST_CORRUPTIONS),
    "the 15 test corruptions by name, severities 1 to 5",
    "Hendrycks & Dietterich, ICLR 2019, table 1",
)
WHATEVER = Rule(
    CORRUPTIONS,
    (*IMAGENET_C, *CIFAR_C),
    "cells",
    list(TEST_CORRUPTIONS),
    "the 15 test corruptions (ImageNet: every folder that lies there, 15 unless extra.tar does)",
    "imagenet.py of PixMix and IPMix",
)
SNOW = Rule(
    PERTURBATIONS,
    CIFAR_P,
    "cells",
    list(TEST_PERTURBATIONS),
    "CIFAR-P: the paper's 10, with snow",
    "Hendrycks & Dietterich, ICLR 2019",
)
SPATTER = Rule(
    PERTURBATIONS,
    CIFAR_P,
    "cells",
    list(PUBLISHED_PERTURBATIONS),
    "CIFAR-P: the script's 10, spatter in place of snow",
    "the CIFAR-P script of hendrycks/robustness",
)
ALEXNET = Rule(
    CONSTANTS,
    IMAGENET_C,
    "constants",
    "alexnet-c",
    "AlexNet's errors per severity, five digits; ratio of sums per corruption, then the mean",
    "hendrycks/robustness#10",
)
ALEXNET_MEANS = Rule(
    CONSTANTS,
    IMAGENET_C,
    "constants",
    "alexnet-c",
    "AlexNet's six-digit means of the AugMix code (the same ratios)",
    "AugMix imagenet.py",
)
TWO_HUNDRED = Rule(
    MASKS,
    MASKED,
    "mask",
    "own",
    "the 200 classes of -R, -A and -O each, before the softmax",
    "eval.py of imagenet-r and natural-adv-examples",
)
ALL_BINS = Rule(
    BINS, CLEAN, "metric", "rms", "100 images a bin, all bins (fewer than 100 images: none)"
)
LAST_BIN_LOST = Rule(
    BINS,
    CLEAN,
    "metric",
    "rms_published",
    "100 images a bin, the last and most confident bin left out",
    "calib_err of Outlier Exposure and natural-adv-examples",
)
CLEAN_CENTRE = Rule(
    BALL,
    CLEAN,
    "attack",
    "pgd20",
    "pgd20: within 2/255 of the clean image",
    "the text of PixMix and IPMix",
)
NOISED_CENTRE = Rule(
    BALL,
    CLEAN,
    "attack",
    "pgd20_published",
    "pgd20_published: within 2/255 of the noised start, up to 4/255 of the clean image",
    "cifar.py of PixMix and IPMix",
)
ONE_IN_FIVE = Rule(
    AUPR,
    SMALL_ANOMALIES,
    "ratio",
    5,
    "anomalies positive, average precision; one anomaly for five images",
    "Outlier Exposure",
)
POSITIVE = Rule(
    AUPR,
    ("imagenet-o",),
    "metric",
    "aupr",
    "ImageNet-O: positive, average precision, against the val images of its 200 classes",
    "natural-adv-examples",
)
BAR = Rule(
    CORRUPTIONS,
    ("digits-c-bar", "cifar10-c-bar", "cifar100-c-bar"),
    "cells",
    list(C_BAR["cifar"]),
    "CIFAR-C-bar: its 10",
)
BIG_BAR = Rule(
    CORRUPTIONS,
    ("imagenet-c-bar",),
    "cells",
    list(C_BAR["imagenet"]),
    "ImageNet-C-bar: its own 10",
)
SEQUENCES = Rule(
    PERTURBATIONS,
    IMAGENET_P,
    "cells",
    list(TEST_PERTURBATIONS),
    "ImageNet-P: the paper's 10, difficulty 1",
)
FLIP_RATES = Rule(
    CONSTANTS, IMAGENET_P, "constants", "alexnet-p", "ImageNet-P: AlexNet's flip rates (unverified)"
)
SHARED = (BAR, BIG_BAR, SEQUENCES, FLIP_RATES, TWO_HUNDRED, ONE_IN_FIVE, POSITIVE)

STRICT = Protocol(
    name="strict",
    title="correct: what the papers define, without the slips of their code",
    rules=(FILES_ALONE, FIFTEEN, SNOW, ALEXNET, ALL_BINS, CLEAN_CENTRE, *SHARED),
)
PAPER = Protocol(
    name="paper",
    title="published: what the code of PixMix and IPMix does, slips included",
    rules=(RESIZED, WHATEVER, SPATTER, ALEXNET_MEANS, LAST_BIN_LOST, NOISED_CENTRE, *SHARED),
    paper="Hendrycks et al., PixMix, CVPR 2022; Huang et al., IPMix, NeurIPS 2023",
)
