"""Which folders count as cells of a corrupted set, and what else may lie beside them."""

from pathlib import Path

import pytest

from corruptions import GROUPS
from robench.datasets import DATASETS, available
from robench.datasets.severity_layout import find_severity_folders, incomplete
from robench.metrics.aggregates import TEST_CORRUPTIONS
from robench.suites import SUITES

C, BAR = DATASETS["imagenet-c"], DATASETS["imagenet-c-bar"]


def folders(root: Path, *names: str, levels: str = "12345") -> Path:
    for name in names:
        for level in levels:
            (root / name / level / "n01440764").mkdir(parents=True)
    return root


def test_fifteen_corruptions_are_measured_whatever_else_lies_there(tmp_path: Path) -> None:
    root = folders(tmp_path / "imagenet-c", *TEST_CORRUPTIONS, *GROUPS["extra"])
    folders(root, "my_fog", "fog_6", "caustic_refraction", ".cache", "noise_old")
    (root / "checksums.txt").touch()

    found = find_severity_folders(C, tmp_path)

    assert found is not None
    assert {name for name, _ in found.cells} == {*TEST_CORRUPTIONS, *GROUPS["extra"]}
    [grid] = SUITES["imagenet-c"].grids
    assert grid.corruptions == TEST_CORRUPTIONS
    assert len(grid.corruptions) * len(grid.severities) == 75
    assert set(grid.corruptions) <= available(C, tmp_path)


@pytest.mark.parametrize("group", ["noise", "blur", "weather", "digital", "extra"])
def test_archives_unpacked_each_into_its_folder_are_one_set(group: str, tmp_path: Path) -> None:
    folders(tmp_path / "ImageNet-C" / group, *GROUPS[group])
    folders(tmp_path / "ImageNet-C", "saturate")

    found = find_severity_folders(C, tmp_path)

    assert found is not None
    assert {name for name, _ in found.cells} == {*GROUPS[group], "saturate"}
    assert found.there(GROUPS[group][0]) == (1, 2, 3, 4, 5)


def test_an_empty_folder_does_not_hide_the_one_that_holds_the_set(tmp_path: Path) -> None:
    (tmp_path / "imagenet-c").mkdir()
    folders(tmp_path / "ImageNet-C", "fog")

    found = find_severity_folders(C, tmp_path)

    assert found is not None
    assert found.root == tmp_path / "ImageNet-C"
    assert find_severity_folders(BAR, tmp_path) is None
    assert incomplete(BAR, tmp_path) == {}


def test_severities_of_other_names_do_not_count(tmp_path: Path) -> None:
    folders(tmp_path / "imagenet-c", "fog", levels="0123456")
    (tmp_path / "imagenet-c" / "fog" / "3.00").mkdir()

    found = find_severity_folders(C, tmp_path)

    assert found is not None
    assert found.there("fog") == (1, 2, 3, 4, 5)
    assert not found.magnitudes


def test_names_of_c_bar_are_those_of_imagenet_alone(tmp_path: Path) -> None:
    folders(tmp_path / "imagenet-c-bar", "caustic_refraction", "ripple", "fog")

    found = find_severity_folders(BAR, tmp_path)

    assert found is not None
    assert {name for name, _ in found.cells} == {"caustic_refraction"}
