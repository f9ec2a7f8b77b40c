"""Promises that every perturbation sequence keeps."""

import subprocess
import sys

import numpy as np
import pytest

from corruptions import (
    PERTURBATION_GROUPS,
    PERTURBATIONS,
    Images,
    batches,
    load_perturbation,
    perturb,
)
from corruptions.base import Family
from corruptions.perturbations import PERTURBATIONS as LISTED

PICTURES: Images = np.random.default_rng(0).integers(0, 256, (4, 32, 32, 3), dtype=np.uint8)
FLAT: Images = np.full((3, 32, 32, 3), [[[[0]]], [[[97]]], [[[255]]]], dtype=np.uint8)
MIXED: Images = np.concatenate([PICTURES[:1], FLAT, PICTURES[1:2]])
OBLONG: Images = np.random.default_rng(1).integers(0, 256, (2, 24, 41, 3), dtype=np.uint8)
LARGE: Images = np.random.default_rng(2).integers(0, 256, (1, 256, 299, 3), dtype=np.uint8)
STOCHASTIC = [name for name in PERTURBATIONS if load_perturbation(name).stochastic]
DETERMINISTIC = [name for name in PERTURBATIONS if name not in STOCHASTIC]
NOISE = ["gaussian_noise", "shot_noise", "speckle_noise"]
FAMILIES: tuple[Family, ...] = ("cifar", "imagenet")


def _frames(name: str, family: str) -> int:
    """The published length of a sequence."""
    lengths = {("motion_blur", "cifar"): 21, ("translate", "cifar"): 16}
    return {**lengths, ("translate", "imagenet"): 41}.get((name, family), 31)


@pytest.mark.parametrize("name", PERTURBATIONS)
@pytest.mark.parametrize("family", FAMILIES)
def test_an_image_gets_the_same_frames_alone_as_in_a_batch(name: str, family: str) -> None:
    before = MIXED.copy()

    batch = perturb(MIXED, name, family=family, seed=1, indices=range(10, 15))

    assert batch.shape == (5, _frames(name, family), 32, 32, 3)
    assert batch.dtype == np.uint8
    for place, image in enumerate(MIXED):
        alone = perturb(image[None], name, family=family, seed=1, indices=[10 + place])
        np.testing.assert_array_equal(batch[place], alone[0])
    np.testing.assert_array_equal(MIXED, before)


