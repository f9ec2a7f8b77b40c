"""Perturbation sequences against values by hand and other libraries."""

import hashlib
import json

import numpy as np
import pytest
from PIL import Image

from corruptions import PERTURBATIONS, Images, load_perturbation, perturb
from corruptions.base import Floats
from corruptions.perturbations.geometry import _perspective
from corruptions.perturbations.weather import _drip
from corruptions.weather import brightness

PICTURES: Images = np.random.default_rng(0).integers(0, 256, (2, 32, 32, 3), dtype=np.uint8)
OBLONG: Images = np.random.default_rng(1).integers(0, 256, (1, 24, 41, 3), dtype=np.uint8)


def test_the_constants_are_frozen() -> None:
    """When this fails, check the new constants against the authors' code at its commit."""
    tables = {name: load_perturbation(name).strengths for name in sorted(PERTURBATIONS)}

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


def test_translation_goes_from_left_to_right_over_black() -> None:
    frames = perturb(PICTURES, "translate")

    np.testing.assert_array_equal(frames[:, 7], PICTURES)
    np.testing.assert_array_equal(frames[:, 0, :, :25], PICTURES[:, :, 7:])
    assert frames[:, 0, :, 25:].max() == 0
    np.testing.assert_array_equal(frames[:, 15, :, 8:], PICTURES[:, :, :24])
    assert frames[:, 15, :, :8].max() == 0


def test_translation_shows_what_lies_beside_the_crop() -> None:
    white = np.full((1, 256, 256, 3), 255, dtype=np.uint8)

    frames = perturb(white, "translate")[0]

    # Sixteen pixels lie on either side of the centre of a square picture; it moves by twenty.
    assert [int((frame[0, :, 0] == 0).sum()) for frame in frames] == [
        max(0, abs(shift) - 16) for shift in range(-20, 21)
    ]
    assert perturb(np.full((1, 256, 300, 3), 255, dtype=np.uint8), "translate").min() == 255


def test_translation_beyond_the_picture_leaves_nothing() -> None:
    white = np.full((1, 4, 5, 3), 255, dtype=np.uint8)

    frames = perturb(white, "translate", family="imagenet")[0, :, 0, :, 0]

    assert (frames > 0).sum(axis=1).tolist() == [max(0, 5 - abs(n)) for n in range(-20, 21)]


def _brightest(frame: Images) -> tuple[int, int]:
    """Row and column of the brightest pixel."""
    row, column = np.unravel_index(frame[..., 0].argmax(), frame.shape[:2])
    return int(row), int(column)


def test_rotation_is_clockwise() -> None:
    point = np.zeros((1, 33, 33, 3), dtype=np.uint8)
    point[0, 6, 16] = 255

    frames = perturb(point, "rotate", family="cifar")[0]

    # Ten pixels above the centre; fifteen degrees move it by 10 sin(15) = 2.6 pixels.
    assert [_brightest(frames[number]) for number in (0, 15, 30)] == [(6, 13), (6, 16), (6, 19)]


def test_shear_keeps_the_middle_row_and_slants_the_columns() -> None:
    column = np.zeros((1, 33, 33, 3), dtype=np.uint8)
    column[0, :, 16] = 255

    frame = perturb(column, "shear", family="cifar")[0, 30]

    # By tan(15) = 0.27 pixels a row: 2.1 pixels in eight rows.
    assert [_brightest(frame[row : row + 1])[1] for row in (8, 16, 24)] == [18, 16, 14]
    assert frame[16, 16, 0] == 255


def test_scale_shrinks_and_enlarges_about_the_centre() -> None:
    white = np.full((1, 100, 100, 3), 255, dtype=np.uint8)

    cifar = perturb(white, "scale", family="cifar")[0, ..., 0]
    imagenet = perturb(white, "scale", family="imagenet", crop=None)[0, ..., 0]

    sides = [int((frame[50] > 0).sum()) for frame in (*cifar[:16:5], *imagenet[:25:8])]
    assert sides == [70, 80, 90, 100, 40, 60, 80, 100]
    assert (cifar[0, 15:85, 15:85] == 255).all()


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("rotate", [{"angle": i - 15.0} for i in range(31)]),
        ("scale", [{"scale": (2 * i + 70) / 100} for i in range(31)]),
        ("shear", [{"shear": [i - 15.0, 0.0]} for i in range(31)]),
    ],
)
def test_affine_warps_equal_torchvision(name: str, arguments: list[dict[str, float]]) -> None:
    functional = pytest.importorskip("torchvision.transforms.functional")
    bilinear = pytest.importorskip("torchvision.transforms").InterpolationMode.BILINEAR
    picture = Image.fromarray(OBLONG[0])
    still = {"angle": 0.0, "translate": [0, 0], "scale": 1.0, "shear": [0.0, 0.0]}

    expected = [
        np.asarray(functional.affine(picture, **{**still, **one}, interpolation=bilinear))
        for one in arguments
    ]

    np.testing.assert_array_equal(perturb(OBLONG, name, family="cifar")[0], expected)


@pytest.mark.parametrize(("name", "number"), [("rotate", 15), ("shear", 15), ("scale", 15)])
def test_the_middle_of_a_warp_is_the_image_itself(name: str, number: int) -> None:
    np.testing.assert_array_equal(perturb(PICTURES, name)[:, number], PICTURES)


def test_an_untilted_picture_lies_one_pixel_farther_than_the_focus() -> None:
    corners = np.array([[0, 0, 1], [100, 60, 1]]).T

    x, y, depth = _perspective(0.0, 60, 100) @ corners

    shrink = np.hypot(100, 60) / (np.hypot(100, 60) + 1)
    np.testing.assert_allclose(x / depth, [50 - 50 * shrink, 50 + 50 * shrink])
    np.testing.assert_allclose(y / depth, [30 - 30 * shrink, 30 + 30 * shrink])


def test_tilt_turns_the_near_corner_towards_the_camera() -> None:
    angle = np.radians(15)
    corners = np.array([[0, 0, 1], [100, 60, 1]]).T

    depth = _perspective(float(angle), 60, 100) @ corners

    # About y, the corner (x, y) at depth 1 goes to depth x sin + cos; then, about x, to that times
    # cos plus y sin. The top left is nearer than the focus, the bottom right farther.
    focus, sine, cosine = np.hypot(100, 60), np.sin(angle), np.cos(angle)
    near = -sine * 30 + cosine * (sine * -50 + cosine) + focus
    far = sine * 30 + cosine * (sine * 50 + cosine) + focus
    np.testing.assert_allclose(depth[2], [near, far])


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
