"""Sequences of CIFAR-P and ImageNet-P that move the picture; what was outside it is black.

Hendrycks & Dietterich, "Benchmarking Neural Network Robustness to Common Corruptions and
Perturbations", ICLR 2019. Affine warps are about the centre of the picture, as torchvision has them
today; the releases of 2018 warped about a point half a pixel further down and right.
"""

from collections.abc import Iterable, Sequence
from math import cos, hypot, radians, sin, tan
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from corruptions.base import Images
from corruptions.perturbations.base import Frames, Perturbation, Window

Matrix: TypeAlias = NDArray[np.float64]
Linear: TypeAlias = tuple[float, float, float, float]
"""(a, b, c, d): the pixel (x, y) from the centre shows what was at (ax + by, cx + dy)."""


def translate_frames(images: Images, shifts: Sequence[int], window: Window) -> Frames:
    """Shift to the right.

    Args:
        images: (N, H, W, 3) uint8.
        shifts: Of each frame, in pixels; negative to the left.
        window: What the frames show.

    Yields:
        As many frames (N, h, w, 3) uint8 as shifts.
    """
    rows, columns = window
    width = images.shape[2]
    for shift in shifts:
        frame = np.zeros((len(images), *_size(window), 3), dtype=np.uint8)
        start = min(max(columns.start, shift), columns.stop)
        stop = max(min(columns.stop, width + shift), start)
        shown = slice(start - columns.start, stop - columns.start)
        frame[:, :, shown] = images[:, rows, start - shift : stop - shift]
        yield frame


def rotate_frames(images: Images, angles: Sequence[float], window: Window) -> Frames:
    """Turn clockwise by ``angles`` in degrees, one per frame; as `affine_frames`."""
    return affine_frames(images, map(_rotation, angles), window)


def scale_frames(images: Images, factors: Sequence[float], window: Window) -> Frames:
    """Enlarge by ``factors``, one per frame; as `affine_frames`."""
    return affine_frames(images, map(enlargement, factors), window)


def shear_frames(images: Images, angles: Sequence[float], window: Window) -> Frames:
    """Slant the columns by ``angles`` in degrees, one per frame; as `affine_frames`."""
    return affine_frames(images, map(_slant, angles), window)


def enlargement(factor: float) -> Linear:
    """The map of a picture ``factor`` times as large."""
    return 1.0 / factor, 0.0, 0.0, 1.0 / factor


def _rotation(angle: float) -> Linear:
    """The map of a picture turned clockwise."""
    sine, cosine = sin(radians(angle)), cos(radians(angle))
    return cosine, sine, -sine, cosine


def _slant(angle: float) -> Linear:
    """The map of a picture whose rows slide."""
    return 1.0, tan(radians(angle)), 0.0, 1.0


def affine_frames(images: Images, maps: Iterable[Linear], window: Window) -> Frames:
    """Warp about the centre of the whole picture, bilinearly.

    Args:
        images: (N, H, W, 3) uint8.
        maps: Where each frame's pixels come from.
        window: What the frames show.

    Yields:
        As many frames (N, h, w, 3) uint8 as maps.
    """
    rows, columns = window
    x, y = images.shape[2] * 0.5, images.shape[1] * 0.5
    pictures = [Image.fromarray(image) for image in images]
    for a, b, c, d in maps:
        frame = np.empty((len(images), *_size(window), 3), dtype=np.uint8)
        # From the corner of the picture, not of the window: another origin would round differently.
        matrix = (a, b, a * -x + b * -y + x, c, d, c * -x + d * -y + y)
        for row, picture in zip(frame, pictures, strict=True):
            warped = picture.transform(
                (columns.stop, rows.stop),
                Image.Transform.AFFINE,
                matrix,
                Image.Resampling.BILINEAR,
            )
            row[...] = np.asarray(warped)[rows, columns]
        yield frame


def tilt_frames(images: Images, angles: Sequence[float], window: Window) -> Frames:
    """Turn the picture in space about both its axes, before a camera that stays where it is.

    The pixels are those of OpenCV 4; OpenCV 5 interpolates otherwise.

    Args:
        images: (N, H, W, 3) uint8.
        angles: Of each frame, in degrees, the same about either axis.
        window: What the frames show.

    Yields:
        As many frames (N, h, w, 3) uint8 as angles.
    """
    rows, columns = window
    height, width = _size(window)
    crop = np.array([[1.0, 0.0, -columns.start], [0.0, 1.0, -rows.start], [0.0, 0.0, 1.0]])
    for angle in angles:
        matrix = crop @ _perspective(radians(angle), *images.shape[1:3])
        frame = np.empty((len(images), height, width, 3), dtype=np.uint8)
        for row, image in zip(frame, images, strict=True):
            cv2.warpPerspective(image, matrix, (width, height), dst=row)
        yield frame


def _perspective(angle: float, height: int, width: int) -> Matrix:
    """(x, y, 1) in the picture -> homogeneous coordinates in its tilted view: (3, 3)."""
    sine, cosine, focus = sin(angle), cos(angle), hypot(width, height)
    # The authors lift the picture to a depth of 1, not 0.
    lift = np.array([[1, 0, -width / 2], [0, 1, -height / 2], [0, 0, 1], [0, 0, 1]])
    about_y = np.array([[cosine, 0, -sine, 0], [0, 1, 0, 0], [sine, 0, cosine, 0], [0, 0, 0, 1]])
    about_x = np.array([[1, 0, 0, 0], [0, cosine, -sine, 0], [0, sine, cosine, 0], [0, 0, 0, 1]])
    away = np.array([[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, focus], [0, 0, 0, 1]])
    project = np.array([[focus, 0, width / 2, 0], [0, focus, height / 2, 0], [0, 0, 1, 0]])
    matrix: Matrix = project @ (away @ (about_x @ (about_y @ lift)))
    return matrix


def _size(window: Window) -> tuple[int, int]:
    """Height and width of a window."""
    rows, columns = window
    return rows.stop - rows.start, columns.stop - columns.start


DEGREES = tuple(range(-15, 16))

GEOMETRY = (
    Perturbation(
        "translate",
        translate_frames,
        group="test",
        strengths={"cifar": (tuple(range(-7, 9)),), "imagenet": (tuple(range(-20, 21)),)},
        frames={"cifar": 16, "imagenet": 41},
        warps=True,
    ),
    Perturbation(
        "rotate",
        rotate_frames,
        group="test",
        strengths={"cifar": (DEGREES,), "imagenet": (DEGREES,)},
        frames={"cifar": 31, "imagenet": 31},
        warps=True,
    ),
    Perturbation(
        "tilt",
        tilt_frames,
        group="test",
        strengths={"cifar": (tuple(0.75 * step for step in DEGREES),), "imagenet": (DEGREES,)},
        frames={"cifar": 31, "imagenet": 31},
        warps=True,
    ),
    Perturbation(
        "scale",
        scale_frames,
        group="test",
        strengths={
            "cifar": (tuple((2 * step + 70) / 100 for step in range(31)),),
            "imagenet": (tuple((2.5 * step + 40) / 100 for step in range(31)),),
        },
        frames={"cifar": 31, "imagenet": 31},
        warps=True,
    ),
    Perturbation(
        "shear",
        shear_frames,
        group="extra",
        strengths={"cifar": (DEGREES,), "imagenet": (DEGREES,)},
        frames={"cifar": 31, "imagenet": 31},
        warps=True,
    ),
)
