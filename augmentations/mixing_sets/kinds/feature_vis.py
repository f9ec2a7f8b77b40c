"""Pictures that excite a feature of a network: activation maximisation.

Olah, Mordvintsev & Schubert, "Feature Visualization", Distill 2017: a picture is kept as Fourier
coefficients of decorrelated colours and climbs the activation under random transformations. They
stand in for the feature pictures of Huang et al., "IPMix", NeurIPS 2023, appendix E, which came
from a collection on the web; nothing is downloaded here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.functional import softplus

from augmentations.mixing_sets.base import Generator, Render
from augmentations.mixing_sets.kinds.feature_networks import (
    coloured_noise,
    default_networks,
    single_threaded,
)
from augmentations.mixing_sets.kinds.feature_stages import (
    Stage,
    activations,
    device_of,
    find_stages,
)
from augmentations.mixing_sets.kinds.fourier_pictures import paint, resize, transform, variation
from augmentations.mixing_sets.quality import (
    Limit,
    Limits,
    coherence,
    contrast,
    entropy,
    flatness,
    gradient,
    peak,
)

Floats = NDArray[np.float32]
KINDS = ("channel", "direction", "sum of channels")


@dataclass(frozen=True)
class Settings:
    """How pictures are optimised.

    Attributes:
        side: Side in pixels at which that is done.
        steps: Steps of Adam.
        rate: Its learning rate.
        smoothness: Weight of the total variation against the excitation.
        start: Standard deviation of the first coefficients.
        zoom: Largest change of scale in a step, as a share.
        turn: Largest rotation in degrees.
        shift: Largest displacement in pixels.
    """

    side: int = 64
    steps: int = 64
    rate: float = 0.05
    smoothness: float = 1e-4
    start: float = 0.01
    zoom: float = 0.1
    turn: float = 10.0
    shift: float = 12.0


@dataclass(frozen=True)
class Recipe:
    """Everything that is random about a picture.

    Attributes:
        stage: Where in which network.
        kind: One of ``KINDS``.
        direction: (C,) float32 of norm 1, over the stage's channels.
        start: (3, side, side // 2 + 1, 2) float32 coefficients.
        moves: (steps, 4) float32: scale, rotation in radians, displacement as shares of the side.
    """

    stage: Stage
    kind: str
    direction: Floats
    start: Floats
    moves: Floats


class _Studio:
    """The settings and the networks' stages in this process; found when they are first needed."""

    def __init__(self) -> None:
        self.settings = Settings()
        self.stages: tuple[tuple[Stage, ...], ...] | None = None

    def use(self, networks: Sequence[nn.Module], settings: Settings) -> None:
        self.settings = settings
        noise = coloured_noise(8, settings.side, seed=0)
        with single_threaded():
            self.stages = tuple(find_stages(network, noise) for network in networks)

    def open(self) -> tuple[tuple[Stage, ...], ...]:
        if self.stages is None:
            self.use(default_networks(), self.settings)
        assert self.stages is not None
        return self.stages


_STUDIO = _Studio()


def use_networks(networks: Sequence[nn.Module], settings: Settings | None = None) -> None:
    """Choose, for this process, the networks whose features ``FEATURE_VIS`` draws.

    Args:
        networks: Each (N, 3, H, W) float32 in [0, 1] -> logits, on any device; copied. Their order
            is part of what decides a picture.
        settings: How pictures are optimised; None for the defaults.

    Raises:
        ValueError: There is none, or one has no convolutional feature maps.
    """
    if not networks:
        raise ValueError("drawing features needs at least one network, got none")
    _STUDIO.use(networks, settings or Settings())


def draw_recipe(
    rng: np.random.Generator, places: Sequence[Sequence[Stage]], settings: Settings
) -> Recipe:
    """Draw a network, one of its stages and a kind of objective, each with equal probability.

    Args:
        rng: The only source of randomness.
        places: Stages per network.
        settings: How the picture is going to be optimised.
    """
    network = places[int(rng.integers(len(places)))]
    stage = network[int(rng.integers(len(network)))]
    kind = KINDS[int(rng.integers(len(KINDS)))]
    side, steps = settings.side, settings.steps
    start = settings.start * rng.standard_normal((3, side, side // 2 + 1, 2), np.float32)
    reach = np.array((settings.zoom, np.radians(settings.turn), *2 * [settings.shift / side]))
    moves = np.array((1.0, 0.0, 0.0, 0.0)) + reach * rng.uniform(-1.0, 1.0, (steps, 4))
    return Recipe(
        stage, kind, _direction(rng, kind, stage.channels), start, moves.astype(np.float32)
    )


def optimise(recipe: Recipe, settings: Settings) -> Floats:
    """Climb: (3, side, side) float32 in [0, 1].

    On CPU a function of its arguments alone, with one thread; CUDA adds gradients up in no fixed
    order.
    """
    with single_threaded():
        coefficients, direction = _on_device(recipe)
        coefficients.requires_grad_()
        adam = torch.optim.Adam([coefficients], lr=settings.rate)
        for move in recipe.moves:
            image = paint(coefficients)
            loss = settings.smoothness * variation(image)
            loss = loss - excitation(recipe.stage, direction, transform(image, move))
            adam.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            adam.step()
        image = paint(coefficients).detach()[0].cpu()
    return image.numpy().astype(np.float32)


def excitation(stage: Stage, direction: Tensor, image: Tensor) -> Tensor:
    """How strongly the feature of a direction is present in an image.

    The activation is taken before the activation function, in standard deviations on noise, and
    its softplus is averaged over space: unlike the plain mean, it rewards what a filter without
    response to an even ground is looking for.
    """
    maps = activations(stage, image)
    standard = (maps - stage.mean[:, None, None]) / stage.spread[:, None, None]
    return softplus(torch.einsum("nchw,c->nhw", standard, direction)).mean()


def _on_device(recipe: Recipe) -> tuple[Tensor, Tensor]:
    """Start and direction of a recipe, copied to where its network is."""
    device = device_of(recipe.stage.network)
    start = torch.tensor(recipe.start, device=device)
    return start, torch.tensor(recipe.direction, device=device)


def _direction(rng: np.random.Generator, kind: str, channels: int) -> Floats:
    """Unit vector: one channel, two or three of them, or any direction."""
    direction = np.zeros(channels, np.float32)
    if kind == "direction":
        direction[:] = rng.standard_normal(channels)
    else:
        count = 1 if kind == "channel" else int(rng.integers(2, 4))
        direction[rng.choice(channels, min(count, channels), replace=False)] = 1
    return direction / np.linalg.norm(direction)


def _candidate(rng: np.random.Generator, index: int) -> Render:
    """A candidate that is optimised once, however often it is drawn."""
    places, settings = _STUDIO.open(), _STUDIO.settings
    recipe = draw_recipe(rng, places, settings)
    native = cache(lambda: optimise(recipe, settings))
    return lambda size: resize(native(), size)


_COMMON = (
    Limit(entropy, low=4.5),
    Limit(flatness, high=0.35),
    Limit(peak, high=0.5),
    Limit(coherence, high=0.65),
)
_SMALL = (Limit(contrast, low=12.0), Limit(gradient, low=8.0), Limit(coherence, high=0.65))
LIMITS = Limits(large=_COMMON, small=_SMALL, thumbnail=_COMMON)
"""As for other pictures, but for fine detail: a picture of 64 pixels has none when enlarged."""
FEATURE_VIS = Generator(set_id=7, version=1, draw=_candidate, limits=LIMITS)