@pytest.mark.parametrize("name", PERTURBATIONS)
def test_the_size_of_the_blocks_changes_nothing(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = perturb(PICTURES, name)
    for images_at_once in (0, 3):
        monkeypatch.setattr(batches, "PIXELS_AT_ONCE", images_at_once * 32 * 32)

        np.testing.assert_array_equal(perturb(PICTURES, name), whole)


@pytest.mark.parametrize("name", PERTURBATIONS)
def test_sequences_change_from_frame_to_frame(name: str) -> None:
    frames = perturb(PICTURES, name)

    changed = (frames[:, 1:] != frames[:, :-1]).any(axis=(2, 3, 4))
    # All of them, but for the flakes of a few angles and for water that has run off.
    assert (changed.mean(axis=1) > (0.8 if name in ("snow", "spatter") else 0.999)).all()


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("name", PERTURBATIONS)
@pytest.mark.parametrize("size", [(24, 41), (8, 8), (3, 5), (1, 1)])
def test_images_of_other_sizes_keep_them(name: str, family: str, size: tuple[int, int]) -> None:
    images = OBLONG[:, : size[0], : size[1]]

    assert perturb(images, name, family=family).shape == (2, _frames(name, family), *size, 3)


@pytest.mark.parametrize("name", PERTURBATIONS)
def test_resized_imagenet_pictures_give_frames_of_224(name: str) -> None:
    frames = perturb(LARGE, name)

    assert frames.shape == (1, _frames(name, "imagenet"), 224, 224, 3)
    assert load_perturbation(name).frames == {family: _frames(name, family) for family in FAMILIES}


@pytest.mark.parametrize("name", PERTURBATIONS)
def test_warps_see_beyond_the_crop_and_nothing_else_does(name: str) -> None:
    images = OBLONG[:, :, :37]
    centre = np.s_[..., 2:22, 8:28, :]  # halves go to the even pixel: (37 - 20) / 2 = 8.5

    cropped = perturb(images, name, family="cifar", crop=20)

    before = perturb(images[centre], name, family="cifar")
    after = perturb(images, name, family="cifar")[centre]
    np.testing.assert_array_equal(cropped, after if load_perturbation(name).warps else before)


@pytest.mark.parametrize("name", PERTURBATIONS)
def test_arrays_of_any_memory_layout_will_do(name: str) -> None:
    mirrored = PICTURES[::2, ::-1, ::-1, ::-1]
    fortran = np.asfortranarray(mirrored)
    fortran.flags.writeable = False

    expected = perturb(mirrored.copy(), name)

    np.testing.assert_array_equal(perturb(mirrored, name), expected)
    np.testing.assert_array_equal(perturb(fortran, name), expected)


@pytest.mark.parametrize("name", PERTURBATIONS)
def test_no_images_give_no_sequences(name: str) -> None:
    assert perturb(PICTURES[:0], name).shape == (0, _frames(name, "cifar"), 32, 32, 3)


@pytest.mark.parametrize("name", STOCHASTIC)
def test_seed_and_index_choose_the_draws(name: str) -> None:
    one = np.repeat(PICTURES[:1], 2, axis=0)
    result = perturb(one, name, seed=0, indices=[0, 1])

    assert (result[0] != result[1]).any()
    assert (perturb(one, name, seed=1, indices=[0, 1]) != result).any(axis=(1, 2, 3, 4)).all()
    np.testing.assert_array_equal(perturb(one, name, indices=[1, 0]), result[::-1])
    np.testing.assert_array_equal(perturb(one, name, indices=np.array([0, 1])), result)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", DETERMINISTIC)
def test_without_randomness_the_seed_is_without_effect(name: str) -> None:
    result = perturb(PICTURES, name, seed=5, indices=[9, 8, 7, 6])

    np.testing.assert_array_equal(result, perturb(PICTURES, name))


@pytest.mark.parametrize("name", PERTURBATIONS)
def test_difficulty_changes_the_frames_of_noise_alone(name: str) -> None:
    easy = perturb(PICTURES, name)
    for difficulty in (2, 3):
        harder = perturb(PICTURES, name, difficulty=difficulty)

        assert (harder != easy).any() == (name in NOISE)


# Without shot_noise, whose way of drawing Poisson numbers hides it when two draws share a stream.
@pytest.mark.parametrize("name", ["gaussian_noise", "speckle_noise"])
def test_difficulties_draw_independently(name: str) -> None:
    grey = np.full((1, 32, 32, 3), 128, dtype=np.uint8)

    noise = [perturb(grey, name, difficulty=difficulty)[0, 1:].ravel() for difficulty in (1, 2, 3)]

    # Of 92160 values each: standard errors of 0.0033, and a bound of six of them.
    correlation = np.asarray(np.corrcoef(noise))
    assert np.abs(correlation[np.triu_indices(3, k=1)]).max() < 0.02


@pytest.mark.parametrize("difficulty", [0, 4, -1, 1.5, "2"])
@pytest.mark.parametrize("name", PERTURBATIONS)
def test_rejects_difficulties_outside_one_to_three(name: str, difficulty: int) -> None:
    with pytest.raises(ValueError, match=r"^difficulty must be 1 to 3, got"):
        perturb(PICTURES, name, difficulty=difficulty)


def test_each_list_entry_is_found_under_its_name_and_group() -> None:
    for group, names in PERTURBATION_GROUPS.items():
        assert {load_perturbation(name).name for name in names} == set(names)
        assert {load_perturbation(name).group for name in names} == {group}
    assert sorted(entry.name for entry in LISTED) == sorted(PERTURBATIONS)


def test_listing_the_names_imports_no_heavy_library() -> None:
    code = (
        "import sys, corruptions; list(corruptions.PERTURBATIONS);"
        "sys.exit(', '.join({'torch', 'cv2', 'scipy', 'PIL', 'robench'} & set(sys.modules)) or 0)"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr


def test_making_a_sequence_needs_no_torch() -> None:
    code = (
        "import sys, numpy as np, corruptions;"
        "corruptions.perturb(np.zeros((1, 32, 32, 3), np.uint8), 'rotate');"
        "sys.exit(', '.join({'torch', 'torchvision', 'robench'} & set(sys.modules)) or 0)"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr


def test_an_unknown_name_is_answered_with_the_nearest() -> None:
    with pytest.raises(KeyError, match=r"Did you mean 'rotate'.*Known: gaussian_noise, "):
        perturb(PICTURES, "rotat")


@pytest.mark.parametrize(
    ("images", "hint"),
    [
        (PICTURES[0], "add the batch axis"),
        (PICTURES.transpose(0, 3, 1, 2), "move the channels last"),
        ((PICTURES / 255).astype(np.float32), r"of float32: .*astype\(np.uint8\)"),
    ],
)
def test_images_of_another_kind_are_rejected_with_the_way_out(images: Images, hint: str) -> None:
    with pytest.raises(ValueError, match=rf"expected images \(N, H, W, 3\) of uint8, got .*{hint}"):
        perturb(images, "rotate")


@pytest.mark.parametrize("indices", [[0], range(5)])
def test_every_image_needs_its_index(indices: list[int]) -> None:
    with pytest.raises(ValueError, match=f"one index per image, got {len(indices)} for 4 images"):
        perturb(PICTURES, "snow", indices=indices)


@pytest.mark.parametrize("size", [(24, 41), (32, 41), (64, 64), (299, 299), (224, 300)])
def test_other_sizes_than_the_published_need_a_family(size: tuple[int, int]) -> None:
    message = rf"32x32 \(cifar\), 224x224 .*side of 256 .*got {size[0]}x{size[1]}"
    with pytest.raises(ValueError, match=message):
        perturb(np.zeros((1, *size, 3), dtype=np.uint8), "rotate")


@pytest.mark.parametrize("size", [(224, 224), (256, 300), (300, 256), (256, 256)])
def test_the_sizes_of_imagenet_choose_its_table(size: tuple[int, int]) -> None:
    frames = perturb(np.zeros((1, *size, 3), dtype=np.uint8), "translate")

    assert frames.shape == (1, 41, 224, 224, 3)


@pytest.mark.parametrize("family", ["tiny", "inception", "mnist"])
def test_families_without_sequences_are_named(family: str) -> None:
    message = f"auto, cifar or imagenet; got '{family}' .*tiny and inception too.*not offered"
    with pytest.raises(ValueError, match=message):
        perturb(PICTURES, "rotate", family=family)


@pytest.mark.parametrize("crop", [0, 25, -1, "none", 2.5])
def test_a_crop_must_fit_into_the_images(crop: int) -> None:
    with pytest.raises(ValueError, match=r"crop must be 'auto', None or a side of 1 to 24 pixels"):
        perturb(OBLONG, "rotate", family="cifar", crop=crop)
