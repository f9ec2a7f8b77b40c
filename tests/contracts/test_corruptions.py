"""Promises that every corruption keeps."""

import importlib
import subprocess
import sys
from collections.abc import Iterable
from itertools import product
from typing import Any

import numpy as np
import pytest

from corruptions import CORRUPTIONS, GROUPS, Images, batches, corrupt, load
from corruptions.base import SIDES, image_rng

PICTURES: Images = np.random.default_rng(0).integers(0, 256, (4, 32, 32, 3), dtype=np.uint8)
OBLONG: Images = np.random.default_rng(1).integers(0, 256, (2, 24, 41, 3), dtype=np.uint8)
FLAT: Images = np.full((3, 32, 32, 3), [[[[0]]], [[[97]]], [[[255]]]], dtype=np.uint8)
MIXED: Images = np.concatenate([PICTURES[:1], FLAT, PICTURES[1:2]])
FAMILIES = list(SIDES.values())


def _cases(names: Iterable[str]) -> list[Any]:
    """Names as test cases; what needs textures is skipped where they are absent."""
    marks = {name: pytest.mark.shared if load(name).assets else () for name in names}
    return [pytest.param(name, marks=mark) for name, mark in marks.items()]


ALL = _cases(CORRUPTIONS)
STOCHASTIC = _cases(name for name in CORRUPTIONS if load(name).stochastic)
STEADY = [name for name in CORRUPTIONS if not load(name).stochastic]
DETERMINISTIC = _cases(STEADY)


@pytest.fixture(autouse=True)
def _textures(request: pytest.FixtureRequest) -> None:
    """Frost finds its textures where they are at hand."""
    if request.node.get_closest_marker("shared"):
        request.getfixturevalue("frost_textures")


def family_of(name: str) -> str:
    """A family that has severities of this corruption."""
    return "cifar" if "cifar" in load(name).severities else "imagenet"


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("severity", range(1, 6))
def test_an_image_gets_the_same_pixels_alone_as_in_a_batch(name: str, severity: int) -> None:
    before = MIXED.copy()

    family = family_of(name)
    batch = corrupt(MIXED, name, severity, family=family, seed=1, indices=range(10, 15))

    assert batch.shape == MIXED.shape
    assert batch.dtype == np.uint8
    for place, image in enumerate(MIXED):
        alone = corrupt(image[None], name, severity, family=family, seed=1, indices=[10 + place])
        np.testing.assert_array_equal(batch[place], alone[0])
    np.testing.assert_array_equal(MIXED, before)


