"""Runs of several seeds as one row."""

from pathlib import Path

import numpy as np
import pytest
from fabricated import Fabricated
from typer.testing import CliRunner

from robench.cli import app
from robench.errors import InputError
from robench.report.options import Options
from robench.report.page import write_report
from robench.report.render import render
from robench.report.table import compare

SEEDS = Options(seeds=True)


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Three seeds of one method, and one of another."""
    home = tmp_path_factory.mktemp("seeds")
    runs = [Fabricated(home / f"none{seed}", seed=seed).write() for seed in range(3)]
    return [*runs, Fabricated(home / "ipmix", "ipmix", seed=7, slope=0.04).write()]


def test_a_row_is_the_mean_and_standard_deviation_over_seeds(folders: list[Path]) -> None:
    each = compare(folders)
    comparison = compare(folders, SEEDS)

    assert comparison.runs == ("none air32, 3 seeds", "ipmix air32, 1 seed")
    for key in ("error@digits", "mean_ce@digits-c", "ece@digits", "aupr@digits"):
        values = [each.numbers[row, key].value for row in range(3)]
        number = comparison.numbers[0, key]
        assert number.value == pytest.approx(np.mean(values))
        assert number.stderr == pytest.approx(np.std(values, ddof=1))
        assert number.seeds == 3
        assert comparison.numbers[1, key].stderr is None


def test_the_table_says_that_the_spread_is_that_of_seeds(folders: list[Path]) -> None:
    text = render(compare(folders, SEEDS), "rich")

    assert "standard deviation (n - 1) over seeds" in text
    assert "paired 95 %" not in text


def test_a_seed_must_not_count_twice(folders: list[Path]) -> None:
    with pytest.raises(InputError, match="both of seed 0"):
        compare([folders[0], folders[0]], SEEDS)


def test_each_number_says_of_how_many_seeds_it_is_the_mean(tmp_path: Path) -> None:
    runs = [Fabricated(tmp_path / str(seed), seed=seed).write() for seed in (1, 2)]
    runs.append(Fabricated(tmp_path / "less", seed=3, anomalies=()).write())

    comparison = compare(runs, SEEDS)

    assert comparison.numbers[0, "error@digits"].seeds == 3
    assert comparison.numbers[0, "aupr@digits"].seeds == 2
    assert "(3)" in render(comparison, "rich")


def test_the_page_draws_the_means(folders: list[Path], tmp_path: Path) -> None:
    page = write_report(folders, tmp_path / "page.html", options=SEEDS).read_text()

    assert "none air32, 3 seeds" in page
    assert "over seeds" in page


def test_both_protocols_and_seeds_are_one_question_too_many(folders: list[Path]) -> None:
    command = ["compare", str(folders[0]), "--seeds", "--protocol", "both"]

    found = CliRunner().invoke(app, command)

    assert found.exit_code == 2
    assert "do not go together" in found.output
