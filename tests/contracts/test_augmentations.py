"""Promises that every augmentation keeps."""

from collections.abc import Callable
from dataclasses import replace

import pytest
import torch
from torch import Tensor

from augmentations import METHODS, build
from augmentations.base import Ascent, Augmentation, Batch, Identity
from augmentations.groups import GroupMethod
from augmentations.random import image_keys

SQUARE, OBLONG = (32, 32), (32, 40)


class Network:
    """A stand-in for the trainer's door to the network."""

    def input_gradient(self, images: Tensor, targets: Tensor, keep: float = 0.0) -> Tensor:
        """A gradient that depends on the image alone."""
        return images - 0.5

    def hidden_mix(self, layer: Tensor, order: Tensor, weight: Tensor) -> None:
        """Nothing to mix."""

    def maximise(
        self,
        images_of: Callable[[Tensor], Tensor],
        start: Tensor,
        targets: Tensor,
        ascent: Ascent,
        project: Callable[[Tensor], Tensor],
    ) -> Tensor:
        """The start is the maximum."""
        return start


def batch(method: Augmentation, size: tuple[int, int] = SQUARE, count: int = 8) -> Batch:
    """A batch that the method takes."""
    generator = torch.Generator().manual_seed(0)
    shape = (count, 3, *size)
    images, partners = (
        torch.randint(0, 256, shape, generator=generator).to(torch.uint8) for _ in range(2)
    )
    if method.takes == torch.float32:
        images = images / 255
    targets = torch.arange(count) % 4
    if method.mixes_labels:
        targets = torch.nn.functional.one_hot(targets, 4).float()
    keys = image_keys(0, 0, torch.arange(count))
    return Batch(images, targets, keys, partners if method.needs_partners else None)


def apply(method: Augmentation, some: Batch) -> Batch:
    """Call the method with what it needs."""
    return method(some, Network() if method.needs_model else None)


@pytest.fixture(params=METHODS)
def method(request: pytest.FixtureRequest) -> Augmentation:
    """Each listed method with its defaults."""
    return build(request.param)


def test_shape_dtype_and_range(method: Augmentation) -> None:
    some = batch(method)
    result = apply(method, some)
    assert result.images.shape == some.images.shape
    assert result.images.dtype == method.gives
    assert result.images.min() >= 0
    assert result.images.max() <= (255 if method.gives == torch.uint8 else 1)


def test_the_same_keys_give_the_same_pixels_and_inputs_are_not_written_to(
    method: Augmentation,
) -> None:
    some = batch(method)
    before = [t.clone() for t in (some.images, some.targets, some.keys)]
    first, second = apply(method, some), apply(method, some)
    assert torch.equal(first.images, second.images)
    assert torch.equal(first.targets, second.targets)
    for old, now in zip(before, (some.images, some.targets, some.keys), strict=True):
        assert torch.equal(old, now)


def test_an_image_gets_the_same_pixels_alone_as_in_a_batch(method: Augmentation) -> None:
    if method.mixes_labels:
        pytest.skip("mixes across images: its group is the unit")
    whole = batch(method)
    many = apply(method, whole)
    one = Batch(
        whole.images[2:3],
        whole.targets[2:3],
        whole.keys[2:3],
        None if whole.partners is None else whole.partners[2:3],
    )
    assert torch.equal(apply(method, one).images, many.images[2:3])


def test_a_group_gets_the_same_pixels_alone_as_in_a_batch(method: Augmentation) -> None:
    if not isinstance(method, GroupMethod):
        pytest.skip("does not mix across images")
    grouped = replace(method, mix_group=4)
    some = batch(grouped)
    parts = [
        Batch(some.images[rows], some.targets[rows], some.keys[rows])
        for rows in (slice(0, 4), slice(4, 8))
    ]
    whole, apart = apply(grouped, some), [apply(grouped, part) for part in parts]
    assert torch.equal(whole.images, torch.cat([part.images for part in apart]))
    assert torch.equal(whole.targets, torch.cat([part.targets for part in apart]))


def test_targets_change_only_where_labels_are_mixed(method: Augmentation) -> None:
    some = batch(method)
    result = apply(method, some).targets
    if method.mixes_labels:
        torch.testing.assert_close(result.sum(1), torch.ones(len(result)))
    else:
        assert torch.equal(result, some.targets)


def test_oblong_images_are_augmented_or_refused_by_name(method: Augmentation) -> None:
    some = batch(method, OBLONG)
    try:
        result = apply(method, some)
    except ValueError as error:
        assert "32 x 40" in str(error)  # noqa: PT017  either outcome is allowed
    else:
        assert result.images.shape == some.images.shape


def test_views_are_calls_with_their_own_keys(method: Augmentation) -> None:
    some = batch(method)
    views = method.views(some, 2, Network() if method.needs_model else None)
    assert len(views) == 2
    for view in views:
        assert view.images.shape == some.images.shape
        assert view.images.dtype == method.gives


def test_the_wrong_dtype_is_refused(method: Augmentation) -> None:
    wrong = torch.float64
    some = batch(method)
    with pytest.raises(ValueError, match=r"got torch\.float64"):
        apply(method, some.replace(images=some.images.to(wrong)))


def test_what_the_method_needs_is_asked_for(method: Augmentation) -> None:
    some = batch(method).replace(partners=None)
    if method.needs_model:
        with pytest.raises(ValueError, match="needs the network"):
            method(batch(method))
    if method.needs_partners:
        with pytest.raises(ValueError, match="needs mixing pictures"):
            apply(method, some)


def test_other_keys_give_other_pixels(method: Augmentation) -> None:
    some = batch(method)
    first, other = apply(method, some), apply(method, some.replace(keys=some.keys + 1))
    what = "targets" if method.mixes_features else "images"

    same = torch.equal(getattr(first, what), getattr(other, what))
    assert same == isinstance(method, Identity)
