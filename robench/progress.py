"""How long work tells what it is doing; only the command line decides how that looks."""

from typing import Protocol


class Progress(Protocol):
    """Where a verb reports to."""

    def say(self, text: str) -> None:
        """One line worth keeping."""

    def start(self, what: str, total: int) -> None:
        """Begin a task of ``total`` steps; ends the one before."""

    def advance(self, steps: int = 1, note: str = "") -> None:
        """Some steps are done; ``note`` is the latest figure."""


class Silent:
    """Reports to nobody; the default in Python."""

    def say(self, text: str) -> None:
        """Nothing."""

    def start(self, what: str, total: int) -> None:
        """Nothing."""

    def advance(self, steps: int = 1, note: str = "") -> None:
        """Nothing."""
