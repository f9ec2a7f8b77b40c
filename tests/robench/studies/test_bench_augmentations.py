"""The speed comparison measures what it says; how fast is for the benchmark to tell."""

import os

import pytest
import torch

import augmentations
from augmentations.compiled import SWITCH
from robench.studies.bench_augmentations import Case, augmentation_speed, cases
from robench.studies.peers.augmentation_loops import REFERENCES

PILLOW = "per image, Pillow"


def test_rows_name_the_contestants_and_the_conditions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SWITCH, "0")
    threads = torch.get_num_threads()
    case = Case("ipmix", 32, 16, 32, views=2, reference="ipmix")

    rows = augmentation_speed(images=32, repeats=1, only=[case])

    assert [(r.case, r.contestant, r.side, r.batch) for r in rows] == [
        ("ipmix, clean and two views", "robench", 32, 16),
        ("ipmix, clean and two views", PILLOW, 32, 16),
    ]
    assert all(r.images_per_cpu_second > 0 and r.threads == 1 for r in rows)
    assert rows[1].speedup == 1.0
    assert rows[0].speedup == pytest.approx(
        rows[0].images_per_cpu_second / rows[1].images_per_cpu_second
    )
    assert torch.get_num_threads() == threads
    assert os.environ[SWITCH] == "0"


def test_compiled_loops_are_timed_beside_the_tensor_code(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("robench.studies.bench_augmentations.wanted", lambda images: True)
    names = ("augmix", "pixmix")

    rows = augmentation_speed(images=32, repeats=1, only=[Case(n, 32, 32, 32) for n in names])

    assert [(r.case, r.contestant) for r in rows] == [
        ("augmix", "robench"),
        ("augmix", "robench, compiled"),
        ("pixmix", "robench"),
    ]
    assert all(r.speedup is None for r in rows)
    assert SWITCH not in os.environ


def test_every_method_and_every_reference_has_a_case() -> None:
    listed = cases(512)
    assert {case.method for case in listed if case.views == 1} >= set(augmentations.METHODS)
    assert {case.reference for case in listed} - {None} == set(REFERENCES)


@pytest.mark.parametrize("reference", REFERENCES)
def test_every_reference_runs(reference: str) -> None:
    [case] = [case for case in cases(32) if case.reference == reference and case.images <= 32][:1]
    rows = augmentation_speed(images=32, repeats=1, only=[case])
    assert rows[-1].speedup == 1.0


@pytest.mark.parametrize("name", ["manifold_mixup", "puzzlemix", "augmax"])
def test_methods_that_ask_the_network_have_one(name: str) -> None:
    [row, *_] = augmentation_speed(images=32, repeats=1, only=[Case(name, 32, 32, 32)])
    assert (row.case, row.contestant) == (name, "robench")


@pytest.mark.parametrize(("images", "repeats"), [(8, 1), (64, 0)])
def test_too_little_work_is_refused(images: int, repeats: int) -> None:
    with pytest.raises(ValueError, match=f"got {images} and {repeats}"):
        augmentation_speed(images=images, repeats=repeats)
