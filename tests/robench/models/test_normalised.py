"""Normalisation inside the network."""

import pytest
import torch
from torch import nn

from robench.models.normalised import Normalised

MEAN, STD = (0.1, 0.2, 0.3), (0.5, 0.25, 2.0)


def test_channels_are_shifted_and_scaled_by_their_own_numbers() -> None:
    images = torch.full((2, 3, 4, 4), 0.6)

    out = Normalised(nn.Identity(), MEAN, STD)(images)

    torch.testing.assert_close(out[1, :, 0, 0], torch.tensor([1.0, 1.6, 0.15]))


def test_bytes_mean_the_same_as_floats() -> None:
    images = torch.arange(256, dtype=torch.uint8).repeat(3).view(1, 3, 16, 16)
    model = Normalised(nn.Identity(), MEAN, STD)

    torch.testing.assert_close(model(images), model(images.float() / 255), rtol=0, atol=0)


def test_the_state_dict_has_the_network_only() -> None:
    inner = nn.Conv2d(3, 2, 1)
    model = Normalised(inner, MEAN, STD)

    assert list(model.state_dict()) == ["model.weight", "model.bias"]
    assert list(model.model.state_dict()) == ["weight", "bias"]


def test_precision_follows_the_network() -> None:
    model = Normalised(nn.Conv2d(3, 2, 1), MEAN, STD).double()
    assert model(torch.zeros(1, 3, 2, 2, dtype=torch.uint8)).dtype == torch.float64


@pytest.mark.parametrize("dtype", [torch.uint8, torch.float32])
def test_channels_last_stays(dtype: torch.dtype) -> None:
    images = torch.zeros(2, 3, 8, 8, dtype=dtype).to(memory_format=torch.channels_last)
    out = Normalised(nn.Identity(), MEAN, STD)(images)
    assert out.is_contiguous(memory_format=torch.channels_last)


def test_gradients_reach_the_image() -> None:
    images = torch.zeros(1, 3, 2, 2, requires_grad=True)
    Normalised(nn.Identity(), MEAN, STD)(images).sum().backward()
    assert images.grad is not None
    torch.testing.assert_close(images.grad[0, :, 0, 0], 1 / torch.tensor(STD))


def test_integers_other_than_bytes_are_refused() -> None:
    with pytest.raises(TypeError, match="expected images of uint8 or float"):
        Normalised(nn.Identity(), MEAN, STD)(torch.zeros(1, 3, 2, 2, dtype=torch.int64))


@pytest.mark.parametrize(("mean", "std"), [((0.5,), STD), (MEAN, (1.0, 0.0, 1.0)), (MEAN, (1.0,))])
def test_impossible_normalisations_are_refused(
    mean: tuple[float, ...], std: tuple[float, ...]
) -> None:
    with pytest.raises(ValueError, match="three means and three positive deviations"):
        Normalised(nn.Identity(), mean, std)


@pytest.mark.parametrize(
    "shape", [(5, 32, 32, 3), (3, 224, 224, 3), (700, 8, 6, 3), (0, 32, 32, 3)]
)
def test_bytes_in_channels_last_order_give_the_same_bits_as_any_others(
    shape: tuple[int, ...],
) -> None:
    images = torch.randint(0, 256, shape, dtype=torch.uint8, generator=torch.manual_seed(0))
    model = Normalised(torch.nn.Identity(), (0.49, 0.48, 0.44), (0.2, 0.19, 0.21))

    last = model(images.permute(0, 3, 1, 2))
    first = model(images.permute(0, 3, 1, 2).contiguous())

    assert torch.equal(last, first)
    assert last.permute(0, 2, 3, 1).is_contiguous()
