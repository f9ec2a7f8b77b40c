"""Unlike numbers are refused a common column, and marked where they are let in."""

from pathlib import Path

import pytest
from fabricated import Fabricated
from typer.testing import CliRunner

from robench.cli import app
from robench.errors import InputError
from robench.report.options import Options
from robench.report.page import write_report
from robench.report.table import compare

CLI = CliRunner()


@pytest.fixture
def folders(tmp_path: Path) -> list[str]:
    """Two runs, the second with other corruption seeds."""
    first = Fabricated(tmp_path / "a", seed=1).write()
    second = Fabricated(tmp_path / "b", "ipmix", seed=2, source_seed=7).write()
    return [str(first), str(second)]


@pytest.mark.parametrize("verb", ["compare", "report"])
def test_the_commands_refuse_and_say_what_differs_and_the_way_out(
    folders: list[str], verb: str, tmp_path: Path
) -> None:
    more = ["-o", str(tmp_path / "page.html")] if verb == "report" else []

    refused = CLI.invoke(app, [verb, *folders, *more])
    allowed = CLI.invoke(app, [verb, *folders, *more, "--unlike"])

    assert refused.exit_code == 2
    assert "seed 0) vs regenerated (generator version 1, seed 7)" in refused.output
    assert "--unlike" in refused.output
    assert allowed.exit_code == 0


def test_a_refused_page_is_not_written(folders: list[str], tmp_path: Path) -> None:
    with pytest.raises(InputError, match="one column"):
        write_report([Path(f) for f in folders], tmp_path / "page.html")

    assert not (tmp_path / "page.html").exists()


def test_columns_that_are_let_in_are_marked(folders: list[str]) -> None:
    comparison = compare([Path(f) for f in folders], Options(unlike=True))

    assert "mean_ce@digits-c" in comparison.flagged
    assert "error@digits" not in comparison.flagged
    assert "mean_ce@digits-c" not in comparison.ties


def test_like_runs_need_no_permission(tmp_path: Path) -> None:
    runs = [Fabricated(tmp_path / a, a, seed=s).write() for s, a in enumerate(("none", "ipmix"))]

    assert compare(runs).flagged == frozenset()
