"""Mapped images are read without keeping them."""

from pathlib import Path

import numpy as np
import pytest

from robench.datasets.mapped import MappedImages
from robench.datasets.official import open_array
from robench.types import Images


@pytest.fixture
def stored(tmp_path: Path) -> Images:
    """60 MB on disk, mapped."""
    rng = np.random.default_rng(0)
    np.save(tmp_path / "a.npy", rng.integers(0, 256, (20_000, 32, 32, 3), dtype=np.uint8))
    return open_array(tmp_path / "a.npy")


def resident() -> int:
    """Bytes of files that are mapped into this process and present."""
    status = Path("/proc/self/status").read_text().splitlines()
    return 1024 * next(int(line.split()[1]) for line in status if line.startswith("RssFile"))


def test_blocks_of_any_size_are_the_images(stored: Images) -> None:
    severities = stored.reshape(5, 4000, 32, 32, 3)
    read = MappedImages(severities[3])

    for start, stop in ((0, 1), (0, 4000), (37, 38), (1234, 2345), (3999, 4000)):
        block = read(start, stop)
        np.testing.assert_array_equal(block, severities[3, start:stop])
        assert block.flags.writeable
    assert read(5, 5).shape == (0, 32, 32, 3)


def test_arrays_in_memory_are_read_as_well() -> None:
    images = np.arange(24, dtype=np.uint8).reshape(2, 2, 2, 3)

    np.testing.assert_array_equal(MappedImages(images)(1, 2), images[1:])


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs /proc")
def test_what_was_read_does_not_stay_in_the_process(stored: Images) -> None:
    read = MappedImages(stored)
    before = resident()

    for start in range(0, len(stored), 500):
        read(start, start + 500)

    assert resident() - before < 10e6 < stored.nbytes
