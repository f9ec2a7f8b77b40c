"""AugMix: its law, its switches, and its pixels against Pillow."""

import pytest
import torch
from PIL import Image
from torch import Tensor

from augmentations.augmix import AugMix, augmix
from augmentations.augmix_ops import AUGMIX_ALL_OPS, AUGMIX_OPS
from augmentations.base import Batch, to_float
from augmentations.chains import ChainPlan
from augmentations.image_chains import chain_images
from augmentations.ops import OPS
from augmentations.random import image_keys, view_keys
from robench.studies.peers.augmix_pillow import mix, run
from robench.studies.peers.ipmix_pillow import ImageStep


def pictures(count: int, side: int, seed: int = 0) -> Tensor:
    """Smooth random pictures with saturated areas (count, 3, side, side) uint8."""
    generator = torch.Generator().manual_seed(seed)
    coarse = torch.rand(count, 3, 5, 5, generator=generator) * 1.4 - 0.2
    smooth = torch.nn.functional.interpolate(coarse, size=(side, side), mode="bicubic")
    return (smooth.clamp(0, 1) * 255).to(torch.uint8)


def batch(count: int = 24, side: int = 32) -> Batch:
    """Images with keys."""
    keys = image_keys(3, 0, torch.arange(count))
    return Batch(pictures(count, side), torch.arange(count), keys)


def plan(method: AugMix, count: int = 4000, side: int = 32) -> ChainPlan:
    """What the method decides for many keys."""
    return method._draw(image_keys(5, 0, torch.arange(count)), (side, side))


def steps(drawn: ChainPlan, chain: int, row: int) -> list[ImageStep]:
    """One chain of one image, for Pillow."""
    images = drawn.images[:, chain, row]
    return [
        ImageStep(OPS[op], argument)
        for active, op, argument in zip(
            images.active.tolist(), images.op.tolist(), images.argument.tolist(), strict=True
        )
        if active
    ]


def by_pillow(images: Tensor) -> list[Image.Image]:
    """As Pillow pictures."""
    return [Image.fromarray(image.permute(1, 2, 0).numpy()) for image in images]


FORMS = [
    (augmix(), 32, 128),
    (augmix(all_ops=True, severity=10, t=4), 32, 96),
    (augmix("official_imagenet"), 224, 4),
]


@pytest.mark.parametrize(("method", "side", "count"), FORMS)
def test_every_byte_of_every_chain_is_that_of_pillow(method: AugMix, side: int, count: int) -> None:
    some = batch(count, side)
    drawn = method._draw(some.keys, (side, side))
    chains = (chain_images(some.images, drawn) * 255).round().to(torch.uint8)
    for row, picture in enumerate(by_pillow(some.images)):
        for number in range(method.k):
            wanted = run(picture, steps(drawn, number, row))
            assert by_pillow(chains[number, row : row + 1])[0].tobytes() == wanted.tobytes()


@pytest.mark.parametrize(("method", "side", "count"), FORMS)
def test_the_mixture_is_that_of_the_restatement_for_the_same_decisions(
    method: AugMix, side: int, count: int
) -> None:
    some = batch(count, side)
    drawn = method._draw(some.keys, (side, side))
    result = method._apply(some, drawn).images
    for row, picture in enumerate(by_pillow(some.images)):
        clean, *weights = drawn.weights[:, row].tolist()
        chains = [steps(drawn, number, row) for number in range(method.k)]
        wanted = mix(picture, chains, [w / (1 - clean) for w in weights], 1 - clean)
        torch.testing.assert_close(result[row] * 2 - 1, wanted, rtol=0, atol=2e-6)


@pytest.mark.parametrize("side", [32, 96])
def test_views_equal_calls_with_view_keys_and_single_images(side: int) -> None:
    method, some = augmix("official_imagenet"), batch(12, side)
    for number, view in enumerate(method.views(some, 3)):
        keys = view_keys(some.keys, number)
        whole = method(some.replace(keys=keys))
        assert torch.equal(view.images, whole.images)
        assert torch.equal(view.keys, keys)
        alone = method(Batch(some.images[5:6], some.targets[5:6], keys[5:6]))
        assert torch.equal(view.images[5:6], alone.images)


