"""The three ways to put chains together; the last two are reconstructions."""

from typing import Any

import pytest
import torch

from augmentations.base import Batch, to_float
from augmentations.chains import ChainPlan, run_chains
from augmentations.frameworks import SerialPlan
from augmentations.ipmix import IPMix, ipmix
from augmentations.random import image_keys

SIZE = (32, 32)


def batch(count: int = 24) -> Batch:
    numbers = torch.Generator().manual_seed(0)
    images, partners = (
        torch.randint(0, 256, (count, 3, *SIZE), generator=numbers, dtype=torch.uint8)
        for _ in range(2)
    )
    return Batch(images, torch.arange(count), image_keys(0, 0, torch.arange(count)), partners)


def serial_plan(method: IPMix, keys: torch.Tensor) -> SerialPlan:
    plan = method._draw(keys, SIZE)
    assert isinstance(plan, SerialPlan)
    return plan


@pytest.mark.parametrize("framework", ["chain", "linear", "input"])
def test_views_are_the_same_alone_as_together_and_in_any_batch(framework: str) -> None:
    method, some = ipmix(framework=framework), batch()

    first, second = method.views(some, 2)
    alone = method(some.replace(keys=first.keys))
    rows = torch.tensor([5, 3])
    assert some.partners is not None
    few = Batch(some.images[rows], some.targets[rows], first.keys[rows], some.partners[rows])

    assert torch.equal(alone.images, first.images)
    assert torch.equal(method(few).images, first.images[rows])
    assert not torch.equal(first.images, second.images)


@pytest.mark.parametrize(("switches", "most"), [({}, 9), ({"linear_steps": "t"}, 3)])
def test_linear_draws_the_kind_of_each_step_and_up_to_k_times_t_steps(
    switches: dict[str, Any], most: int
) -> None:
    method = ipmix("paper", framework="linear", **switches)
    plan = method.draw_chains(image_keys(1, 0, torch.arange(4000)), SIZE)
    patch = plan.patches.active[:, 0]
    counts = patch.sum(0).double()

    assert plan.patches.active.shape == (most, 1, 4000)
    # depth is uniform on 1..most and half of the steps are patches: mean (most + 1) / 4, 5 sigma
    spread = float(counts.std()) / 4000**0.5
    assert counts.mean().item() == pytest.approx((most + 1) / 4, abs=5 * spread)
    both = (patch.any(0) & plan.images.active[:, 0].any(0)).double().mean()
    assert both > 0.3  # the kind belongs to the step, not to the chain


def test_linear_without_a_skip_is_a_picture_of_bytes_and_with_one_it_is_not() -> None:
    some = batch()
    plain = ipmix(framework="linear")(some).images * 255
    skipped = ipmix(framework="linear", linear_skip=True)(some).images * 255

    torch.testing.assert_close(plain, plain.round(), rtol=0, atol=1e-4)
    assert (skipped - skipped.round()).abs().max() > 0.1


def test_linear_with_a_skip_blends_the_same_line_with_the_clean_image() -> None:
    some = batch()
    method = ipmix(framework="linear", linear_skip=True)
    weight = method.draw_chains(some.keys, SIZE).weights[:, :, None, None, None]

    line = ipmix(framework="linear")(some).images
    expected = weight[0] * to_float(some.images) + weight[1] * line

    torch.testing.assert_close(method(some).images, expected, rtol=0, atol=1e-6)


def test_input_starts_each_chain_from_the_rounded_mixture_before() -> None:
    some, method = batch(), ipmix(framework="input", k=3)
    assert some.partners is not None
    plan = serial_plan(method, some.keys)

    state = some.images
    for chain in plan.chains:
        alone = ChainPlan(torch.tensor([[0.0], [1.0]]).expand(2, 24), chain.images, chain.patches)
        result = run_chains(state, some.partners, alone, "wrap")
        share = chain.weights[1][:, None, None, None]
        state = ((1 - share) * to_float(state) + share * result).mul(255).round().to(torch.uint8)
    blend = plan.weights[:, :, None, None, None]
    expected = blend[0] * to_float(some.images) + blend[1] * to_float(state)

    difference = (method(some).images - expected).abs()
    assert difference.max() < 1.5 / 255  # a rounded half may fall to either side
    assert (difference > 1e-6).double().mean() < 1e-3


def test_input_keeps_the_decisions_of_the_chains() -> None:
    keys = image_keys(0, 0, torch.arange(50))
    together = ipmix(k=3).draw_chains(keys, SIZE)
    apart = serial_plan(ipmix(k=3, framework="input"), keys)

    ops = torch.cat([chain.images.op for chain in apart.chains], dim=1)
    assert torch.equal(ops, together.images.op)
    shares = torch.stack([chain.weights[1] for chain in apart.chains])
    assert shares.shape == (3, 50)
    assert not torch.equal(shares[0], shares[1])