@pytest.mark.parametrize("name", ALL)
def test_the_size_of_the_blocks_changes_nothing(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    family = family_of(name)
    whole = corrupt(PICTURES, name, 3, family=family)
    for images_at_once in (0, 1, 3):
        monkeypatch.setattr(batches, "PIXELS_AT_ONCE", images_at_once * 32 * 32)

        np.testing.assert_array_equal(corrupt(PICTURES, name, 3, family=family), whole)


@pytest.mark.parametrize("name", ALL)
def test_images_are_changed(name: str) -> None:
    result = corrupt(PICTURES, name, 5, family=family_of(name))

    assert (result != PICTURES).any(axis=(1, 2, 3)).all()


@pytest.mark.parametrize("name", ALL)
def test_oblong_images_keep_their_shape(name: str) -> None:
    for family, severity in product(load(name).severities, (1, 5)):
        for images in (OBLONG, OBLONG.transpose(0, 2, 1, 3)):
            result = corrupt(images, name, severity, family=family)

            assert result.shape == images.shape
            assert result.dtype == np.uint8


@pytest.mark.parametrize("size", [(1, 1), (1, 5), (9, 1), (2, 2), (9, 2), (16, 16)])
@pytest.mark.parametrize("name", ALL)
def test_the_smallest_pictures_will_do(name: str, size: tuple[int, int]) -> None:
    picture = OBLONG[:1, : size[0], : size[1]]

    for family, severity in product(load(name).severities, (1, 5)):
        assert corrupt(picture, name, severity, family=family).shape == picture.shape


# Without JPEG, whose quantisation table weighs horizontal and vertical frequencies differently.
@pytest.mark.parametrize("name", sorted(set(STEADY) - {"jpeg_compression"}))
def test_rows_and_columns_are_treated_alike(name: str) -> None:
    turned = np.ascontiguousarray(OBLONG.transpose(0, 2, 1, 3))

    one = corrupt(OBLONG, name, 3, family="cifar").transpose(0, 2, 1, 3)
    other = corrupt(turned, name, 3, family="cifar")

    assert np.abs(one.astype(int) - other).max() <= 1


@pytest.mark.parametrize("name", ALL)
def test_arrays_of_any_memory_layout_will_do(name: str) -> None:
    family = family_of(name)
    expected = corrupt(PICTURES[::2], name, 2, family=family)
    fortran = np.asfortranarray(PICTURES)
    fortran.flags.writeable = False

    np.testing.assert_array_equal(corrupt(fortran[::2], name, 2, family=family), expected)
    mirrored = corrupt(PICTURES[:, ::-1, ::-1, ::-1], name, 2, family=family)
    copied = corrupt(PICTURES[:, ::-1, ::-1, ::-1].copy(), name, 2, family=family)
    np.testing.assert_array_equal(mirrored, copied)


@pytest.mark.parametrize("name", ALL)
def test_a_corruption_alone_takes_any_memory_layout_too(name: str) -> None:
    corruption, family = load(name), family_of(name)
    parameters = corruption.severities[family][2]  # type: ignore[index]
    views = PICTURES.transpose(0, 3, 1, 2).copy().transpose(0, 2, 3, 1)

    one, other = (
        corruption.apply(images, parameters, [image_rng(0, name, 3, i) for i in range(len(images))])
        for images in (PICTURES, views)
    )

    np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("name", ALL)
def test_no_images_give_no_images(name: str) -> None:
    assert corrupt(PICTURES[:0], name, 1, family=family_of(name)).shape == (0, 32, 32, 3)


@pytest.mark.parametrize("name", STOCHASTIC)
def test_seed_and_index_choose_the_draws(name: str) -> None:
    same, family = np.repeat(PICTURES[:1], 8, axis=0), family_of(name)
    result = corrupt(same, name, 3, family=family, indices=range(8))
    other = corrupt(same, name, 3, family=family, seed=1, indices=range(8))
    back = corrupt(same, name, 3, family=family, indices=range(7, -1, -1))
    array = corrupt(same, name, 3, family=family, indices=np.arange(8))  # type: ignore[arg-type]

    assert len({image.tobytes() for image in result}) > 1
    assert (other != result).any()
    np.testing.assert_array_equal(back, result[::-1])
    np.testing.assert_array_equal(array, result)


@pytest.mark.parametrize("name", DETERMINISTIC)
def test_without_randomness_the_seed_is_without_effect(name: str) -> None:
    result = corrupt(PICTURES, name, 3, seed=5, indices=[9, 8, 7, 6])

    np.testing.assert_array_equal(result, corrupt(PICTURES, name, 3))


@pytest.mark.parametrize("severity", [0, 6, -1, 2.5, "3"])
@pytest.mark.parametrize("name", ALL)
def test_rejects_severities_outside_one_to_five(name: str, severity: int) -> None:
    with pytest.raises(ValueError, match=r"^severity must be 1 to 5"):
        corrupt(PICTURES, name, severity, family=family_of(name))


@pytest.mark.parametrize("name", ALL)
def test_every_published_family_has_five_severities(name: str) -> None:
    corruption = load(name)
    severities = corruption.severities

    published = [f for f in FAMILIES if f in severities] if corruption.group == "bar" else FAMILIES
    assert list(severities) == published
    assert {len(table) for table in severities.values()} == {5}
    assert all(len(set(table)) == 5 for table in severities.values())


@pytest.mark.parametrize(("side", "family"), SIDES.items())
def test_the_side_of_square_images_chooses_the_table(side: int, family: str) -> None:
    image = np.random.default_rng(2).integers(0, 256, (1, side, side, 3), dtype=np.uint8)

    for name in ("pixelate", "impulse_noise"):
        named = corrupt(image, name, 2, family=family)

        np.testing.assert_array_equal(corrupt(image, name, 2), named)


def test_each_list_entry_is_found_under_its_name_and_group() -> None:
    for group, names in GROUPS.items():
        found = getattr(importlib.import_module(f"corruptions.{group}"), group.upper())

        assert tuple(corruption.name for corruption in found) == names
        assert {corruption.group for corruption in found} == {group}


def test_listing_the_names_imports_no_heavy_library() -> None:
    code = (
        "import sys, corruptions; list(corruptions.CORRUPTIONS);"
        "sys.exit(', '.join({'torch', 'cv2', 'scipy', 'PIL', 'robench'} & set(sys.modules)) or 0)"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr


def test_an_unknown_name_is_answered_with_the_nearest() -> None:
    with pytest.raises(KeyError, match=r"Did you mean 'gaussian_blur'.*Known: gaussian_noise, "):
        corrupt(PICTURES, "gausian_blur", 1)


@pytest.mark.parametrize(
    ("images", "hint"),
    [
        (PICTURES[..., 0], "repeat grey images over three channels"),
        (PICTURES[..., :1], "repeat grey images over three channels"),
        (PICTURES[..., [0, 1, 2, 0]], "drop the alpha channel"),
        (PICTURES[0], "add the batch axis"),
        (PICTURES.transpose(0, 3, 1, 2), "move the channels last"),
        (PICTURES[..., :2], "red, green, blue"),
        (PICTURES[:, :0], "no pixels"),
        ((PICTURES / 255).astype(np.float32), r"of float32: .*astype\(np.uint8\)"),
        (PICTURES.astype(np.int64), "of int64"),
    ],
)
def test_images_of_another_kind_are_rejected_with_the_way_out(images: Images, hint: str) -> None:
    with pytest.raises(ValueError, match=rf"expected images \(N, H, W, 3\) of uint8, got .*{hint}"):
        corrupt(images, "contrast", 1)


def test_what_is_no_array_is_rejected() -> None:
    with pytest.raises(TypeError, match=r"got list: use np\.asarray"):
        corrupt(PICTURES.tolist(), "contrast", 1)


@pytest.mark.parametrize("indices", [[0], range(5)])
def test_every_image_needs_its_index(indices: list[int]) -> None:
    with pytest.raises(ValueError, match=f"one index per image, got {len(indices)} for 4 images"):
        corrupt(PICTURES, "gaussian_noise", 1, indices=indices)


def test_other_sizes_than_the_published_need_a_family() -> None:
    with pytest.raises(ValueError, match=r"32 \(cifar\), 64 \(tiny\), 224 .*got 24x41"):
        corrupt(OBLONG, "contrast", 1)
