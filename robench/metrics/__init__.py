"""Metrics: pure float64 functions of plain arrays, and the one list of their names."""

from robench.types import Metric

_PLACE = "robench.metrics"
_OOD = {"positive": "out-of-distribution", "score": "msp"}
_EQUAL_MASS = {"bin_size": 100, "binning": "equal mass", "ties": "image order"}

METRICS: dict[str, Metric] = {
    "error": Metric(
        name="error",
        function=f"{_PLACE}.accuracy:error",
        inputs=("correct",),
        needs="logits",
        higher_is_better=False,
        per_image=f"{_PLACE}.accuracy:error_per_image",
    ),
    "top5_error": Metric(
        name="top5_error",
        function=f"{_PLACE}.accuracy:top5_error",
        inputs=("logits", "labels"),
        needs="logits",
        higher_is_better=False,
        per_image=f"{_PLACE}.accuracy:top5_error_per_image",
        conventions={"ties": "lower class first"},
    ),
    "nll": Metric(
        name="nll",
        function=f"{_PLACE}.proper:nll",
        inputs=("logits", "labels"),
        needs="logits",
        higher_is_better=False,
        per_image=f"{_PLACE}.proper:nll_per_image",
        conventions={"unit": "nats"},
        shown="number",
    ),
    "brier": Metric(
        name="brier",
        function=f"{_PLACE}.proper:brier",
        inputs=("probabilities", "labels"),
        needs="logits",
        higher_is_better=False,
        per_image=f"{_PLACE}.proper:brier_per_image",
        conventions={"over_classes": "sum"},
        shown="number",
        paper="Brier, Monthly Weather Review 1950",
    ),
    "ece": Metric(
        name="ece",
        function=f"{_PLACE}.calibration:ece",
        inputs=("confidence", "correct"),
        needs="logits",
        higher_is_better=False,
        conventions={"bins": 15, "binning": "equal width"},
        paper="Guo et al., ICML 2017",
    ),
    "rms": Metric(
        name="rms",
        function=f"{_PLACE}.calibration:rms_calibration",
        inputs=("confidence", "correct"),
        needs="logits",
        higher_is_better=False,
        conventions={**_EQUAL_MASS, "last_bin": "kept"},
        minimum=100,
        paper="Hendrycks et al., Deep Anomaly Detection with Outlier Exposure, ICLR 2019",
    ),
    "rms_published": Metric(
        name="rms_published",
        function=f"{_PLACE}.calibration:rms_calibration_published",
        inputs=("confidence", "correct"),
        needs="logits",
        higher_is_better=False,
        conventions={**_EQUAL_MASS, "last_bin": "left out"},
        minimum=200,  # with one bin the authors' script says 0, a perfect score for any network
        paper="Hendrycks et al., as in the authors' code",
    ),
    "aupr": Metric(
        name="aupr",
        function=f"{_PLACE}.anomaly:aupr",
        inputs=("out_score", "in_score"),
        needs="pair",
        higher_is_better=True,
        conventions={**_OOD, "area": "average precision"},
        paper="Hendrycks & Gimpel, ICLR 2017",
    ),
    "auroc": Metric(
        name="auroc",
        function=f"{_PLACE}.anomaly:auroc",
        inputs=("out_score", "in_score"),
        needs="pair",
        higher_is_better=True,
        conventions=_OOD,
        paper="Hendrycks & Gimpel, ICLR 2017",
    ),
    "fpr95": Metric(
        name="fpr95",
        function=f"{_PLACE}.anomaly:fpr95",
        inputs=("out_score", "in_score"),
        needs="pair",
        higher_is_better=False,
        conventions={**_OOD, "threshold": "recall nearest to 0.95"},
        paper="Hendrycks et al., Deep Anomaly Detection with Outlier Exposure, ICLR 2019",
    ),
    "adv_error": Metric(
        name="adv_error",
        function=f"{_PLACE}.adversarial:adv_error",
        inputs=("fooled",),
        needs="fooled",
        higher_is_better=False,
        per_image=f"{_PLACE}.adversarial:adv_error_per_image",
    ),
}
