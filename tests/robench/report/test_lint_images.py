"""Numbers are held against what is kept of each image."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from lint_stores import add_images, edit, following, write

from robench.errors import InputError
from robench.protocols import POLICIES
from robench.report.lint.integrity import Finding
from robench.report.lint.judging import lint

METRICS = ["error", "adv_error", "flip_rate"]
KIND = "value unlike the images"
Plain = dict[str, Any]


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """Clean error, attack and flip rates, with their images."""
    entries = following(POLICIES["strict"], "cifar10", "cifar10-p")
    (tmp_path / "eval").mkdir()
    add_images(tmp_path, entries)
    return write(tmp_path, entries)


def found(run: Path) -> tuple[Finding, ...]:
    return lint(run).findings


def shift(metric: str, field: str, by: float) -> Callable[[list[Plain], Plain], None]:
    """Change a field of the first record of a metric."""

    def change(lines: list[Plain], _: Plain) -> None:
        one = next(line for line in lines if line["metric"] == metric)
        one[field] += by

    return change


@pytest.mark.parametrize("metric", METRICS)
def test_a_value_that_was_edited_within_its_range_is_found(metric: str, run: Path) -> None:
    assert found(run) == ()
    edit(run, shift(metric, "value", 1e-4))

    (finding,) = found(run)

    assert (finding.kind, finding.entries) == (KIND, 1)
    assert f" {metric}: 0.2501, but the 10,000 images beside it give 0.25." in finding.text


@pytest.mark.parametrize("metric", METRICS)
def test_so_is_a_standard_error(metric: str, run: Path) -> None:
    edit(run, shift(metric, "stderr", -1e-7))

    (finding,) = found(run)

    assert finding.kind == "standard error unlike the images"


@pytest.mark.parametrize("field", ["value", "stderr"])
def test_rounding_is_none(field: str, run: Path) -> None:
    edit(run, shift("error", field, 1e-10))

    assert found(run) == ()


def test_a_standard_error_that_was_taken_out_is_found(run: Path) -> None:
    edit(run, lambda lines, _: lines[0].update(stderr=None))

    (finding,) = found(run)

    assert "the standard error is None, but the 10,000 images give 0.00433" in finding.text


def test_another_number_of_images_is_found(run: Path) -> None:
    edit(run, shift("error", "n", -1))

    assert "n unlike the images" in {one.kind for one in found(run)}


def test_cells_of_other_inputs_and_runs_without_images_are_passed_over(run: Path) -> None:
    edit(run, shift("error", "value", 0.1))
    (run / "eval" / "correct.npz").unlink()

    assert KIND not in {one.kind for one in found(run)}

    other: Plain = {"cifar10.00000000": np.packbits([1] * 8), "n-cifar10.00000000": np.array(8)}
    np.savez(run / "eval" / "correct.npz", **other)
    assert KIND not in {one.kind for one in found(run)}


def test_damaged_images_are_an_error(run: Path) -> None:
    (run / "eval" / "correct.npz").write_bytes(b"PK")

    with pytest.raises(InputError, match=r"correct\.npz is damaged"):
        lint(run)
