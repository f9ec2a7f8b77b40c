"""A network from a function of the user's."""

import hashlib
import importlib
import inspect
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from robench import checkpoint
from robench.errors import InputError
from robench.types import Preprocess

SIDES = (32, 224)  # of the images that a network without a stated number of classes is tried on


@dataclass(frozen=True)
class Built:
    """What a callable returned.

    Attributes:
        network: In evaluation mode; takes images in [0, 1] or uint8.
        classes: Its outputs.
        sha256: Of the checkpoint, of the weights, or of the source file, the first that there is.
        source: sha256 of the file that defines the callable.
        preprocess: How the network wants pictures, if it has a `Preprocess` of that name.
    """

    network: nn.Module
    classes: int
    sha256: str
    source: str
    preprocess: Preprocess | None


class InUnitRange(nn.Module):
    """Gives images as float32 in [0, 1] to something that is called with them.

    Args:
        inner: Takes (N, 3, H, W) float32 in [0, 1], returns logits (N, K).
    """

    def __init__(self, inner: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.inner = inner

    def forward(self, images: Tensor) -> Tensor:
        """Logits (N, K) of images (N, 3, H, W), uint8 or float in [0, 1]."""
        scaled = images.float() / 255 if images.dtype == torch.uint8 else images
        logits: Tensor = self.inner(scaled)
        return logits


def build_network(target: str, path: Path | str | None, classes: int | None) -> Built:
    """Call ``module:callable`` for a network.

    Modules are looked for in the working folder, too. The callable gets the checkpoint's path, if
    one is given; without that it is called with nothing.

    Args:
        target: As on the command line.
        path: Checkpoint for the callable to read, or None.
        classes: Outputs; None: the network's ``num_classes``, else those that it gives.

    Raises:
        InputError: Not found, not callable, failed, or gave no network.
    """
    make, source = _imported(target)
    if path is not None and not Path(path).is_file():
        raise InputError(f"No checkpoint at {path} for --model {target}.")
    arguments = () if path is None else (str(path),)
    try:
        inspect.signature(make).bind(*arguments)
    except (TypeError, ValueError) as error:
        given = "a checkpoint's path" if arguments else "nothing"
        raise InputError(f"--model {target} cannot be called with {given}: {error}.") from error
    found = _called(target, make, arguments)
    if not callable(found):
        raise InputError(
            f"--model {target} returned {type(found).__name__}, expected a network that maps "
            "images (N, 3, H, W) in [0, 1] to logits (N, K)."
        )
    network = InUnitRange(found.eval() if isinstance(found, nn.Module) else found)
    stated = getattr(found, "num_classes", None)
    count = classes or (stated if isinstance(stated, int) else 0) or _count(target, network)
    identity = digest(network) if next(iter(network.state_dict()), None) else source
    wanted = getattr(found, "preprocess", None)
    return Built(
        network=network.eval(),
        classes=count,
        sha256=identity if path is None else checkpoint.sha256(Path(path)),
        source=source,
        preprocess=wanted if isinstance(wanted, Preprocess) else None,
    )


def _imported(target: str) -> tuple[Callable[..., Any], str]:
    """The callable, and the sha256 of the file that it comes from."""
    module, colon, attribute = target.partition(":")
    if not colon or not module or not attribute:
        raise InputError(f"--model expects module:callable, got {target!r}.")
    with _working_folder():
        try:
            make = getattr(importlib.import_module(module), attribute)
        except Exception as error:
            kind = "" if isinstance(error, ImportError | AttributeError) else type(error).__name__
            reason = f"{kind}: {error}".removeprefix(": ")
            raise InputError(f"Cannot load --model {target}: {reason}.") from error
    if not callable(make):
        raise InputError(f"--model {target} is {type(make).__name__}, expected a callable.")
    found = sys.modules[module]
    file = inspect.getsourcefile(found) if hasattr(found, "__file__") else None
    return make, checkpoint.sha256(Path(file)) if file else ""


def _called(target: str, make: Callable[..., Any], arguments: tuple[str, ...]) -> Any:  # noqa: ANN401
    """What it returns; its own failures are the user's, and shown as they are."""
    with _working_folder():
        try:
            return make(*arguments)
        except Exception as error:
            raise InputError(f"--model {target} failed: {type(error).__name__}: {error}") from error


@contextmanager
def _working_folder() -> Iterator[None]:
    """Let modules be found in the working folder, and leave ``sys.path`` as it was."""
    before = list(sys.path)
    sys.path.insert(0, str(Path.cwd()))
    try:
        yield
    finally:
        sys.path[:] = before


def _count(target: str, network: nn.Module) -> int:
    """Outputs for a black image."""
    reasons = []
    for side in SIDES:
        try:
            with torch.inference_mode():
                logits = network(torch.zeros(1, 3, side, side))
        except (RuntimeError, ValueError, TypeError, AssertionError) as error:
            reasons.append(str(error))
            continue
        if isinstance(logits, Tensor) and logits.ndim == 2:
            return int(logits.shape[1])
        reasons.append(f"it returned {type(logits).__name__}")
    raise InputError(
        f"--model {target}: the number of classes cannot be found ({'; '.join(reasons)}). Name it "
        "with --classes."
    )


def digest(network: nn.Module) -> str:
    """SHA-256 over names, shapes and bytes of a state dict: the identity of weights in memory."""
    found = hashlib.sha256()
    for name, value in network.state_dict().items():
        array = value.detach().cpu().contiguous()
        found.update(f"{name} {tuple(array.shape)} {array.dtype}\n".encode())
        found.update(array.flatten().view(torch.uint8).numpy().tobytes())
    return found.hexdigest()
