"""The speed comparison measures what it says; how fast is for the benchmark to tell."""

import pytest
import torch

from robench.studies.bench import augmentation_speed


def test_rows_name_the_contestants_and_the_conditions() -> None:
    threads = torch.get_num_threads()
    rows = augmentation_speed(images=32, repeats=1)
    assert [(r.contestant, r.side, r.batch) for r in rows] == [
        ("robench", 32, 32),
        ("reference", 32, 1),
        ("robench", 224, 8),
    ]
    assert all(r.images_per_cpu_second > 0 and r.threads == 1 for r in rows)
    assert rows[1].speedup == 1.0
    assert rows[0].speedup == pytest.approx(
        rows[0].images_per_cpu_second / rows[1].images_per_cpu_second
    )
    assert rows[2].speedup is None
    assert torch.get_num_threads() == threads


def test_without_a_reference_only_robench_is_timed() -> None:
    rows = augmentation_speed(peer=None, images=32, repeats=1)
    assert {r.contestant for r in rows} == {"robench"}


@pytest.mark.parametrize(("images", "repeats"), [(8, 1), (64, 0)])
def test_too_little_work_is_refused(images: int, repeats: int) -> None:
    with pytest.raises(ValueError, match=f"got {images} and {repeats}"):
        augmentation_speed(images=images, repeats=repeats)
