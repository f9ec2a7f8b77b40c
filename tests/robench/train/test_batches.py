"""What the network sees: the clean image first, then views that share its crop and its picture."""

from dataclasses import replace

import pytest
import torch

from augmentations.augmax import AugMax
from augmentations.base import Batch, Identity, to_float
from augmentations.compose import Schedule
from augmentations.crop_flip import CropFlip
from augmentations.ipmix import ipmix
from augmentations.mixing_sets.packed import MixingSet
from augmentations.mixup import MixUp
from augmentations.random import image_keys, view_keys
from robench.models import create
from robench.models.dual_norm import routed
from robench.models.normalised import Normalised
from robench.train.batches import BASE_VIEW, Batches, TrainingImages
from robench.train.door import Door
from robench.train.forward import forward

SEED, EPOCH, COUNT = 3, 2, 12


def pictures(count: int, side: int, seed: int) -> torch.Tensor:
    numbers = torch.Generator().manual_seed(seed)
    return torch.randint(0, 256, (count, 3, side, side), generator=numbers, dtype=torch.uint8)


@pytest.fixture
def batches() -> Batches:
    return Batches(
        data=TrainingImages(pictures(40, 32, 0), torch.arange(40) % 10),
        method=ipmix(),
        base=CropFlip(padding=4),
        mixing=MixingSet.from_array(pictures(25, 36, 1).permute(0, 2, 3, 1).numpy()),
        views=3,
        batch_size=COUNT,
        seed=SEED,
        classes=10,
    )


def clean(batches: Batches, indices: torch.Tensor, epoch: int = EPOCH) -> Batch:
    """The cropped images with the keys and mixing pictures that all views share, by hand."""
    keys = image_keys(SEED, epoch, indices)
    images, labels = batches.data.images[indices], batches.data.labels[indices]
    base = batches.base(Batch(images, labels, view_keys(keys, BASE_VIEW)))
    assert batches.mixing is not None
    return base.replace(keys=keys, partners=batches.mixing.partners(keys, 32))


def test_three_views_are_the_clean_crop_and_two_mixtures_of_it(batches: Batches) -> None:
    indices = torch.arange(5, 5 + COUNT)
    expected = clean(batches, indices)
    first, second = batches.method.views(expected, 2)

    step = batches.step(EPOCH, indices)
    images, targets = step.images, step.targets

    assert torch.equal(images[:COUNT], to_float(expected.images))
    assert torch.equal(images[COUNT : 2 * COUNT], first.images)
    assert torch.equal(images[2 * COUNT :], second.images)
    assert torch.equal(targets, batches.data.labels[indices])


def test_one_view_is_a_mixture_and_never_the_clean_image(batches: Batches) -> None:
    indices = torch.arange(COUNT)
    single = replace(batches, views=1)

    images = single.step(EPOCH, indices).images

    [view] = batches.method.views(clean(batches, indices), 1)
    assert torch.equal(images, view.images)


def test_the_views_of_an_image_differ_and_so_do_their_images(batches: Batches) -> None:
    images = batches.step(EPOCH, torch.arange(COUNT)).images
    plain, first, second = images.chunk(3)

    assert not torch.equal(first, second)
    assert not torch.equal(plain, to_float(batches.data.images[:COUNT]))  # cropped or flipped


def test_images_get_mixing_pictures_and_crops_of_their_own(batches: Batches) -> None:
    partners = clean(batches, torch.arange(COUNT)).partners

    assert partners is not None
    assert len({picture.numpy().tobytes() for picture in partners}) > COUNT // 2


def test_another_epoch_draws_anew(batches: Batches) -> None:
    first, other = (batches.step(epoch, torch.arange(COUNT)).images for epoch in (0, 1))

    assert all(not torch.equal(a, b) for a, b in zip(first.chunk(3), other.chunk(3), strict=True))


def test_an_image_looks_the_same_in_any_batch(batches: Batches) -> None:
    whole = batches.step(EPOCH, torch.arange(COUNT)).images
    alone = batches.step(EPOCH, torch.tensor([7])).images

    for many, one in zip(whole.chunk(3), alone.chunk(3), strict=True):
        assert torch.equal(many[7:8], one)


def test_an_epoch_visits_every_image_once_in_an_order_of_its_own(batches: Batches) -> None:
    plain = replace(batches, data=TrainingImages(batches.data.images, torch.arange(40)), views=1)
    orders = [torch.cat([step.targets for step in plain.epoch(n)]).tolist() for n in (0, 1)]

    assert [sorted(order) for order in orders] == [list(range(40))] * 2
    assert orders[0] != orders[1]
    assert plain.steps == 4


def test_methods_that_mix_labels_get_floats_and_soft_targets(batches: Batches) -> None:
    mixing = replace(batches, method=MixUp(), views=1)
    indices = torch.arange(COUNT)
    plain = clean(batches, indices)
    one_hot = torch.eye(10)[plain.targets]
    expected = MixUp().views(plain.replace(images=to_float(plain.images), targets=one_hot), 1)[0]

    step = mixing.step(EPOCH, indices)

    assert torch.equal(step.images, expected.images)
    assert torch.equal(step.targets, expected.targets)
    assert step.targets.shape == (COUNT, 10)


def test_a_schedule_changes_the_method_between_epochs(batches: Batches) -> None:
    both = replace(batches, method=Schedule((MixUp(), Identity()), (1,)), views=1)

    first, second = (both.step(epoch, torch.arange(COUNT)).targets for epoch in (0, 1))

    assert first.shape == (COUNT, 10)
    assert torch.equal(second, batches.data.labels[:COUNT])


def test_views_of_unlike_routes_come_back_in_their_order(batches: Batches) -> None:
    model = Normalised(create("air32", 10, norm="dubin"), (0.5,) * 3, (0.5,) * 3).train()
    method = AugMax(steps=0)
    step = replace(batches, method=method).step(EPOCH, torch.arange(COUNT), Door(model))
    first, worst, last = step.images.chunk(3)

    logits = forward(model, step)

    assert step.routes == ("", "adversarial", "")
    together = model(torch.cat((first, last)))  # in training mode they share their statistics
    torch.testing.assert_close(torch.cat((logits[:COUNT], logits[2 * COUNT :])), together)
    with routed(model, "adversarial"):
        torch.testing.assert_close(logits[COUNT : 2 * COUNT], model(worst))
