"""Attacks of the torchattacks package, by name."""

import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from robench.attacks.base import AttackResult, Network
from robench.attacks.distances import norm_of
from robench.attacks.door import Door
from robench.attacks.outside import PACKAGE, run
from robench.attacks.ranges import radius, refuse, whole
from robench.errors import InputError, UnknownNameError
from robench.registry import canonical, unknown

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
        """Every argument, that draws are shared by a block, and the version of how it is run.

        (Some attack has an argument ``version``.)
        """
        return {
            "name": f"{PACKAGE}:{self.name}",
            "run_version": 1,
            "randomness": "per block",
            **dict(self.arguments),
        }

    def __call__(
        self, model: Network, images: Tensor, labels: Tensor, indices: Tensor
    ) -> AttackResult:
        """Attack a batch; ``steps`` is 1 for what the attack fooled, 0 for what was wrong before.

        Raises:
            ValueError: Arguments of another shape, dtype or range.
            InputError: Fewer classes than the attack needs, or outputs that are not (N, K).
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
        ValueError: A number of steps, or a radius in Linf, that cannot be meant.
    """
    bound = inspect.signature(find(name)).bind(None, **arguments)
    bound.apply_defaults()
    every = {key: value for key, value in list(bound.arguments.items())[1:] if key != "n_classes"}
    if "n_classes" in arguments:
        every["n_classes"] = arguments["n_classes"]
    if "seed" in every and every["seed"] is None:
        every["seed"] = 0  # None is the time of day
    found = External(name, tuple(sorted(every.items())))
    refuse(_faults(found.describe()))
    return found


def _faults(described: Mapping[str, Any]) -> Iterator[str]:
    """Arguments that are wrong for every attack that has them; each checks its others itself."""
    if "steps" in described:
        yield from whole("steps", described["steps"], least=1)
    if "eps" in described and norm_of(described) == "Linf":
        yield from radius("eps", described["eps"], "Linf")


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


def check_classes(classes: int, need: int, name: str) -> None:
    """Refuse networks with too few outputs.

    Raises:
        InputError: Fewer than ``need``.
    """
    if classes < need:
        raise InputError(
            f"{name} needs a network with at least {need} classes, got {classes}. Take pgd20."
        )


def _takes_a_model(attack: type) -> bool:
    """Whether it needs a network and nothing else, such as attacks to combine or a loader."""
    needed = [
        name
        for name, parameter in inspect.signature(attack).parameters.items()
        if parameter.default is parameter.empty
    ]
    return needed == ["model"]
