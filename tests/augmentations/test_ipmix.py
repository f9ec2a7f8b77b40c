"""IPMix: presets, switches, and independence of everything but the key."""

import hashlib

import pytest
import torch
from torch import Tensor

from augmentations.base import Batch, to_float
from augmentations.chains import ChainPlan, ImageSteps, PatchSteps
from augmentations.ipmix import IPMix, ipmix
from augmentations.mixing import MIXING_OPS
from augmentations.ops import DISJOINT_OPS, OPS
from augmentations.random import image_keys, view_keys

GENERATOR = torch.Generator().manual_seed(0)


def pictures(count: int, side: int) -> Tensor:
    """Smooth random pictures (count, 3, side, side) uint8."""
    coarse = torch.rand(count, 3, 5, 5, generator=GENERATOR)
    smooth = torch.nn.functional.interpolate(coarse, size=(side, side), mode="bicubic")
    return (smooth.clamp(0, 1) * 255).to(torch.uint8)


def batch(count: int = 40, side: int = 32, seed: int = 0) -> Batch:
    """Images with partners."""
    keys = image_keys(seed, 0, torch.arange(count))
    return Batch(pictures(count, side), torch.arange(count), keys, pictures(count, side))


def part(whole: Batch, rows: slice) -> Batch:
    """Some rows of a batch."""
    assert whole.partners is not None
    return Batch(whole.images[rows], whole.targets[rows], whole.keys[rows], whole.partners[rows])


def plan(method: IPMix, count: int = 4000, side: int = 32) -> ChainPlan:
    """What the method decides for many keys."""
    return method.draw_chains(image_keys(5, 0, torch.arange(count)), (side, side))


ALL_FORMS = [("official_cifar", 32), ("official_imagenet", 224), ("paper", 32), ("paper", 96)]


@pytest.mark.parametrize(("preset", "side"), ALL_FORMS)
def test_an_image_gets_the_same_pixels_alone_as_in_a_batch(preset: str, side: int) -> None:
    method, whole = ipmix(preset), batch(12, side)
    views = method.views(whole, 2)
    for row in (0, 5, 11):
        alone = method.views(part(whole, slice(row, row + 1)), 2)
        for one, many in zip(alone, views, strict=True):
            assert torch.equal(one.images[0], many.images[row])


def test_a_batch_larger_than_the_cache_equals_its_parts() -> None:
    whole = batch(450)
    views = ipmix().views(whole, 2)
    second_half = ipmix().views(part(whole, slice(225, 450)), 2)
    assert torch.equal(views[1].images[225:], second_half[1].images)


def test_views_equal_calls_with_view_keys() -> None:
    whole = batch()
    for number, view in enumerate(ipmix().views(whole, 3)):
        single = ipmix()(whole.replace(keys=view_keys(whole.keys, number)))
        assert torch.equal(view.images, single.images)
        assert torch.equal(view.keys, single.keys)


def test_views_differ_and_keys_decide() -> None:
    whole = batch()
    first, second = ipmix().views(whole, 2)
    again = ipmix().views(whole, 1)[0]
    assert torch.equal(first.images, again.images)
    same = (first.images == second.images).flatten(1).all(1).sum()
    assert same <= 2  # both views are left alone for 1 image in 2000


def test_changing_one_image_or_partner_leaves_the_others_alone() -> None:
    whole = batch()
    before = ipmix()(whole).images
    assert whole.partners is not None
    images, partners = whole.images.clone(), whole.partners.clone()
    images[7], partners[9] = 255 - images[7], 255 - partners[9]
    after = ipmix()(whole.replace(images=images, partners=partners)).images
    others = [i for i in range(40) if i not in (7, 9)]
    assert torch.equal(before[others], after[others])
    assert not torch.equal(before[7], after[7])


