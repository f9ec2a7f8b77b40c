"""Frames of the authors' own code."""

import hashlib
import json
from pathlib import Path
from typing import cast

import numpy as np
import pytest
import torch

from corruptions import PERTURBATIONS, Images, load_perturbation
from corruptions.base import Family, Rng

HARDER = ("gaussian_noise", "shot_noise", "speckle_noise")
CASES = [
    (name, difficulty)
    for name in PERTURBATIONS
    for difficulty in (1, 2, 3)
    if difficulty == 1 or name in HARDER
]
WHOLE_32 = (slice(0, 32), slice(0, 32))
CENTRE_256X365 = (slice(16, 240), slice(70, 294))


class _TorchNormals:
    """The authors' Gaussian draws: torch's, in single precision, channels first."""

    def __init__(self) -> None:
        self._generator = torch.Generator().manual_seed(0)

    def normal(self, size: tuple[int, int, int]) -> Images:
        height, width, channels = size
        draws = torch.randn(channels, height, width, generator=self._generator)
        return draws.permute(1, 2, 0).numpy()


def _authors_rng(name: str) -> Rng:
    """The source that the authors' code drew from when the golden files were made."""
    if name == "gaussian_noise":
        return cast("Rng", _TorchNormals())
    return np.random.RandomState(0)


def _as_the_authors(image: Images, name: str, difficulty: int, family: Family) -> Images:
    """The sequence (F, h, w, 3) of one image, with the random numbers of the golden files."""
    perturbation = load_perturbation(name)
    parameters = perturbation.strengths[family][difficulty - 1]
    window = WHOLE_32 if family == "cifar" else CENTRE_256X365
    frames = perturbation.apply(image[None], parameters, window, [_authors_rng(name)])
    return np.concatenate(list(frames))


def _key(name: str, difficulty: int) -> str:
    """The folder of a difficulty in the released archives."""
    return name if difficulty == 1 else f"{name}_{difficulty}"


def _digest(frames: Images) -> str:
    """The first 16 hex digits of the SHA-256 of a sequence."""
    return hashlib.sha256(frames.tobytes()).hexdigest()[:16]


def _difference(one: Images, other: Images) -> int:
    """The largest difference in levels."""
    return int(np.abs(one.astype(int) - other.astype(int)).max())


@pytest.mark.parametrize(("name", "difficulty"), CASES)
def test_cifar_frames_equal_the_authors_code(name: str, difficulty: int, golden: Path) -> None:
    with np.load(golden / "corruptions" / "cifar_p.npz") as file:
        images, expected = file["images"], file[_key(name, difficulty)]
        digests = json.loads(str(file["sha256_16"]))[_key(name, difficulty)]

    every = 6 if difficulty == 1 else 5
    for image, digest, frames in zip(images, digests, expected, strict=False):
        result = _as_the_authors(image, name, difficulty, "cifar")

        # Of the difficulties 2 and 3 the file holds the first frames alone.
        excerpt = result[::every, ::4, ::4][: len(frames)]
        assert _difference(excerpt, frames) <= 1
        if name != "gaussian_noise":  # torch's draws may differ in the last bit between processors
            assert _digest(result) == digest


@pytest.mark.shared
@pytest.mark.parametrize(("name", "difficulty"), CASES)
def test_all_golden_frames_at_32_are_equal(name: str, difficulty: int, shared: Path) -> None:
    folder = shared / "goldens" / "corruptions"
    key = _key(name, difficulty)
    with np.load(folder / "inputs.npz") as inputs, np.load(folder / "cifar_p.npz") as file:
        images, stored = inputs["cifar"][[0, 3]], file[key]
        count = int(file[f"{key}-nframes"])
        digests = json.loads(str(file["sha256_16"]))[key]

    results = [_as_the_authors(image, name, difficulty, "cifar") for image in images]

    assert {len(result) for result in results} == {count}
    limit = 4 if name == "tilt" else 0  # OpenCV 5; the next test has OpenCV 4
    for result, frames in zip(results, stored, strict=difficulty == 1):
        assert _difference(result[: len(frames)], frames) <= limit
    assert name == "tilt" or [_digest(result) for result in results] == digests


@pytest.mark.shared
def test_tilt_at_32_equals_opencv_4(shared: Path) -> None:
    folder = shared / "goldens" / "corruptions"
    with np.load(folder / "inputs.npz") as inputs, np.load(folder / "opencv4_variants.npz") as file:
        result = _as_the_authors(inputs["cifar"][0], "tilt", 1, "cifar")

        np.testing.assert_array_equal(result, file["cifar-p-tilt-image0"])


@pytest.mark.shared
@pytest.mark.parametrize(("name", "difficulty"), CASES)
def test_all_golden_frames_at_224_are_equal(name: str, difficulty: int, shared: Path) -> None:
    folder = shared / "goldens" / "corruptions"
    key = _key(name, difficulty)
    with np.load(folder / "inputs.npz") as inputs, np.load(folder / "imagenet_p.npz") as file:
        result = _as_the_authors(inputs["imagenet_resized256_0"], name, difficulty, "imagenet")
        digest = json.loads(str(file["sha256_16"]))[key][0]

        limit = 4 if name == "tilt" else 0  # OpenCV 5
        assert len(result) == int(file[f"{key}-nframes"])
        assert _difference(result[:, ::8, ::8], file[f"{key}-stride8"]) <= limit
        assert _difference(result[7, ::2, ::2], file[f"{key}-frame7"]) <= limit
        assert name == "tilt" or _digest(result) == digest
