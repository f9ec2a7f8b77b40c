"""Methods after one another, one of several, one after so many epochs."""

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
import torch
from torch import Tensor

import augmentations
from augmentations.base import Ascent, Augmentation, Batch, to_float
from augmentations.compose import Chain, Choice, Schedule
from augmentations.cutmix import CutMix
from augmentations.ipmix import ipmix
from augmentations.mixup import MixUp
from augmentations.random import image_keys, named_keys

COUNT, CLASSES = 64, 4


def batch(count: int = COUNT, dtype: torch.dtype = torch.uint8, first: int = 0) -> Batch:
    numbers = torch.Generator().manual_seed(first)
    shape = (count, 3, 32, 32)
    images, partners = (
        torch.randint(0, 256, shape, generator=numbers, dtype=torch.uint8) for _ in range(2)
    )
    targets = torch.nn.functional.one_hot(torch.arange(count) % CLASSES, CLASSES).float()
    keys = image_keys(0, 0, torch.arange(first, first + count))
    return Batch(to_float(images) if dtype == torch.float32 else images, targets, keys, partners)


@dataclass
class Recorded:
    """A door that writes down what it is asked."""

    mixes: list[tuple[Tensor, Tensor, Tensor]] = field(default_factory=list)
    kept: list[float] = field(default_factory=list)

    def input_gradient(self, images: Tensor, targets: Tensor, keep: float = 0.0) -> Tensor:
        """The images."""
        self.kept.append(keep)
        return images

    def hidden_mix(self, layer: Tensor, order: Tensor, weight: Tensor) -> None:
        """Nothing but the record."""
        self.mixes.append((layer, order, weight))

    def maximise(
        self,
        images_of: Callable[[Tensor], Tensor],
        start: Tensor,
        targets: Tensor,
        ascent: Ascent,
        project: Callable[[Tensor], Tensor],
    ) -> Tensor:
        """The start."""
        return start


@dataclass(frozen=True)
class Inside(Augmentation):
    """Swaps neighbours inside the network, half and half."""

    needs_model = True
    mixes_features = True

    def _draw(self, keys: Tensor, size: tuple[int, int]) -> Tensor:
        return torch.arange(len(keys)).flip(0)

    def _apply_with_model(self, some: Batch, plan: Tensor, model: object) -> Batch:
        assert isinstance(model, Recorded) or hasattr(model, "rows")
        model.input_gradient(some.images, some.targets, keep=1.0)  # type: ignore[attr-defined]
        model.hidden_mix(torch.ones_like(plan), plan, torch.full((len(plan),), 0.5))  # type: ignore[attr-defined]
        return some


def test_a_chain_is_its_parts_one_after_another_with_labels_composed() -> None:
    some = batch()
    first, second = MixUp(), CutMix(probability=1.0)

    result = Chain((ipmix(), first, second))(some)

    mixed = first(ipmix()(some).replace(keys=named_keys(some.keys, "part 1")))
    expected = second(mixed.replace(keys=named_keys(some.keys, "part 2")))
    assert torch.equal(result.images, expected.images)
    assert torch.equal(result.targets, expected.targets)
    assert torch.equal(result.keys, some.keys)
    assert (result.targets.gt(0).sum(1) > 2).any()  # more than two images meet in one


def test_two_equal_parts_draw_apart() -> None:
    some = batch(dtype=torch.float32)
    once, twice = MixUp()(some), Chain((MixUp(), MixUp()))(some)
    again = MixUp()(once)

    assert not torch.equal(twice.images, again.images)


def test_bytes_after_floats_and_anything_after_the_inside_of_the_network_are_refused() -> None:
    with pytest.raises(ValueError, match="IPMix takes bytes, but MixUp before it gives floats"):
        Chain((MixUp(), ipmix()))
    with pytest.raises(ValueError, match="Inside acts inside the network: put it last"):
        Chain((Inside(), MixUp()))


