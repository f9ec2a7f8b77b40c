"""The elastic transform against SciPy, values by hand, and the authors' code on OpenCV 4."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from scipy.ndimage import gaussian_filter, map_coordinates

from corruptions import Images, corrupt, load
from corruptions.base import Family
from corruptions.elastic import _affine, _sample, _smooth, elastic_transform

PICTURES: Images = np.random.default_rng(0).integers(0, 256, (3, 23, 37, 3), dtype=np.uint8)
FAMILIES: tuple[Family, ...] = ("cifar", "tiny", "imagenet", "inception")


def _as_the_authors(images: Images, severity: int, family: Family) -> Images:
    """Transform with the random numbers of the golden files."""
    corruption = load("elastic_transform")
    rngs = [np.random.RandomState(0) for _ in images]
    return corruption.apply(images, corruption.parameters(severity, family), rngs)


def test_no_strength_and_no_jitter_change_nothing() -> None:
    rngs = [np.random.RandomState(0) for _ in PICTURES]

    np.testing.assert_array_equal(elastic_transform(PICTURES, (0, 0, 0), rngs), PICTURES)


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("severity", range(1, 6))
def test_a_flat_image_stays_flat_but_for_truncation(severity: int, family: Family) -> None:
    flat = np.full((2, 23, 37, 3), (13, 100, 251), dtype=np.uint8)

    result = corrupt(flat, "elastic_transform", severity, family=family)

    # OpenCV's weights may sum to a hair below 1, which truncation turns into one level.
    assert set(np.unique(flat - result)) <= {0, 1}


@pytest.mark.parametrize(
    ("size", "centre", "reach"),
    [((32, 32), 16, 10), ((24, 41), (20, 12), 8), ((41, 24), (12, 20), 8), ((2, 1), (0, 1), 1)],
)
def test_three_points_around_the_centre_are_jittered(
    size: tuple[int, int], centre: int | tuple[int, int], reach: int
) -> None:
    points = np.array(centre) + reach * np.array([[1, 1], [1, -1], [-1, -1]])
    jitter = np.random.RandomState(7).uniform(-0.3, 0.3, (3, 2))

    matrix = _affine(size, 0.3, np.random.RandomState(7))

    np.testing.assert_allclose(points @ matrix[:, :2].T + matrix[:, 2], points + jitter, atol=1e-5)


def test_points_are_columns_before_rows() -> None:
    # A point of light at column 20, row 12, the centre, goes where the affine map says.
    image = np.zeros((1, 24, 41, 3), dtype=np.uint8)
    image[:, 12, 20] = 255
    x, y = _affine((24, 41), 3.0, np.random.RandomState(2)) @ [20, 12, 1]

    light = elastic_transform(image, (0, 0, 3.0), [np.random.RandomState(2)])[0, :, :, 0].astype(
        int
    )

    rows, columns = np.mgrid[:24, :41]
    assert (light * columns).sum() / light.sum() == pytest.approx(x, abs=0.5)
    assert (light * rows).sum() / light.sum() == pytest.approx(y, abs=0.5)


@pytest.mark.parametrize("sigma", [0.32, 0.96, 6.4, 40.0])
@pytest.mark.parametrize("size", [(32, 32), (7, 19), (1, 5), (1, 1)])
def test_smoothing_equals_scipy_also_with_kernels_longer_than_the_image(
    size: tuple[int, int], sigma: float
) -> None:
    fields = np.random.default_rng(0).uniform(-1, 1, (2, 2, *size))

    expected = gaussian_filter(fields, (0, 0, sigma, sigma), mode="reflect", truncate=3.0)

    np.testing.assert_allclose(_smooth(fields, sigma), expected, atol=1e-13)


@pytest.mark.parametrize("reach", [0.7, 5.0, 90.0])
def test_sampling_equals_scipy_also_far_outside_the_image(reach: float) -> None:
    images = np.random.default_rng(0).random((2, 23, 37, 3), dtype=np.float32)
    shifts = np.random.default_rng(1).uniform(-reach, reach, (2, 2, 23, 37)).astype(np.float32)
    rows, columns = np.mgrid[:23, :37]

    result = _sample(images, shifts, reach)

    for image, (dx, dy), sampled in zip(images, shifts, result, strict=True):
        for channel in range(3):
            expected = map_coordinates(
                image[..., channel], [rows + dy, columns + dx], order=1, mode="reflect"
            )
            np.testing.assert_allclose(sampled[..., channel], expected, atol=1e-6)


def test_shifts_are_those_of_the_sampled_place() -> None:
    ramp = np.broadcast_to(np.arange(8, dtype=np.float32)[:, None, None], (1, 8, 8, 3)) / 8
    shifts = np.zeros((1, 2, 8, 8), dtype=np.float32)
    shifts[:, 0] = 3.0  # along x: nothing changes along the columns of this ramp
    shifts[:, 1] = 0.25

    sampled = _sample(np.ascontiguousarray(ramp), shifts, 3.0)[0, :, 0, 0]

    # The last row lies a quarter outside, where the mirror repeats it.
    np.testing.assert_allclose(sampled * 8, [0.25, 1.25, 2.25, 3.25, 4.25, 5.25, 6.25, 7.0])


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("severity", range(1, 6))
def test_oblong_images_come_out_the_same_alone_as_in_a_batch(severity: int, family: Family) -> None:
    batch = corrupt(PICTURES, "elastic_transform", severity, family=family)

    for index in range(3):
        alone = corrupt(
            PICTURES[index : index + 1],
            "elastic_transform",
            severity,
            family=family,
            indices=[index],
        )
        np.testing.assert_array_equal(alone[0], batch[index])


@pytest.mark.parametrize("severity", range(1, 6))
@pytest.mark.parametrize("size", [(1, 1), (1, 9), (9, 1), (2, 2), (3, 5), (8, 8)])
def test_tiny_images_give_mixtures_of_their_pixels(size: tuple[int, int], severity: int) -> None:
    images = np.random.default_rng(1).integers(0, 256, (2, *size, 3), dtype=np.uint8)

    for family in FAMILIES:
        result = corrupt(images, "elastic_transform", severity, family=family)

        # Truncation takes up to one level.
        assert (result <= images.max(axis=(1, 2), keepdims=True)).all()
        assert (result + 1.0 >= images.min(axis=(1, 2), keepdims=True)).all()


def test_the_published_slip_of_244_for_224_is_kept() -> None:
    assert load("elastic_transform").parameters(1, "imagenet") == (244 * 2, 244 * 0.7, 244 * 0.1)
    assert load("elastic_transform").parameters(1, "inception") == (360 * 2, 360 * 0.7, 360 * 0.1)


@pytest.mark.shared
@pytest.mark.parametrize("severity", range(1, 6))
def test_golden_pixels_of_opencv_4_at_224_are_equal(severity: int, shared: Path) -> None:
    assert cv2.__version__.startswith("4.")
    folder = shared / "goldens" / "corruptions"
    with np.load(folder / "inputs.npz") as inputs, np.load(folder / "opencv4_variants.npz") as file:
        large = _as_the_authors(inputs["imagenet"][:1], severity, "imagenet")[0, ::4, ::4]

        np.testing.assert_array_equal(large, file[f"imagenet-elastic_transform-{severity}-sub0"])


@pytest.mark.shared
@pytest.mark.parametrize("severity", range(1, 6))
def test_pixels_lie_within_three_levels_of_opencv_5(severity: int, shared: Path) -> None:
    folder = shared / "goldens" / "corruptions"
    name = f"elastic_transform-{severity}"
    with np.load(folder / "inputs.npz") as file:
        small = _as_the_authors(file["cifar"], severity, "cifar").astype(int)
        large = _as_the_authors(file["imagenet"], severity, "imagenet").astype(int)

    with np.load(folder / "cifar_c.npz") as file:
        assert np.abs(small - file[name]).max() <= 3
    with np.load(folder / "imagenet_c.npz") as file:
        assert np.abs(large[0] - file[f"{name}-full0"]).max() <= 3
        assert np.abs(large[1:, ::4, ::4] - file[f"{name}-sub12"]).max() <= 3
