"""Keys of randomness, families of image sizes, and the pieces that every corruption shares."""

import numpy as np
import pytest

from corruptions.base import (
    Corruption,
    Images,
    image_rng,
    per_image,
    resolve_family,
    to_bytes,
    to_float,
)


@pytest.mark.parametrize(
    ("arguments", "key", "uniforms", "integers"),
    [
        (
            (0, "gaussian_noise", 1, 0),
            "2208437ce3326cf8b4e160f9573fe264",
            [0.6487915078978502, 0.43622997404110875, 0.14222322199563142],
            [1011930218, 801864785],
        ),
        (
            (7, "shot_noise", 5, 49999),
            "7ef6948832ab48eaf09f4cc223e4efd8",
            [0.7856042879137186, 0.6814390409121, 0.08362131419097985],
            [1359343313, 1713014007],
        ),
    ],
)
def test_the_key_of_an_image_and_its_stream_are_frozen(
    arguments: tuple[int, str, int, int], key: str, uniforms: list[float], integers: list[int]
) -> None:
    rng = image_rng(*arguments)
    by_hand = np.random.Philox(key=int.from_bytes(bytes.fromhex(key), "little"))

    assert rng.random_sample(3).tolist() == uniforms
    assert rng.randint(2**31, size=2).tolist() == integers
    np.testing.assert_array_equal(np.random.RandomState(by_hand).random_sample(3), uniforms)


def test_each_part_of_the_key_changes_the_stream() -> None:
    base = (1, "gaussian_noise", 2, 3)
    others = [(2, *base[1:]), (1, "speckle_noise", 2, 3), (1, base[1], 3, 3), (*base[:3], 4)]

    first_draws = {image_rng(*key).random_sample() for key in (base, *others)}

    assert len(first_draws) == 5


def test_integers_of_numpy_make_the_same_key_as_integers_of_python() -> None:
    plain = image_rng(3, "gaussian_noise", 2, 9).random_sample()
    numpy = image_rng(np.int64(3), "gaussian_noise", np.int32(2), np.uint16(9)).random_sample()  # type: ignore[arg-type]

    assert plain == numpy


def test_a_fraction_is_no_index() -> None:
    with pytest.raises(TypeError, match="integer"):
        image_rng(0, "gaussian_noise", 1, 1.5)  # type: ignore[arg-type]


def test_bytes_survive_the_way_to_floats_and_back() -> None:
    levels = np.arange(256, dtype=np.uint8)

    np.testing.assert_array_equal(to_bytes(to_float(levels)), levels)


def test_floats_are_truncated_and_clipped() -> None:
    values = np.array([-0.5, 0.0, 1.999 / 255, 254.999 / 255, 1.0, 3.0])

    assert to_bytes(values).tolist() == [0, 0, 1, 254, 255, 255]


def test_every_image_draws_from_its_own_source() -> None:
    rngs = [image_rng(0, "any", 1, index) for index in (5, 6)]

    drawn = per_image(rngs, lambda rng, row: rng.random_sample(2) + row, [10.0, 20.0])

    np.testing.assert_array_equal(drawn[0], image_rng(0, "any", 1, 5).random_sample(2) + 10.0)
    np.testing.assert_array_equal(drawn[1], image_rng(0, "any", 1, 6).random_sample(2) + 20.0)


def test_as_many_sources_as_images_are_demanded() -> None:
    with pytest.raises(ValueError, match="longer"):
        per_image([image_rng(0, "any", 1, 0)], lambda rng, row: row, [1, 2])


@pytest.mark.parametrize(
    ("side", "family"), [(32, "cifar"), (64, "tiny"), (224, "imagenet"), (299, "inception")]
)
def test_square_images_of_a_published_side_choose_their_family(side: int, family: str) -> None:
    assert resolve_family("auto", side, side) == family


@pytest.mark.parametrize("size", [(33, 33), (256, 256), (32, 64), (224, 299)])
def test_other_sizes_need_a_named_family(size: tuple[int, int]) -> None:
    sides = r"32 \(cifar\), 64 \(tiny\), 224 \(imagenet\), 299 \(inception\)"
    with pytest.raises(ValueError, match=f"{sides}; got {size[0]}x{size[1]}"):
        resolve_family("auto", *size)

    assert resolve_family("tiny", *size) == "tiny"


def test_an_unknown_family_is_answered_with_the_known_ones() -> None:
    message = "family must be auto, cifar, tiny, imagenet, inception; got 'cifar10'"
    with pytest.raises(ValueError, match=message):
        resolve_family("cifar10", 32, 32)


def _repeat(images: Images, times: int) -> Images:
    """Multiply the bytes; a corruption only for these tests."""
    return images * np.uint8(times)


def test_a_corruption_without_a_table_for_the_family_names_those_it_has() -> None:
    corruption = Corruption("repeat", _repeat, "bar", {"cifar": (1, 2, 3, 4, 5)}, stochastic=False)

    with pytest.raises(ValueError, match="repeat is published for the families cifar, got 'tiny'"):
        corruption.parameters(1, "tiny")


def test_a_deterministic_corruption_is_given_no_randomness() -> None:
    corruption = Corruption("repeat", _repeat, "bar", {"cifar": (1, 2, 3, 4, 5)}, stochastic=False)
    images = np.full((1, 2, 2, 3), 10, dtype=np.uint8)

    result = corruption.apply(images, corruption.parameters(3, "cifar"), [image_rng(0, "", 1, 0)])

    assert np.unique(result).tolist() == [30]