def test_views_differ() -> None:
    first, second = augmix().views(batch(), 2)
    assert not (first.images == second.images).flatten(1).all(1).any()


def test_depths_are_uniform_from_1_to_3() -> None:
    drawn = plan(augmix(severity=10))  # at 10 a geometric operation rarely has argument zero
    rare = 1 - drawn.images.active[0].double().mean().item()
    assert rare < 0.03
    share = (drawn.images.active.double().mean((1, 2)) / (1 - rare)).tolist()
    assert share == pytest.approx([1, 2 / 3, 1 / 3], abs=0.023)  # 5 sigma of 12000 chains


def test_equal_smallest_and_largest_depth_fix_it() -> None:
    drawn = plan(augmix(t=2, min_depth=2, severity=10))
    assert drawn.images.active.double().mean() > 0.97


def test_weights_are_uniform_and_convex() -> None:
    weights = plan(augmix()).weights
    torch.testing.assert_close(weights.sum(0), torch.ones(4000))
    assert weights[0].mean() == pytest.approx(1 / 2, abs=0.023)  # 5 sigma
    assert weights[1:].mean(1).tolist() == pytest.approx([1 / 6] * 3, abs=0.014)


@pytest.mark.parametrize(("everything", "names"), [(False, AUGMIX_OPS), (True, AUGMIX_ALL_OPS)])
def test_operations_are_uniform_over_the_list_and_contrast_is_not_cut(
    everything: bool, names: tuple[str, ...]
) -> None:
    images = plan(augmix(all_ops=everything)).images
    share = torch.bincount(images.op.flatten(), minlength=len(OPS)) / images.op.numel()
    wanted = [(name in names) / len(names) for name in OPS]
    assert share.tolist() == pytest.approx(wanted, abs=0.0083)  # 5 sigma of 36000 steps
    stretching = images.op == OPS.index("autocontrast")
    assert not images.argument[stretching].any()


def test_severity_bounds_the_arguments() -> None:
    for method, degrees in ((augmix(), 8), (augmix("official_imagenet"), 2)):
        images = plan(method, side=60).images
        rotations = images.argument[images.op == OPS.index("rotate")]
        assert rotations.abs().max() == degrees


def test_no_view_is_the_clean_image_of_textured_pictures() -> None:
    some = batch(200)
    result = augmix(min_depth=3)(some).images
    same = (result - to_float(some.images)).abs().flatten(1).amax(1) < 1e-5
    assert same.sum() <= 2  # all three chains of operations that change nothing


@pytest.mark.parametrize(
    ("switches", "message"),
    [
        ({"k": 0}, "AugMix k to be an integer from 1 to 64, got 0"),
        ({"k": 2.0}, "got 2.0"),
        ({"k": True}, "got True"),
        ({"t": 2, "min_depth": 3}, "min_depth to be at most t=2, got 3"),
        ({"severity": 11}, "severity to be a number from 0.1 to 10, got 11"),
        ({"severity": float("nan")}, "got nan"),
        ({"alpha": 0}, "alpha to be a number from 0.01"),
        ({"all_ops": 1}, "all_ops to be True or False, got 1"),
        ({"preset": "imagenet"}, "preset to be one of .*official_imagenet"),
        ({"depth": 3}, "switch to be one of .*min_depth.*, got 'depth'"),
    ],
)
def test_bad_switches_are_refused(switches: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        augmix(**switches)  # type: ignore[arg-type]


def test_large_images_must_name_their_preset_and_be_square() -> None:
    with pytest.raises(ValueError, match="ImageNet-size data must name its preset"):
        augmix()(batch(2, 64))
    oblong = torch.zeros(2, 3, 32, 40, dtype=torch.uint8)
    with pytest.raises(ValueError, match="square images, got 32 x 40"):
        augmix()(batch(2).replace(images=oblong))