def test_a_composition_needs_what_its_parts_need() -> None:
    chain = Chain((ipmix(), MixUp()))
    assert (chain.needs_partners, chain.mixes_labels, chain.needs_model) == (True, True, False)
    assert (chain.takes, chain.gives) == (torch.uint8, torch.float32)
    with pytest.raises(ValueError, match="needs mixing pictures"):
        chain(batch().replace(partners=None))
    with pytest.raises(ValueError, match="needs the network"):
        Choice((Inside(), MixUp()))(batch())


def test_a_choice_that_mixes_labels_is_made_for_whole_groups() -> None:
    some = batch(256, torch.float32)
    mixup, cutmix = MixUp(mix_group=32), CutMix(probability=1.0, mix_group=32)

    result = Choice((mixup, cutmix), mix_group=32)(some)

    expected = [one(some).images for one in (mixup, cutmix)]
    for start in range(0, 256, 32):
        rows = slice(start, start + 32)
        assert sum(torch.equal(result.images[rows], one[rows]) for one in expected) == 1
    seen = {
        torch.equal(result.images[s : s + 32], expected[0][s : s + 32]) for s in range(0, 256, 32)
    }
    assert seen == {True, False}


def test_a_choice_that_keeps_labels_is_made_for_every_image() -> None:
    some = batch(400)
    none, other = augmentations.build("none"), ipmix(min_depth=1)

    result = Choice((none, other))(some)

    expected = [to_float(some.images), other(some).images]
    taken = torch.stack([(result.images == one).flatten(1).all(1) for one in expected])
    assert taken.any(0).all()
    # a fair coin: beyond 4 standard deviations with probability 6e-5
    assert abs(int(taken[0].sum()) - 200) < 40 + 4 * 10
    alone = Choice((none, other))(
        Batch(some.images[7:8], some.targets[7:8], some.keys[7:8], some.partners[7:8])  # type: ignore[index]
    )
    assert torch.equal(alone.images, result.images[7:8])


def test_a_part_of_a_choice_mixes_inside_the_network_among_its_own_rows() -> None:
    some, door = batch(100, torch.uint8), Recorded()

    Choice((augmentations.build("none"), Inside()))(some, door)

    [(layer, order, weight)] = door.mixes
    rows = (weight == 0.5).nonzero()[:, 0]
    assert 20 < len(rows) < 80
    assert torch.equal(order[rows], rows.flip(0))
    others = (weight == 1.0).nonzero()[:, 0]
    assert torch.equal(order[others], others)
    assert torch.equal(layer.bool(), weight == 0.5)
    assert door.kept == [len(rows) / 100]


def test_a_schedule_counts_epochs() -> None:
    first, second, third = MixUp(), CutMix(), MixUp(alpha=0.5)
    schedule = Schedule((first, Schedule((second, third), (2,))), (3,))

    chosen = [schedule.at(epoch) for epoch in range(7)]

    assert chosen == [first, first, first, second, second, third, third]
    with pytest.raises(ValueError, match="depends on the epoch"):
        schedule(batch(dtype=torch.float32))
    inside = Chain((ipmix(), schedule))
    assert inside.at(4) == Chain((ipmix(), second))
    with pytest.raises(ValueError, match="needs 1 positive"):
        Schedule((first, second), (0,))


def test_group_methods_do_not_depend_on_the_batch_size() -> None:
    some = batch(256, torch.float32)
    method = Choice((MixUp(), Chain((MixUp(), CutMix()))))
    halves = [
        method(
            some.replace(
                images=some.images[s], targets=some.targets[s], keys=some.keys[s], partners=None
            )
        )
        for s in (slice(0, 128), slice(128, 256))
    ]

    whole = method(some)

    assert torch.equal(whole.images, torch.cat([half.images for half in halves]))
    assert torch.equal(whole.targets, torch.cat([half.targets for half in halves]))


def test_no_part_of_a_choice_between_groups_gets_a_single_row() -> None:
    kept: list[float] = []
    for first in range(0, 800, 100):
        door = Recorded()
        Choice((Inside(), MixUp(mix_group=32)), mix_group=32)(batch(65, first=first), door)
        kept += door.kept
    assert kept
    assert min(kept) >= 32 / 65
