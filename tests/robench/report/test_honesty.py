"""What a table must not hide: unlike sources, missing bits, bounds, the wrong protocol."""

import csv
import io
import json
from pathlib import Path

import pytest
from fabricated import Fabricated
from stores import run, wrong

from robench.errors import InputError
from robench.metrics.aggregates import TEST_CORRUPTIONS
from robench.metrics.significance import holm
from robench.report.column import Column
from robench.report.options import Options
from robench.report.page import write_report
from robench.report.render import digits, render
from robench.report.results import load_run
from robench.report.table import compare
from robench.types import Cell

REGENERATED = {"kind": "regenerated", "seed": 0, "version": 1}
CLEAN = Cell("cifar10")
CELLS = [Cell("cifar10-c", name, level) for name in TEST_CORRUPTIONS for level in range(1, 6)]


def test_a_mean_never_mixes_published_and_regenerated_cells(tmp_path: Path) -> None:
    store = run(tmp_path / "run")
    for cell in CELLS:
        store.add(cell, "error", wrong(1, 0.25), source=REGENERATED)
    for cell in CELLS[:40]:
        store.add(cell, "error", wrong(2, 0.1))

    comparison = compare([store.write()])

    number = comparison.numbers[0, "mean_ce@cifar10-c"]
    assert number.complete
    assert number.value == pytest.approx(wrong(1, 0.25).mean())
    assert "40 numbers of other passes" in comparison.hidden[0]


def test_without_a_complete_kind_of_source_the_mean_is_incomplete(tmp_path: Path) -> None:
    store = run(tmp_path / "run")
    for place, cell in enumerate(CELLS):
        source = REGENERATED if place < 65 else {"kind": "files"}
        store.add(cell, "error", 0.2, source=source)

    titles = [column.title for column in compare([store.write()]).columns]

    assert "mean error over 65/75 cells" in titles


def test_one_run_without_bits_leaves_the_others_their_correction(tmp_path: Path) -> None:
    rates = {"none": 0.3, "cutout": 0.34, "augmix": 0.36, "ipmix": 0.2}
    runs = [
        run(tmp_path / name, name).add(CLEAN, "error", wrong(place, rate)).write()
        for place, (name, rate) in enumerate(rates.items())
    ]
    whole = compare(runs[:3])
    (runs[3] / "eval" / "correct.npz").unlink()

    comparison = compare(runs)

    assert comparison.ties["error@cifar10"].groups == whole.ties["error@cifar10"].groups
    for row in (1, 2):
        ours = comparison.numbers[row, "error@cifar10"].difference
        assert ours == whole.numbers[row, "error@cifar10"].difference
    [remark] = [line for line in comparison.hidden if "not paired" in line]
    assert remark.startswith("ipmix air32 is not paired, because what each image added was not")


def test_differences_between_unlike_runs_are_corrected_too(tmp_path: Path) -> None:
    losses = [wrong(place, rate) for place, rate in enumerate((0.3, 0.37, 0.37))]
    names = ("none", "cutout", "augmix")
    runs = [
        run(tmp_path / name, name).add(CLEAN, "error", one).write()
        for name, one in zip(names, losses, strict=True)
    ]
    few = run(tmp_path / "few", "few").add(CLEAN, "error", wrong(9, 0.3, 100), whole=400).write()
    alone = [compare([runs[0], other]).numbers[1, "error@cifar10"] for other in runs[1:]]

    together = compare([*runs, few], Options(unlike=True)).numbers

    expected = holm([number.difference.p for number in alone if number.difference])
    found = [together[row, "error@cifar10"].difference for row in (1, 2)]
    assert [gap.p for gap in found if gap] == pytest.approx(list(expected))


def test_errors_that_are_added_up_are_called_bounds(tmp_path: Path) -> None:
    comparison = compare([Fabricated(tmp_path / "a").write()])

    lines = {
        line["column"]: line for line in csv.DictReader(io.StringIO(render(comparison, "csv")))
    }
    text = render(comparison, "rich")

    assert lines["aupr@digits"]["stderr_is_bound"] == "True"
    assert lines["mean_ce@digits-c"]["stderr_is_bound"] == "False"
    assert "±≤" in text
    assert "at most that, the errors of the cells added up" in " ".join(text.split())


def test_a_spread_over_seeds_is_never_called_a_standard_error(tmp_path: Path) -> None:
    runs = [Fabricated(tmp_path / str(seed), seed=seed).write() for seed in (1, 2)]
    text = render(compare(runs, Options(seeds=True)), "json")

    clean = next(n for n in json.loads(text)["numbers"] if n["column"] == "error@digits")

    assert clean["stderr"] is None
    assert clean["std"] > 0
    assert clean["seeds"] == 2


def test_variants_of_one_shift_set_count_once(tmp_path: Path) -> None:
    store = run(tmp_path / "run", data="imagenet")
    names = ("imagenet-v2", "imagenet-v2-threshold0.7", "imagenet-v2-top-images", "imagenet-r")
    for name in names:
        store.add(Cell(name), "error", 0.2 if name == "imagenet-r" else 0.4)
    comparison = compare([store.write()])

    column = next(c for c in comparison.columns if c.key.startswith("mean_shift@"))

    assert {cell.evalset for cell in column.cells} == {"imagenet-v2", "imagenet-r"}
    assert comparison.numbers[0, column.key].value == pytest.approx(0.3)


def test_a_pass_of_another_protocol_is_said_to_be_one(tmp_path: Path) -> None:
    store = run(tmp_path / "run", data="imagenet")
    way = "resize 256 bilinear, centre crop 224"
    store.add(Cell("imagenet-c", "fog", 3), "error", 0.5, preprocess=way)

    [line] = compare([store.write()]).hidden

    assert "imagenet-c was not measured under the protocol strict" in line


def test_numbers_without_their_passports_are_not_shown(tmp_path: Path) -> None:
    folder = Fabricated(tmp_path / "a").write()
    (folder / "eval" / "passports.json").unlink()

    with pytest.raises(InputError, match="lacks the passport of error of digits"):
        load_run(folder)


def test_the_page_says_why_there_is_no_difference(tmp_path: Path) -> None:
    few = [
        run(tmp_path / name, name).add(CLEAN, "error", wrong(1, 0.3, 20)).write()
        for name in ("none", "ipmix")
    ]

    page = write_report(few, tmp_path / "page.html").read_text()

    assert "no difference is given, because fewer than 30 images were measured" in page


def test_one_column_that_differs_is_not_every_number(tmp_path: Path) -> None:
    runs = []
    for name, precision in (("none", "fp32"), ("ipmix", "bf16")):
        store = run(tmp_path / name, name).add(CLEAN, "error", wrong(1, 0.3))
        other = Cell("cifar10-c", "fog", 3)
        runs.append(store.add(other, "error", wrong(2, 0.3), precision=precision).write())

    with pytest.raises(InputError) as refused:
        compare(runs)

    assert "every number" not in str(refused.value)
    assert "clean error" not in str(refused.value)
    assert "fp32 vs bf16" in str(refused.value)


def test_zero_has_no_sign() -> None:
    column = Column("error@cifar10", "clean error", "error", "headline", (CLEAN,))

    assert digits(-0.0001, column) == "0.0"
