"""What the corruptions are given besides images: sources of randomness, keys and strengths."""

import pickle
from typing import Any

import numpy as np
import pytest

from corruptions import (
    CORRUPTIONS,
    PERTURBATIONS,
    Images,
    corrupt,
    load,
    load_perturbation,
    perturb,
)
from corruptions.bar.base import add_levels
from corruptions.bar.perlin import perlin_noise
from corruptions.base import freeze
from corruptions.zoom import interpolation, linear_taps
from corruptions.zoom_mean import MOST_ZOOMS, mean_of_zooms

PICTURES: Images = np.random.default_rng(0).integers(0, 256, (3, 32, 32, 3), dtype=np.uint8)
WINDOW = slice(0, 32), slice(0, 32)


@pytest.mark.parametrize("given", [0, 1, 2, 4])
@pytest.mark.parametrize("name", [name for name in CORRUPTIONS if load(name).stochastic])
def test_a_random_corruption_demands_a_source_per_image(name: str, given: int) -> None:
    corruption = load(name)
    parameters = next(iter(corruption.severities.values()))[2]
    rngs = [np.random.RandomState(seed) for seed in range(given)]

    message = f"^{name} needs one source of randomness per image, got {given} for 3 images"
    with pytest.raises(ValueError, match=message):
        corruption.apply(PICTURES, parameters, rngs)


@pytest.mark.parametrize("given", [0, 1, 2, 4])
@pytest.mark.parametrize(
    "name", [name for name in PERTURBATIONS if load_perturbation(name).stochastic]
)
def test_a_random_sequence_demands_a_source_per_image(name: str, given: int) -> None:
    perturbation = load_perturbation(name)
    rngs = [np.random.RandomState(seed) for seed in range(given)]

    message = f"^{name} needs one source of randomness per image, got {given} for 3 images"
    with pytest.raises(ValueError, match=message):
        perturbation.apply(PICTURES, perturbation.strengths["cifar"][0], WINDOW, rngs)


@pytest.mark.parametrize("strength", [1.0, np.float64(2), True, np.True_, "1", None, [1]])
def test_only_whole_numbers_are_strengths(strength: Any) -> None:  # noqa: ANN401
    with pytest.raises(ValueError, match=r"^severity must be 1 to 5, got "):
        corrupt(PICTURES, "gaussian_noise", strength)
    with pytest.raises(ValueError, match=r"^difficulty must be 1 to 3, got "):
        perturb(PICTURES, "gaussian_noise", difficulty=strength)


@pytest.mark.parametrize("crop", [16.0, True, np.float64(16)])
def test_only_whole_numbers_are_sides_of_a_crop(crop: Any) -> None:  # noqa: ANN401
    with pytest.raises(ValueError, match=r"^crop must be 'auto', None or a side of 1 to 32 pixels"):
        perturb(PICTURES, "brightness", crop=crop)


@pytest.mark.parametrize("kind", [np.int64, np.uint8, np.int8])
def test_integers_of_numpy_stand_for_those_of_python(kind: type[Any]) -> None:
    corrupted = corrupt(
        PICTURES, "snow", kind(2), seed=kind(3), indices=[kind(i) for i in range(3)]
    )
    perturbed = perturb(PICTURES, "gaussian_noise", seed=kind(3), difficulty=kind(2), crop=kind(16))

    np.testing.assert_array_equal(corrupted, corrupt(PICTURES, "snow", 2, seed=3))
    np.testing.assert_array_equal(
        perturbed, perturb(PICTURES, "gaussian_noise", seed=3, difficulty=2, crop=16)
    )


def test_an_array_of_indices_and_negative_ones_are_keys() -> None:
    keys: Any = np.array([-1, 0, 7])

    batch = corrupt(PICTURES, "gaussian_noise", 1, indices=keys, seed=-4)

    alone = corrupt(PICTURES[:1], "gaussian_noise", 1, indices=[-1], seed=-4)
    np.testing.assert_array_equal(batch[:1], alone)


@pytest.mark.parametrize("name", ["gaussian_noise", "brightness"])
def test_a_fraction_is_neither_seed_nor_index(name: str) -> None:
    fraction: Any = 1.5
    for make in (lambda **keys: corrupt(PICTURES, name, 1, **keys), _sequence(name)):
        with pytest.raises(TypeError, match=r"^seed must be an integer, got 1\.5"):
            make(seed=fraction)
        with pytest.raises(TypeError, match=r"^indices must be integers, got 1\.5"):
            make(indices=[0, fraction, 2])


def _sequence(name: str) -> Any:  # noqa: ANN401
    """`perturb` with all but the keys given."""
    return lambda **keys: perturb(PICTURES, name, **keys)


@pytest.mark.parametrize("name", CORRUPTIONS)
def test_a_listed_corruption_is_hashable_unalterable_and_survives_a_pickle(name: str) -> None:
    corruption = load(name)
    table: Any = corruption.severities
    copy = pickle.loads(pickle.dumps(corruption))

    assert {corruption: name}[load(name)] == name
    with pytest.raises(TypeError, match="does not support item assignment"):
        table["cifar"] = ()
    assert (copy.name, copy.function, copy.group) == (name, corruption.function, corruption.group)
    assert (copy.stochastic, copy.assets) == (corruption.stochastic, corruption.assets)
    assert copy.severities == corruption.severities


@pytest.mark.parametrize("name", PERTURBATIONS)
def test_a_listed_sequence_is_hashable_unalterable_and_survives_a_pickle(name: str) -> None:
    perturbation = load_perturbation(name)
    tables: Any = (perturbation.strengths, perturbation.frames)
    copy = pickle.loads(pickle.dumps(perturbation))

    assert {perturbation: name}[load_perturbation(name)] == name
    for table in tables:
        with pytest.raises(TypeError, match="does not support item assignment"):
            table["cifar"] = 1
    assert (copy.strengths, copy.frames) == tables
    assert (copy.function, copy.group) == (perturbation.function, perturbation.group)
    assert (copy.stochastic, copy.warps) == (perturbation.stochastic, perturbation.warps)


def test_what_a_cache_hands_out_cannot_be_written_to() -> None:
    matrix = interpolation(8, 1.1)
    arrays: list[Any] = [*linear_taps(8, 1.1), matrix.data, matrix.indices, matrix.indptr]
    own = np.zeros(2)
    freeze(own)

    for array in (*arrays, own):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1


def test_more_zooms_than_the_error_bound_covers_are_rejected() -> None:
    with pytest.raises(ValueError, match="expected at most 27 zooms, got 28"):
        mean_of_zooms(PICTURES, [1.0] * (MOST_ZOOMS + 1))


@pytest.mark.parametrize("magnitude", [-0.1, 20.1, float("nan")])
def test_a_pattern_of_perlin_noise_weighs_at_most_all(magnitude: float) -> None:
    rngs = [np.random.RandomState(0) for _ in PICTURES]

    with pytest.raises(ValueError, match="magnitude must be 0 to 20, got"):
        perlin_noise(PICTURES, magnitude, rngs)


def test_changes_beyond_all_levels_saturate() -> None:
    images = np.full((1, 1, 4, 3), 100, dtype=np.uint8)
    change = np.array([1e6, -1e6, 40000.0, -70000.0])[None, None, :, None]

    assert add_levels(images, change)[0, 0, :, 0].tolist() == [255, 0, 255, 0]
