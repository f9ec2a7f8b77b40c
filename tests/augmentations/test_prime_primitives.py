"""PRIME's primitives against restatements in numpy and scipy; laws at a false-alarm rate 1e-4."""

import math
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from scipy import ndimage, stats

from augmentations.prime.colour import Curves, RandomColour, recolour
from augmentations.prime.draws import arcsine, normal
from augmentations.prime.filter import RandomFilter, filter_images
from augmentations.prime.warp import (
    RandomWarp,
    displace,
    displacements,
    draw_modes,
    temperature_range,
)
from augmentations.random import image_keys, uniform

ALARM = 1e-4
KEYS = image_keys(20, 0, torch.arange(20_000))
Floats = NDArray[np.float64]


def pictures(count: int, side: int) -> torch.Tensor:
    """Random images, black and white pixels among them."""
    images = torch.rand(count, 3, side, side, generator=torch.Generator().manual_seed(2))
    return (1.2 * images - 0.1).clamp(0, 1)


def test_normal_and_arcsine_numbers_have_their_laws() -> None:
    assert stats.kstest(normal(KEYS, 0).double().numpy(), stats.norm.cdf).pvalue > ALARM
    assert stats.kstest(arcsine(KEYS, 0).numpy(), stats.beta(0.5, 0.5).cdf).pvalue > ALARM


def test_a_filter_is_a_correlation_of_each_channel_clamped() -> None:
    images = pictures(6, 16)
    kernels = RandomFilter().draw(KEYS[:6], 16)
    result = filter_images(images, kernels).numpy()
    for row in range(6):
        for channel in range(3):
            wanted = ndimage.correlate(
                images[row, channel].double().numpy(),
                kernels[row].double().numpy(),
                mode="constant",
            )
            np.testing.assert_allclose(result[row, channel], wanted.clip(0, 1), atol=2e-6)


def test_without_spread_the_centred_filter_keeps_the_image_and_the_published_one_moves_it() -> None:
    images = pictures(3, 16)
    kept = RandomFilter(sigma=0.0).apply(images, RandomFilter(sigma=0.0).draw(KEYS[:3], 16))
    assert torch.equal(kept, images)
    published = RandomFilter(sigma=0.0, centred=False)
    moved = published.apply(images, published.draw(KEYS[:3], 16))
    assert torch.equal(moved[:, :, :-1, :-1], images[:, :, 1:, 1:])
    assert moved[:, :, -1].max() == moved[:, :, :, -1].max() == 0


def test_filter_weights_are_normal_with_a_spread_uniform_up_to_sigma() -> None:
    kernels = RandomFilter(sigma=4.0).draw(KEYS, 32).double()
    corner, centre = kernels[:, 0, 0].numpy(), kernels[:, 1, 1].numpy() - 1

    def law(value: Any) -> Any:  # noqa: ANN401  scipy passes an array where it says float
        """The mean of the normal law over the spread."""
        spread = (np.arange(4000) + 0.5) / 1000
        return np.array([stats.norm.cdf(v / spread).mean() for v in value])

    for weights in (corner[:4000], centre[:4000]):
        assert stats.kstest(weights, law).pvalue > ALARM
    assert abs(stats.pearsonr(kernels[:, 0, 1], kernels[:, 2, 1]).statistic) < 4 / 20_000**0.5


def curve(value: Floats, first: int, coefficients: Floats) -> Floats:
    """The added sum, term by term."""
    total = np.zeros_like(value)
    for number, coefficient in enumerate(coefficients):
        total += coefficient * np.sin(math.pi * (first + number) * value)
    return total


@pytest.mark.parametrize(
    ("method", "tolerance"),
    [(RandomColour(), 1e-4), (RandomColour(highest=500, band=20, temperature=0.05), 3e-4)],
)
def test_a_curve_is_a_sum_of_sines_added_to_each_value(
    method: RandomColour, tolerance: float
) -> None:
    images = pictures(30, 24)
    curves = method.draw(KEYS[:30], 24)
    result = recolour(images, curves).numpy()
    for row in range(30):
        first, count = int(curves.first[row]), int(curves.count[row])
        for channel in range(3):
            value = images[row, channel].double().numpy()
            terms = curves.coefficients[row, channel, :count].double().numpy()
            wanted = (value + curve(value, first, terms)).clip(0, 1)
            np.testing.assert_allclose(result[row, channel], wanted, atol=tolerance)


def test_a_single_sine_by_hand() -> None:
    images = torch.tensor([0.0, 0.25, 0.5, 1.0]).expand(1, 3, 1, 4)
    one = torch.tensor([1])
    curves = Curves(2 * one, one, torch.tensor([0.1, -0.1, 2.0])[None, :, None])
    result = recolour(images, curves)[0, :, 0]
    wanted = torch.tensor([[0, 0.35, 0.5, 1], [0, 0.15, 0.5, 1], [0, 1, 0.5, 1]])
    torch.testing.assert_close(result, wanted, atol=1e-5, rtol=0)


def test_the_highest_frequency_is_uniform_and_the_band_lies_below_it() -> None:
    full, band = RandomColour(100).draw(KEYS, 32), RandomColour(500, 20).draw(KEYS[:5000], 32)
    assert (full.first == 1).all()
    assert stats.chisquare(torch.bincount(full.count - 1, minlength=100)).pvalue > ALARM
    last = band.first + band.count - 1
    assert (
        stats.kstest(
            last.numpy() - uniform(KEYS[:5000], 7).numpy(), stats.uniform(0, 500).cdf
        ).pvalue
        > ALARM
    )
    assert torch.equal(band.count, last.clamp(max=20))
    assert ((full.coefficients != 0).sum(2) == full.count[:, None]).all()


