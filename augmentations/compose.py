"""Methods made of methods: one after another, one of several, one after so many epochs."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise
from typing import Any, NoReturn

import torch
from torch import Tensor

from augmentations.base import Augmentation, Batch, ModelHandle, to_float
from augmentations.groups import group_keys
from augmentations.parsing import Builder, fold
from augmentations.random import integers, named_keys
from augmentations.rows import RowsOf, rows_of


@dataclass(frozen=True)
class Composition(Augmentation):
    """Base of the compositions: needs whatever a part needs.

    Args:
        parts: The methods.

    Raises:
        ValueError: No part, or one that gives its views routes of their own (it must stand alone).
    """

    parts: tuple[Augmentation, ...]

    def __post_init__(self) -> None:
        if not self.parts:
            raise ValueError(f"{type(self).__name__} needs at least one method")
        routed = [_name(part) for part in self.parts if part.routes]
        if routed:
            raise ValueError(f"{routed[0]} has views of its own and cannot be part of another")
        for flag in ("needs_partners", "needs_model", "mixes_labels", "mixes_features"):
            self._declare(flag, any(getattr(part, flag) for part in self.parts))
        takes = {part.takes for part in self.parts}
        self._declare("takes", torch.uint8 if torch.uint8 in takes else torch.float32)
        gives = {part.gives for part in self.parts}
        self._declare("gives", torch.float32 if torch.float32 in gives else torch.uint8)

    def _declare(self, flag: str, value: object) -> None:
        """Set what a plain method states as a class attribute."""
        object.__setattr__(self, flag, value)


@dataclass(frozen=True)
class Chain(Composition):
    """Methods one after another, each with draws of its own; labels are composed on the way.

    Raises:
        ValueError: A part takes bytes but the one before it gives floats, or something follows a
            method that acts inside the network.
    """

    def __post_init__(self) -> None:
        super().__post_init__()
        for part in self.parts[:-1]:
            if part.mixes_features:
                raise ValueError(f"{_name(part)} acts inside the network: put it last")
        for before, part in pairwise(self.parts):
            if part.takes == torch.uint8 and before.gives == torch.float32:
                names = f"{_name(part)} takes bytes, but {_name(before)} before it gives floats"
                raise ValueError(f"{names}: put {_name(part)} first")
        self._declare("takes", self.parts[0].takes)

    def __call__(self, batch: Batch, model: ModelHandle | None = None) -> Batch:
        """Apply the parts in order, see `Augmentation.__call__`."""
        self._check(batch, model)
        result = batch
        for number, part in enumerate(self.parts):
            keys = named_keys(batch.keys, f"part {number}") if number else batch.keys
            result = part(_fitted(result.replace(keys=keys), part), model)
        return _floats(result.replace(keys=batch.keys), self.gives)

    def at(self, epoch: int) -> "Chain":
        """The same chain of what its parts are in an epoch."""
        return replace(self, parts=tuple(part.at(epoch) for part in self.parts))


@dataclass(frozen=True)
class Choice(Composition):
    """One of several methods, with equal probability.

    The choice is made for every image, or for every group of images where a part mixes labels.

    Args:
        parts: The methods.
        mix_group: Rows of such a group; as in the parts.
    """

    mix_group: int = 128

    def __post_init__(self) -> None:
        super().__post_init__()
        if type(self.mix_group) is not int or self.mix_group < 2:
            raise ValueError(f"mix_group must be an integer of at least 2, got {self.mix_group!r}")

    def __call__(self, batch: Batch, model: ModelHandle | None = None) -> Batch:
        """Apply one part to each row, see `Augmentation.__call__`."""
        self._check(batch, model)
        chosen = self._draw(batch.keys, (batch.images.shape[2], batch.images.shape[3]))
        images = batch.images.new_empty(batch.images.shape, dtype=self.gives)
        targets = batch.targets.clone()
        for number, part in enumerate(self.parts):
            rows = (chosen == number).nonzero()[:, 0]
            if len(rows):
                door = None if model is None else RowsOf(model, rows, len(chosen))
                result = part(_fitted(rows_of(batch, rows), part), door)
                images[rows] = _floats(result, self.gives).images
                targets[rows] = result.targets
        return batch.replace(images=images, targets=targets)

    def at(self, epoch: int) -> "Choice":
        """The same choice among what its parts are in an epoch."""
        return replace(self, parts=tuple(part.at(epoch) for part in self.parts))

    def _draw(self, keys: Tensor, size: tuple[int, int]) -> Tensor:
        """(N,) int64 number of the part of each row."""
        own = named_keys(keys, "choice")
        if self.mixes_labels:
            own = group_keys(own, self.mix_group)
        return integers(own, 0, len(self.parts) - 1, 0)


@dataclass(frozen=True)
class Schedule(Composition):
    """One method for so many epochs, then the next.

    Args:
        parts: The methods.
        epochs: Epochs of every part but the last.

    Raises:
        ValueError: Not one positive number for each part but the last.
    """

    epochs: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        super().__post_init__()
        fits = len(self.epochs) == len(self.parts) - 1
        if not fits or any(type(number) is not int or number < 1 for number in self.epochs):
            raise ValueError(
                f"a schedule of {len(self.parts)} methods needs {len(self.parts) - 1} positive "
                f"numbers of epochs, got {self.epochs}"
            )

    def at(self, epoch: int) -> Augmentation:
        """The method of an epoch, which counts on from where the method began."""
        starts = [0, *accumulate(self.epochs)]
        number = max(i for i, start in enumerate(starts) if start <= epoch)
        return self.parts[number].at(epoch - starts[number])

    def __call__(self, batch: Batch, model: ModelHandle | None = None) -> NoReturn:
        """Not without an epoch.

        Raises:
            ValueError: Always.
        """
        raise ValueError("a schedule depends on the epoch: call schedule.at(epoch) with the batch")


def _fitted(batch: Batch, part: Augmentation) -> Batch:
    """The batch with images of the dtype that a method takes."""
    return _floats(batch, part.takes)


def _floats(batch: Batch, dtype: torch.dtype) -> Batch:
    """The batch with floats for bytes where ``dtype`` is float32."""
    return batch.replace(images=to_float(batch.images)) if dtype == torch.float32 else batch


def _name(part: Any) -> str:  # noqa: ANN401
    """What messages call a method."""
    return type(part).__name__


def parse(text: str, method: Callable[[str], Augmentation]) -> Augmentation:
    """Make the method that a text describes, see `augmentations.parsing`.

    Args:
        text: ``augmix > mixup``, ``choice(A, B)``, ``schedule(A:50, B)``, or one method.
        method: Makes one method from ``name`` or ``name(key=literal, ...)``.

    Raises:
        ValueError: The text is not of that form, or its parts do not fit together.
    """
    builder: Builder[Augmentation] = Builder(
        method,
        chain=Chain,
        choice=lambda parts, arguments: _choice(parts, **arguments),
        schedule=Schedule,
    )
    return fold(text, builder)


def _choice(parts: tuple[Augmentation, ...], **arguments: Any) -> Choice:  # noqa: ANN401
    """A choice, whose arguments come from a text.

    Raises:
        ValueError: An argument that it does not have.
    """
    try:
        return Choice(parts, **arguments)
    except TypeError as error:
        raise ValueError(f"choice takes methods and mix_group, got {sorted(arguments)}") from error
