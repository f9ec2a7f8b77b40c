"""Blue and brownish noise against the published construction and what their names promise."""

import numpy as np
import pytest

from corruptions.bar.fields import blue_noise_sample, brownish_noise
from corruptions.base import Floats, Images, Rng


def _rngs(count: int) -> list[Rng]:
    return [np.random.RandomState(seed) for seed in range(count)]


def _grey(count: int, height: int, width: int) -> Images:
    return np.full((count, height, width, 3), 128, dtype=np.uint8)


def _published_fields(rng: Rng, amplitudes: Floats, channels: int) -> Floats:
    """Fields (H, W, C) as published: the real part of the transform of a complex spectrum."""
    height, width = amplitudes.shape
    private = np.random.RandomState(rng.randint(0, 2**32))
    fields = []
    for _ in range(channels):
        left = private.uniform(0, 2 * np.pi, (height, (width + 1) // 2))
        right = np.rot90(left, 2)[:, width % 2 :]
        spectrum = amplitudes * np.exp(1j * np.hstack([left, right]))
        field = np.real(np.fft.ifft2(np.fft.ifftshift(spectrum)))
        fields.append(field / field.std())
    return np.stack(fields, axis=2)


def _distance(height: int, width: int) -> Floats:
    """Frequency 0 in the middle, one step a cycle over the shorter side."""
    shorter = min(height, width)
    rows = (np.arange(height) - height // 2) * shorter / height
    columns = (np.arange(width) - width // 2) * shorter / width
    return np.hypot(rows[:, None], columns)


@pytest.mark.parametrize(("height", "width"), [(8, 8), (32, 32), (10, 24), (24, 41), (41, 24)])
def test_half_of_the_spectrum_gives_the_published_fields(height: int, width: int) -> None:
    images, distance = _grey(1, height, width), _distance(height, width)
    blue = _published_fields(_rngs(1)[0], distance, 1)
    brown = _published_fields(_rngs(1)[0], 1 / (distance**2 + 1), 3)

    np.testing.assert_array_equal(
        blue_noise_sample(images, 4.2, _rngs(1))[0], np.where(blue <= 0.3 * 4.2 - 2.5, 0, images[0])
    )
    np.testing.assert_array_equal(
        brownish_noise(images, 4, _rngs(1))[0],
        np.clip(images[0] + 25.6 * brown, 0, 255).astype(np.uint8),
    )


def test_blue_noise_blackens_pixels_and_leaves_the_others() -> None:
    images = np.random.default_rng(0).integers(1, 256, (16, 32, 32, 3), dtype=np.uint8)
    result = blue_noise_sample(images, 4.2, _rngs(16))
    black = (result == 0).all(axis=3)

    np.testing.assert_array_equal(result[~black], images[~black])
    # A sum of many waves is nearly normal: 10.7 % of it lies below -1.24 deviations. Its parts keep
    # apart, which makes the share steadier than the 0.24 % of independent pixels; five of them.
    assert black.mean() == pytest.approx(0.107, abs=0.012)


def test_black_pixels_of_blue_noise_avoid_their_neighbours() -> None:
    black = (blue_noise_sample(_grey(16, 32, 32), 4.2, _rngs(16)) == 0)[..., 0]

    together = (black[:, 1:] & black[:, :-1]).mean()

    assert together < 0.5 * black.mean() ** 2


@pytest.mark.parametrize("magnitude", [1, 2.5, 4])
def test_brownish_noise_has_the_published_spread_in_every_channel(magnitude: float) -> None:
    noise = brownish_noise(_grey(8, 32, 32), magnitude, _rngs(8)).astype(float)

    # Exact up to truncation, which adds a twelfth of a squared level, and to what clipping takes.
    spread = noise.std(axis=(1, 2))
    assert np.abs(spread / (6.4 * magnitude) - 1).max() < 0.02


def test_brownish_noise_is_smooth_alike_in_both_directions_of_oblong_images() -> None:
    noise = brownish_noise(_grey(32, 32, 96), 2.5, _rngs(32)).astype(float) - 128
    down = np.abs(np.diff(noise, axis=1)).mean()
    across = np.abs(np.diff(noise, axis=2)).mean()

    assert down < 0.5 * np.abs(noise).mean()
    assert across == pytest.approx(down, rel=0.15)


def test_channels_of_brownish_noise_differ_but_share_one_seed() -> None:
    result = brownish_noise(_grey(1, 16, 16), 4, _rngs(1))
    rng = _rngs(1)[0]
    brownish_noise(_grey(1, 16, 16), 4, [rng])
    after = np.random.RandomState(0)
    after.randint(0, 2**32)

    assert (result[..., 0] != result[..., 1]).any()
    assert rng.random_sample() == after.random_sample()


def test_a_single_pixel_has_a_flat_field() -> None:
    with np.errstate(all="raise"):
        np.testing.assert_array_equal(blue_noise_sample(_grey(1, 1, 1), 4, _rngs(1)), 128)
        brownish_noise(_grey(1, 1, 1), 4, _rngs(1))
