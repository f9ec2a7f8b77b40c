"""The one list of what can be evaluated on."""

from robench.datasets.anomaly import ANOMALY
from robench.datasets.clean import CLEAN
from robench.datasets.corrupted import CORRUPTED
from robench.datasets.perturbed import PERTURBED
from robench.types import EvalSet

DATASETS: dict[str, EvalSet] = {
    entry.name: entry for entry in (*CLEAN, *CORRUPTED, *PERTURBED, *ANOMALY)
}
