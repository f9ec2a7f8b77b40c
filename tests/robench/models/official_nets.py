"""What the golden files say of networks: keys, and logits of weights that follow from a formula."""

import math
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from robench.types import Floats


def entries(network: nn.Module) -> list[list[Any]]:
    """Keys, shapes and types of a state dict, in order, as the golden files have them."""
    state = network.state_dict().items()
    return [
        [key, list(value.shape), str(value.dtype).removeprefix("torch.")] for key, value in state
    ]


def fill_by_formula(network: nn.Module) -> None:
    """Weights from a formula, so that a golden file need not store them."""
    for t, (key, value) in enumerate(network.state_dict().items()):
        i = np.arange(value.numel())
        u = 2.0 * np.modf(0.6180339887498949 * i + 0.7548776662466927 * t)[0] - 1.0
        array = _formula(key, list(value.shape), u)
        value.copy_(torch.from_numpy(array).view(value.shape).to(value.dtype))


def _formula(key: str, shape: list[int], u: Floats) -> Floats:
    if not shape:
        return np.zeros(1)
    if key.endswith("running_var"):
        return 1.0 + 0.5 * u
    if key.endswith(("running_mean", "bias")):
        return 0.1 * u
    if len(shape) == 1:
        return 1.0 + 0.3 * u
    spread = math.sqrt(3.0 / math.prod(shape[1:]))
    return (1.3 if len(shape) == 4 else 1.0) * spread * u


def check_logits(network: nn.Module, images: NDArray[np.float32], expected: Floats) -> None:
    """Within the tolerance of the reference material, in single and in double precision."""
    network.eval()
    with torch.inference_mode():
        single = network(torch.from_numpy(images)).numpy()
        double = network.double()(torch.from_numpy(images).double()).numpy()
    scale = np.abs(expected).max()
    assert np.abs(single - expected).max() <= 1e-5 * scale
    assert np.abs(double - expected).max() <= 1e-9 * scale
