"""A comparison in five formats."""

import csv
import io
import json
from dataclasses import replace
from pathlib import Path

import pytest
from fabricated import Fabricated

from robench.errors import UnknownNameError
from robench.report.comparison import Comparison
from robench.report.options import Options
from robench.report.render import FORMATS, headline_rows, render
from robench.report.table import compare
from robench.report.tables import as_rich


@pytest.fixture
def comparison(tmp_path: Path) -> Comparison:
    """Two runs, the second on half of the images."""
    runs = (("none", 1, 120), ("ipmix", 2, 60))
    folders = [Fabricated(tmp_path / a, a, images=n, seed=s, error=0.1).write() for a, s, n in runs]
    return compare(folders, Options(unlike=True))


@pytest.mark.parametrize("format_", ["rich", "markdown", "latex"])
def test_tables_for_people_carry_errors_letters_and_warnings(
    comparison: Comparison, format_: str
) -> None:
    text = render(comparison, format_)
    flat = " ".join(text.split())

    number = comparison.numbers[1, "error@digits"]
    sign = r"$\pm$" if format_ == "latex" else "±"
    assert number.stderr is not None
    assert f"{100 * number.value:.1f} {sign} {100 * number.stderr:.1f} {number.note}" in flat
    assert "subset: all 120 vs first 60 of 120" in flat
    assert "10/75 cells" in flat
    assert "mean corruption error" not in flat


def test_csv_is_numeric_and_complete(comparison: Comparison) -> None:
    lines = list(csv.DictReader(io.StringIO(render(comparison, "csv"))))

    assert len(lines) == len(comparison.numbers)
    for line in lines:
        number = comparison.numbers[comparison.runs.index(line["run"]), line["column"]]
        assert float(line["value"]) == number.value
        assert int(line["n"]) == number.n


def test_json_holds_the_same_numbers_and_the_warnings(comparison: Comparison) -> None:
    plain = json.loads(render(comparison, "json"))

    assert len(plain["numbers"]) == len(comparison.numbers)
    assert tuple(plain["warnings"]) == comparison.warnings
    assert plain["footnotes"] == comparison.footnotes


def test_names_are_escaped_for_latex(comparison: Comparison) -> None:
    hostile = replace(comparison, runs=(r"a_b & 50% \input{x} #1 ~^", "ipmix"))

    text = render(hostile, "latex")

    assert r"a\_b \& 50\% \textbackslash{}input\{x\} \#1 \textasciitilde{}" in text
    assert r"\input" not in text


def test_names_are_escaped_for_markdown_and_for_rich(comparison: Comparison) -> None:
    hostile = replace(comparison, runs=("a|b <script> [red]x[/red]", "ipmix"))

    markdown, terminal = render(hostile, "markdown"), render(hostile, "rich")

    assert r"a\|b &lt;script> \[red\]x\[/red\]" in markdown
    assert "[red]x[/red]" in terminal


def test_every_row_of_a_markdown_table_has_as_many_cells(comparison: Comparison) -> None:
    rows = [line for line in render(comparison, "markdown").splitlines() if line.startswith("|")]

    assert len({row.count("|") for row in rows}) == 1
    assert len(rows) == 2 + len(comparison.runs)


def test_differences_on_the_same_images_are_shown_with_their_interval(tmp_path: Path) -> None:
    runs = [Fabricated(tmp_path / a, a, seed=s).write() for s, a in enumerate(("none", "ipmix"))]

    text = render(compare(runs), "markdown")

    assert "ipmix air32 \N{MINUS SIGN} none air32" in text
    assert "95 % bootstrap interval" in text


def test_the_terminal_table_has_one_column_per_run(comparison: Comparison) -> None:
    assert len(as_rich(headline_rows(comparison)).columns) == 1 + len(comparison.runs)


def test_an_unknown_format_names_the_known_ones(comparison: Comparison) -> None:
    with pytest.raises(UnknownNameError, match=r"'htlm'.*markdown"):
        render(comparison, "htlm")


@pytest.mark.parametrize("format_", FORMATS)
def test_formats_are_pure(comparison: Comparison, format_: str) -> None:
    assert render(comparison, format_) == render(comparison, format_)