def test_inputs_are_not_written_to_and_the_output_is_a_fraction() -> None:
    whole = batch()
    copies = whole.images.clone(), whole.partners.clone() if whole.partners is not None else None
    result = ipmix(k=4, t=4, all_ops=True, severity=10)(whole)
    assert torch.equal(whole.images, copies[0])
    assert torch.equal(whole.partners, copies[1])  # type: ignore[arg-type]
    assert result.images.dtype == torch.float32
    assert result.images.min() >= 0
    assert result.images.max() <= 1
    assert result.targets is whole.targets


def test_a_plan_without_steps_gives_the_clean_image() -> None:
    whole = batch()
    drawn = ipmix().draw_chains(whole.keys, (32, 32))
    never = torch.zeros_like(drawn.images.active)
    idle = ChainPlan(
        drawn.weights,
        ImageSteps(never, drawn.images.op, drawn.images.argument),
        PatchSteps(never, drawn.patches.patches, drawn.patches.mixing, drawn.patches.source),
    )
    result = ipmix()._apply(whole, idle).images
    torch.testing.assert_close(result, to_float(whole.images), rtol=0, atol=1e-6)


def test_one_chain_of_full_weight_is_a_uint8_image() -> None:
    whole = batch()
    drawn = ipmix(k=1).draw_chains(whole.keys, (32, 32))
    weights = torch.tensor([[0.0], [1.0]]).expand(2, 40)
    result = ipmix(k=1)._apply(whole, ChainPlan(weights, drawn.images, drawn.patches)).images
    torch.testing.assert_close(result * 255, (result * 255).round(), rtol=0, atol=1e-4)


def decisions(drawn: ChainPlan) -> dict[str, torch.Tensor]:
    """Every decision of the patch steps and the image steps, (steps, chains, views) each."""
    patches, mixing, source = (
        drawn.patches.patches,
        drawn.patches.mixing,
        drawn.patches.source,
    )
    return {
        "op": drawn.images.op,
        "argument": drawn.images.argument,
        "left": patches.left,
        "top": patches.top,
        "width": patches.width,
        "height": patches.height,
        "mixing": mixing.op,
        "a": mixing.a,
        "b": mixing.b,
        "keep": mixing.keep,
        "mask": mixing.mask_keys,
        "augmented": source.active,
        "source op": source.op,
        "source argument": source.argument,
    }


def test_decisions_are_frozen() -> None:
    drawn = ipmix("official_imagenet").draw_chains(image_keys(1, 2, torch.arange(64)), (224, 224))
    numbers = [drawn.images.active, drawn.patches.active]
    numbers += [
        (n * 1e6).round() if n.is_floating_point() else n for n in decisions(drawn).values()
    ]
    numbers += [(drawn.weights * 1e6).round()]
    packed = b"".join(n.to(torch.int64).contiguous().numpy().tobytes() for n in numbers)
    assert hashlib.sha256(packed).hexdigest()[:16] == "5e1c16918a95ba42"


# What one decision lets another be: the op its argument, the patch size all sides and positions,
# the mixing op its parameters (kept apart below), the (A, B) branch both.
LINKED = (
    {"op", "argument"},
    {"source op", "source argument"},
    {"left", "top", "width", "height"},
    {"a", "b"},
)


def test_decisions_of_a_step_are_independent() -> None:
    drawn = ipmix("official_imagenet", methods="patch", min_depth=3).draw_chains(
        image_keys(4, 5, torch.arange(4000)), (224, 224)
    )
    ranks = {
        name: numbers[0, 0].double().argsort().argsort().double()
        for name, numbers in decisions(drawn).items()
    }
    names = list(ranks)
    pairs = [
        (first, second)
        for i, first in enumerate(names)
        for second in names[i + 1 :]
        if not any({first, second} <= group for group in LINKED)
    ]
    table = torch.corrcoef(torch.stack(list(ranks.values())))
    worst = max(abs(float(table[names.index(a), names.index(b)])) for a, b in pairs)

    # 5 sigma of a rank correlation over 4000 views; about 80 pairs: one false alarm in 20,000 runs
    assert worst < 5 / 4000**0.5