def test_coefficients_are_normal_with_a_variance_uniform_up_to_the_temperature() -> None:
    curves = RandomColour(temperature=0.01).draw(KEYS, 32)
    first = curves.coefficients[:, :, 0].double()
    variance = first.square().mean().item()
    assert variance == pytest.approx(0.005, abs=4 * 0.005 * (5 / 60_000) ** 0.5)
    ratio = (first[:, 0] / first[:, 1]).numpy()
    assert stats.kstest(ratio, stats.cauchy.cdf).pvalue > ALARM  # channels: independent, one spread


def field(modes: Floats, temperature: float, side: int) -> Floats:
    """A displacement in pixels, mode by mode."""
    place = np.linspace(0, 1, side)
    total = np.zeros((side, side))
    for (i, j), mode in np.ndenumerate(modes):
        wave = np.outer(np.sin(math.pi * (i + 1) * place), np.sin(math.pi * (j + 1) * place))
        total += mode * wave
    return total * math.sqrt(temperature) * side


def test_a_field_is_the_sum_of_its_modes() -> None:
    cut = torch.tensor([2, 5, 12])
    modes = draw_modes(KEYS[:3], cut, 12)
    low, high = temperature_range(cut, 20)
    temperature = (low + high) / 2
    result = displacements(modes, temperature, 20)
    for row in range(3):
        for axis in range(2):
            wanted = field(modes[row, axis].numpy(), temperature[row].item(), 20)
            np.testing.assert_allclose(result[row, axis].numpy(), wanted, atol=1e-5)


def test_modes_are_normal_over_their_length_up_to_the_cut_off() -> None:
    cut = torch.full_like(KEYS[:3000], 4)
    modes = draw_modes(KEYS[:3000], cut, 6)
    for i in range(1, 7):
        for j in range(1, 7):
            drawn = modes[:, :, i - 1, j - 1].flatten()
            length = math.hypot(i, j)
            if length <= 4.5:
                assert stats.kstest((drawn * length).numpy(), stats.norm.cdf).pvalue > ALARM / 12
            else:
                assert drawn.abs().max() == 0


def test_more_modes_than_needed_change_nothing() -> None:
    cut = torch.tensor([3, 7, 8])
    few, many = draw_modes(KEYS[:3], cut, 8), draw_modes(KEYS[:3], cut, 16)
    assert torch.equal(many[:, :, :8, :8], few)
    assert many[:, :, 8:].abs().max() == many[:, :, :, 8:].abs().max() == 0


def test_temperatures_by_hand() -> None:
    low, high = temperature_range(torch.tensor([2, 100]), 32)
    assert low.tolist() == pytest.approx([1 / (math.pi * 1024 * math.log(n)) for n in (2, 100)])
    assert high[0].item() == pytest.approx(4 / (math.pi**3 * 4 * math.log(2)))
    assert high[1] == low[1]  # so many modes leave no room above half a pixel


def test_a_displacement_is_a_bilinear_read_with_clamped_borders() -> None:
    images = pictures(8, 32)
    fields = RandomWarp().draw(KEYS[:8], 32).fields(100, 32)
    fields[7] *= 40  # far out of the picture
    result = displace(images, fields).numpy()
    rows, columns = np.meshgrid(np.arange(32.0), np.arange(32.0), indexing="ij")
    for row in range(8):
        down, right = fields[row].double().numpy()
        for channel in range(3):
            wanted = ndimage.map_coordinates(
                images[row, channel].double().numpy(),
                [rows - down, columns - right],
                order=1,
                mode="nearest",
            )
            np.testing.assert_allclose(result[row, channel], wanted, atol=2e-5)


def test_cut_offs_and_temperatures_have_their_law() -> None:
    """The cut-off's exact probabilities, summed over its largest value."""
    drawn = RandomWarp(highest=12).draw(KEYS, 32)
    law = np.zeros(13)
    for top in range(3, 13):
        edges = stats.beta(0.5, 0.5).cdf(np.arange(top) / (top - 1))
        law[2 : top + 1] += np.diff(edges) / 10
    counts = torch.bincount(drawn.cut, minlength=13).numpy()
    assert counts[:2].sum() == 0
    assert stats.chisquare(counts[2:], law[2:] * 20_000).pvalue > ALARM
    low, high = temperature_range(drawn.cut, 32)
    place = (drawn.temperature - low) / (high - low)
    assert stats.kstest(place[high > low].numpy(), stats.beta(0.5, 0.5).cdf).pvalue > ALARM


def test_images_of_unlike_cut_offs_are_displaced_by_their_own_fields() -> None:
    images = pictures(40, 16)
    warps = RandomWarp().draw(KEYS[:40], 16)
    assert len(set(warps.cut.tolist())) > 15
    wanted = displace(images, warps.fields(100, 16))
    torch.testing.assert_close(RandomWarp().apply(images, warps), wanted, atol=1e-4, rtol=0)


def test_the_frame_of_a_picture_is_not_displaced() -> None:
    fields = RandomWarp().draw(KEYS[:50], 32).fields(100, 32)
    assert fields[:, :, [0, -1]].abs().max() < 1e-4
    assert fields[:, :, :, [0, -1]].abs().max() < 1e-4
    assert fields.abs().amax((2, 3)).median() > 0.5
