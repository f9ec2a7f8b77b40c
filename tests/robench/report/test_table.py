"""Numbers side by side: values, errors, footnotes, and what must not be compared silently."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fabricated import Fabricated

from robench.metrics.aggregates import TEST_CORRUPTIONS
from robench.report.column import Column
from robench.report.comparison import Comparison
from robench.report.options import Options
from robench.report.results import load_run
from robench.report.table import compare
from robench.types import Cell


def two(tmp_path: Path, first: dict[str, Any], second: dict[str, Any]) -> Comparison:
    """A comparison of two fabricated runs with other methods."""
    runs = [("none", {"seed": 1} | first), ("ipmix", {"seed": 2, "slope": 0.04} | second)]
    folders = [Fabricated(tmp_path / aug, aug, **how).write() for aug, how in runs]
    return compare(folders, Options(unlike=True))


def column(comparison: Comparison, key: str) -> Column:
    return next(c for c in comparison.columns if c.key == key)


def test_an_incomplete_mean_does_not_bear_its_name(tmp_path: Path) -> None:
    comparison = two(tmp_path, {}, {})

    titles = [c.title for c in comparison.columns]

    assert "mean error over 10/75 cells" in titles
    assert not any("mean corruption error" in title for title in titles)
    assert column(comparison, "mean_weather@digits-c").title == "weather error over 5/20 cells"


def test_a_complete_mean_bears_its_name(tmp_path: Path) -> None:
    complete = {"corruptions": TEST_CORRUPTIONS, "images": 20, "whole": 20}
    comparison = two(tmp_path, complete, complete)

    assert column(comparison, "mean_ce@digits-c").title == "mean corruption error"
    assert column(comparison, "mean_noise@digits-c").title == "noise error"


def test_the_mean_and_its_error_come_from_the_cells_with_images_as_clusters(
    tmp_path: Path,
) -> None:
    comparison = two(tmp_path, {}, {})
    run = load_run(tmp_path / "none")
    records = [r for (cell, m), r in run.numbers.items() if cell.corruption and m == "error"]
    rows = [bits for bits in map(run.bits, records) if bits is not None]
    wrong = np.stack([1.0 - bits for bits in rows])

    number = comparison.numbers[0, "mean_ce@digits-c"]

    assert number.value == pytest.approx(wrong.mean())
    assert number.stderr == pytest.approx(wrong.mean(0).std(ddof=1) / np.sqrt(120))
    assert (number.have, number.expected, number.n) == (10, 75, 120)


def test_extra_corruptions_have_a_column_and_stay_out_of_the_mean(tmp_path: Path) -> None:
    comparison = compare([Fabricated(tmp_path / "a", corruptions=("fog", "saturate")).write()])

    fog = comparison.numbers[0, "fog@digits-c"].value

    assert comparison.numbers[0, "mean_ce@digits-c"].value == pytest.approx(fog)
    assert column(comparison, "saturate@digits-c").title == "saturate (extra)"


def test_headline_columns_come_in_their_fixed_order(tmp_path: Path) -> None:
    comparison = compare([Fabricated(tmp_path / "a").write()])

    assert [c.title for c in comparison.section("headline", "group")] == [
        "clean error",
        "top-5 error",
        "mean error over 10/75 cells",
        "noise error over 5/15 cells",
        "weather error over 5/20 cells",
        "PGD-20 error",
        "ECE",
        "RMS",
        "RMS (published)",
        "NLL",
        "Brier",
        "AUPR, mean of 2 sets",
        "AUROC, mean of 2 sets",
        "FPR95, mean of 2 sets",
    ]


def test_identical_passports_share_one_footnote_and_raise_no_warning(tmp_path: Path) -> None:
    comparison = two(tmp_path, {}, {})
    numbers = comparison.numbers

    assert comparison.warnings == ()
    assert comparison.flagged == frozenset()
    notes = {numbers[row, key].note for row in (0, 1) for key in ("error@digits", "nll@digits")}
    assert len(notes) == 1
    assert numbers[0, "mean_ce@digits-c"].note == numbers[1, "mean_ce@digits-c"].note
    assert "subset: all 120" in comparison.footnotes[notes.pop()]


@pytest.mark.parametrize(
    ("change", "key", "words"),
    [
        (
            {"images": 60},
            "error@digits",
            "every number: subset: all 120 vs first 60 of 120 (none air32 vs ipmix air32)",
        ),
        (
            {"source_seed": 7},
            "mean_ce@digits-c",
            "source: regenerated (generator version 1, seed 0) vs "
            "regenerated (generator version 1, seed 7)",
        ),
        ({"conventions": {"bins": 10}}, "ece@digits", "ECE: bins: 15 vs 10"),
        ({"corruptions": ("fog",)}, "mean_ce@digits-c", "other cells: 10 vs 5 of 75"),
        ({"anomalies": ("blobs",)}, "aupr@digits", "other sets: 2 vs 1 of 2"),
    ],
)
def test_unlike_numbers_are_flagged_in_words_and_by_letters(
    tmp_path: Path, change: dict[str, Any], key: str, words: str
) -> None:
    comparison = two(tmp_path, {}, change)

    assert key in comparison.flagged
    assert any(words in warning for warning in comparison.warnings)
    assert comparison.numbers[0, key].note != comparison.numbers[1, key].note
    assert comparison.best(column(comparison, key)) is None


def test_what_differs_in_corrupted_cells_alone_does_not_flag_the_clean_error(
    tmp_path: Path,
) -> None:
    comparison = two(tmp_path, {}, {"source_seed": 7})

    assert "error@digits" not in comparison.flagged
    assert comparison.numbers[1, "error@digits"].difference is not None
    assert comparison.numbers[1, "mean_ce@digits-c"].difference is None


def test_normalisation_belongs_to_the_network_so_it_is_shown_and_does_not_bar_a_comparison(
    tmp_path: Path,
) -> None:
    comparison = two(tmp_path, {}, {"mean": 0.4})
    first, second = (comparison.numbers[row, "error@digits"] for row in (0, 1))

    assert comparison.warnings == ()
    assert second.difference is not None
    assert "network: mean 0.5" in comparison.footnotes[first.note]
    assert "network: mean 0.4" in comparison.footnotes[second.note]


def test_what_the_table_leaves_out_is_said(tmp_path: Path) -> None:
    for images in (60, 120):
        Fabricated(tmp_path / "twice", "ipmix", images=images).write()
    comparison = compare([tmp_path / "twice"])

    assert any("other passes" in line for line in comparison.hidden)


def test_anomaly_numbers_against_other_images_say_so(tmp_path: Path) -> None:
    comparison = two(tmp_path, {}, {"images": 60})

    assert any(
        w.startswith("AUPR, mean of 2 sets;") and "in-distribution subset: all 120 vs first" in w
        for w in comparison.warnings
    )


def test_a_paired_difference_is_given_over_the_same_images(tmp_path: Path) -> None:
    comparison = two(tmp_path, {}, {})
    first, second = (comparison.numbers[row, "mean_ce@digits-c"] for row in (0, 1))

    d = second.difference

    assert first.difference is None
    assert d is not None
    assert d.value == pytest.approx(second.value - first.value)
    assert d.low < d.value < d.high < 0
    assert d.cells == 10


def test_attacks_with_other_arguments_stand_in_other_columns(tmp_path: Path) -> None:
    comparison = two(tmp_path, {}, {"attack": "pgd(eps=0.03137, steps=20)"})

    attacks = [c for c in comparison.columns if c.metric == "adv_error"]

    assert len(attacks) == 2
    assert len({c.title for c in attacks}) == 2
    assert (1, attacks[0].key) not in comparison.numbers


def test_a_lead_within_two_standard_errors_is_no_lead(tmp_path: Path) -> None:
    comparison = two(tmp_path, {}, {})

    assert comparison.best(column(comparison, "mean_ce@digits-c")) == 1
    assert comparison.best(column(comparison, "error@digits")) is None


def test_every_number_has_an_error_a_count_and_a_footnote(tmp_path: Path) -> None:
    comparison = two(tmp_path, {}, {})

    for number in comparison.numbers.values():
        assert number.stderr is not None
        assert number.n == 120
        assert number.note in comparison.footnotes


def test_without_kept_bits_a_mean_has_an_upper_bound_as_error_and_no_difference(
    tmp_path: Path,
) -> None:
    folders = [Fabricated(tmp_path / name, name).write() for name in ("none", "ipmix")]
    (folders[1] / "eval" / "correct.npz").unlink()

    number, first = (compare(folders).numbers[row, "mean_ce@digits-c"] for row in (1, 0))

    assert number.stderr is not None
    assert first.stderr is not None
    assert number.stderr > first.stderr
    assert number.difference is None


def test_sets_are_not_mixed_into_one_column(tmp_path: Path) -> None:
    comparison = two(tmp_path, {}, {})

    for each in comparison.columns:
        assert len({cell.evalset for cell in each.cells}) == 1 or each.cells[0].against
    assert column(comparison, "error@digits").cells == (Cell("digits"),)
