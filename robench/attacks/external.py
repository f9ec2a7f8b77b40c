"""Attacks of the torchattacks package, by name."""

import contextlib
import inspect
import io
import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from augmentations.random import image_keys
from robench.attacks.base import AttackResult, Network
from robench.attacks.door import Door
from robench.attacks.flags import network_flags
from robench.attacks.gradient import attacked, check_images, predict
from robench.errors import InputError, RunError, UnknownNameError
from robench.registry import canonical, unknown

PACKAGE = "torchattacks"
MOST_TARGETS = 10
"""Classes that targeted attacks are told of: the nine likeliest wrong ones, as AutoAttack does."""
_MINIMUM = {"APGDT": 4, "AutoAttack": 4, "JSMA": 10}
"""Classes that attacks take for granted: a gap to the fourth logit, targets among the first ten."""


@dataclass(frozen=True)
class External:
    """An attack of torchattacks, held to the promises of the ones here as far as that goes.

    Kim, "Torchattacks: A PyTorch Repository for Adversarial Attacks", 2020. The network normalises
    inside and runs in evaluation mode and fp32. Images that it gets wrong without the attack count
    as fooled and are not attacked; of the others, those that it gets wrong on what came back.

    **Randomness is per block, not per image**: these attacks draw from torch's (and some from
    numpy's) global generator for a whole batch. It is seeded from the indices of the block and put
    back afterwards, so that equal blocks give equal results, but other block sizes give other
    draws.

    Args:
        name: Of a class in ``torchattacks``.
        arguments: Name and value of each of its arguments, sorted.

    Raises:
        InputError: The package is not installed.
        UnknownNameError: It has no such attack.
        ValueError: Arguments that the attack does not take, or its own check refuses.
    """

    name: str
    arguments: tuple[tuple[str, Any], ...]

    @property
    def literal(self) -> str:
        """``torchattacks:CW(c=1, kappa=0, lr=0.01, steps=50)``: every argument."""
        return canonical(f"{PACKAGE}:{self.name}", dict(self.arguments))

    def describe(self) -> dict[str, Any]:
        """Every argument, and that draws are shared by a block."""
        return {
            "name": f"{PACKAGE}:{self.name}",
            "randomness": "per block",
            **dict(self.arguments),
        }

    def inspect(self, model: Network, images: Tensor, labels: Tensor, indices: Tensor) -> list[str]:
        """Warnings about the network; see `robench.attacks.flags.network_flags`."""
        del indices
        return network_flags(model, images, labels)

    def __call__(
        self, model: Network, images: Tensor, labels: Tensor, indices: Tensor
    ) -> AttackResult:
        """Attack a batch; ``steps`` is 1 for what the attack fooled, 0 for what was wrong before.

        Raises:
            ValueError: Arguments of another shape, dtype or range.
            InputError: Fewer classes than the attack needs.
            RunError: Logits that are not finite, or the attack failed or gave no images in [0, 1].
        """
        return run(lambda door: [self._make(door)], model, (images, labels, indices), self.literal)

    def _make(self, door: Door) -> Any:  # noqa: ANN401  an untyped package
        """The attack of the package."""
        given = dict(self.arguments)
        need = _MINIMUM.get(self.name, 3 if given.get("loss") == "dlr" else 2)
        check_classes(door.classes, need, self.literal)
        attack = find(self.name)
        if "n_classes" in inspect.signature(attack).parameters:
            given.setdefault("n_classes", min(door.classes, MOST_TARGETS))
            if not 2 <= given["n_classes"] <= door.classes:
                raise InputError(
                    f"{self.literal}: expected n_classes of 2 to {door.classes}, the outputs of "
                    f"the network, got {given['n_classes']}."
                )
        return attack(door, **given)


