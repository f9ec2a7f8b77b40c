"""The ways from a picture to pixels, against torchvision and timm."""

import math
from typing import Any

import numpy as np
import pytest
from PIL import Image
from timm.data.transforms_factory import create_transform
from torchvision import transforms

from robench.datasets.pictures import cut_border
from robench.datasets.preprocessing import (
    AS_FILES,
    AS_STORED,
    BORDERED,
    PIPELINES,
    USUAL,
    Pipeline,
    pipeline,
)
from robench.errors import InputError
from robench.types import Interpolation, Preprocess

SIZES = (
    *((500, 375), (375, 500), (256, 256), (257, 255), (299, 301), (224, 224), (333, 256)),
    *((1000, 60), (60, 1000), (31, 33), (1, 1), (2, 100), (223, 225), (500, 257)),
)  # width, height: odd, narrow, small, and those where nothing is to be scaled


def picture(width: int, height: int) -> Image.Image:
    rng = np.random.default_rng(1000 * width + height)
    return Image.fromarray(rng.integers(0, 256, (height, width, 3), dtype=np.uint8))


@pytest.mark.parametrize("size", SIZES, ids=lambda size: "x".join(map(str, size)))
def test_pixels_are_bit_equal_to_torchvision(size: tuple[int, int]) -> None:
    given = picture(*size)
    scaled = transforms.Compose([transforms.Resize(256), transforms.CenterCrop(224)])

    np.testing.assert_array_equal(USUAL(given), np.asarray(scaled(given)))
    np.testing.assert_array_equal(AS_FILES(given), np.asarray(transforms.CenterCrop(224)(given)))
    np.testing.assert_array_equal(AS_STORED(given), np.asarray(given))


@pytest.mark.parametrize("mode", ["center", "squash"])
@pytest.mark.parametrize("interpolation", ["bilinear", "bicubic"])
@pytest.mark.parametrize(("side", "part"), [(224, 0.875), (224, 0.9), (299, 0.95), (384, 1.0)])
def test_pixels_are_bit_equal_to_timm(
    side: int, part: float, interpolation: Interpolation, mode: str
) -> None:
    theirs: Any = create_transform(side, crop_pct=part, interpolation=interpolation, crop_mode=mode)
    theirs.transforms = theirs.transforms[:-2]  # without the tensor and its normalisation
    scaled = math.floor(side / part)
    size = (scaled, scaled) if mode == "squash" else scaled
    ours = Pipeline(resize=Preprocess(size, side, interpolation))

    for width, height in ((500, 375), (97, 201), (301, 301), (200, 640)):
        given = picture(width, height)
        np.testing.assert_array_equal(ours(given), np.asarray(theirs(given)))


def test_objectnet_loses_its_border_before_it_is_scaled() -> None:
    given = np.array(picture(400, 300))
    given[[0, 1, -2, -1]] = given[:, [0, 1, -2, -1]] = (255, 0, 0)
    inside = Image.fromarray(given[2:-2, 2:-2])

    np.testing.assert_array_equal(BORDERED(Image.fromarray(given)), USUAL(inside))
    assert (BORDERED(Image.fromarray(given)) != USUAL(Image.fromarray(given))).any()
    assert BORDERED.id == "crop 2 px border, resize 256 bilinear, centre crop 224"


def test_every_way_is_found_by_its_name() -> None:
    assert {name: pipeline(name).id for name in PIPELINES} == {name: name for name in PIPELINES}
    assert len(PIPELINES) == 4
    with pytest.raises(InputError, match="Unknown preprocessing 'resize 232'"):
        pipeline("resize 232")


def test_a_network_brings_its_own_way_for_pictures_that_are_scaled() -> None:
    own = Preprocess(248, 224, "bicubic")
    given = picture(400, 301)
    inside = cut_border(given, 2)

    np.testing.assert_array_equal(USUAL.fitted(own)(given), Pipeline(resize=own)(given))
    np.testing.assert_array_equal(BORDERED.fitted(own)(given), Pipeline(resize=own)(inside))
    assert BORDERED.fitted(own).id == "crop 2 px border, resize 248 bicubic, centre crop 224"
    assert USUAL.fitted(None) == USUAL


def test_stored_pictures_are_scaled_only_for_a_network_of_one_size() -> None:
    free, fixed = Preprocess(248, 224), Preprocess(248, 224, fixed=True)

    assert AS_STORED.fitted(free) == AS_STORED
    assert AS_STORED.fitted(fixed)(picture(32, 32)).shape == (224, 224, 3)
    assert AS_STORED.fitted(fixed).id == "resize 248 bilinear, centre crop 224"
