"""PixMix: its law, its switches, and its pixels against Pillow."""

import pytest
import torch
from PIL import Image
from torch import Tensor

from augmentations.augmix_ops import AUGMIX_ALL_OPS, AUGMIX_OPS
from augmentations.base import Batch, to_float
from augmentations.chains import ImageSteps
from augmentations.mixing import MIXING_OPS
from augmentations.ops import OPS
from augmentations.pixel_mixing import PixelPlan, run_rounds
from augmentations.pixmix import PRESETS, PixMix, pixmix
from augmentations.random import image_keys
from robench.studies.peers.ipmix_pillow import ImageStep
from robench.studies.peers.pixmix_pillow import Round, mix


def pictures(count: int, side: int, seed: int) -> Tensor:
    """Smooth random pictures with saturated areas (count, 3, side, side) uint8."""
    generator = torch.Generator().manual_seed(seed)
    coarse = torch.rand(count, 3, 5, 5, generator=generator) * 1.4 - 0.2
    smooth = torch.nn.functional.interpolate(coarse, size=(side, side), mode="bicubic")
    return (smooth.clamp(0, 1) * 255).to(torch.uint8)


def batch(count: int = 24, side: int = 32) -> Batch:
    """Images with partners."""
    keys = image_keys(3, 0, torch.arange(count))
    return Batch(pictures(count, side, 0), torch.arange(count), keys, pictures(count, side, 1))


def part(whole: Batch, rows: slice) -> Batch:
    """Some rows of a batch."""
    assert whole.partners is not None
    return Batch(whole.images[rows], whole.targets[rows], whole.keys[rows], whole.partners[rows])


def plan(method: PixMix, count: int = 6000) -> PixelPlan:
    """What the method decides for many keys."""
    return method._draw(image_keys(5, 0, torch.arange(count)), (32, 32))


def step(images: ImageSteps) -> ImageStep | None:
    """One operation for Pillow, None where it is not carried out."""
    return ImageStep(OPS[int(images.op)], float(images.argument)) if images.active else None


def rounds(drawn: PixelPlan, row: int) -> list[Round]:
    """The rounds of one image, for Pillow."""
    listed = []
    for number in drawn.active[:, row].nonzero()[:, 0].tolist():
        where = (number, row)
        source = step(drawn.second[where])
        if drawn.augmented[where] and source is None:
            source = ImageStep("rotate", 0)  # the copy is the image itself
        weights = float(drawn.a[where]), float(drawn.b[where])
        name = MIXING_OPS[int(drawn.op[where])]
        listed.append(Round(name, weights, source if drawn.augmented[where] else None))
    return listed


@pytest.mark.parametrize(
    ("method", "side", "count"),
    [
        (pixmix(), 32, 256),
        (pixmix("paper", all_ops=True, severity=10), 32, 128),
        (pixmix("official_imagenet"), 224, 8),
    ],
)
def test_equal_to_the_restatement_for_the_same_decisions(
    method: PixMix, side: int, count: int
) -> None:
    some = batch(count, side)
    assert some.partners is not None
    drawn = method._draw(some.keys, (side, side))
    result = method._apply(some, drawn).images
    pairs = [
        [Image.fromarray(image.permute(1, 2, 0).numpy()) for image in stack]
        for stack in (some.images, some.partners)
    ]
    for row, (picture, partner) in enumerate(zip(*pairs, strict=True)):
        wanted = mix(picture, partner, step(drawn.first[row]), rounds(drawn, row))
        torch.testing.assert_close(result[row], wanted, rtol=0, atol=1e-6)


def test_an_image_gets_the_same_pixels_alone_as_in_a_batch() -> None:
    whole = batch(150)  # more than are mixed at a time
    many = pixmix()(whole).images
    for row in (0, 5, 131, 149):
        assert torch.equal(pixmix()(part(whole, slice(row, row + 1))).images[0], many[row])


def test_memory_layout_does_not_matter_and_inputs_are_not_written_to() -> None:
    whole = batch()
    assert whole.partners is not None
    copies = whole.images.clone(), whole.partners.clone()
    other = whole.replace(
        images=whole.images.to(memory_format=torch.channels_last),
        partners=whole.partners.to(memory_format=torch.channels_last),
    )
    assert torch.equal(pixmix()(whole).images, pixmix()(other).images)
    assert torch.equal(whole.images, copies[0])
    assert torch.equal(whole.partners, copies[1])


