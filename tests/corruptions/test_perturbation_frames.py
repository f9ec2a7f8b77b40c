"""Noise, blur and weather sequences against values by hand and other libraries."""

import hashlib
import json

import numpy as np
import pytest
from PIL import Image

from corruptions import PERTURBATIONS, Images, load_perturbation, perturb
from corruptions.base import Floats
from corruptions.perturbations.weather import _drip
from corruptions.weather import brightness

PICTURES: Images = np.random.default_rng(0).integers(0, 256, (2, 32, 32, 3), dtype=np.uint8)
OBLONG: Images = np.random.default_rng(1).integers(0, 256, (1, 24, 41, 3), dtype=np.uint8)


def test_the_constants_are_frozen() -> None:
    """When this fails, check the new constants against the authors' code at its commit."""
    tables = {name: dict(load_perturbation(name).strengths) for name in sorted(PERTURBATIONS)}

    digest = hashlib.sha256(json.dumps(tables, sort_keys=True).encode()).hexdigest()

    assert digest[:16] == "ae87057ef5fe6e63"


@pytest.mark.parametrize(
    ("name", "family", "spreads"),
    [
        ("gaussian_noise", "cifar", (0.02, 0.04, 0.06)),
        ("gaussian_noise", "imagenet", (0.03, 0.05, 0.08)),
        # At half of full scale the count c / 2 has the deviation sqrt(c / 2), c being full scale.
        ("shot_noise", "cifar", tuple((0.5 / c) ** 0.5 for c in (700, 400, 200))),
        ("shot_noise", "imagenet", tuple((0.5 / c) ** 0.5 for c in (300, 120, 60))),
        ("speckle_noise", "cifar", (0.025, 0.035, 0.05)),
        ("speckle_noise", "imagenet", (0.025, 0.05, 0.075)),
    ],
)
def test_noise_is_as_strong_as_published(
    name: str, family: str, spreads: tuple[float, ...]
) -> None:
    images = np.full((1, 32, 32, 3), 128, dtype=np.uint8)
    for difficulty, spread in enumerate(spreads, start=1):
        frames = perturb(images, name, family=family, difficulty=difficulty)

        # Relative standard error over 92160 values: 0.23 %; five of them, the rounding of 128 / 255
        # to a half, and truncation's 1/12 level squared on a variance of 5 squared or more.
        assert frames[:, 1:].std() / 255 == pytest.approx(spread, rel=0.02)


@pytest.mark.parametrize("name", ["gaussian_noise", "shot_noise", "speckle_noise"])
def test_noisy_frames_are_independent_draws_about_the_clean_image(name: str) -> None:
    images = np.full((2, 32, 32, 3), 128, dtype=np.uint8)
    frames = perturb(images, name)

    np.testing.assert_array_equal(frames[:, 0], images)
    change = (frames[:, 1:] - 128.0).reshape(60, -1)
    correlation = np.corrcoef(change)[np.triu_indices(60, k=1)]
    # 1770 correlations of 3072 values with a standard error of 0.018: five of them.
    assert np.abs(correlation).max() < 0.09
    np.testing.assert_allclose(change.mean(axis=1), -0.5, atol=0.5)


def test_zoom_blur_is_the_mean_of_all_enlargements_so_far() -> None:
    functional = pytest.importorskip("torchvision.transforms.functional")
    bilinear = pytest.importorskip("torchvision.transforms").InterpolationMode.BILINEAR
    picture = Image.fromarray(OBLONG[0])
    zooms = [
        np.asarray(
            functional.affine(
                picture, 0.0, [0, 0], 1 + 0.004 * step, [0.0, 0.0], interpolation=bilinear
            )
        )
        for step in range(31)
    ]

    frames = perturb(OBLONG, "zoom_blur", family="cifar")[0]

    for number in (0, 1, 2, 17, 30):
        mean = np.mean(zooms[: number + 1], axis=0)
        assert np.abs(frames[number] - np.floor(mean)).max() <= 1


