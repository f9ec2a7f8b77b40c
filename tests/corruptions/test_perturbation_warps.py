"""Sequences that move the picture, against values by hand and torchvision."""

import numpy as np
import pytest
from PIL import Image

from corruptions import Images, perturb
from corruptions.perturbations.geometry import _perspective

PICTURES: Images = np.random.default_rng(0).integers(0, 256, (2, 32, 32, 3), dtype=np.uint8)
OBLONG: Images = np.random.default_rng(1).integers(0, 256, (1, 24, 41, 3), dtype=np.uint8)


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
