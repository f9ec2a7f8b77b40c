"""Rejection of useless mixing pictures: each limit has a picture that only it was made for."""

import numpy as np
import pytest
from numpy.typing import NDArray

from augmentations.mixing_sets import quality
from augmentations.mixing_sets.base import Picture

RNG = np.random.default_rng(0)
ROWS, COLUMNS = np.mgrid[:128, :128].astype(np.float64)


def _picture(grey: NDArray[np.float64]) -> Picture:
    """Three equal channels."""
    return np.repeat(grey.clip(0, 255).astype(np.uint8)[:, :, None], 3, axis=2)


CHECKS = 127.5 + 100 * np.sin(COLUMNS / 4) * np.sin(ROWS / 4)
PATCHES = np.kron(RNG.uniform(size=(16, 16)) < 0.6, np.ones((8, 8))).astype(bool)
RAMPS = 127.5 + 60 * np.sin(COLUMNS / 12) + 60 * np.sin(ROWS / 12)


@pytest.mark.parametrize(
    ("grey", "expected"),
    [
        (np.where(CHECKS > 127, 200.0, 60.0), "entropy"),
        (np.where(COLUMNS < 64, RNG.uniform(122, 134, (128, 128)), CHECKS), "flatness"),
        (np.where(PATCHES, RNG.uniform(120, 128, (128, 128)), CHECKS), "peak"),
        (127.5 + 127 * np.sin(COLUMNS / 4), "small coherence"),
        (RAMPS, "fineness"),
        (CHECKS * 0.4 + RNG.uniform(0, 255, (128, 128)) * 0.6, "fineness"),
        (RNG.uniform(80, 180, (128, 128)), "small contrast"),
        (255 * COLUMNS / 128, "small gradient"),
    ],
)
def test_a_useless_picture_is_rejected_by_name(grey: NDArray[np.float64], expected: str) -> None:
    assert quality.fault(_picture(grey)) == expected


def test_a_structured_picture_is_accepted() -> None:
    edges = np.where(np.hypot(ROWS - 64, COLUMNS - 64) % 30 < 15, 60.0, 0.0)
    assert quality.fault(_picture(RAMPS + edges)) is None
    assert not quality.is_hopeless(_picture(RAMPS + edges))


def test_a_thumbnail_of_stripes_is_hopeless_but_one_of_dust_is_not_judged_by_its_dust() -> None:
    stripes = 127.5 + 127 * np.sin(COLUMNS[:64, :64] / 4)
    dusty = CHECKS[:64, :64] * 0.5 + RNG.uniform(0, 255, (64, 64)) * 0.5
    assert quality.fault(_picture(dusty)) == "fineness"
    assert quality.is_hopeless(_picture(stripes))
    assert not quality.is_hopeless(_picture(dusty))


def test_measures_worked_out_by_hand() -> None:
    ramp = np.tile(np.arange(64, dtype=np.float32), (64, 1))
    wave = 100 + 50 * np.cos(2 * np.pi * 20 / 64 * ramp)
    assert quality.entropy(ramp) == pytest.approx(6)
    assert quality.peak(ramp) == pytest.approx(8 / 64)
    assert quality.gradient(ramp) == pytest.approx(1)
    assert quality.flatness(ramp) == 1
    assert quality.coherence(ramp) == pytest.approx(1)
    assert quality.contrast(ramp) == pytest.approx(np.sqrt((64**2 - 1) / 12))
    assert quality.fineness(wave) == pytest.approx(1, abs=1e-5)  # 20/64 lies above 1/4
    assert quality.fineness(100 + 50 * np.cos(2 * np.pi * 9 / 64 * ramp)) < 1e-5
    assert quality.fineness((wave + wave.T) / 2) == pytest.approx(1, abs=1e-5)


def test_fineness_agrees_with_the_full_spectrum() -> None:
    grey = RNG.uniform(0, 255, (32, 32)).astype(np.float32)
    power = np.abs(np.fft.fft2(grey - grey.mean())) ** 2
    frequency = np.fft.fftfreq(32)
    fine = power[np.hypot(frequency, frequency[:, None]) > 0.25].sum() / power.sum()
    assert quality.fineness(grey) == pytest.approx(fine, rel=1e-5)


def test_average_hash_marks_the_bright_cells_and_tolerates_four_bits() -> None:
    grey = np.zeros((64, 64))
    grey[:8, :8] = 255
    assert quality.average_hash(_picture(grey)) == 1 << 63
    assert quality.is_near_duplicate(0b1111, [0])
    assert not quality.is_near_duplicate(0b11111, [0])
    assert not quality.is_near_duplicate(0, [])
