"""Networks whose features are drawn when the user names none; nothing is downloaded."""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from torchvision.models import resnet18

from augmentations.mixing_sets.base import Picture
from augmentations.mixing_sets.kinds import dead_leaves, orbit_traps, rcdb, spectrum

_SIDE = 64
_SPECTRA = (0.8, 1.3, 1.8, 2.6)


def digest(modules: Sequence[nn.Module]) -> str:
    """SHA-256, in hexadecimal, over names, types, shapes and values of all state dicts in order."""
    total = hashlib.sha256()
    for module in modules:
        for name, value in module.state_dict().items():
            total.update(f"{name} {value.dtype} {tuple(value.shape)};".encode())
            total.update(value.detach().cpu().contiguous().numpy().tobytes())
        total.update(b"next")
    return total.hexdigest()


@cache
def default_networks(seed: int = 0) -> tuple[nn.Module, ...]:
    """A random and a self-taught network; made once per process.

    Args:
        seed: Not negative; decides both up to floating-point differences between machines.

    Returns:
        Networks in evaluation mode, (N, 3, H, W) float32 in [0, 1] -> logits.
    """
    return random_network(seed), self_taught_network(seed)


def random_network(seed: int) -> nn.Module:
    """ResNet-18 (He et al., CVPR 2016) as initialised, with batch statistics of coloured noise.

    With the statistics of its initialisation its activations would grow from block to block.
    """
    with single_threaded(), torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network: nn.Module = resnet18(weights=None)
        normalisations = [m for m in network.modules() if isinstance(m, nn.BatchNorm2d)]
        for module in normalisations:
            module.momentum = None  # the plain average over all batches
            module.reset_running_stats()
        with torch.no_grad():
            for batch in range(4):
                network(coloured_noise(16, _SIDE, seed=seed + batch))
    return network.eval()


def self_taught_network(seed: int, per_kind: int = 36, epochs: int = 12) -> nn.Module:
    """A small network that has taught itself to tell kinds of synthetic pictures apart.

    Kinds are dead leaves of each shape, spectra of four slopes, orbit traps of each mode, and
    radial contours.

    Args:
        seed: Of pictures, weights and order.
        per_kind: Pictures of each kind.
        epochs: Passes over them.
    """
    images, labels = lessons(seed, per_kind)
    with single_threaded(), torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = _small_network(int(labels.max()) + 1)
        steps = epochs * -(-len(images) // 32)
        adam = torch.optim.AdamW(network.parameters(), lr=0.003, weight_decay=0.01)
        rate = torch.optim.lr_scheduler.OneCycleLR(adam, max_lr=0.003, total_steps=steps)
        for _ in range(epochs):
            for rows in torch.split(torch.randperm(len(images)), 32):
                loss = cross_entropy(network(_turned(images[rows])), labels[rows])
                adam.zero_grad()
                loss.backward()  # type: ignore[no-untyped-call]
                adam.step()
                rate.step()
    return network.eval()


def lessons(seed: int, per_kind: int) -> tuple[Tensor, Tensor]:
    """Pictures and kinds: (14 per_kind, 3, 64, 64) float32 in [0, 1] and int64 in 0 to 13."""
    pictures = []
    for number in range(per_kind):
        rng = np.random.default_rng([seed, number])
        pictures += [_leaves(rng, shape) for shape in dead_leaves.SHAPES]
        pictures += [_spectrum(rng, slope) for slope in _SPECTRA]
        pictures += [_traps(rng, mode) for mode in orbit_traps.MODES]
        pictures.append(rcdb.render(rcdb.draw_recipe(rng), _SIDE))
    images = torch.from_numpy(np.stack(pictures)).permute(0, 3, 1, 2).float() / 255
    return images, torch.arange(len(images)) % (len(images) // per_kind)


@contextmanager
def single_threaded() -> Iterator[None]:
    """One thread in torch's operations, so that results do not depend on the number of cores."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _leaves(rng: np.random.Generator, shape: str) -> Picture:
    return dead_leaves.render(dead_leaves.draw_recipe(rng, (shape,)), _SIDE)


def _spectrum(rng: np.random.Generator, slope: float) -> Picture:
    recipe = spectrum.Recipe((slope, slope), spectrum.palette_root(rng), int(rng.integers(2**63)))
    return spectrum.render(recipe, _SIDE)


def _traps(rng: np.random.Generator, mode: str) -> Picture:
    family, trap, _ = orbit_traps.stratum(int(rng.integers(108)))
    return orbit_traps.render(orbit_traps.draw_recipe(rng, family, trap, mode), _SIDE)


def _turned(images: Tensor) -> Tensor:
    """Mirror the whole batch at random; cheap, and enough against learning by heart."""
    flips = [axis for axis in (2, 3) if torch.rand(()) < 0.5]
    return images.flip(flips) if flips else images


def _small_network(kinds: int) -> nn.Sequential:
    """Five convolutions, four of which halve the size; normalises its input by its first layer."""
    widths = (32, 48, 64, 96, 128)
    layers: list[nn.Module] = [nn.BatchNorm2d(3, affine=False)]
    for inside, outside in zip((3, *widths), widths, strict=False):
        stride = 1 if inside == 3 else 2
        layers.append(nn.Conv2d(inside, outside, 3, stride, padding=1, bias=False))
        layers += [nn.BatchNorm2d(outside), nn.ReLU()]
    head = (nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(widths[-1], kinds))
    return nn.Sequential(*layers, *head)


def coloured_noise(count: int, side: int, seed: int) -> Tensor:
    """Unscreened pictures of ``spectrum``: (count, 3, side, side) float32 in [0, 1]."""
    rngs = [np.random.default_rng([seed, number]) for number in range(count)]
    noise = np.stack([spectrum.render(spectrum.draw_recipe(rng), side) for rng in rngs])
    return torch.from_numpy(noise).permute(0, 3, 1, 2).float() / 255
