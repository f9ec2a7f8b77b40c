"""Named arrays that metrics take, computed from stored outputs when they are first asked for."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from robench.metrics.accuracy import top5_error_per_image
from robench.metrics.compact import first_classes
from robench.metrics.perturbation import TOP, distances_per_sequence, flips_per_sequence
from robench.metrics.proper import brier_per_image, nll_per_image, softmax, top1_probability
from robench.types import Floats, Outputs

Array = NDArray[Any]
VALUES = 2**21  # logits that are turned into float64 at a time


class NotKeptError(ValueError):
    """A cell keeps summaries of its logits, and those do not tell what was asked for."""


class Derived(Mapping[str, Array]):
    """Lazy arrays of one cell; each is computed once. Do not write into them.

    Keys, of N images and K classes: ``logits`` (N, K) float32, ``labels`` (N,) int64, ``correct``
    (N,) float64 1 or 0 and ``wrong`` its complement, ``top5_wrong``, ``log_loss`` and
    ``squared_loss`` (N,) float64, the terms of error rates, NLL and Brier score, ``probabilities``
    (N, K) float64, ``confidence`` (N,) float64 top-1 probability, ``fooled`` (N,) bool,
    ``predictions`` (N,), ``flips`` and ``distances`` (V,) float64 per perturbation sequence,
    ``out_score`` (N,) and ``in_score`` (M,) float64: minus the maximum softmax
    probability (MSP) of the cell and of its in-distribution partner.

    Cells that keep summaries in place of their logits (`robench.metrics.compact`) give all but
    ``logits`` and ``probabilities``: asking for these raises NotKeptError.

    Asking for an array raises ValueError when the cell has not stored what it is made of, when
    logits are not finite, or when labels lie outside the classes.
    """

    def __init__(self, outputs: Outputs, inside: Outputs | None = None) -> None:
        self._outputs = outputs
        self._inside = inside
        self._made: dict[str, Array] = {}
        full: dict[str, Callable[[], Array]] = {
            "logits": lambda: _logits(outputs),
            "labels": self._labels,
            "predictions": lambda: self["logits"].argmax(axis=1),
            "firsts": lambda: _by_rows(_firsts, self["logits"]),
            "top5_wrong": lambda: _by_rows(top5_error_per_image, self["logits"], self["labels"]),
            "log_loss": lambda: _by_rows(nll_per_image, self["logits"], self["labels"]),
            "squared_loss": lambda: _by_rows(_squared_loss, self["logits"], self["labels"]),
            "probabilities": lambda: softmax(self["logits"]),
            "confidence": lambda: _by_rows(top1_probability, self["logits"]),
        }
        self._make: dict[str, Callable[[], Array]] = {
            **full,
            "correct": lambda: _float(self["predictions"] == self["labels"]),
            "wrong": lambda: 1.0 - self["correct"],
            "fooled": self._fooled,
            "flips": lambda: flips_per_sequence(self["predictions"], *self._frames()),
            "distances": lambda: distances_per_sequence(self["firsts"], *self._frames()),
            "out_score": lambda: -self["confidence"],
            "in_score": self._in_score,
        }
        if outputs.top_logits is not None:
            self._make |= _summaries(outputs)

    def __getitem__(self, name: str) -> Array:
        """The array; computed on the first call."""
        if name not in self._made:
            self._made[name] = self._make[name]()
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        """Names of all arrays, whether or not this cell can give them."""
        return iter(self._make)

    def __len__(self) -> int:
        """How many names there are."""
        return len(self._make)

    def _labels(self) -> NDArray[np.int64]:
        """Labels, checked against the number of classes."""
        labels, classes = self._outputs.labels, self["logits"].shape[1]
        wrong = int(((labels < 0) | (labels >= classes)).sum())
        if wrong:
            raise ValueError(
                f"{wrong} of {len(labels)} labels lie outside 0..{classes - 1}: the set has no "
                "labels, or other classes than the network"
            )
        return labels

    def _fooled(self) -> NDArray[np.bool_]:
        """What the attack left."""
        if self._outputs.fooled is None:
            raise ValueError("needs the result of an attack, and this cell has none stored")
        return self._outputs.fooled

    def _frames(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The sequence of each row, and the row that it is compared with."""
        sequences, references = self._outputs.sequences, self._outputs.references
        if sequences is None or references is None:
            raise ValueError("needs perturbation sequences, and this cell has none stored")
        return sequences, references

    def _in_score(self) -> Floats:
        """Anomaly scores of the in-distribution partner."""
        if self._inside is None:
            raise ValueError("needs the outputs of the in-distribution set as well")
        return -derive(self._inside)["confidence"]


