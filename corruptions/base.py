"""What every corruption is made of: its type, the families of sizes, randomness per image."""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import index as as_int
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

Images: TypeAlias = NDArray[np.uint8]
Floats: TypeAlias = NDArray[np.float64]
Floats32: TypeAlias = NDArray[np.float32]
Rng: TypeAlias = np.random.RandomState
Family: TypeAlias = Literal["cifar", "tiny", "imagenet", "inception"]

SIDES: Mapping[int, Family] = {32: "cifar", 64: "tiny", 224: "imagenet", 299: "inception"}


@dataclass(frozen=True, eq=False)
class Corruption:
    """One named corruption and its published strengths.

    Args:
        name: The spelling of the released archives.
        function: ``(images, parameters, rngs)`` when stochastic, else ``(images, parameters)``;
            images (N, H, W, 3) uint8 in and out, the input untouched, image i drawing from rngs[i].
        group: ``noise``, ``blur``, ``weather`` or ``digital``, over which mCE is; ``extra`` for the
            four that Hendrycks & Dietterich set aside for validation; ``procedural`` for our own;
            ``bar`` for those of C-bar.
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

    def __post_init__(self) -> None:
        """Make the table of severities read-only."""
        object.__setattr__(self, "severities", MappingProxyType(dict(self.severities)))

    def __reduce__(self) -> tuple[type["Corruption"], tuple[Any, ...]]:
        """Pickle the table as a plain dictionary, since read-only ones have no pickle."""
        table = dict(self.severities)
        values = (self.name, self.function, self.group, table, self.stochastic, self.assets)
        return type(self), values

    def parameters(self, severity: int, family: Family) -> Any:  # noqa: ANN401  see `severities`
        """The published parameters of one severity.

        Raises:
            ValueError: The severity is not 1 to 5, or the family has no published parameters.
        """
        whole = whole_number(severity)
        if whole is None or not 1 <= whole <= 5:
            raise ValueError(f"severity must be 1 to 5, got {severity!r}")
        if family not in self.severities:
            known = ", ".join(self.severities)
            raise ValueError(f"{self.name} is published for the families {known}, got {family!r}")
        return self.severities[family][whole - 1]

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
        if self.stochastic:
            check_sources(self.name, rngs, images)
        images = np.ascontiguousarray(images)  # what OpenCV needs
        if self.assets:
            return self.function(images, parameters, rngs, data_dir)
        if self.stochastic:
            return self.function(images, parameters, rngs)
        return self.function(images, parameters)


def check_sources(name: str, rngs: Sequence[Rng], images: Images) -> None:
    """Demand one source of randomness per image of what draws random numbers.

    Raises:
        ValueError: There are fewer or more sources than images.
    """
    if len(rngs) != len(images):
        raise ValueError(
            f"{name} needs one source of randomness per image, got {len(rngs)} for "
            f"{len(images)} images"
        )


def whole_number(value: object) -> int | None:
    """An integer of Python or NumPy as an int; None for anything else, truth values included."""
    try:
        return None if isinstance(value, bool) else as_int(value)  # type: ignore[arg-type]
    except TypeError:
        return None


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


def to_float32(images: Images) -> Floats32:
    """Images on the [0, 1] scale, float32, as a new array of the same shape."""
    return np.divide(images, 255.0, dtype=np.float32)


def to_bytes(values: Floats) -> Images:
    """Clip to [0, 1] and scale to uint8, truncating as the archives do; overwrites its input."""
    np.clip(values, 0.0, 1.0, out=values)
    np.multiply(values, 255.0, out=values)
    return values.astype(np.uint8)


def freeze(*arrays: NDArray[Any]) -> None:
    """Make arrays read-only, such as those that a cache hands out again and again."""
    for array in arrays:
        array.flags.writeable = False


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
