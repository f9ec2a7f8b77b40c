"""Train robust image classifiers, and measure them in a way that can be believed.

The public Python API, imported on use: ``robench.train``, ``robench.evaluate``,
``robench.augment``, ``robench.corrupt``, ``robench.perturb``, ``robench.load_checkpoint``,
``robench.load_results``.
"""

import importlib
from typing import Any

_PUBLIC = {
    "train": "robench.train",
    "evaluate": "robench.evaluate",
    "augment": "augmentations:augment",
    "corrupt": "corruptions:corrupt",
    "perturb": "corruptions:perturb",
    "load_checkpoint": "robench.models.load:load_model",
    "load_results": "robench.store:load_results",
}


def __getattr__(name: str) -> Any:  # noqa: ANN401  functions of every kind
    """Import a public name when it is first used."""
    if name not in _PUBLIC:
        raise AttributeError(f"module 'robench' has no attribute {name!r}")
    module, _, attribute = _PUBLIC[name].partition(":")
    found = importlib.import_module(module)
    return getattr(found, attribute) if attribute else found
