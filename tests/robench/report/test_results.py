"""What is read from a run folder, and what is said of a folder that cannot be read."""

import re
from pathlib import Path

import pytest
from fabricated import Fabricated

from robench.errors import InputError
from robench.report.results import load_run, load_runs
from robench.types import Cell


def test_a_run_is_read_from_its_folder_and_from_its_store(tmp_path: Path) -> None:
    folder = Fabricated(tmp_path / "ours", "ipmix").write()

    outer, inner = load_run(folder), load_run(folder / "eval")

    assert outer.title == inner.title == "ipmix air32"
    assert outer.numbers == inner.numbers
    assert outer.folder == inner.folder == folder
    assert len(outer.log) == 8


def test_the_kept_bits_give_the_recorded_error(tmp_path: Path) -> None:
    run = load_run(Fabricated(tmp_path / "run", images=37, whole=37).write())

    record = run.numbers[Cell("digits-c", "fog", 3), "error"]
    bits = run.bits(record)

    assert bits is not None
    assert 1 - bits.mean() == pytest.approx(record.value)


def test_runs_of_one_title_are_told_apart(tmp_path: Path) -> None:
    folders = [Fabricated(tmp_path / name).write() for name in ("first", "second")]

    titles = [run.title for run in load_runs([*folders, folders[0]])]

    assert titles == ["none air32 (first)", "none air32 (second)", "none air32 (first) #2"]


def test_a_trial_with_fewer_images_does_not_mix_with_the_whole_pass(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    Fabricated(folder, images=40, whole=120).write()
    Fabricated(folder, images=120, whole=120).write()

    run = load_run(folder)

    assert {record.n for record in run.numbers.values()} == {120}
    assert run.hidden == len(run.numbers)


def test_the_pass_with_more_cells_is_shown_while_a_better_one_is_unfinished(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "run"
    Fabricated(folder, images=40, whole=120, corruptions=("fog", "snow")).write()
    Fabricated(folder, images=120, whole=120, corruptions=("fog",)).write()

    run = load_run(folder)

    assert run.numbers[Cell("digits-c", "fog", 1), "error"].n == 40
    assert run.numbers[Cell("digits"), "error"].n == 120


@pytest.mark.parametrize("trained", [True, False])
def test_a_folder_without_results_names_the_command_that_makes_them(
    tmp_path: Path, trained: bool
) -> None:
    if trained:
        (tmp_path / "last.pt").touch()

    with pytest.raises(InputError, match=r"holds no results yet.*robench eval .* --suite"):
        load_run(tmp_path)


def test_what_is_not_a_folder_is_an_input_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is not a folder"):
        load_run(tmp_path / "absent")


def test_no_runs_at_all_is_an_input_error() -> None:
    with pytest.raises(InputError, match="at least one run"):
        load_runs([])


@pytest.mark.parametrize("name", ["eval/correct.npz", "eval/curves.json", "log.jsonl"])
def test_a_damaged_file_is_named(tmp_path: Path, name: str) -> None:
    folder = Fabricated(tmp_path / "run").write()
    (folder / name).write_text("{broken\n")

    with pytest.raises(InputError, match=Path(name).name):
        load_run(folder)


def test_files_that_are_not_there_are_no_failure(tmp_path: Path) -> None:
    folder = Fabricated(tmp_path / "run", trained=False).write()
    for name in ("correct.npz", "curves.json", "checkpoint.json"):
        (folder / "eval" / name).unlink()

    run = load_run(folder)

    assert run.config == {}
    assert run.log == ()
    assert run.bits(next(iter(run.numbers.values()))) is None


def test_a_value_that_is_no_number_is_an_error_that_names_the_cell(tmp_path: Path) -> None:
    run = Fabricated(tmp_path / "run").write()
    path = run / "eval" / "results.jsonl"
    lines = path.read_text().splitlines()
    place = next(i for i, line in enumerate(lines) if '"corruption": "fog"' in line)
    lines[place] = re.sub(r'"value": [^,]+', '"value": NaN', lines[place])
    path.write_text("\n".join(lines) + "\n")

    with pytest.raises(InputError, match="error of digits-c-fog-1 has nan where a number belongs"):
        load_run(run)
