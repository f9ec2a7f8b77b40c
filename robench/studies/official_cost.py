"""What the authors' code costs, as data: milliseconds an image on one core of an Intel Xeon.

Measured once by running hendrycks/robustness at commit 8190fe3 and facebookresearch/
augmentation-corruption at ba4d5a5 with the changes that current libraries need; noisy by about a
factor of two and taken on another machine than ours, so a ratio to them is an order of magnitude.
-C: severities 1, 3 and 5. C-bar: severity 3 of each table. -P: a whole sequence; ImageNet-P with
the writing of its frames as PNG.
"""

from collections.abc import Mapping

C_32: Mapping[str, tuple[float, float, float]] = {
    "gaussian_noise": (0.08, 0.08, 0.08),
    "shot_noise": (0.16, 0.17, 0.20),
    "impulse_noise": (0.08, 0.08, 0.08),
    "defocus_blur": (0.14, 0.14, 0.14),
    "glass_blur": (5.88, 5.86, 11.47),
    "motion_blur": (1.10, 1.11, 1.25),
    "zoom_blur": (1.13, 2.76, 4.48),
    "snow": (1.13, 1.39, 1.65),
    "frost": (4.35, 4.31, 4.24),
    "fog": (0.34, 0.33, 0.33),
    "brightness": (0.35, 0.35, 0.35),
    "contrast": (0.06, 0.06, 0.06),
    "elastic_transform": (0.39, 0.44, 0.43),
    "pixelate": (0.04, 0.04, 0.03),
    "jpeg_compression": (0.16, 0.17, 0.16),
    "speckle_noise": (0.08, 0.08, 0.08),
    "gaussian_blur": (0.09, 0.09, 0.10),
    "spatter": (0.21, 0.26, 0.18),
    "saturate": (0.37, 0.35, 0.35),
}

C_224: Mapping[str, tuple[float, float, float]] = {
    "gaussian_noise": (2.7, 2.7, 2.7),
    "shot_noise": (8.8, 12.0, 5.3),
    "impulse_noise": (1.6, 1.8, 6.1),
    "defocus_blur": (2.2, 2.2, 2.6),
    "glass_blur": (1037.8, 1480.0, 996.1),
    "motion_blur": (61.1, 112.0, 136.0),
    "zoom_blur": (164.1, 149.4, 151.9),
    "snow": (58.8, 72.3, 77.1),
    "frost": (9.2, 8.9, 8.9),
    "fog": (4.7, 5.2, 4.0),
    "brightness": (27.0, 26.9, 25.5),
    "contrast": (1.8, 1.8, 1.8),
    "elastic_transform": (144.6, 27.0, 26.5),
    "pixelate": (0.5, 0.4, 0.4),
    "jpeg_compression": (0.7, 0.6, 0.6),
    "speckle_noise": (6.8, 6.8, 6.8),
    "gaussian_blur": (3.9, 6.9, 8.5),
    "spatter": (8.6, 8.5, 7.0),
    "saturate": (26.8, 26.8, 26.7),
}

C_BAR_32: Mapping[str, float] = {
    "blue_noise_sample": 6.4,
    "checkerboard_cutout": 1.9,
    "inverse_sparkles": 23.0,
    "pinch_and_twirl": 34.8,
    "ripple": 22.2,
    "brownish_noise": 15.6,
    "circular_motion_blur": 10.0,
    "lines": 0.4,
    "sparkles": 119.9,
    "transverse_chromatic_abberation": 0.3,
}

C_BAR_224: Mapping[str, float] = {
    "caustic_refraction": 7053,
    "inverse_sparkles": 1084.0,
    "sparkles": 5263,
    "perlin_noise": 2421.5,
    "blue_noise_sample": 216.7,
    "plasma_noise": 2193.3,
    "checkerboard_cutout": 166.0,
    "cocentric_sine_waves": 169.2,
    "single_frequency_greyscale": 36.8,
    "brownish_noise": 697.7,
}

P_32: Mapping[str, float] = {
    "gaussian_noise": 7,
    "shot_noise": 6,
    "motion_blur": 55,
    "zoom_blur": 7,
    "snow": 33,
    "brightness": 15,
    "translate": 2,
    "rotate": 7,
    "tilt": 6,
    "scale": 7,
    "speckle_noise": 7,
    "gaussian_blur": 3,
    "spatter": 14,
    "shear": 4,
}

P_224: Mapping[str, float] = {
    "gaussian_noise": 1502,
    "shot_noise": 822,
    "motion_blur": 3897,
    "zoom_blur": 2358,
    "snow": 2258,
    "brightness": 1689,
    "translate": 1153,
    "rotate": 1074,
    "tilt": 959,
    "scale": 763,
    "speckle_noise": 765,
    "gaussian_blur": 1073,
    "spatter": 1038,
    "shear": 946,
}
