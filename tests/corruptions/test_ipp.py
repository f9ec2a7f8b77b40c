"""Pixels that do not depend on which routines OpenCV has for the processor."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import corruptions

DIGESTS = """
import hashlib

import numpy as np

from corruptions import corrupt, perturb


def show(*case, pixels):
    print(*case, hashlib.sha256(pixels.tobytes()).hexdigest())


# With these seeds water, and over this ramp snow, hung on the last bit of what OpenCV computes.
rows, columns = np.mgrid[:224, :224]
ramp = np.stack([rows, columns, (rows + columns) // 2], axis=-1)[None].astype(np.uint8)
small = np.random.default_rng(0).integers(0, 256, (3, 32, 32, 3), dtype=np.uint8)
for family, severity, seed, side in (
    ("imagenet", 1, 19, 224), ("imagenet", 2, 38, 224), ("inception", 2, 5, 299)
):
    grey = np.full((1, side, side, 3), 90, dtype=np.uint8)
    show("spatter", family, severity, seed, pixels=corrupt(grey, "spatter", severity, seed=seed))
for name in ("spatter", "snow"):
    for family, images in (("cifar", small), ("imagenet", ramp)):
        for severity in range(1, 6):
            show(name, family, severity, pixels=corrupt(images, name, severity, seed=1))
        show(name, family, "sequence", pixels=perturb(images, name))
"""


def _digests(**settings: str) -> list[str]:
    """What a fresh process makes under these settings of its environment."""
    root = str(Path(corruptions.__file__).parents[1])
    inherited = {name: value for name, value in os.environ.items() if name != "OPENCV_IPP"}
    environment = {**inherited, "PYTHONPATH": root, **settings}
    done = subprocess.run(
        [sys.executable, "-c", DIGESTS], env=environment, capture_output=True, text=True, check=True
    )
    return done.stdout.splitlines()


@pytest.mark.parametrize("routines", ["disabled", "sse42"])
def test_spatter_and_snow_are_the_same_with_other_routines_of_opencv(routines: str) -> None:
    """On other than x86 processors there is nothing to choose, and all are the same anyway."""
    usual = _digests()

    assert len(usual) == 27
    assert _digests(OPENCV_IPP=routines) == usual