def test_memory_layout_does_not_matter() -> None:
    whole = batch()
    assert whole.partners is not None
    other = whole.replace(
        images=whole.images.to(memory_format=torch.channels_last),
        partners=whole.partners.to(memory_format=torch.channels_last),
    )
    assert torch.equal(ipmix()(whole).images, ipmix()(other).images)


def test_weights_are_uniform_and_convex() -> None:
    weights = plan(ipmix()).weights
    torch.testing.assert_close(weights.sum(0), torch.ones(4000))
    assert weights[0].mean() == pytest.approx(1 / 2, abs=0.023)  # 5 sigma
    assert weights[1:].mean(1).tolist() == pytest.approx([1 / 6] * 3, abs=0.014)


@pytest.mark.parametrize(("min_depth", "share"), [(0, (0.75, 0.5, 0.25)), (1, (1, 2 / 3, 1 / 3))])
def test_depth_law(min_depth: int, share: tuple[float, ...]) -> None:
    drawn = plan(ipmix(methods="patch", min_depth=min_depth))
    active = drawn.patches.active.double().mean((1, 2)).tolist()
    assert active == pytest.approx(share, abs=0.023)  # 5 sigma of 12000 chains


def test_half_of_the_chains_are_patch_chains_and_no_chain_is_both() -> None:
    drawn = plan(ipmix(min_depth=1))
    first = drawn.patches.active[0].double().mean().item()
    assert first == pytest.approx(0.5, abs=0.023)
    both = drawn.patches.active.any(0) & drawn.images.active.any(0)
    assert not both.any()


def test_rows_chains_and_steps_are_drawn_independently() -> None:
    left = plan(ipmix(patches=(4,))).patches.patches.left.double().flatten(0, 1)
    correlation = torch.corrcoef(left)
    assert (correlation - torch.eye(9)).abs().max() < 5 / 4000**0.5
    neighbours = torch.corrcoef(torch.stack([left[0, :-1], left[0, 1:]]))[0, 1]
    assert abs(neighbours) < 5 / 4000**0.5


@pytest.mark.parametrize("methods", ["image", "patch"])
def test_one_kind_of_chain_only(methods: str) -> None:
    drawn = plan(ipmix(methods=methods))
    assert drawn.patches.active.any() == (methods == "patch")
    assert drawn.images.active.any() == (methods == "image")


def test_x_aug_takes_half_of_the_second_pictures_from_the_image() -> None:
    drawn = plan(ipmix("paper"))
    share = drawn.patches.source.active.double().mean().item()
    assert share == pytest.approx(0.5, abs=0.014)
    assert not plan(ipmix("paper", x_aug=False)).patches.source.active.any()


def test_without_x_aug_and_patches_the_partner_is_not_used() -> None:
    whole = batch()
    other = whole.replace(partners=pictures(40, 32))
    method = ipmix(methods="image")
    assert torch.equal(method(whole).images, method(other).images)
    assert not torch.equal(ipmix()(whole).images, ipmix()(other).images)


def test_op_lists() -> None:
    few = {OPS[i] for i in torch.unique(plan(ipmix()).images.op).tolist()}
    many = {OPS[i] for i in torch.unique(plan(ipmix(all_ops=True)).images.op).tolist()}
    assert few == set(DISJOINT_OPS)
    assert many == set(OPS)
    mixing = torch.unique(plan(ipmix(mixing=["multiply"])).patches.mixing.op).tolist()
    assert mixing == [MIXING_OPS.index("multiply")]


def test_wrap_and_clip_differ_only_through_overflow() -> None:
    whole = batch(200)
    wrap, clip = (ipmix(overflow=name)(whole).images for name in ("wrap", "clip"))
    differs = (wrap != clip).flatten(1).any(1).double().mean()
    assert 0.1 < differs < 0.6
    harmless = [
        ipmix(overflow=name, mixing=("random_pixels",))(whole).images for name in ("wrap", "clip")
    ]
    assert torch.equal(*harmless)
