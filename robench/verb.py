"""Packages that can be called: ``robench.train`` is a room of the house and a verb of the API."""

import sys
from types import ModuleType
from typing import Any


class Verb(ModuleType):
    """A package whose call is its function ``verb``.

    ``robench.train`` must be both the folder that holds the trainer and, for users, the function
    that trains; assigning to the class of a module is how Python lets a module do so.
    """

    def __call__(self, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401  as verb
        """Call ``verb``."""
        return self.verb(*args, **kwargs)


def make_callable(name: str) -> None:
    """Turn the package that is being imported into a `Verb`."""
    sys.modules[name].__class__ = Verb
