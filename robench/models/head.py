"""The conveniences by which timm's tools address a network."""

from collections.abc import Callable
from typing import ClassVar

from torch import Tensor, nn


class FeatureNet(nn.Module):
    """A network that ends in pooling and one linear layer.

    Subclasses define the layers, the linear one last, `forward_features`, `mix_points` and
    `early_blocks`.

    Args:
        num_classes: Outputs of the linear layer; 0 for none.
        num_features: Channels before it.
        pool: (N, C, H, W) -> (N, C).

    Attributes:
        head_name: Key of the linear layer.
        head_note: What to say of a checkpoint whose last layer has another size.
    """

    head_name: ClassVar[str] = "fc"
    head_note: ClassVar[str] = ""

    def __init__(
        self, num_classes: int, num_features: int, pool: Callable[[Tensor], Tensor]
    ) -> None:
        super().__init__()
        self.num_classes = num_classes
        self.num_features = self.head_hidden_size = num_features
        self._pool = pool

    def forward_features(self, x: Tensor) -> Tensor:
        """Normalised images (N, 3, H, W) -> feature maps (N, num_features, h, w)."""
        raise NotImplementedError

    def mix_points(self) -> tuple[nn.Module, nn.Module]:
        """The modules whose inputs are the features after the first and the second stage."""
        raise NotImplementedError

    def early_blocks(self) -> list[nn.Module]:
        """The blocks of all stages but the last; see `robench.models.dual_norm`."""
        raise NotImplementedError

    def forward_head(self, x: Tensor, pre_logits: bool = False) -> Tensor:
        """Feature maps -> logits (N, num_classes), or pooled features (N, num_features)."""
        pooled = self._pool(x)
        logits: Tensor = pooled if pre_logits else self.get_classifier()(pooled)
        return logits

    def forward(self, x: Tensor) -> Tensor:
        """Normalised images (N, 3, H, W) -> logits (N, num_classes)."""
        return self.forward_head(self.forward_features(x))

    def get_classifier(self) -> nn.Module:
        """The last layer."""
        last: nn.Module = getattr(self, self.head_name)
        return last

    def reset_classifier(self, num_classes: int, global_pool: str | None = None) -> None:
        """Replace the last layer by a fresh one, or by none for 0 classes.

        Raises:
            ValueError: Another pooling is asked for.
        """
        if global_pool is not None:
            raise ValueError(f"the pooling of {type(self).__name__} is fixed, got {global_pool!r}")
        self.num_classes = num_classes
        setattr(self, self.head_name, linear(self.num_features, num_classes))


def mean_pool(x: Tensor) -> Tensor:
    """Global mean, (N, C, H, W) -> (N, C)."""
    return x.mean(dim=(2, 3))


def max_pool(x: Tensor) -> Tensor:
    """Global maximum, (N, C, H, W) -> (N, C)."""
    return x.amax(dim=(2, 3))


def linear(features: int, classes: int) -> nn.Module:
    """The last layer: zero biases; the identity for 0 classes."""
    if classes == 0:
        return nn.Identity()
    layer = nn.Linear(features, classes)
    nn.init.zeros_(layer.bias)
    return layer