def test_motion_blur_turns_half_around() -> None:
    point = np.zeros((1, 33, 33, 3), dtype=np.uint8)
    point[0, 16, 16] = 255

    frames = perturb(point, "motion_blur", family="cifar")[0, ..., 0]

    marks = [np.argwhere(frames[number]).tolist() for number in (0, 10, 20)]
    assert marks[0] == [[16, 16 + step] for step in range(6)]
    assert marks[1] == [[16 + step, 16] for step in range(6)]
    assert marks[2] == [[16, 11 + step] for step in range(6)]


@pytest.mark.parametrize(
    ("family", "truncate", "first", "step"),
    [("cifar", 7, 0.3, 0.015), ("imagenet", 6, 0.25, 0.035)],
)
def test_gaussian_blur_equals_scikit_image(
    family: str, truncate: float, first: float, step: float
) -> None:
    filters = pytest.importorskip("skimage.filters")
    frames = perturb(OBLONG, "gaussian_blur", family=family)[0]

    for number in (0, 13, 30):
        blurred = filters.gaussian(
            OBLONG[0] / 255.0, first + step * number, channel_axis=-1, truncate=truncate
        )
        expected = (np.clip(blurred, 0, 1) * 255).astype(np.uint8)

        np.testing.assert_array_equal(frames[number], expected)


@pytest.mark.parametrize(("family", "step"), [("cifar", 1.5 / 100), ("imagenet", 2 / 100)])
def test_brightness_frames_are_those_of_the_corruption(family: str, step: float) -> None:
    frames = perturb(PICTURES, "brightness", family=family)

    for number in (0, 7, 15, 30):
        same = brightness(PICTURES, (number - 15) * step)

        assert np.abs(frames[:, number].astype(int) - same).max() <= 1
    assert frames[:, 0].mean() < frames[:, 15].mean() < frames[:, 30].mean()


def test_snow_is_one_layer_and_its_turned_self_over_a_whitened_picture() -> None:
    black = np.zeros((1, 32, 32, 3), dtype=np.uint8)

    frames = perturb(black, "snow")[0]

    # 15 % of the half grey that black turns into: 0.15 * 0.5 * 255 = 19.1.
    assert frames.min() == 19
    assert (frames == frames[..., :1]).all()
    np.testing.assert_array_equal(frames, frames[:, ::-1, ::-1])
    # The flakes only turn, so that they keep their light but for what the borders repeat or lose.
    light = frames[..., 0].mean(axis=(1, 2)) - 19
    assert 0 < light.max() < 2 * light.min()


@pytest.mark.parametrize("kernel", [(0.2, 0.8), (0.05, 0.1, 0.15, 0.7)])
def test_water_drips_down_the_columns(kernel: tuple[float, ...]) -> None:
    layers: Floats = np.random.default_rng(0).random((2, 9, 5))

    result = _drip(layers, kernel)

    for layer, dripped in zip(layers, result, strict=True):
        columns = [np.convolve(column, kernel, mode="same") for column in layer.T]
        np.testing.assert_allclose(dripped, np.array(columns).T, rtol=1e-12)
    drop = np.zeros((1, 9, 1))
    drop[0, 2] = 1.0
    assert _drip(drop, kernel)[0, :, 0].argmax() == 2 + len(kernel) // 2


def test_water_runs_down_the_picture_and_leaves_the_rest_dry() -> None:
    grey = np.full((8, 32, 32, 3), 100, dtype=np.uint8)

    wet = np.asarray((perturb(grey, "spatter") > 100).any(axis=-1))

    assert 0 < wet[:, 0].mean() < 0.5
    # By 0.8 of a row a frame.
    fallen = (wet[:, 0, :-8] & wet[:, 10, 8:]).sum()
    assert fallen > 5 * (wet[:, 0] & wet[:, 10]).sum()
