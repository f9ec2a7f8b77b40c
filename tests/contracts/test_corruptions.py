"""Promises that every corruption keeps."""

import importlib
import subprocess
import sys

import numpy as np
import pytest

import corruptions
from corruptions import CORRUPTIONS, GROUPS, Images, corrupt, load
from corruptions.base import SIDES

PICTURES: Images = np.random.default_rng(0).integers(0, 256, (4, 32, 32, 3), dtype=np.uint8)
OBLONG: Images = np.random.default_rng(1).integers(0, 256, (2, 24, 41, 3), dtype=np.uint8)
STOCHASTIC = [name for name in CORRUPTIONS if load(name).stochastic]
DETERMINISTIC = [name for name in CORRUPTIONS if name not in STOCHASTIC]
FAMILIES = list(SIDES.values())


@pytest.mark.parametrize("name", CORRUPTIONS)
@pytest.mark.parametrize("severity", range(1, 6))
def test_an_image_gets_the_same_pixels_alone_as_in_a_batch(name: str, severity: int) -> None:
    before = PICTURES.copy()

    batch = corrupt(PICTURES, name, severity, seed=1, indices=range(10, 14))
    alone = corrupt(PICTURES[2:3], name, severity, seed=1, indices=[12])

    assert batch.shape == PICTURES.shape
    assert batch.dtype == np.uint8
    np.testing.assert_array_equal(batch[2:3], alone)
    np.testing.assert_array_equal(PICTURES, before)


@pytest.mark.parametrize("name", CORRUPTIONS)
def test_the_size_of_the_blocks_changes_nothing(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = corrupt(PICTURES, name, 3)
    for images_at_once in (0, 1, 3):
        monkeypatch.setattr(corruptions, "PIXELS_AT_ONCE", images_at_once * 32 * 32)

        np.testing.assert_array_equal(corrupt(PICTURES, name, 3), whole)


@pytest.mark.parametrize("name", CORRUPTIONS)
def test_images_are_changed(name: str) -> None:
    assert (corrupt(PICTURES, name, 5) != PICTURES).any(axis=(1, 2, 3)).all()


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("name", CORRUPTIONS)
def test_oblong_images_keep_their_shape(name: str, family: str) -> None:
    for severity in (1, 5):
        result = corrupt(OBLONG, name, severity, family=family)

        assert result.shape == OBLONG.shape
        assert result.dtype == np.uint8


# Without JPEG, whose quantisation table weighs horizontal and vertical frequencies differently.
@pytest.mark.parametrize("name", sorted(set(DETERMINISTIC) - {"jpeg_compression"}))
def test_rows_and_columns_are_treated_alike(name: str) -> None:
    turned = np.ascontiguousarray(OBLONG.transpose(0, 2, 1, 3))

    one = corrupt(OBLONG, name, 3, family="cifar").transpose(0, 2, 1, 3)
    other = corrupt(turned, name, 3, family="cifar")

    assert np.abs(one.astype(int) - other).max() <= 1


@pytest.mark.parametrize("name", CORRUPTIONS)
def test_arrays_of_any_memory_layout_will_do(name: str) -> None:
    expected = corrupt(PICTURES[::2], name, 2)
    fortran = np.asfortranarray(PICTURES)
    fortran.flags.writeable = False

    np.testing.assert_array_equal(corrupt(fortran[::2], name, 2), expected)
    mirrored = corrupt(PICTURES[:, ::-1, ::-1, ::-1], name, 2)
    copied = corrupt(PICTURES[:, ::-1, ::-1, ::-1].copy(), name, 2)
    np.testing.assert_array_equal(mirrored, copied)


@pytest.mark.parametrize("name", CORRUPTIONS)
def test_no_images_give_no_images(name: str) -> None:
    assert corrupt(PICTURES[:0], name, 1).shape == (0, 32, 32, 3)


@pytest.mark.parametrize("name", STOCHASTIC)
def test_seed_and_index_choose_the_noise(name: str) -> None:
    one = np.repeat(PICTURES[:1], 2, axis=0)
    result = corrupt(one, name, 3, seed=0, indices=[0, 1])

    assert (result[0] != result[1]).any()
    assert (corrupt(one, name, 3, seed=1, indices=[0, 1]) != result).any(axis=(1, 2, 3)).all()
    np.testing.assert_array_equal(corrupt(one, name, 3, indices=[1, 0]), result[::-1])
    np.testing.assert_array_equal(corrupt(one, name, 3, indices=np.array([0, 1])), result)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", DETERMINISTIC)
def test_without_randomness_the_seed_is_without_effect(name: str) -> None:
    result = corrupt(PICTURES, name, 3, seed=5, indices=[9, 8, 7, 6])

    np.testing.assert_array_equal(result, corrupt(PICTURES, name, 3))


@pytest.mark.parametrize("severity", [0, 6, -1, 2.5, "3"])
@pytest.mark.parametrize("name", CORRUPTIONS)
def test_rejects_severities_outside_one_to_five(name: str, severity: int) -> None:
    with pytest.raises(ValueError, match=r"^severity must be 1 to 5"):
        corrupt(PICTURES, name, severity)


@pytest.mark.parametrize("name", CORRUPTIONS)
def test_every_family_has_five_severities(name: str) -> None:
    severities = load(name).severities

    assert list(severities) == FAMILIES
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
    assert list(CORRUPTIONS) == [name for names in GROUPS.values() for name in names]


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