def test_results_are_fractions_that_are_not_quantised() -> None:
    result = pixmix(beta=1.0, severity=10)(batch(128)).images
    assert result.min() == 0
    assert result.max() == 1
    levels = result * 255
    assert ((levels - levels.round()).abs() > 0.01).double().mean() > 0.2


def test_without_rounds_and_start_the_image_comes_back() -> None:
    some = batch()
    assert some.partners is not None
    drawn = plan(pixmix(), 24)
    never = ImageSteps(torch.zeros_like(drawn.first.active), drawn.first.op, drawn.first.argument)
    idle = PixelPlan(**{**vars(drawn), "first": never, "active": drawn.active & False})
    result = run_rounds(some.images, some.partners, idle)
    assert torch.equal(result, to_float(some.images))


@pytest.mark.parametrize("k", [3, 4])
def test_the_number_of_rounds_is_uniform_from_none_to_k(k: int) -> None:
    counts = torch.bincount(plan(pixmix(k=k)).active.sum(0), minlength=k + 1) / 6000
    assert counts.tolist() == pytest.approx([1 / (k + 1)] * (k + 1), abs=0.028)  # 5 sigma


def test_coins_are_fair() -> None:
    drawn = plan(pixmix(severity=10, all_ops=True))
    moving = drawn.second.active.double().mean().item()
    assert moving > 0.97
    assert drawn.first.active.double().mean().item() == pytest.approx(moving / 2, abs=0.033)
    assert drawn.augmented.double().mean().item() == pytest.approx(0.5, abs=0.017)
    added = drawn.op == MIXING_OPS.index("add")
    assert added.double().mean().item() == pytest.approx(0.5, abs=0.017)
    assert set(drawn.op.flatten().tolist()) == {0, 1}


@pytest.mark.parametrize(("everything", "names"), [(False, AUGMIX_OPS), (True, AUGMIX_ALL_OPS)])
def test_operation_lists_are_those_of_augmix(everything: bool, names: tuple[str, ...]) -> None:
    drawn = plan(pixmix(all_ops=everything))
    for images in (drawn.first, drawn.second):
        assert {OPS[i] for i in images.op.flatten().tolist()} == set(names)
        assert not images.argument[images.op == OPS.index("autocontrast")].any()


def test_decisions_of_an_image_are_independent() -> None:
    drawn = plan(pixmix(k=2))
    columns = {"rounds": drawn.active.sum(0), "start": drawn.first.active}
    columns |= {"start op": drawn.first.op}
    for number in range(2):
        for name, values in (("op", drawn.second.op), ("own", drawn.augmented), ("a", drawn.a)):
            columns[f"{name} {number}"] = values[number]
    table = torch.corrcoef(torch.stack([values.double() for values in columns.values()]))
    names = list(columns)
    pairs = [(i, j) for i in range(len(names)) for j in range(i)]
    pairs.remove((names.index("start op"), names.index("start")))  # some arguments move nothing
    worst = max(abs(float(table[pair])) for pair in pairs)
    assert worst < 5 / 6000**0.5  # 35 pairs at 5 sigma


def test_presets_pair_k_and_beta_as_published() -> None:
    pairs = {name: (pixmix(name).k, pixmix(name).beta, pixmix(name).severity) for name in PRESETS}
    assert pairs == {
        "official_cifar": (4, 3.0, 3.0),
        "official_imagenet": (4, 4.0, 1.0),
        "paper": (3, 4.0, 3.0),
    }


@pytest.mark.parametrize(
    ("switches", "message"),
    [
        ({"k": 0}, "PixMix k to be an integer from 1 to 64, got 0"),
        ({"beta": 0.0}, "beta to be a number from 0.01"),
        ({"severity": "3"}, "severity to be a number from 0.1 to 10, got '3'"),
        ({"all_ops": None}, "all_ops to be True or False, got None"),
        ({"preset": "cifar"}, "preset to be one of .*official_cifar.*, got 'cifar'"),
        ({"t": 3}, "switch to be one of .*beta.*, got 't'"),
    ],
)
def test_bad_switches_are_refused(switches: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        pixmix(**switches)  # type: ignore[arg-type]


def test_large_images_must_name_their_preset_and_be_square() -> None:
    with pytest.raises(ValueError, match="ImageNet-size data must name its preset"):
        pixmix()(batch(2, 64))
    oblong = torch.zeros(2, 3, 32, 40, dtype=torch.uint8)
    with pytest.raises(ValueError, match="square images, got 32 x 40"):
        pixmix()(batch(2).replace(images=oblong, partners=oblong))
