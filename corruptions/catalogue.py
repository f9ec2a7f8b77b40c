"""Names -> the objects that they stand for, imported when they are first asked for."""

import difflib
import importlib
from collections.abc import Mapping
from typing import Any


def load_entry(catalogue: Mapping[str, str], name: str, kind: str) -> Any:  # noqa: ANN401  by kind
    """Import what a list of names has under ``name``.

    Args:
        catalogue: Name -> ``module:attribute`` of a tuple of objects that have a ``name``.
        name: One of them.
        kind: What they are, for the message.

    Raises:
        KeyError: No such name; the message has the nearest ones and the whole list.
    """
    if name not in catalogue:
        near = difflib.get_close_matches(name, catalogue, n=3)
        hint = f" Did you mean {' or '.join(map(repr, near))}?" if near else ""
        raise KeyError(f"Unknown {kind} {name!r}.{hint} Known: {', '.join(catalogue)}.")
    module, _, attribute = catalogue[name].partition(":")
    listed = getattr(importlib.import_module(module), attribute)
    return next(entry for entry in listed if entry.name == name)
