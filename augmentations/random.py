"""Keyed random numbers: every draw is a hash of (key, draw number), never of a stream's state.

The hash is the SplitMix64 finaliser of Steele, Lea & Flood, "Fast Splittable Pseudorandom Number
Generators", OOPSLA 2014, on torch int64 (two's complement arithmetic is arithmetic modulo 2^64), so
CPU and CUDA give the same bits. What goes through ``pow`` or ``log`` agrees across devices to one
unit in the last place of float64.
"""

import hashlib

import torch
from torch import Tensor

_GAMMA = 0x9E3779B97F4A7C15  # 2^64 / golden ratio: consecutive counters land far apart
_VIEW_DOMAIN = 0xD1B54A32D192ED03  # keeps keys of views apart from draws
_EPOCH_DOMAIN = 0x8CB92BA72F3D8DD7  # keeps keys of images apart from the epoch's order
_ORDER_DOMAIN = 0xAEF17502108EF2D9
_PART_DOMAIN = 0xF1357AEA2E62A9C5  # keeps keys of parts (chains, steps) apart from draws


def _signed(value: int) -> int:
    """The int64 with the same 64 bits as ``value`` modulo 2^64."""
    return (value + 2**63) % 2**64 - 2**63


def _scramble_(bits: Tensor) -> Tensor:
    """Apply the SplitMix64 finaliser in place; ``>>`` is arithmetic, the masks make it logical."""
    bits ^= (bits >> 30) & (2**34 - 1)
    bits *= _signed(0xBF58476D1CE4E5B9)
    bits ^= (bits >> 27) & (2**37 - 1)
    bits *= _signed(0x94D049BB133111EB)
    bits ^= (bits >> 31) & (2**33 - 1)
    return bits


def random_bits(keys: Tensor, counter: int | Tensor) -> Tensor:
    """Number ``counter`` of the SplitMix64 sequence that starts at each key.

    Args:
        keys: int64 of any shape.
        counter: One number, or int64 that broadcasts with ``keys``.

    Returns:
        int64 of the broadcast shape; all 64 bits are uniform.
    """
    if isinstance(counter, Tensor):
        return _scramble_(keys + (counter + 1) * _signed(_GAMMA))
    return _scramble_(keys + _signed((counter + 1) * _GAMMA))


def image_keys(seed: int, epoch: int, indices: Tensor) -> Tensor:
    """One key per image of a data set; a pure function of its arguments.

    Args:
        seed: Seed of the run, any integer.
        epoch: Epoch number.
        indices: (N,) int64 positions in the data set.

    Returns:
        (N,) int64 on the device of ``indices``.
    """
    return random_bits(_run_key(seed, epoch, _EPOCH_DOMAIN, indices.device), indices)


def view_keys(keys: Tensor, view: int | Tensor) -> Tensor:
    """Keys of one view of each image (the same image has independent draws in each view).

    Args:
        keys: (N,) int64, one per image.
        view: Number of the view from 0, or int64 that broadcasts with ``keys``.

    Returns:
        int64 of the broadcast shape, (N,) for a single number.
    """
    return random_bits(keys ^ _signed(_VIEW_DOMAIN), view)


def named_keys(keys: Tensor, name: str) -> Tensor:
    """Keys of one consumer, same shape: two methods with the same keys never share a draw."""
    domain = hashlib.blake2b(name.encode(), digest_size=8).digest()
    return random_bits(keys ^ _signed(int.from_bytes(domain, "little")), 0)


def part_keys(keys: Tensor, parts: int) -> Tensor:
    """Independent keys for the parts of each draw, such as chains or steps: (..., parts) int64."""
    numbers = torch.arange(parts, device=keys.device)
    return random_bits(keys[..., None] ^ _signed(_PART_DOMAIN), numbers)


def shuffle(seed: int, epoch: int, n: int) -> Tensor:
    """Order in which an epoch visits ``n`` images: (n,) int64, a permutation, on the CPU."""
    run = _run_key(seed, epoch, _ORDER_DOMAIN, torch.device("cpu"))
    return torch.argsort(random_bits(run, torch.arange(n)), stable=True)


