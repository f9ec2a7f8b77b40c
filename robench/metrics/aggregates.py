"""The one list of means over cells; what varies, computes and compares them is re-exported."""

from collections.abc import Iterator

from robench.metrics.averaging import AggregateValue, Weights, aggregate, cell_weights, weights_of
from robench.metrics.constants import CONSTANTS, USER
from robench.metrics.groups import (
    C_BAR,
    EXTRA_CORRUPTIONS,
    EXTRA_PERTURBATIONS,
    GROUPS,
    PUBLISHED_PERTURBATIONS,
    SEVERITIES,
    TEST_CORRUPTIONS,
    TEST_PERTURBATIONS,
)
from robench.metrics.paired import Correct, clustered_stderr, paired_difference
from robench.metrics.prediction import LITE, PREDICTIONS
from robench.metrics.variants import at_difficulty, at_severity, of_metric, remark_of
from robench.types import Aggregate

__all__ = [
    "AGGREGATES",
    "C_BAR",
    "EXTRA_CORRUPTIONS",
    "EXTRA_PERTURBATIONS",
    "GROUPS",
    "LITE",
    "PREDICTIONS",
    "SEVERITIES",
    "TEST_CORRUPTIONS",
    "TEST_PERTURBATIONS",
    "AggregateValue",
    "Correct",
    "Weights",
    "aggregate",
    "at_difficulty",
    "at_severity",
    "cell_weights",
    "clustered_stderr",
    "of_metric",
    "paired_difference",
    "remark_of",
    "weights_of",
]

_BENCHMARK = (
    'Hendrycks & Dietterich, "Benchmarking Neural Network Robustness to Common Corruptions and '
    'Perturbations", ICLR 2019'
)
_MINTUN = (
    'Mintun et al., "On Interaction Between Augmentations and Corruptions in Natural Corruption '
    'Robustness", NeurIPS 2021: unweighted mean over 50 cells'
)


def _corrupted() -> Iterator[Aggregate]:
    """Over the cells of -C and C-bar."""
    yield Aggregate(
        name="mean_ce",
        metric="error",
        corruptions=TEST_CORRUPTIONS,
        title="mean corruption error",
        paper='Hendrycks et al., "AugMix", ICLR 2020: unnormalised, as usual for CIFAR',
    )
    yield Aggregate(
        name="mce",
        metric="error",
        corruptions=TEST_CORRUPTIONS,
        title="mCE, relative to AlexNet",
        paper=f"{_BENCHMARK}, eq. 1",
        constants="alexnet-c",
    )
    yield Aggregate(
        name="rel_mce",
        metric="error",
        corruptions=TEST_CORRUPTIONS,
        title="relative mCE (AlexNet)",
        paper=f"{_BENCHMARK}, section 4: relative corruption error",
        constants="alexnet-c",
        relative=True,
    )
    yield Aggregate(
        name="predicted_mce",
        metric="error",
        corruptions=TEST_CORRUPTIONS,
        title="predicted mCE (severity 3)",
        severities=(3,),
        error=LITE["external_error"],
        remark=(
            "predicted mCE is not mCE: a regression on the errors at severity 3 of "
            f"{LITE['fit']['models']} networks ({LITE['fit']['on']}). Its error of "
            f"{100 * LITE['external_error']:.1f} points was found on other networks, on the "
            "published files, and not on pictures that were drawn here."
        ),
        paper="fit to the results of Taori et al., NeurIPS 2020 (imagenet-testbed)",
    )
    for name, family in (("mean_c_bar", "cifar"), ("mean_imagenet_c_bar", "imagenet")):
        yield Aggregate(name, "error", C_BAR[family], "mean C-bar error", paper=_MINTUN)
    for group, corruptions in GROUPS.items():
        yield Aggregate(
            f"mean_{group}", "error", corruptions, f"{group} error", paper=f"{_BENCHMARK}, table 1"
        )


def _perturbed() -> Iterator[Aggregate]:
    """Over the perturbations of -P at difficulty 1, which the authors report."""
    yield Aggregate(
        name="mean_flip_rate",
        metric="flip_rate",
        corruptions=TEST_PERTURBATIONS,
        title="mean flip rate",
        paper=f"{_BENCHMARK}: unnormalised, as usual for CIFAR",
        difficulty=1,
    )
    yield Aggregate(
        name="mean_flip_rate_published",
        metric="flip_rate",
        corruptions=PUBLISHED_PERTURBATIONS,
        title="mean flip rate (published)",
        paper=f"{_BENCHMARK}, as in the authors' script for CIFAR",
        difficulty=1,
    )
    yield Aggregate(
        name="mfr",
        metric="flip_rate",
        corruptions=TEST_PERTURBATIONS,
        title="mFR, relative to AlexNet (unverified constants)",
        remark=CONSTANTS["alexnet-p"].remark,
        paper=f"{_BENCHMARK}, section 4: mean flip rate",
        constants="alexnet-p",
        difficulty=1,
    )
    yield Aggregate(
        name="mean_top5_distance",
        metric="top5_distance",
        corruptions=TEST_PERTURBATIONS,
        title="mean top-5 distance",
        paper=f"{_BENCHMARK}: unnormalised top-5 distance",
        difficulty=1,
    )
    yield Aggregate(
        name="mean_top5_distance_published",
        metric="top5_distance",
        corruptions=PUBLISHED_PERTURBATIONS,
        title="mean top-5 distance (published)",
        paper=f"{_BENCHMARK}, as in the authors' script for CIFAR",
        difficulty=1,
    )
    yield Aggregate(
        name="mt5d",
        metric="top5_distance",
        corruptions=TEST_PERTURBATIONS,
        title="mT5D, relative to constants of the user's",
        remark="No top-5 distances of AlexNet are public: mT5D needs a file of constants.",
        paper=f"{_BENCHMARK}, section 4: mean top-5 distance",
        constants=USER,
        difficulty=1,
    )


AGGREGATES: dict[str, Aggregate] = {one.name: one for one in (*_corrupted(), *_perturbed())}
