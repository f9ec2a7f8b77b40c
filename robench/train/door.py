"""The trainer's side of the door through which methods see the network."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from augmentations.base import Ascent
from robench.models.dual_norm import routed
from robench.models.mix_points import mix_points
from robench.models.normalised import Normalised


@dataclass(frozen=True)
class Mix:
    """A mix of features that is to come; see `ModelHandle.hidden_mix`.

    Attributes:
        points: The mixing points that occur in ``layer``.
    """

    layer: Tensor
    order: Tensor
    weight: Tensor
    points: frozenset[int]

    def at(self, point: int, features: Tensor) -> Tensor:
        """Features (N, ...) as they go on from a mixing point; rows of other points stay.

        Raises:
            ValueError: Features of another number of images.
        """
        if len(features) != len(self.order):
            raise ValueError(f"{len(self.order)} rows to mix, but {len(features)} images came")
        full = torch.promote_types(features.dtype, torch.float32)  # labels have this very weight
        weight = torch.where(self.layer == point, self.weight, torch.ones_like(self.weight))
        weight = weight.to(full).view(-1, *(1 for _ in features.shape[1:]))
        mixed = torch.lerp(features[self.order].to(full), features.to(full), weight)
        return mixed.to(features.dtype)


@dataclass
class Door:
    """The network as methods may see it, see `augmentations.base.ModelHandle`.

    Augmentation runs on one thread, the network on those of the training.

    Args:
        model: The network, not compiled.
        low: Whether it runs in bfloat16.
        clean_share: Factor of the loss that ``input_gradient`` keeps, see `Objective.clean_share`.
        threads: Of the network; those that are set when the door is made.
    """

    model: Normalised
    low: bool = False
    clean_share: float = 1.0
    threads: int = field(default_factory=torch.get_num_threads)
    _pending: list[Mix] = field(default_factory=list, init=False)

    def input_gradient(self, images: Tensor, targets: Tensor, keep: float = 0.0) -> Tensor:
        """Gradient of each image's own cross-entropy, see `ModelHandle.input_gradient`.

        Raises:
            ValueError: ``keep`` is negative.
        """
        if keep < 0:
            raise ValueError(f"keep must not be negative, got {keep}")
        images = images.detach()
        with _mode(self.model, training=keep > 0):
            if keep == 0:
                return self._gradient(images, targets)[0]
            with self._network():
                images = _last(images).requires_grad_()
                scale = keep * self.clean_share
                loss = scale * functional.cross_entropy(self._logits(images), targets)
                loss.backward()  # type: ignore[no-untyped-call]
        assert images.grad is not None
        return (images.grad * (len(images) / scale)).contiguous()

    def hidden_mix(self, layer: Tensor, order: Tensor, weight: Tensor) -> None:
        """Mix features in the step to come; several mixes are applied one after another.

        Raises:
            ValueError: Tensors of unlike lengths, or a layer beyond 2.
            InputError: The mixing points of the network are not known.
        """
        if not len(layer) == len(order) == len(weight):
            lengths = len(layer), len(order), len(weight)
            raise ValueError(f"layer, order and weight must be of one length, got {lengths}")
        count, points = len(mix_points(self.model.model)), frozenset(layer.tolist())
        if not points <= set(range(count)):
            raise ValueError(f"layer must be from 0 to {count - 1}, got {sorted(points)}")
        self._pending.append(Mix(layer, order, weight, points))

    def maximise(
        self,
        images_of: Callable[[Tensor], Tensor],
        start: Tensor,
        targets: Tensor,
        ascent: Ascent,
        project: Callable[[Tensor], Tensor],
    ) -> Tensor:
        """Climb by the sign of the gradient, see `ModelHandle.maximise`.

        A sample that is to stop stays at the point where it was misclassified.
        """
        reached = start.detach().clone()
        labels = targets if targets.ndim == 1 else targets.argmax(1)
        missed = torch.zeros_like(labels)
        with _mode(self.model, training=False), routed(self.model, ascent.route):
            for _ in range(ascent.steps):
                parameters = reached.clone().requires_grad_()
                with torch.enable_grad():
                    images = images_of(parameters)
                slope, logits = self._gradient(images.detach(), targets)
                (gradient,) = torch.autograd.grad(images, parameters, slope)
                moved = project(reached + ascent.size * gradient.sign()).detach()
                if ascent.patience == 0:
                    reached = moved
                    continue
                missed += logits.argmax(1) != labels
                going = missed < ascent.patience
                if not going.any():
                    break
                reached = torch.where(going[:, None], moved, reached)
        return reached

    @contextmanager
    def mixing(self) -> Iterator[None]:
        """Carry out the pending mixes in the forward pass inside; afterwards none is left."""
        pending, self._pending = self._pending, []
        with ExitStack() as hooks:
            points = mix_points(self.model.model) if pending else ()
            for point, module in enumerate(points):
                mixes = [mix for mix in pending if point in mix.points]
                if mixes:
                    hook = module.register_forward_pre_hook(_hook(point, mixes))
                    hooks.callback(hook.remove)
            yield

    def _gradient(self, images: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
        """Gradient of the summed cross-entropy in the images alone, and the logits."""
        with self._network():
            images = _last(images).requires_grad_()
            logits = self._logits(images)
            loss = functional.cross_entropy(logits, targets, reduction="sum")
            (gradient,) = torch.autograd.grad(loss, images)
        return gradient.contiguous(), logits.detach()

    def _logits(self, images: Tensor) -> Tensor:
        """(N, K) float32, in the precision of the training."""
        with torch.autocast(images.device.type, dtype=torch.bfloat16, enabled=self.low):
            logits: Tensor = self.model(images)
        return logits.float()

    @contextmanager
    def _network(self) -> Iterator[None]:
        """With gradients and with the threads of the training."""
        before = torch.get_num_threads()
        torch.set_num_threads(self.threads)
        try:
            with torch.enable_grad():
                yield
        finally:
            torch.set_num_threads(before)


def _last(images: Tensor) -> Tensor:
    """A copy in the memory order of the network's weights, so that no gradient reaches others."""
    return images.clone(memory_format=torch.channels_last)


def _hook(point: int, mixes: list[Mix]) -> Callable[[nn.Module, tuple[Any, ...]], tuple[Any, ...]]:
    """What runs before the module of a mixing point."""

    def mixed(_: nn.Module, inputs: tuple[Any, ...]) -> tuple[Any, ...]:
        features, *others = inputs
        for mix in mixes:
            features = mix.at(point, features)
        return (features, *others)

    return mixed


@contextmanager
def _mode(network: nn.Module, *, training: bool) -> Iterator[None]:
    """In training or evaluation mode; afterwards every module is in the mode that it was in."""
    before = [(module, module.training) for module in network.modules()]
    network.train(training)
    try:
        yield
    finally:
        for module, mode in before:
            module.training = mode
