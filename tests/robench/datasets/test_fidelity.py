"""The arithmetic of the fidelity card: differences, strengths, scores and verdicts."""

import numpy as np
import pytest

from robench.datasets.fidelity.judgement import Kind, agrees, better_severity
from robench.datasets.fidelity.measures import (
    Differences,
    Strength,
    differences,
    strength,
    z_score,
)


def of_normals(rng: np.random.Generator, count: int) -> Strength:
    return Strength(rng.normal(10, 2, count), rng.normal(0, 2, count))


def test_differences_by_hand() -> None:
    published = np.zeros((1, 1, 2, 3), np.uint8)
    made = published.copy()
    made[0, 0, 0, 0] = 6

    gap = differences(published, made)

    assert gap == Differences(mean=1.0, largest=6, bias=-1.0, psnr=gap.psnr)
    assert gap.psnr == pytest.approx(10 * np.log10(255**2 / 6))
    assert differences(made, made).psnr is None


def test_strength_is_the_change_of_each_image() -> None:
    clean = np.full((2, 1, 1, 3), 100, np.uint8)
    images = np.array([[[[90, 110, 100]]], [[[103, 103, 103]]]], np.uint8)

    found = strength(images, clean)

    np.testing.assert_allclose(found.change, [20 / 3, 3])
    np.testing.assert_allclose(found.shift, [0, 3])


@pytest.mark.parametrize("count", [1, 3, 10, 100])
def test_the_score_is_calibrated_whatever_the_number_of_images(count: int) -> None:
    """The larger of two normal deviates exceeds 2.24 with probability 0.05; 1e-6 false alarms."""
    rng = np.random.default_rng(0)
    scores = np.array(
        [
            z_score(of_normals(rng, count), [of_normals(rng, count) for _ in range(12)])
            for _ in range(1000)
        ]
    )

    assert 17 <= (np.abs(scores) > 2.24).sum() <= 88


def test_the_score_sees_a_shift_that_leaves_the_strength_alone() -> None:
    rng = np.random.default_rng(1)
    published, made = of_normals(rng, 100), of_normals(rng, 100)

    shifted = Strength(published.change, published.shift - 4)

    assert abs(z_score(published, [made])) < 4
    assert z_score(shifted, [made]) < -8


def test_equal_strengths_score_zero_and_certain_differences_a_finite_number() -> None:
    flat = Strength(np.ones(20), np.ones(20))

    assert z_score(flat, [flat]) == 0
    assert 30 < z_score(Strength(flat.change + 1, flat.shift), [flat]) < 40


@pytest.mark.parametrize(
    ("gap", "z", "ratio", "kinds", "good"),
    [
        (Differences(0.1, 2, 0.0, 50.0), None, 1.0, ("equal",), True),
        (Differences(0.1, 3, 0.0, 50.0), None, 1.0, ("equal",), False),
        (Differences(1.0, 1, 1.0, 48.0), None, 1.0, ("equal",), False),  # one level too light
        (Differences(0.0, 1, 0.0, 80.0), None, 1.0, ("to the byte",), False),
        (Differences(2.1, 28, 0.1, 36.0), None, 1.0, ("jpeg library",), True),
        (Differences(3.1, 28, 0.1, 36.0), None, 1.0, ("jpeg library",), False),
        (Differences(1.0, 28, 0.6, 36.0), None, 1.0, ("second jpeg pass",), False),
        (Differences(30.0, 255, 0.0, 10.0), -4.9, 0.9, ("other draws",), True),
        (Differences(30.0, 255, 0.0, 10.0), 5.1, 1.01, ("other draws",), False),
        (Differences(30.0, 255, 0.0, 9.0), 5.1, 1.01, ("other draws", "second jpeg pass"), True),
        (Differences(30.0, 255, 1.0, 9.0), 5.1, 1.01, ("other draws", "second jpeg pass"), False),
    ],
)
def test_the_verdict_follows_the_kind_of_difference(
    gap: Differences, z: float | None, ratio: float, kinds: tuple[Kind, ...], good: bool
) -> None:
    assert agrees(kinds, gap, z, ratio) is good


def test_another_severity_must_match_much_better() -> None:
    assert better_severity({1: 1.0, 2: 5.0}, own=2) == 1
    assert better_severity({1: 1.0, 2: 3.0}, own=2) is None
    assert better_severity({1: 1.0, 2: 0.0}, own=2) is None