def external(name: str, arguments: Mapping[str, Any]) -> External:
    """The attack of that name with every argument written out, those that are its defaults too.

    Raises:
        InputError: The package is not installed.
        UnknownNameError: It has no such attack.
        TypeError: Arguments that it does not take or lacks.
    """
    bound = inspect.signature(find(name)).bind(None, **arguments)
    bound.apply_defaults()
    every = {key: value for key, value in list(bound.arguments.items())[1:] if key != "n_classes"}
    if "n_classes" in arguments:
        every["n_classes"] = arguments["n_classes"]
    if "seed" in every and every["seed"] is None:
        every["seed"] = 0  # None is the time of day
    return External(name, tuple(sorted(every.items())))


def find(name: str) -> Callable[..., Any]:
    """The class of an attack that takes a network.

    Raises:
        InputError: The package is not installed.
        UnknownNameError: It has no such attack.
    """
    try:
        import torchattacks  # noqa: PLC0415  an extra
        from torchattacks.attack import Attack  # noqa: PLC0415
    except ImportError as error:
        raise InputError(
            f"Attacks of {PACKAGE} need that package: pip install 'robench[attacks]'."
        ) from error
    known = {
        key: value
        for key, value in vars(torchattacks).items()
        if inspect.isclass(value) and issubclass(value, Attack) and _takes_a_model(value)
    }
    if name not in known:
        raise UnknownNameError(unknown(known, name, f"attack of {PACKAGE}"))
    found: Callable[..., Any] = known[name]
    return found


def run(
    make: Callable[[Door], list[Any]],
    model: Network,
    batch: tuple[Tensor, Tensor, Tensor],
    name: str,
) -> AttackResult:
    """Attack what the network gets right, one attack after the other on what still stands.

    Args:
        make: The attacks of the package on a network.
        model: The network; left as it was.
        batch: Images (N, 3, H, W) float32 in [0, 1], labels and indices (N,) int64.
        name: Of the attack, for messages.

    Raises:
        ValueError: Arguments of another shape, dtype or range.
        InputError: The attacks do not suit the network.
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
        attacks = make(Door(model, found[:1]))
        steps[predict(model, found) != labels] = 0
        for number, attack in enumerate(attacks, 1):
            alive = (steps < 0).nonzero()[:, 0]
            if not len(alive):
                break
            points = _attempt(attack, found[alive], labels[alive].clone(), name)
            wrong = predict(model, points) != labels[alive]
            found[alive[wrong]], steps[alive[wrong]] = points[wrong], number
    return AttackResult(found, steps >= 0, steps)


def check_classes(classes: int, need: int, name: str) -> None:
    """Refuse networks with too few outputs.

    Raises:
        InputError: Fewer than ``need``.
    """
    if classes < need:
        raise InputError(
            f"{name} needs a network with at least {need} classes, got {classes}. Take pgd20."
        )


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


def _attempt(attack: Any, images: Tensor, labels: Tensor, name: str) -> Tensor:  # noqa: ANN401
    """What the attack makes of the images; it may print, and fail in any way of its own."""
    attack.set_device(images.device)
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            raw = attack(images.clone(), labels)
    except (RuntimeError, ValueError, IndexError, TypeError, AssertionError) as error:
        raise RunError(f"{name} failed inside {PACKAGE}: {error}") from error
    points: Tensor = raw.detach().float()
    if points.shape != images.shape or not bool(torch.isfinite(points).all()):
        raise RunError(f"{name} gave {tuple(points.shape)} or values that are not finite.")
    if not (points.min() >= -1e-6 and points.max() <= 1 + 1e-6):
        raise RunError(
            f"{name} gave values from {points.min():.4g} to {points.max():.4g}, expected [0, 1]."
        )
    return points.clamp(0.0, 1.0)


def _takes_a_model(attack: type) -> bool:
    """Whether it needs a network and nothing else, such as attacks to combine or a loader."""
    needed = [
        name
        for name, parameter in inspect.signature(attack).parameters.items()
        if parameter.default is parameter.empty
    ]
    return needed == ["model"]
