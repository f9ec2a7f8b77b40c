"""C-bar corruptions by random fields of a given spectrum: blue and brownish noise."""

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from corruptions.bar.base import add_levels, private_rngs
from corruptions.base import Floats, Images, Rng, freeze


class Spectrum(NamedTuple):
    """The half spectrum (H, W // 2 + 1) of real fields of one size, and where its phases come from.

    Args:
        radius: float64, distance from frequency 0, in cycles per shorter side of the image.
        own: int64, which of the drawn phases each frequency has.
        opposite: int64, which one the negative of that frequency has.
    """

    radius: Floats
    own: NDArray[np.int64]
    opposite: NDArray[np.int64]


def blue_noise_sample(images: Images, magnitude: float, rngs: Sequence[Rng]) -> Images:
    """Blacken the pixels where a field of blue noise is low: a sample without clumps.

    Mintun et al., "On Interaction Between Augmentations and Corruptions in Natural Corruption
    Robustness", NeurIPS 2021. The amplitudes of the field rise linearly with the frequency.

    Args:
        images: (N, H, W, 3) uint8.
        magnitude: The threshold is 0.3 of it less 2.5, in standard deviations of the field.
        rngs: One source of randomness per image.

    Returns:
        (N, H, W, 3) uint8.
    """
    height, width = images.shape[1:3]
    phases = np.stack([_phases(rng, 1, height, width) for rng in private_rngs(rngs)])
    fields = _fields(phases, _spectrum(height, width).radius, height, width)[:, 0]
    kept = fields > 0.3 * magnitude - 2.5
    return images * kept[..., None]


def brownish_noise(images: Images, magnitude: float, rngs: Sequence[Rng]) -> Images:
    """Add smooth noise to each channel, its amplitudes falling with the square of the frequency.

    Mintun et al., NeurIPS 2021.

    Args:
        images: (N, H, W, 3) uint8.
        magnitude: The standard deviation of the noise is 6.4 levels times this.
        rngs: One source of randomness per image.

    Returns:
        (N, H, W, 3) uint8.
    """
    height, width = images.shape[1:3]
    amplitudes = 1.0 / (_spectrum(height, width).radius ** 2 + 1.0)
    phases = np.stack([_phases(rng, 3, height, width) for rng in private_rngs(rngs)])
    fields = _fields(phases, amplitudes, height, width)
    fields *= 6.4 * magnitude
    return add_levels(images, np.moveaxis(fields, 1, 3))


def _phases(rng: Rng, channels: int, height: int, width: int) -> Floats:
    """The phases of the left half of a spectrum, the middle column of an odd width included."""
    return rng.uniform(0.0, 2.0 * np.pi, (channels, height * ((width + 1) // 2)))


def _fields(phases: Floats, amplitudes: Floats, height: int, width: int) -> Floats:
    """Real fields with these amplitudes, of unit standard deviation, or flat ones as they are.

    The published field is the real part of the transform of a spectrum that is not Hermitian; the
    Hermitian half of that spectrum is all that the real part sees.

    Args:
        phases: (N, C, drawn phases) in radians.
        amplitudes: (H, W // 2 + 1), before normalisation.
        height: H.
        width: W.

    Returns:
        (N, C, H, W) float64.
    """
    places = _spectrum(height, width)
    waves = np.empty(phases.shape, dtype=np.complex128)
    cosines = np.cos(phases)
    waves.real = cosines
    # A root costs less than a sine; near the zeros of the sine it is wrong by 1e-8 at most.
    np.copysign(np.sqrt(1.0 - cosines**2), np.pi - phases, out=waves.imag)
    half = np.take(waves, places.opposite, axis=2)
    np.conjugate(half, out=half)
    half += np.take(waves, places.own, axis=2)
    half *= amplitudes
    fields: Floats = fft.irfft2(half, s=(height, width), overwrite_x=True)
    spread = fields.reshape(*phases.shape[:2], -1).std(axis=2)[..., None, None]
    return np.divide(fields, np.where(spread > 0.0, spread, 1.0), out=fields)


@lru_cache(maxsize=8)
def _spectrum(height: int, width: int) -> Spectrum:
    """Frequencies of a field of this size; its phases repeat in themselves turned by 180 degrees.

    With frequency 0 in the middle, the right half of the phases is the left one turned; columns are
    counted from the left, so a middle column of odd width is drawn whole. Frequencies of oblong
    images are per pixel, so that the noise looks alike in both directions.
    """
    drawn = np.arange(height * ((width + 1) // 2)).reshape(height, -1)
    whole = np.hstack([drawn, drawn[::-1, ::-1][:, width % 2 :]])
    own = fft.ifftshift(whole)
    opposite = np.roll(own[::-1, ::-1], 1, axis=(0, 1))
    shorter = min(height, width)
    rows = np.fft.fftfreq(height)[:, None] * shorter
    columns = np.fft.rfftfreq(width) * shorter
    half = width // 2 + 1
    spectrum = Spectrum(np.hypot(rows, columns), own[:, :half].copy(), opposite[:, :half].copy())
    freeze(*spectrum)
    return spectrum
