"""Running attacks that were not written here, and holding them to what is promised here."""

import contextlib
import io
import random
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

import numpy as np
import torch
from torch import Tensor

from augmentations.random import image_keys
from robench.attacks.base import AttackResult, Network
from robench.attacks.door import Door
from robench.attacks.gradient import attacked, check_images, predict
from robench.errors import RobenchError, RunError

PACKAGE = "torchattacks"
Inside: TypeAlias = Callable[[Tensor, Tensor], Tensor]
"""Points and clean images (N, 3, H, W) -> which points count, (N,) bool."""


def run(
    make: Callable[[Door], list[Any]],
    model: Network,
    batch: tuple[Tensor, Tensor, Tensor],
    name: str,
    inside: Inside | None = None,
) -> AttackResult:
    """Attack what the network gets right, one attack after the other on what still stands.

    Args:
        make: The attacks of the package on a network.
        model: The network; left as it was.
        batch: Images (N, 3, H, W) float32 in [0, 1], labels and indices (N,) int64.
        name: Of the attack, for messages.
        inside: What counts, None for all; images whose point does not are attacked further.

    Raises:
        ValueError: Arguments of another shape, dtype or range.
        InputError: The attacks do not suit the network, or its outputs are not (N, K).
        RunError: Logits that are not finite, or an attack failed or gave no images in [0, 1].
    """
    images, labels, indices = batch
    check_images(images, labels)
    with attacked(model, images.device), seeded(indices):
        found = images.detach().clone(memory_format=torch.contiguous_format)  # some call view on it
        labels = labels.clone()  # not of inference mode
        steps = torch.full_like(labels, -1)
        if not len(images):
            return AttackResult(found, steps >= 0, steps)
        door = Door(model, found[:1])
        with _within(name):
            attacks = make(door)
        steps[predict(model, found) != labels] = 0
        for number, attack in enumerate(attacks, 1):
            alive = (steps < 0).nonzero()[:, 0]
            if not len(alive):
                break
            points = _attempt(attack, found[alive], labels[alive].clone(), name)
            wrong = predict(model, points) != labels[alive]
            if inside:
                wrong &= inside(points, found[alive])
            found[alive[wrong]], steps[alive[wrong]] = points[wrong], number
    return AttackResult(found, steps >= 0, steps)


@contextlib.contextmanager
def seeded(indices: Tensor) -> Iterator[None]:
    """Seed every global generator from the indices of a block, and put all of them back."""
    key = int(image_keys(0, len(indices), indices).cpu().sum()) % 2**32
    before, numbers = random.getstate(), np.random.get_state()  # noqa: NPY002
    devices = [indices.device] if indices.device.type == "cuda" else []
    try:
        with torch.random.fork_rng(devices):
            torch.manual_seed(key)
            random.seed(key)
            np.random.seed(key)  # noqa: NPY002
            yield
    finally:
        random.setstate(before)
        np.random.set_state(numbers)  # noqa: NPY002


@contextlib.contextmanager
def _within(name: str) -> Iterator[None]:
    """Code of the package, which prints, and fails in any way of its own.

    Raises:
        RunError: It failed; errors of ours, from the network, pass as they are.
    """
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            yield
    except RobenchError:
        raise
    except Exception as error:  # even UnboundLocalError comes out of it
        said = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
        raise RunError(f"{name} failed inside {PACKAGE}: {said}") from error


def _attempt(attack: Any, images: Tensor, labels: Tensor, name: str) -> Tensor:  # noqa: ANN401
    """What the attack makes of the images, clipped to [0, 1].

    Raises:
        RunError: It failed, or gave something else.
    """
    with _within(name):
        attack.set_device(images.device)
        points: Tensor = attack(images.clone(), labels).detach().float()
    if points.shape != images.shape or not bool(torch.isfinite(points).all()):
        raise RunError(f"{name} gave {tuple(points.shape)} or values that are not finite.")
    if not (points.min() >= -1e-6 and points.max() <= 1 + 1e-6):
        raise RunError(
            f"{name} gave values from {points.min():.4g} to {points.max():.4g}, expected [0, 1]."
        )
    return points.clamp(0.0, 1.0)
