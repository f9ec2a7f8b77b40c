"""How work is shown: bars on a terminal, plain lines elsewhere, one message per failure."""

import functools
import os
import sys
import time
import traceback
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ParamSpec, Self

import typer

from robench.errors import RobenchError

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

P = ParamSpec("P")
PLAIN_SECONDS = 10.0  # between plain progress lines


GOES_ON = "What was finished is saved; the same command goes on from there."


def verb(
    function: Callable[P, None] | None = None, *, after_interrupt: str = GOES_ON
) -> Callable[..., Any]:
    """Turn failures of a verb into one message on stderr and an exit code (0, 1, 2, 130)."""
    if function is None:
        return functools.partial(verb, after_interrupt=after_interrupt)

    @functools.wraps(function)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            function(*args, **kwargs)
        except KeyboardInterrupt:
            _fail(f"Interrupted. {after_interrupt}")
            raise typer.Exit(130) from None
        except RobenchError as error:
            _fail(f"Error: {error}")
            raise typer.Exit(error.exit_code) from None
        except OSError as error:
            _fail(f"Error: {error}")
            raise typer.Exit(1) from None

    return guarded


def _fail(message: str) -> None:
    """Write a message, below the traceback if ``--debug`` was given."""
    if "--debug" in sys.argv:
        traceback.print_exc()
    typer.echo(message, err=True)


def comma_separated(text: str | None) -> tuple[str, ...]:
    """The names in ``a,b``."""
    return tuple(part.strip() for part in (text or "").split(",") if part.strip())


class Console:
    """Where the verbs report to; a `robench.progress.Progress`.

    Use it as a context manager, so that the bar is closed before an error is shown.
    """

    def __init__(self) -> None:
        self._bar: Progress | None = None
        self._task: TaskID | None = None
        self._what, self._total, self._done, self._last = "", 0, 0, 0.0

    def __enter__(self) -> Self:
        """Open the bar, on a terminal."""
        if sys.stderr.isatty() and os.environ.get("TERM") != "dumb":
            self._bar = _bar()
            self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Close the bar."""
        if self._bar:
            self._bar.stop()

    def say(self, text: str) -> None:
        """One line worth keeping."""
        if self._bar:
            self._bar.console.print(text, markup=False, highlight=False)
        else:
            typer.echo(text, err=True)

    def start(self, what: str, total: int) -> None:
        """Begin a task."""
        self._what, self._total, self._done, self._last = what, total, 0, time.monotonic()
        if self._bar:
            if self._task is not None:
                self._bar.remove_task(self._task)
            self._task = self._bar.add_task(what, total=total, note="")

    def advance(self, steps: int = 1, note: str = "") -> None:
        """Some steps are done."""
        self._done += steps
        if self._bar and self._task is not None:
            fields = {"note": note} if note else {}
            self._bar.update(self._task, advance=steps, **fields)  # type: ignore[arg-type]
        elif not self._bar and time.monotonic() - self._last > PLAIN_SECONDS:
            self._last = time.monotonic()
            typer.echo(f"{self._what}: {self._done}/{self._total} {note}".rstrip(), err=True)


def _bar() -> "Progress":
    """A bar with counts, speed and time left."""
    from rich.console import Console as Rich
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[note]}"),
        console=Rich(stderr=True),
    )