def uniform(keys: Tensor, draw: int | Tensor) -> Tensor:
    """U[0, 1) with 53 random bits: float64 of the shape of ``keys`` (broadcast with ``draw``)."""
    bits = random_bits(keys, draw)
    return ((bits >> 11) & (2**53 - 1)).to(torch.float64) * 2.0**-53


def integers(keys: Tensor, low: int | Tensor, high: int | Tensor, draw: int | Tensor) -> Tensor:
    """Uniform integers from ``low`` to ``high``, both ends included.

    Args:
        keys: int64 of any shape.
        low: Smallest value; a number or a tensor that broadcasts with ``keys``.
        high: Largest value, at least ``low``.
        draw: Number of the draw.

    Returns:
        int64 of the shape of ``keys``.
    """
    return low + (uniform(keys, draw) * (high - low + 1)).to(torch.int64)


def by_position(keys: Tensor, positions: Tensor) -> Tensor:
    """U[0, 1) per position, for masks: only the positions that are needed cost anything.

    Args:
        keys: int64 keys that serve nothing else (see ``part_keys``); broadcast with ``positions``.
        positions: int64 numbers of the elements.

    Returns:
        float32 of the broadcast shape with 24 random bits.
    """
    bits = random_bits(keys, positions)
    return ((bits >> 40) & (2**24 - 1)).to(torch.float32) * 2.0**-24


def exponential(keys: Tensor, draw: int | Tensor) -> Tensor:
    """Exponential with mean 1: float64 of the shape of ``keys``."""
    return -torch.log1p(-uniform(keys, draw))


def beta(keys: Tensor, a: float, b: float, draw: int | Tensor) -> Tensor:
    """Beta(a, b) by the inverse of its distribution function.

    Closed form where ``a`` or ``b`` is 1; otherwise scipy's inverse on the CPU.

    Args:
        keys: int64 of any shape.
        a: First parameter, positive.
        b: Second parameter, positive.
        draw: Number of the draw.

    Returns:
        float64 in [0, 1] of the shape of ``keys``.

    Raises:
        ValueError: A parameter is not positive.
    """
    if min(a, b) <= 0:
        raise ValueError(f"Beta needs positive parameters, got ({a}, {b})")
    u = uniform(keys, draw)
    if b == 1:
        return u if a == 1 else u ** (1.0 / a)
    if a == 1:
        return 1.0 - u ** (1.0 / b)
    from scipy.special import betaincinv  # noqa: PLC0415  scipy only for the rare parameters

    return torch.as_tensor(betaincinv(a, b, u.cpu().numpy()), device=keys.device)


def dirichlet(keys: Tensor, parts: int, alpha: float, draw: int) -> Tensor:
    """Symmetric Dirichlet(alpha, ..., alpha): normalised Gamma(alpha) variates.

    Args:
        keys: int64 of shape (...).
        parts: Length of the simplex vector; uses the draws ``draw`` to ``draw + parts - 1``.
        alpha: Concentration, positive. Closed form for 1, otherwise scipy's inverse on the CPU.
        draw: Number of the first draw.

    Returns:
        float64 (..., parts), non-negative, each row summing to 1.

    Raises:
        ValueError: ``alpha`` is below 0.01 (variates would underflow).
    """
    if alpha < 0.01:
        raise ValueError(f"Dirichlet needs alpha of at least 0.01, got {alpha}")
    numbers = torch.arange(draw, draw + parts, device=keys.device)
    if alpha == 1:
        gamma = exponential(keys[..., None], numbers)
    else:
        from scipy.special import gammaincinv  # noqa: PLC0415  as in beta

        u = uniform(keys[..., None], numbers).cpu().numpy()
        gamma = torch.as_tensor(gammaincinv(alpha, u), device=keys.device)
    gamma = gamma + torch.finfo(torch.float64).tiny
    return gamma / gamma.sum(-1, keepdim=True)


def _run_key(seed: int, epoch: int, domain: int, device: torch.device) -> Tensor:
    """() int64 key of one epoch of one run."""
    start = torch.tensor(_signed(seed ^ domain), device=device)
    return random_bits(random_bits(start, 0), epoch)
