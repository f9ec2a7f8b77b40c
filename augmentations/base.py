"""What an augmentation is: a batch, keyed draws, and an arithmetic that has no randomness."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Protocol, Self

import torch
from torch import Tensor

from augmentations.random import view_keys


@dataclass(frozen=True, eq=False)
class Batch:
    """Images with what belongs to them.

    Attributes:
        images: (N, 3, H, W) uint8, or float32 in [0, 1].
        targets: (N,) int64 classes, or (N, K) float32 where a method mixes labels.
        keys: (N,) int64, one per image (and view): the only source of randomness.
        partners: Mixing pictures of the shape of ``images``, uint8, or None.
        route: Which of a network's normalisations these images go through; the main one is "".
    """

    images: Tensor
    targets: Tensor
    keys: Tensor
    partners: Tensor | None = None
    route: str = ""

    def replace(self, **changes: Any) -> Self:  # noqa: ANN401  any field
        """A copy with some fields exchanged."""
        return replace(self, **changes)


@dataclass(frozen=True)
class Ascent:
    """How `ModelHandle.maximise` climbs.

    Attributes:
        steps: Most steps.
        size: Step along the sign of the gradient.
        patience: A sample that the network has misclassified at so many points of the climb stops
            there; 0 climbs to the end.
        route: Normalisation that the network uses meanwhile, see `Batch.route`.
    """

    steps: int
    size: float
    patience: int = 0
    route: str = ""


class ModelHandle(Protocol):
    """The narrow door to the network for methods that depend on it."""

    def input_gradient(self, images: Tensor, targets: Tensor, keep: float = 0.0) -> Tensor:
        """Gradient of each image's own loss with respect to the image.

        Args:
            images: (N, 3, H, W) float32 in [0, 1].
            targets: (N,) int64 or (N, K) float32.
            keep: 0: in evaluation mode, the network's gradients are left alone. Positive: in
                training mode, and ``keep`` times the mean loss joins the step that is to come.

        Returns:
            (N, 3, H, W) float32.
        """
        ...

    def hidden_mix(self, layer: Tensor, order: Tensor, weight: Tensor) -> None:
        """In the training step to come mix the features of rows.

        Args:
            layer: (N,) int64 mixing point of each row; 0 is the input, 1 and 2 follow the first
                and second stage.
            order: (N,) int64 partner of each row.
            weight: (N,) float32 weight of the row's own features.
        """
        ...

    def maximise(
        self,
        images_of: Callable[[Tensor], Tensor],
        start: Tensor,
        targets: Tensor,
        ascent: Ascent,
        project: Callable[[Tensor], Tensor],
    ) -> Tensor:
        """Ascend the loss of ``images_of(parameters)``, the network in evaluation mode.

        Args:
            images_of: Parameters (N, P) -> images (N, 3, H, W) float32, differentiable.
            start: (N, P) float32.
            targets: (N,) int64 or (N, K) float32.
            ascent: Steps and when to stop.
            project: Applied to the parameters after every step.

        Returns:
            (N, P) float32, the parameters reached.
        """
        ...


@dataclass(frozen=True)
class Augmentation:
    """Base of all methods: fields are the switches, checked when the object is made.

    A method overrides ``_draw`` (all randomness, from the keys alone) and ``_apply`` (none), or
    ``_apply_with_model`` where it asks the network.

    Class attributes:
        needs_partners: Whether ``Batch.partners`` must be there.
        needs_model: Whether the network must be passed.
        mixes_labels: Whether targets must be (N, K), and come back mixed.
        mixes_features: Whether images are mixed inside the network: nothing can follow.
        takes: dtype of the images that come in.
        gives: dtype of the images that go out.
        routes: Normalisations of the network that `views` name beside the main one.
    """

    needs_partners: ClassVar[bool] = False
    needs_model: ClassVar[bool] = False
    mixes_labels: ClassVar[bool] = False
    mixes_features: ClassVar[bool] = False
    takes: ClassVar[torch.dtype] = torch.uint8
    gives: ClassVar[torch.dtype] = torch.uint8
    routes: ClassVar[tuple[str, ...]] = ()

    def __call__(self, batch: Batch, model: ModelHandle | None = None) -> Batch:
        """Augment a batch; inputs are not written to.

        Args:
            batch: Images of dtype ``takes``; partners where ``needs_partners``.
            model: The network, where ``needs_model``.

        Returns:
            A batch with images of dtype ``gives``; each row a function of its own key, or of the
            keys of its group where images are mixed with one another.

        Raises:
            ValueError: Shapes, dtypes, partners or the model are not what the method needs.
        """
        self._check(batch, model)
        plan = self._draw(batch.keys, (batch.images.shape[2], batch.images.shape[3]))
        return self._apply_with_model(batch, plan, model)

    def at(self, epoch: int) -> "Augmentation":
        """The method in an epoch, from 0; only a schedule changes."""
        return self

    def views(self, batch: Batch, n: int, model: ModelHandle | None = None) -> list[Batch]:
        """``n`` independent augmentations of the same images; view v has ``view_keys(keys, v)``."""
        return [self(batch.replace(keys=view_keys(batch.keys, v)), model) for v in range(n)]

    def _draw(self, keys: Tensor, size: tuple[int, int]) -> Any:  # noqa: ANN401  a plan of any type
        """All random decisions for images of ``size`` (H, W); a function of the keys alone."""
        raise NotImplementedError

    def _apply(self, batch: Batch, plan: Any) -> Batch:  # noqa: ANN401
        """Carry out a plan; no randomness."""
        raise NotImplementedError

    def _apply_with_model(self, batch: Batch, plan: Any, model: ModelHandle | None) -> Batch:  # noqa: ANN401
        """As ``_apply``; what methods that ask the network override instead."""
        return self._apply(batch, plan)

    def _check(self, batch: Batch, model: ModelHandle | None) -> None:
        """Refuse what the method cannot take."""
        name, images, partners = type(self).__name__, batch.images, batch.partners
        if images.ndim != 4 or images.shape[1] != 3:
            raise ValueError(f"{name} expects images (N, 3, H, W), got {tuple(images.shape)}")
        if len(images) == 0:
            raise ValueError(f"{name} got an empty batch")
        if images.dtype != self.takes:
            raise ValueError(f"{name} expects {self.takes} images, got {images.dtype}")
        if batch.keys.shape != images.shape[:1] or batch.keys.dtype != torch.int64:
            got = f"{batch.keys.dtype} {tuple(batch.keys.shape)}"
            raise ValueError(f"{name} expects int64 keys ({len(images)},), got {got}")
        _check_targets(name, batch, soft=self.mixes_labels)
        if self.needs_model and model is None:
            raise ValueError(f"{name} needs the network: pass model=")
        if self.needs_partners:
            _check_partners(name, images, partners)


def _check_targets(name: str, batch: Batch, *, soft: bool) -> None:
    """Refuse targets that do not fit the images, or hard ones where ``soft`` ones are needed."""
    targets, count = batch.targets, len(batch.images)
    if len(targets) != count:
        raise ValueError(f"{name} got {count} images but {len(targets)} targets")
    if soft and (targets.ndim != 2 or not targets.is_floating_point()):
        got = f"{targets.dtype} {tuple(targets.shape)}"
        raise ValueError(f"{name} mixes labels and expects float targets (N, K), got {got}")


def _check_partners(name: str, images: Tensor, partners: Tensor | None) -> None:
    """Refuse mixing pictures that do not fit the images."""
    if partners is None:
        raise ValueError(f"{name} needs mixing pictures: set Batch.partners (see mixing_sets)")
    if partners.shape != images.shape or partners.dtype != torch.uint8:
        want = f"torch.uint8 {tuple(images.shape)}"
        got = f"{partners.dtype} {tuple(partners.shape)}"
        raise ValueError(f"{name} expects partners like the images, {want}, got {got}")


@dataclass(frozen=True)
class Identity(Augmentation):
    """The method ``none``: images as they are."""

    def _draw(self, keys: Tensor, size: tuple[int, int]) -> None:
        """Nothing to decide."""

    def _apply(self, batch: Batch, plan: None) -> Batch:
        """The batch itself."""
        return batch


def to_float(images: Tensor) -> Tensor:
    """Images (N, 3, H, W) uint8 -> float32 in [0, 1]; float32 passes through."""
    if images.dtype != torch.uint8:
        return images
    # A divisor on the device: CUDA turns a scalar divisor into a reciprocal, one bit off.
    return images.to(torch.float32) / torch.full((), 255.0, device=images.device)
