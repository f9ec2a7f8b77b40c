"""The speed goals of the corruptions: run with ``-m bench`` where the frost textures are."""

import pytest

from robench.studies.bench_corruptions import corruption_speed

LIMITS = {"cifar-c": 15.0, "imagenet-c": 900.0, "cifar-c-bar": 25.0, "imagenet-c-bar": 1200.0}


@pytest.mark.bench
@pytest.mark.parametrize(("benchmark_name", "limit"), LIMITS.items())
def test_all_cells_of_an_image_stay_within_the_goal(benchmark_name: str, limit: float) -> None:
    rows, absent = corruption_speed(repeats=3, only=[benchmark_name])

    total = sum(row.total for row in rows)
    assert total <= limit, f"{total:.1f} CPU ms an image"
    assert not absent, "robench data get frost"


@pytest.mark.bench
def test_glass_blur_needs_no_loop_over_pixels() -> None:
    rows, _ = corruption_speed(repeats=3, only=["imagenet-c"])

    ratio = next(row.reference_ratio for row in rows if row.name == "glass_blur")
    assert ratio is not None
    assert ratio >= 20
