"""PRIME: its chains against a restatement row by row, its laws (1e-4 each), its invariants."""

from typing import Any

import pytest
import torch
from scipy import stats

from augmentations.base import Batch
from augmentations.prime.method import PRIME, PRIMITIVES, prime
from augmentations.random import image_keys

ALARM = 1e-4


def batch(count: int, side: int = 32) -> Batch:
    """Random images."""
    generator = torch.Generator().manual_seed(3)
    images = torch.randint(0, 256, (count, 3, side, side), generator=generator).to(torch.uint8)
    return Batch(images, torch.arange(count), image_keys(21, 0, torch.arange(count)))


def one_row(drawn: Any, row: int) -> Any:  # noqa: ANN401  the parameters of any primitive
    """The parameters of one image."""
    return drawn[torch.tensor([row])]


@pytest.mark.parametrize("preset", ["cifar", "imagenet"])
def test_the_result_is_the_mixture_of_the_chains_carried_out_one_by_one(preset: str) -> None:
    some = batch(10)
    method = prime(preset)
    plan = method._draw(some.keys, (32, 32))
    clean = some.images / 255
    chains = [[image[None] for image in clean] for _ in range(3)]
    for rows, name, drawn in plan.steps:
        for number, row in enumerate(rows.tolist()):
            chain, image = divmod(row, 10)
            primitive = method._makers()[name]
            chains[chain][image] = primitive.apply(chains[chain][image], one_row(drawn, number))
    weights = plan.weights[..., None, None, None]
    wanted = weights[0] * clean + sum(weights[i + 1] * torch.cat(chains[i]) for i in range(3))
    torch.testing.assert_close(method(some).images, wanted, atol=1e-6, rtol=0)


def test_depth_is_uniform_and_so_is_every_primitive() -> None:
    keys = image_keys(22, 0, torch.arange(3000))
    plan = PRIME(warp_highest=3)._draw(keys, (8, 8))
    steps = torch.zeros(9000, dtype=torch.int64)
    for rows, _, _ in plan.steps:
        steps[rows] += 1
    assert stats.chisquare(torch.bincount(steps, minlength=4)[1:]).pvalue > ALARM
    assert steps.min() == 1
    first = [len(rows) for rows, _, _ in plan.steps[:3]]
    assert sum(first) == 9000
    assert stats.chisquare(first).pvalue > ALARM
    assert [name for _, name, _ in plan.steps] == list(PRIMITIVES) * 3


def test_weights_are_uniform_on_the_simplex_of_the_chains_and_on_the_line_to_the_image() -> None:
    keys = image_keys(23, 0, torch.arange(20_000))
    weights = PRIME()._draw_weights(keys).double()
    torch.testing.assert_close(weights.sum(0), torch.ones(20_000).double(), atol=1e-6, rtol=0)
    assert weights.min() >= 0
    assert stats.kstest(weights[0].numpy(), stats.uniform.cdf).pvalue > ALARM
    for chain in range(3):
        share = weights[1 + chain] / weights[1:].sum(0)
        assert stats.kstest(share.numpy(), stats.beta(1, 2).cdf).pvalue > ALARM


@pytest.mark.parametrize("preset", ["cifar", "imagenet"])
def test_black_stays_black_and_values_stay_in_range(preset: str) -> None:
    some = batch(32)
    result = prime(preset)(some).images
    assert result.min() >= 0
    assert result.max() <= 1
    black = prime(preset)(some.replace(images=torch.zeros_like(some.images))).images
    assert black.abs().max() < 1e-6


@pytest.mark.parametrize("primitive", PRIMITIVES)
def test_a_single_primitive_can_be_chosen_and_moves_most_images(primitive: str) -> None:
    some = batch(16)
    method = prime(primitives=(primitive,))
    assert {name for _, name, _ in method._draw(some.keys, (32, 32)).steps} == {primitive}
    change = (method(some).images - some.images / 255).abs().amax((1, 2, 3))
    assert (change > 0.01).float().mean() > 0.8


@pytest.mark.parametrize("side", [7, 32, 33])
def test_an_image_gets_the_same_bits_alone_as_in_a_batch(side: int) -> None:
    some = batch(20, side)
    whole = prime()(some).images
    for row in range(20):
        here = slice(row, row + 1)
        alone = Batch(some.images[here], some.targets[here], some.keys[here])
        assert torch.equal(prime()(alone).images, whole[here])


def test_each_image_has_its_own_parameters_at_every_step() -> None:
    keys = image_keys(24, 0, torch.arange(50))
    plan = PRIME(t=6)._draw(keys, (8, 8))
    kernels = torch.cat([drawn for _, name, drawn in plan.steps if name == "filter"]).flatten(1)
    warps = torch.cat([drawn.fields(100, 8) for _, name, drawn in plan.steps if name == "warp"])
    warps = warps.flatten(1)
    assert len(kernels) > 50
    assert len(set(map(tuple, kernels.tolist()))) == len(kernels)
    assert len(set(map(tuple, warps.tolist()))) == len(warps)


def test_presets_are_the_published_settings() -> None:
    assert prime() == PRIME()
    large = prime("imagenet")
    assert (large.colour_highest, large.colour_band, large.colour_temperature) == (500, 20, 0.05)
    assert large.warp_highest == 500
    assert prime("imagenet", primitives=["warp"], k=2) == PRIME(
        "imagenet", 2, 3, ("warp",), True, 4.0, 500, 20, 0.05, 500
    )


@pytest.mark.parametrize(
    ("switches", "message"),
    [
        ({"preset": "tiny"}, r"preset to be one of \('cifar', 'imagenet'\), got 'tiny'"),
        ({"depth": 2}, r"switch to be one of \('k', 't', .*, got 'depth'"),
        ({"k": 0}, "k to be an integer from 1 to 64, got 0"),
        ({"t": 1.5}, "t to be an integer from 1 to 64, got 1.5"),
        ({"primitives": ()}, r"distinct names of \('filter', 'colour', 'warp'\).*got \(\)"),
        ({"primitives": ("blur",)}, r"distinct names .*, got \('blur',\)"),
        ({"centred": 1}, "centred to be True or False, got 1"),
        ({"warp_highest": 2}, "warp_highest to be an integer from 3 to 1000, got 2"),
        ({"filter_sigma": "4"}, "filter_sigma to be a number from .* got '4'"),
        ({"colour_temperature": -0.1}, "colour_temperature to be a number from 0 to 100, got -0.1"),
    ],
)
def test_switches_out_of_range_are_refused(switches: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        prime(**switches)


def test_oblong_images_are_refused() -> None:
    some = batch(2).replace(images=torch.zeros(2, 3, 32, 40, dtype=torch.uint8))
    with pytest.raises(ValueError, match="square images of at least 2 pixels, got 32 x 40"):
        prime()(some)


@pytest.mark.gpu
def test_the_graphics_processor_gives_the_same_images_up_to_rounding() -> None:
    some = batch(64)
    there = Batch(some.images.cuda(), some.targets.cuda(), some.keys.cuda())
    for method in (prime(), prime("imagenet")):
        change = (method(there).images.cpu() - method(some).images).abs()
        # Curves are steep: one unit in the last place may grow a hundredfold in each step.
        assert change.mean() < 1e-4
        assert (change > 0.01).float().mean() < 1e-3
