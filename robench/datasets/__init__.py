"""Images to train and to evaluate on: entries are data, reading is lazy, nothing is downloaded."""

from robench.datasets.catalogue import DATASETS
from robench.datasets.cells import open_cell
from robench.datasets.labelled import Labelled
from robench.datasets.presence import available, check, is_present, why_absent
from robench.datasets.reading import load_test, load_train
from robench.datasets.source import CellSource

__all__ = [
    "DATASETS",
    "CellSource",
    "Labelled",
    "available",
    "check",
    "is_present",
    "load_test",
    "load_train",
    "open_cell",
    "why_absent",
]
