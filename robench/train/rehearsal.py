"""The first step tried on a copy of the network, so that what cannot work fails at once."""

import copy
from collections import Counter

import torch

from robench.config import TrainConfig
from robench.errors import InputError
from robench.models.normalised import Normalised
from robench.train.batches import Batches, Step
from robench.train.door import Door
from robench.train.forward import forward


def rehearse(config: TrainConfig, model: Normalised, batches: Batches) -> None:
    """Augment the first images and push them through a copy of the network.

    Every method of a schedule is tried. Methods that mix images, or that ask the network in
    training mode, see two of them, others one.

    Raises:
        InputError: The method or the network cannot take these images, no view goes through the
            main normalisation, or a batch would be too small for batch normalisation.
    """
    method = batches.method
    changes = [n for n in range(1, config.epochs) if method.at(n) != method.at(n - 1)]
    for epoch in (0, *changes):
        try:
            step = _tried(config, model, batches, epoch)
        except (ValueError, RuntimeError, AssertionError) as error:
            raise InputError(
                f"{config.aug} and {config.arch} cannot be trained on {config.data}: {error}"
            ) from error
        if "" not in step.routes:
            raise InputError(
                f"With --loss {config.loss} {config.aug} sends no images through the normalisation "
                "that evaluation uses: train it with --loss jsd."
            )
        _check_last(config, batches, step)


def _tried(config: TrainConfig, model: Normalised, batches: Batches, epoch: int) -> Step:
    """The first images of a data set, augmented and once forward."""
    several = batches.method.mixes_labels or batches.method.needs_model
    rows = min(2 if several else 1, len(batches.data))
    indices = torch.arange(rows, device=batches.data.labels.device)
    tried = copy.deepcopy(model)
    door = Door(tried, low=config.precision == "bf16")
    with torch.random.fork_rng():
        step = batches.step(epoch, indices, door)
        with torch.no_grad(), door.mixing():
            forward(tried.eval(), step)
    return step


def _check_last(config: TrainConfig, batches: Batches, step: Step) -> None:
    """Batch normalisation takes no single image."""
    size = config.recipe.batch_size
    last = len(batches.data) % size or size
    if last == 1 and min(Counter(step.routes).values()) == 1:
        raise InputError(
            f"The last batch would hold 1 of {len(batches.data)} images, which batch "
            "normalisation cannot take: change --subset or --set batch_size=N."
        )
