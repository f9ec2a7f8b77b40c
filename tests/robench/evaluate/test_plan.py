"""What a suite means for the data at hand."""

from pathlib import Path

import pytest

from robench.errors import InputError
from robench.evaluate import plan
from robench.suites import find_suite
from robench.types import Cell, EvalSet


def only(*present: str) -> object:
    """In place of the search for files: those sets are here."""

    def absent(entry: EvalSet, _: Path) -> str | None:
        there = entry.name in present or entry.role == "ood"
        return None if there else f"{entry.name} is not here."

    return absent


def test_a_set_that_only_serves_as_anomalies_makes_no_suite(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(plan, "absent", only("cifar10"))

    with pytest.raises(InputError, match=r"Nothing of cifar100-all is there.\ncifar100 is"):
        plan.make_plan(find_suite("cifar100-all"), tmp_path)


def test_digits_need_no_files_and_everything_of_them_is_planned(tmp_path: Path) -> None:
    found = plan.make_plan(find_suite("digits-all"), tmp_path)

    assert found.cells[0] == Cell("digits")
    assert len([c for c in found.cells if c.evalset == "digits-c"]) == 18 * 5  # no frost textures
    assert len([c for c in found.cells if c.evalset == "digits-c-bar"]) == 50
    assert len([c for c in found.cells if c.difficulty]) == 14
    assert {c.evalset for c in found.cells if c.against} == {
        *("gaussian", "rademacher", "blobs", "photos")
    }
    assert [c.evalset for c in found.cells if c.attack] == ["digits"]
    assert any("robench data get frost" in line for line in found.missing)
