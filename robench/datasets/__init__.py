"""Images to train and to evaluate on: entries are data, reading is lazy, nothing is downloaded."""

from robench.datasets.catalogue import DATASETS, find
from robench.datasets.cells import open_cell
from robench.datasets.labelled import Labelled
from robench.datasets.presence import absent, available, check, is_present, is_stored, why_absent
from robench.datasets.reading import load_test, load_train
from robench.datasets.source import CellSource

__all__ = [
    "DATASETS",
    "CellSource",
    "Labelled",
    "absent",
    "available",
    "check",
    "find",
    "is_present",
    "is_stored",
    "load_test",
    "load_train",
    "open_cell",
    "why_absent",
]