def derive(outputs: Outputs, inside: Outputs | None = None) -> Derived:
    """Arrays of a cell; ``inside`` is its in-distribution partner, for anomaly metrics only."""
    return Derived(outputs, inside)


def _by_rows(function: Callable[..., Array], logits: Array, *others: Array) -> Array:
    """A function of each image, for some at a time: in float64 all of ImageNet's take 400 MB."""
    step = max(1, VALUES // logits.shape[1])
    starts = range(0, max(1, len(logits)), step)
    parts = [function(*(a[start : start + step] for a in (logits, *others))) for start in starts]
    return parts[0] if len(parts) == 1 else np.concatenate(parts)


def _firsts(logits: Array) -> Array:
    """The first classes of each image, as many as a perturbation metric looks at."""
    return first_classes(logits, min(TOP, logits.shape[1]))


def _squared_loss(logits: Array, labels: NDArray[np.int64]) -> Floats:
    """The terms of the Brier score."""
    return brier_per_image(softmax(logits), labels)


def _logits(outputs: Outputs) -> NDArray[np.float32]:
    """Stored logits, all finite."""
    logits = outputs.logits
    if logits is None:
        raise ValueError("needs logits, and this cell has none stored")
    wrong = int((~np.isfinite(logits).all(axis=1)).sum())
    if wrong:
        raise ValueError(f"{wrong} of {len(logits)} images have logits that are NaN or infinite")
    return logits


def _summaries(outputs: Outputs) -> dict[str, Callable[[], Array]]:
    """Arrays from the summaries that stand for logits."""
    top, classes, total = outputs.top_logits, outputs.top_classes, outputs.logsumexp
    own, rank, squares = outputs.label_logit, outputs.label_rank, outputs.squares
    if top is None or classes is None or total is None:
        raise ValueError("has no complete summaries of its logits")
    if own is None or rank is None or squares is None:
        raise ValueError("has no complete summaries of its logits")

    def labelled(make: Callable[[], Array]) -> Callable[[], Array]:
        def checked() -> Array:
            unknown = int((rank < 0).sum())
            if unknown:
                raise ValueError(f"{unknown} of {len(rank)} images have no label")
            return make()

        return checked

    def squared() -> Floats:
        probability = np.exp(own - total)
        values: Floats = squares - probability**2 + (1.0 - probability) ** 2
        return values

    return {
        "labels": labelled(lambda: outputs.labels),
        "predictions": lambda: classes[:, 0],
        "firsts": lambda: classes[:, :TOP],
        "top5_wrong": labelled(lambda: _float(rank >= TOP)),
        "log_loss": labelled(lambda: total - own),
        "squared_loss": labelled(squared),
        "confidence": lambda: np.exp(top[:, 0] - total),
        "logits": _not_kept,
    }


def _not_kept() -> NDArray[np.float32]:
    """What becomes of a question for logits.

    Raises:
        NotKeptError: Always.
    """
    raise NotKeptError("needs all logits, and this cell keeps summaries of them")


def _float(flags: NDArray[np.bool_]) -> Floats:
    """1.0 where true."""
    return flags.astype(np.float64)
