"""Liquids on the lens: the layer that spatters it, and the water and mud made of such a layer.

Hendrycks & Dietterich, "Benchmarking Neural Network Robustness to Common Corruptions and
Perturbations", ICLR 2019: the pieces of ``spatter`` in CIFAR-C and ImageNet-C and, with layers that
drip from frame to frame, in CIFAR-P and ImageNet-P.
"""

from collections.abc import Sequence

import cv2
import numpy as np

from corruptions.base import Floats, Floats32, Images, Rng, per_image
from corruptions.gaussian import smooth

WATER = (175, 238, 238)  # pale turquoise
MUD = (63, 42, 20)  # brown
RELIEF = np.array([[-2, -1, 0], [-1, 1, 1], [0, 1, 2]], dtype=np.float32)
REACH = 20.0  # pixels from the rim beyond which a puddle is equally deep


def liquid_layers(
    rngs: Sequence[Rng],
    size: tuple[int, int],
    parameters: tuple[float, float, float, float],
) -> Floats:
    """Draw one layer of liquid per image: blurred Gaussian noise, 0 where there is little.

    Args:
        rngs: One source of randomness per image; each draws H * W normal values.
        size: Height and width of the images.
        parameters: Mean and standard deviation of the noise, standard deviation of the blur in
            pixels, and the threshold below which no liquid stays.

    Returns:
        (N, H, W) float64: 0, or at least the threshold.
    """
    mean, deviation, sigma, threshold = parameters
    noise: Floats = per_image(rngs, lambda rng: rng.normal(mean, deviation, size))
    layers = smooth(noise, sigma)
    layers[layers < threshold] = 0.0
    return layers


def wet(images: Floats32, layers: Floats, intensity: float) -> Floats32:
    """Wet images with water, brightest where the liquid layer is thick and lit from one side.

    Args:
        images: (N, H, W, 3) float32 in [0, 1].
        layers: (N, H, W) from ``liquid_layers``, on the [0, 1] scale. As in the authors' code, the
            rare layer that reaches 256/255 is so thick that its byte starts again at 0.
        intensity: Brightness of the brightest drop of each image, on the [0, 1] scale.

    Returns:
        (N, H, W, 3) float32 in [0, 1], clipped, a new array. An image whose layer holds no liquid
        is unchanged; the authors' code divides 0 by 0 there.
    """
    # By way of wide integers: what a float beyond 255 becomes as a byte depends on the processor.
    depths = (layers * 255).astype(np.int32).astype(np.uint8)
    film = np.stack([_film(depth) for depth in depths])
    film *= np.float32(intensity)
    wetted = np.empty((*film.shape, 3), dtype=np.float32)
    for channel, level in enumerate(WATER):
        np.add(images[..., channel], film * np.float32(level / 255), out=wetted[..., channel])
    return np.clip(wetted, 0.0, 1.0, out=wetted)


def muddy(images: Floats32, layers: Floats, sigma: float) -> Floats32:
    """Cover images with mud wherever there is liquid, thinner at the rim of a splash.

    Args:
        images: (N, H, W, 3) float32 in [0, 1].
        layers: (N, H, W) from ``liquid_layers``; only where they are positive counts.
        sigma: Standard deviation in pixels of the blur that softens the rims. What it thins below
            0.8 is left clean, so that splashes shrink and their rims end in a step.

    Returns:
        (N, H, W, 3) float32 in [0, 1], a new array.
    """
    cover = (layers > 0.0).astype(np.float32)
    cover = smooth(cover, sigma)
    cover[cover < 0.8] = 0.0
    clear = 1 - cover
    covered = np.empty(images.shape, dtype=np.float32)
    for channel, level in enumerate(MUD):
        np.multiply(images[..., channel], clear, out=covered[..., channel])
        covered[..., channel] += cover * np.float32(level / 255)
    return np.clip(covered, 0.0, 1.0, out=covered)


def _film(depth: Images) -> Floats32:
    """Light that water adds to each pixel, relative to its brightest drop.

    Args:
        depth: (H, W) uint8, the liquid layer of one image.

    Returns:
        (H, W) float32 in [0, 1].
    """
    rim = cv2.Canny(depth, 50, 150)
    distance = cv2.distanceTransform(cv2.bitwise_not(rim), cv2.DIST_L2, 5)
    near = np.minimum(distance, np.float32(REACH))
    # Means of whole distances are whole but for their last bit, which differs between processors.
    even = cv2.equalizeHist((cv2.blur(near, (3, 3)) + np.float32(1e-5)).astype(np.uint8))
    lit = cv2.blur(cv2.filter2D(even, cv2.CV_8U, RELIEF), (3, 3))
    light = np.multiply(depth, lit, dtype=np.float32)
    brightest = light.max()
    return light / brightest if brightest > 0 else light
