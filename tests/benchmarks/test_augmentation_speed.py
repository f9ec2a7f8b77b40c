"""The speed goal: run with ``-m bench``. The reference is our own restatement, see its module."""

import pytest

from robench.studies.bench import augmentation_speed


@pytest.mark.bench
def test_ipmix_with_two_views_reaches_2500_images_per_cpu_second() -> None:
    rows = augmentation_speed()
    small = [r for r in rows if r.contestant == "robench" and r.side == 32]
    assert all(r.images_per_cpu_second >= 2500 for r in small), rows
