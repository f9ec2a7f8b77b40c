"""The views of a step through the network."""

import torch
from torch import Tensor, nn

from robench.models.dual_norm import routed
from robench.train.batches import Step


def forward(model: nn.Module, step: Step) -> Tensor:
    """Logits (views * N, K), view by view.

    Views of one route go through the network together: it normalises them by statistics that they
    share, and the order of the passes is that in which the routes come.

    Args:
        model: The network; with dual normalisations where a view names another than the main route.
        step: The images.
    """
    routes = dict.fromkeys(step.routes)
    if len(routes) == 1:
        return _pass(model, step.images, step.routes[0])
    views = step.images.chunk(len(step.routes))
    logits: list[Tensor] = [step.images.new_empty(0)] * len(views)
    for route in routes:
        mine = [number for number, other in enumerate(step.routes) if other == route]
        found = _pass(model, torch.cat([views[number] for number in mine]), route)
        for number, some in zip(mine, found.chunk(len(mine)), strict=True):
            logits[number] = some
    return torch.cat(logits)


def _pass(model: nn.Module, images: Tensor, route: str) -> Tensor:
    """Logits of images that go through one normalisation."""
    images = images.contiguous(memory_format=torch.channels_last)
    with routed(model, route):
        logits: Tensor = model(images)
    return logits
