"""Anomaly pictures have the statistics of their definition and depend on their number alone."""

import hashlib

import numpy as np
import pytest

from robench.datasets import DATASETS
from robench.datasets.generated import GENERATORS, pictures

NAMES = tuple(GENERATORS)


def test_every_anomaly_set_has_its_generator() -> None:
    made = {name for name, entry in DATASETS.items() if entry.role == "ood" and not entry.folder}
    assert made == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_picture_is_the_same_in_any_block(name: str) -> None:
    whole = pictures(name, 0, 12)

    parts = np.concatenate([pictures(name, 0, 1), pictures(name, 1, 7), pictures(name, 7, 12)])

    np.testing.assert_array_equal(whole, parts)
    assert whole.shape == (12, 32, 32, 3)
    assert whole.dtype == np.uint8
    assert len({picture.tobytes() for picture in whole}) == 12


@pytest.mark.parametrize(
    ("name", "digest"),
    [
        ("gaussian", "df46eaebee7b894f"),
        ("rademacher", "4c21e27bfeb4885a"),
        ("blobs", "08bc221186b696ec"),
    ],
)
def test_the_pictures_never_change(name: str, digest: str) -> None:
    assert hashlib.sha256(pictures(name, 0, 20).tobytes()).hexdigest()[:16] == digest


def test_gaussian_noise_has_the_published_spread() -> None:
    values = pictures("gaussian", 0, 100) / 255.0

    assert abs(values.mean() - 0.5) < 0.003
    assert abs(((values > 0.25) & (values < 0.75)).mean() - 0.6827) < 0.006
    assert abs((values == 0).mean() - 0.0232) < 0.002  # P(z < -2), rounding included
    assert abs((values == 1).mean() - 0.0232) < 0.002


def test_rademacher_noise_is_black_or_white_per_channel() -> None:
    values = pictures("rademacher", 0, 100)

    assert set(np.unique(values)) == {0, 255}
    assert abs((values == 255).mean() - 0.5) < 0.005
    assert abs((values[..., 0] == values[..., 1]).mean() - 0.5) < 0.008


def test_blobs_are_smooth_bright_and_alike_across_channels() -> None:
    values = pictures("blobs", 0, 50).astype(int)

    lit = values > 0
    assert values[lit].min() == 191  # 0.75
    assert 0.1 < lit.mean() < 0.4
    both = lit[..., 0] & lit[..., 2]
    assert (
        np.abs(values[..., 0] - values[..., 2])[both].mean() < 10
    )  # 12 if each is blurred for itself
    assert (lit[:, 1:] == lit[:, :-1]).mean() > 0.85


def test_photos_are_crops_of_natural_images() -> None:
    values = pictures("photos", 0, 60).astype(float)

    steps = np.abs(np.diff(values, axis=2)).mean()
    assert steps < 25  # neighbours are alike; 85 in uniform noise
    assert values.std((1, 2, 3)).mean() > 15
    assert 40 < values.mean() < 200


def test_the_crops_of_the_photos_never_change() -> None:
    """Decoding JPEG may differ by a grey level between libraries, so only means are compared."""
    means = pictures("photos", 0, 6).mean((1, 2, 3))

    np.testing.assert_allclose(means, [145.6, 70.1, 46.1, 65.0, 138.5, 105.6], atol=0.6)
