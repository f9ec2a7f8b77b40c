"""What a batch and its numbering must be, and the blocks that it is worked on in."""

from collections.abc import Iterator, Sequence

import numpy as np

from corruptions.base import Images, whole_number

PIXELS_AT_ONCE = 2**16
"""Blocks are of about so many pixels (64 images of 32x32, one of 224x224)."""


def blocks(images: Images) -> Iterator[tuple[slice, Images]]:
    """Cut a batch (N, H, W, 3) into contiguous blocks of images, each after its place in it."""
    step = max(1, PIXELS_AT_ONCE // (images.shape[1] * images.shape[2]))
    for start in range(0, len(images), step):
        place = slice(start, min(start + step, len(images)))
        yield place, np.ascontiguousarray(images[place])


def check_seed(seed: object) -> int:
    """Return the seed as an int.

    Raises:
        TypeError: No integer.
    """
    whole = whole_number(seed)
    if whole is None:
        raise TypeError(f"seed must be an integer, got {seed!r}")
    return whole


def check_indices(indices: Sequence[int] | None, count: int) -> Sequence[int]:
    """Return the numbers of ``count`` images in their data set; 0 to count - 1 for None.

    Raises:
        TypeError: An index is no integer.
        ValueError: There are not as many indices as images.
    """
    if indices is None:
        return range(count)
    if len(indices) != count:
        raise ValueError(f"expected one index per image, got {len(indices)} for {count} images")
    keys = []
    for index in indices:
        whole = whole_number(index)
        if whole is None:
            raise TypeError(f"indices must be integers, got {index!r}")
        keys.append(whole)
    return keys


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
