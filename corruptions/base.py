"""What every corruption is made of: its type, the families of sizes, randomness per image."""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import index as as_int
from pathlib import Path
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

Images: TypeAlias = NDArray[np.uint8]
Floats: TypeAlias = NDArray[np.float64]
Rng: TypeAlias = np.random.RandomState
Family: TypeAlias = Literal["cifar", "tiny", "imagenet", "inception"]

SIDES: Mapping[int, Family] = {32: "cifar", 64: "tiny", 224: "imagenet", 299: "inception"}


@dataclass(frozen=True)
class Corruption:
    """One named corruption and its published strengths.

    Args:
        name: The spelling of the released archives.
        function: ``(images, parameters, rngs)`` when stochastic, else ``(images, parameters)``;
            images (N, H, W, 3) uint8 in and out, the input untouched, image i drawing from rngs[i].
        group: ``noise``, ``blur``, ``weather``, ``digital``, or ``extra`` for the four that
            Hendrycks & Dietterich set aside for validation and that mCE leaves out.
        severities: The parameters of severities 1 to 5 for each family of image sizes: a number,
            or a tuple where the function takes several.
        stochastic: Whether the function draws random numbers.
        assets: Name of the folder of files that it needs below the data folder; the function is
            then given the data folder as its fourth argument.
    """

    name: str
    function: Callable[..., Images]
    group: str
    severities: Mapping[Family, Sequence[Any]]
    stochastic: bool
    assets: str | None = None

    def parameters(self, severity: int, family: Family) -> Any:  # noqa: ANN401  see `severities`
        """The published parameters of one severity.

        Raises:
            ValueError: The severity is not 1 to 5, or the family has no published parameters.
        """
        if severity not in range(1, 6):
            raise ValueError(f"severity must be 1 to 5, got {severity!r}")
        if family not in self.severities:
            known = ", ".join(self.severities)
            raise ValueError(f"{self.name} is published for the families {known}, got {family!r}")
        return self.severities[family][severity - 1]

    def apply(
        self,
        images: Images,
        parameters: object,
        rngs: Sequence[Rng] = (),
        *,
        data_dir: Path | str | None = None,
    ) -> Images:
        """Corrupt images (N, H, W, 3) uint8; a deterministic corruption ignores ``rngs``.

        Args:
            images: (N, H, W, 3) uint8.
            parameters: What `parameters` gives.
            rngs: One source of randomness per image.
            data_dir: Folder that holds the folder ``assets``; by default ``$ROBENCH_DATA``, else
                ``~/.cache/robench/data``.

        Raises:
            ValueError: A stochastic corruption got fewer or more sources than images.
            FileNotFoundError: Its files are absent or altered.
        """
        if self.assets:
            return self.function(images, parameters, rngs, data_dir)
        if self.stochastic:
            return self.function(images, parameters, rngs)
        return self.function(images, parameters)


def image_rng(seed: int, name: str, severity: int, index: int) -> Rng:
    """The source of randomness of one image.

    It depends on its arguments alone, so neither batch, worker nor order changes an image, and
    NumPy has frozen the streams of ``RandomState``.

    Args:
        seed: The seed of the whole corrupted set.
        name: The corruption.
        severity: 1 to 5.
        index: The number of the image in its data set.
    """
    text = f"{as_int(seed)}/{name}/{as_int(severity)}/{as_int(index)}"
    digest = hashlib.blake2b(text.encode(), digest_size=16).digest()
    return np.random.RandomState(np.random.Philox(key=int.from_bytes(digest, "little")))


def per_image(
    rngs: Sequence[Rng], draw: Callable[..., NDArray[Any]], *rows: Iterable[Any]
) -> NDArray[Any]:
    """Stack what each image draws from its own source: ``draw(rng, *its row of each of rows)``.

    Raises:
        ValueError: ``rngs`` and ``rows`` differ in length, or there is no image.
    """
    return np.stack([draw(*arguments) for arguments in zip(rngs, *rows, strict=True)])


def to_float(images: Images) -> Floats:
    """Images on the [0, 1] scale, float64, as a new array of the same shape."""
    return np.divide(images, 255.0, dtype=np.float64)


def to_bytes(values: Floats) -> Images:
    """Clip to [0, 1] and scale to uint8, truncating as the archives do; overwrites its input."""
    np.clip(values, 0.0, 1.0, out=values)
    np.multiply(values, 255.0, out=values)
    return values.astype(np.uint8)


def resolve_family(family: str, height: int, width: int) -> Family:
    """The family of parameters for images of this size.

    Args:
        family: A family's name, or ``auto`` to go by the side of square images.
        height: Rows of the images.
        width: Columns of the images.

    Raises:
        ValueError: No such family, or ``auto`` with a size for which nothing is published.
    """
    if family == "auto":
        if height == width and height in SIDES:
            return SIDES[height]
        known = ", ".join(f"{side} ({name})" for side, name in SIDES.items())
        raise ValueError(
            f"family='auto' knows square images of side {known}; got {height}x{width} (height x "
            f"width): name the family whose severities you want, e.g. family='imagenet'"
        )
    for known_family in SIDES.values():
        if family == known_family:
            return known_family
    raise ValueError(f"family must be auto, {', '.join(SIDES.values())}; got {family!r}")


def check_images(images: object) -> Images:
    """Return ``images`` if they are a batch of 8-bit RGB pictures.

    Raises:
        TypeError: Not a NumPy array.
        ValueError: Another dtype or shape; the message has what came and the way out.
    """
    if not isinstance(images, np.ndarray):
        kind = type(images).__name__
        raise TypeError(f"expected a NumPy array (N, H, W, 3) of uint8, got {kind}: use np.asarray")
    expected = f"expected images (N, H, W, 3) of uint8, got {images.shape} of {images.dtype}"
    if images.dtype != np.uint8:
        raise ValueError(f"{expected}: scale to 0..255 and convert with .astype(np.uint8)")
    if images.ndim != 4:
        raise ValueError(f"{expected}: {_dimension_hint(images.shape)}")
    if images.shape[3] != 3:
        raise ValueError(f"{expected}: {_channel_hint(images.shape)}")
    if 0 in images.shape[1:]:
        raise ValueError(f"{expected}: the images have no pixels")
    return images


def _dimension_hint(shape: tuple[int, ...]) -> str:
    """What to do about an array that has not four axes."""
    if len(shape) == 3 and shape[2] == 3:
        return "add the batch axis to a single image with images[None]"
    return "repeat grey images over three channels with np.repeat(images[..., None], 3, axis=-1)"


def _channel_hint(shape: tuple[int, ...]) -> str:
    """What to do about an array whose last axis is not RGB."""
    if shape[3] == 1:
        return "repeat grey images over three channels with np.repeat(images, 3, axis=-1)"
    if shape[3] == 4:
        return "drop the alpha channel with images[..., :3]"
    if shape[1] == 3:
        return "move the channels last with images.transpose(0, 2, 3, 1)"
    return "the last axis must be red, green, blue"
