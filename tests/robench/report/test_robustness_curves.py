"""Error against the radius of an attack: its columns, its figure, and the cautions beside it."""

from pathlib import Path

import pytest
from stores import run

from robench.attacks import literal
from robench.metrics import METRICS
from robench.report.column import title_of
from robench.report.families import attack_title
from robench.report.figures import curve_points
from robench.report.page import write_report
from robench.report.results import load_run
from robench.report.table import compare
from robench.suites import CURVE
from robench.types import Cell

ERRORS = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The whole curve of one network."""
    store = run(tmp_path / "run").add(Cell("cifar10"), "error", 0.2)
    for text, error in zip(CURVE, ERRORS, strict=True):
        cell = Cell("cifar10", attack=literal(text))
        store.add(cell, "adv_error", error, attack={"name": "pgd", "norm": "Linf"})
    return store.write()


def test_the_curve_starts_at_the_clean_error_and_ends_at_eight_levels(folder: Path) -> None:
    points = curve_points(load_run(folder), "cifar10")

    assert list(points) == pytest.approx([0, 0.5, 1, 2, 3, 4, 6, 8])
    assert list(points.values()) == pytest.approx([20, *(100 * error for error in ERRORS)])


def test_points_of_a_curve_stand_apart_from_the_headline_attack(folder: Path) -> None:
    comparison = compare([folder])

    headline = [c.title for c in comparison.section("headline") if c.metric == "adv_error"]
    others = [c.title for c in comparison.section("attack")]

    assert headline == ["PGD-20 error"]
    assert others == [
        f"PGD-20, eps {level}/255 error" for level in ("0.5", "1", "3", "4", "6", "8")
    ]


def test_the_page_draws_it(folder: Path, tmp_path: Path) -> None:
    page = write_report([folder], tmp_path / "page.html").read_text()

    assert "Error against the radius of the attack" in page
    assert "Error of cifar10 by the radius of the attack" in page


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("pgd20", "PGD-20"),
        ("pgd(eps=0.5, norm='L2', step_size=0.1)", "PGD-20 L2, eps 0.5"),
        ("pgd(eps=0.01, steps=7)", "PGD-7, eps 2.55/255"),
    ],
)
def test_attacks_are_called_by_what_they_are(text: str, title: str) -> None:
    assert attack_title(literal(text)) == title


@pytest.mark.parametrize("name", METRICS)
def test_metrics_are_called_by_words_and_not_by_identifiers(name: str) -> None:
    assert "_" not in title_of(name)
