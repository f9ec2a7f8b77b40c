"""Frost of our own: it needs no files, and looks like frost in the ways that can be counted."""

import numpy as np
import pytest

from corruptions import GROUPS, Images, assets_present, corrupt, load
from corruptions.base import Family, image_rng
from corruptions.procedural import frost_procedural

BLACK: Images = np.zeros((16, 64, 64, 3), dtype=np.uint8)


def _rngs(count: int) -> list[np.random.RandomState]:
    return [image_rng(0, "frost_procedural", 1, index) for index in range(count)]


def test_it_needs_no_files() -> None:
    assert load("frost_procedural").assets is None
    assert assets_present("frost_procedural", "nowhere")


def test_it_is_in_a_group_of_its_own_that_no_published_score_covers() -> None:
    assert GROUPS["procedural"] == ("frost_procedural",)


def test_ice_grows_from_the_borders() -> None:
    ice = frost_procedural(BLACK, (1, 1), _rngs(16)).mean(axis=(0, 3))

    border = np.concatenate([ice[:4].ravel(), ice[-4:].ravel(), ice[:, :4].ravel()])
    assert border.mean() > 1.5 * ice[24:40, 24:40].mean()


def test_ice_is_bluish_white() -> None:
    red, green, blue = frost_procedural(BLACK, (1, 1), _rngs(16)).mean(axis=(0, 1, 2))

    assert red < green < blue < 1.2 * red


def test_crystals_are_fine_lines_and_no_smooth_fog() -> None:
    black = np.zeros((4, 224, 224, 3), dtype=np.uint8)
    ice = frost_procedural(black, (1, 1), _rngs(4))[..., 1].astype(float)

    steps = np.abs(np.diff(ice, axis=2)).mean()
    foggy = corrupt(black + np.uint8(255), "fog", 3)[..., 1].astype(float)

    assert steps > 4 * np.abs(np.diff(foggy, axis=2)).mean()


def test_lines_lead_away_from_any_direction_of_growth() -> None:
    ice = frost_procedural(BLACK, (1, 1), _rngs(16))[..., 1].astype(float)

    across, down = np.abs(np.diff(ice, axis=2)).mean(), np.abs(np.diff(ice, axis=1)).mean()

    assert across == pytest.approx(down, rel=0.15)


@pytest.mark.parametrize("family", ["cifar", "tiny", "imagenet", "inception"])
def test_less_of_the_picture_is_left_with_each_severity(family: Family) -> None:
    images = np.random.default_rng(0).integers(0, 256, (16, 64, 64, 3), dtype=np.uint8)

    left = []
    for severity in range(1, 6):
        parameters = load("frost_procedural").parameters(severity, family)
        frosted = frost_procedural(images, parameters, _rngs(16))
        left.append(np.corrcoef(images.ravel(), frosted.ravel())[0, 1])

    assert left == sorted(left, reverse=True)
    assert left[0] > left[4] + 0.05


@pytest.mark.parametrize("family", ["cifar", "tiny", "imagenet", "inception"])
def test_the_weights_are_those_of_frost(family: Family) -> None:
    weights = [parameters[:2] for parameters in load("frost").severities[family]]

    assert list(load("frost_procedural").severities[family]) == weights


def test_without_weight_the_frost_is_not_there() -> None:
    images = np.arange(192, dtype=np.uint8).reshape(1, 8, 8, 3)

    np.testing.assert_array_equal(frost_procedural(images, (1, 0), _rngs(1)), images)


@pytest.mark.parametrize("size", [(1, 1), (2, 1), (3, 200), (24, 41), (600, 520)])
def test_any_size_will_do(size: tuple[int, int]) -> None:
    images = np.zeros((1, *size, 3), dtype=np.uint8)

    result = frost_procedural(images, (0.6, 0.75), _rngs(1))

    assert result.shape == images.shape
    assert result.any()


def test_pictures_above_the_drawing_size_get_the_same_frost_enlarged() -> None:
    ice = [
        frost_procedural(np.zeros((1, side, side, 3), dtype=np.uint8), (1, 1), _rngs(1))[0, ..., 1]
        for side in (512, 1024)
    ]

    coarse = ice[1].reshape(512, 2, 512, 2).mean(axis=(1, 3))
    assert np.corrcoef(ice[0].ravel(), coarse.ravel())[0, 1] > 0.95


def test_every_image_draws_from_its_own_source_alone() -> None:
    batch = frost_procedural(BLACK[:3], (1, 1), _rngs(3))

    alone = frost_procedural(BLACK[:1], (1, 1), _rngs(3)[2:])

    np.testing.assert_array_equal(batch[2:], alone)
    assert (batch[0] != batch[1]).mean() > 0.5


def test_the_pixels_of_this_generator_version_are_kept() -> None:
    """When this fails, GENERATOR_VERSION must rise and the changelog must say so.

    Sines and exponentials differ in their last bit between processors, so not every byte counts.
    """
    ice = frost_procedural(np.zeros((1, 32, 32, 3), dtype=np.uint8), (1, 1), _rngs(1))[0, ..., 2]

    expected = np.array(
        [[93, 172, 165, 205], [228, 53, 69, 160], [190, 68, 20, 183], [209, 201, 191, 191]]
    )
    assert np.abs(ice[::8, ::8].astype(int) - expected).max() <= 2
