"""The two ways in which robench gives up: the caller can mend it, or the run failed."""


class RobenchError(Exception):
    """A failure that is reported as one message, without a traceback.

    Attributes:
        exit_code: What the command line returns.
    """

    exit_code = 1


class RunError(RobenchError):
    """The work itself failed: a full disk, a diverged network, outputs that are not numbers."""


class InputError(RobenchError):
    """The request cannot be met as it stands: a wrong name, missing data, a damaged file.

    The message says what was expected, what came, and what mends it.
    """

    exit_code = 2


class UnknownNameError(InputError, KeyError):
    """A name that no list holds; the message has the nearest names and the whole list."""

    def __str__(self) -> str:
        """The message itself (``KeyError`` would show its repr)."""
        return str(self.args[0])
