"""Speed of PGD-20 beside torchattacks, on one core, on networks of real shape."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from importlib.metadata import version
from statistics import median
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional

from robench.attacks.external import find
from robench.attacks.pgd import PGD
from robench.models import create
from robench.models.normalised import Normalised
from robench.passport import cpu_model

NETWORKS = {"air32": 500, "wrn16_1": 256, "resnet18_cifar": 64}
"""Architectures and how many images each is timed on."""
SMALL_BATCH = 64  # where torchattacks does best on one core
FALLING = 0.75  # share of the images that fall where early stopping is timed
_BISECTIONS = 10
_HALF = (0.5, 0.5, 0.5)


@dataclass(frozen=True)
class AttackSpeed:
    """One timed contestant; medians over the repeats.

    Attributes:
        network: Architecture, with random weights.
        contestant: ``robench never``, ``robench first`` or ``torchattacks``.
        images: Of one repeat.
        batch: Images per call.
        eps: Radius on the [0, 1] scale.
        steps: Gradient steps.
        fallen: Share of the images that the contestant fools.
        images_per_cpu_second: By process CPU time.
        ratio: Median over the repeats of the CPU time of torchattacks on the whole batch over this
            one's.
        ratio_small: The same, of torchattacks on batches of `SMALL_BATCH`.
        repeats: Interleaved repetitions.
        threads: Intra-op threads.
        torch: Version.
        torchattacks: Version.
        cpu: Model of the processor.
    """

    network: str
    contestant: str
    images: int
    batch: int
    eps: float
    steps: int
    fallen: float
    images_per_cpu_second: float
    ratio: float
    ratio_small: float
    repeats: int
    threads: int
    torch: str
    torchattacks: str
    cpu: str


def attack_speed(
    repeats: int = 3, networks: Mapping[str, int] = NETWORKS, steps: int = 20
) -> list[AttackSpeed]:
    """Time PGD with and without stopping beside torchattacks, taking turns, one intra-op thread.

    Smooth random pictures, random weights with disturbed batch statistics and classes of about
    equal mean logits, the network's own predictions as labels. The radius is that at which three
    quarters of the images fall (found by bisection on 64 of them; steps are a quarter of it, as in
    ``pgd20``), for all contestants.

    Args:
        repeats: Odd numbers give a true median.
        networks: Architectures and the images of each.
        steps: Gradient steps.

    Returns:
        Four rows per network, torchattacks on the whole batch and on small ones among them.

    Raises:
        ValueError: No repeat.
        InputError: torchattacks is not installed.
    """
    if repeats < 1:
        raise ValueError(f"need at least 1 repeat, got {repeats}")
    find("PGD")
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        return [
            row
            for arch, count in networks.items()
            for row in _measured(_Case.make(arch, count, steps), repeats)
        ]
    finally:
        torch.set_num_threads(threads)


@dataclass(frozen=True)
class _Case:
    """A network, the images that it is attacked on, and the attack."""

    arch: str
    model: nn.Module
    images: Tensor
    labels: Tensor
    attack: PGD

    @classmethod
    def make(cls, arch: str, count: int, steps: int) -> "_Case":
        """Random weights and pictures, and the radius at which enough of them fall."""
        with torch.random.fork_rng(devices=[]), torch.no_grad():
            torch.manual_seed(0)
            model = Normalised(create(arch, 10), _HALF, _HALF).eval()
            images = functional.interpolate(torch.rand(count, 3, 8, 8), size=32, mode="bilinear")
            _balance(model, images)
            labels = model(images).argmax(1)
        case = cls(arch, model, images, labels, PGD(steps=steps))
        return replace(case, attack=_calibrated(case))

    def robench(self, stop: Literal["first", "never"]) -> float:
        """Attack all images at once; the share that fell."""
        attack = replace(self.attack, stop=stop)
        indices = torch.arange(len(self.images))
        fooled = attack(self.model, self.images, self.labels, indices).fooled
        return float(fooled.float().mean())

    def torchattacks(self, batch: int) -> float:
        """The same with torchattacks, ``batch`` images a call."""
        attack = find("PGD")(self.model, self.attack.eps, self.attack.step_size, self.attack.steps)
        right = 0
        for start in range(0, len(self.images), batch):
            labels = self.labels[start : start + batch]
            points = attack(self.images[start : start + batch], labels)
            with torch.no_grad():
                right += int((self.model(points).argmax(1) == labels).sum())
        return 1 - right / len(self.images)


def _balance(model: nn.Module, images: Tensor) -> None:
    """Disturb the batch statistics, and let no class win on all images."""
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d) and module.running_mean is not None:
            module.running_mean.normal_(0, 0.1)
    *_, last = (module for module in model.modules() if isinstance(module, nn.Linear))
    last.bias.sub_(model(images).mean(0))


def _calibrated(case: _Case) -> PGD:
    """The attack with the radius at which `FALLING` of a few images fall, by bisection."""
    few = replace(case, images=case.images[:64], labels=case.labels[:64])
    low, high = 1e-5, 0.5
    for _ in range(_BISECTIONS):
        eps = (low * high) ** 0.5
        attack = replace(case.attack, eps=eps, step_size=eps / 4)
        short = replace(few, attack=replace(attack, steps=min(attack.steps, 12)))
        low, high = (eps, high) if short.robench("first") < FALLING else (low, eps)
    return attack


def _measured(case: _Case, repeats: int) -> list[AttackSpeed]:
    """Interleave the contestants."""
    count = len(case.images)
    small = min(SMALL_BATCH, count)
    ways: dict[tuple[str, int], Callable[[], float]] = {
        ("torchattacks", count): lambda: case.torchattacks(count),
        ("torchattacks", small): lambda: case.torchattacks(small),
        ("robench never", count): lambda: case.robench("never"),
        ("robench first", count): lambda: case.robench("first"),
    }
    seconds: dict[tuple[str, int], list[float]] = {way: [] for way in ways}
    fallen: dict[tuple[str, int], float] = {}
    for _ in range(repeats):
        for way, work in ways.items():
            before = time.process_time()
            fallen[way] = work()
            seconds[way].append(time.process_time() - before)
    whole, parts = seconds["torchattacks", count], seconds["torchattacks", small]
    return [
        AttackSpeed(
            network=case.arch,
            contestant=way[0],
            images=count,
            batch=way[1],
            eps=case.attack.eps,
            steps=case.attack.steps,
            fallen=fallen[way],
            images_per_cpu_second=count / median(own),
            ratio=median(peer / mine for peer, mine in zip(whole, own, strict=True)),
            ratio_small=median(peer / mine for peer, mine in zip(parts, own, strict=True)),
            repeats=repeats,
            threads=torch.get_num_threads(),
            torch=torch.__version__,
            torchattacks=version("torchattacks"),
            cpu=cpu_model(),
        )
        for way, own in seconds.items()
    ]
