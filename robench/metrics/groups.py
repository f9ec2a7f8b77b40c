"""What means are over: corruptions and perturbations by the names of the published files."""

from collections.abc import Mapping

SEVERITIES = (1, 2, 3, 4, 5)
GROUPS: Mapping[str, tuple[str, ...]] = {
    "noise": ("gaussian_noise", "shot_noise", "impulse_noise"),
    "blur": ("defocus_blur", "glass_blur", "motion_blur", "zoom_blur"),
    "weather": ("snow", "frost", "fog", "brightness"),
    "digital": ("contrast", "elastic_transform", "pixelate", "jpeg_compression"),
}
TEST_CORRUPTIONS = tuple(name for group in GROUPS.values() for name in group)
# in the order of Hendrycks & Dietterich, table 1
EXTRA_CORRUPTIONS = ("speckle_noise", "gaussian_blur", "spatter", "saturate")  # for validation
TEST_PERTURBATIONS = (
    *("gaussian_noise", "shot_noise", "motion_blur", "zoom_blur", "snow", "brightness"),
    *("translate", "rotate", "tilt", "scale"),
)  # of Hendrycks & Dietterich
PUBLISHED_PERTURBATIONS = tuple("spatter" if p == "snow" else p for p in TEST_PERTURBATIONS)
# what the authors' script for CIFAR scores
EXTRA_PERTURBATIONS = ("speckle_noise", "gaussian_blur", "spatter", "shear")  # for validation
C_BAR: Mapping[str, tuple[str, ...]] = {
    "cifar": (
        *("blue_noise_sample", "checkerboard_cutout", "inverse_sparkles", "pinch_and_twirl"),
        *("ripple", "brownish_noise", "circular_motion_blur", "lines", "sparkles"),
        "transverse_chromatic_abberation",
    ),
    "imagenet": (
        *("caustic_refraction", "inverse_sparkles", "sparkles", "perlin_noise"),
        *("blue_noise_sample", "plasma_noise", "checkerboard_cutout", "cocentric_sine_waves"),
        *("single_frequency_greyscale", "brownish_noise"),
    ),
}
