"""A run that was killed, interrupted or failed loses seconds and changes nothing."""

import json
import multiprocessing
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import small
import torch
from typer.testing import CliRunner

from robench import checkpoint
from robench.cli import app
from robench.errors import InputError, RunError
from robench.evaluate import run
from robench.evaluate.forward import Forward
from robench.evaluate.run import evaluate, evaluate_all
from robench.store import Store

pytest_plugins = ("small",)
pytestmark = pytest.mark.usefixtures("_small_suite")

Change = Callable[..., Any]


@pytest.fixture(autouse=True)
def _every_block_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "FLUSH", 0.0)


def killed(settings: Any, prepare: Change, moment: int) -> bool:  # noqa: ANN401
    """Whether a run died at that moment rather than came to its end."""
    process = small.start([settings], prepare=prepare, argument=moment)
    process.join(60)
    assert process.exitcode in (0, -signal.SIGKILL)
    return process.exitcode != 0


@pytest.mark.slow
@pytest.mark.parametrize(
    ("moments", "kill", "most"), [("writes", small.kill_at_write, 25), ("blocks", small.kill_at, 9)]
)
def test_kill_nine_at_random_moments_changes_no_bit_and_no_line(
    digits_checkpoint: Path, whole: Path, tmp_path: Path, moments: str, kill: Change, most: int
) -> None:
    settings = small.config(digits_checkpoint, tmp_path)
    rng = np.random.default_rng(len(moments))

    deaths = sum(killed(settings, kill, int(rng.integers(most))) for _ in range(6))
    evaluate(settings)

    assert deaths >= 3
    small.assert_same(whole, tmp_path / "eval")


def test_finished_blocks_are_not_measured_again(
    digits_checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = small.config(digits_checkpoint, tmp_path, suite="digits", limit=30, block=3)
    assert killed(settings, small.kill_at, 7)
    sizes: list[int] = []
    measure = Forward.measure

    def counted(*arguments: Any) -> Any:  # noqa: ANN401
        sizes.append(len(arguments[2]))
        return measure(*arguments)

    monkeypatch.setattr(Forward, "measure", counted)
    evaluate(settings)

    assert sizes == [3, 3, 3]


def test_blocks_of_another_size_are_not_used(digits_checkpoint: Path, tmp_path: Path) -> None:
    settings = small.config(digits_checkpoint, tmp_path, suite="digits", limit=30, block=3)
    assert killed(settings, small.kill_at, 7)

    resumed = evaluate(settings.model_copy(update={"block": 4}))
    alone = evaluate(settings.model_copy(update={"block": 4, "out": tmp_path / "alone"}))

    small.assert_same(alone, resumed)


def test_workers_that_outlive_a_kill_do_not_hold_the_folder(
    digits_checkpoint: Path, tmp_path: Path
) -> None:
    settings = small.config(digits_checkpoint, tmp_path, suite="digits-c", workers=2)

    assert killed(settings, small.kill_at, 6)

    with Store(tmp_path / "eval") as store:
        assert store.is_begun()


def interrupt(monkeypatch: pytest.MonkeyPatch, block: int, error: type[BaseException]) -> None:
    """Let something happen when the network is given that block."""
    measure, count = Forward.measure, iter(range(1000))

    def struck(*arguments: Any) -> Any:  # noqa: ANN401
        if next(count) == block:
            raise error
        return measure(*arguments)

    monkeypatch.setattr(Forward, "measure", struck)


def test_an_interrupt_ends_with_130_and_the_same_command_goes_on(
    digits_checkpoint: Path, whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "FLUSH", 1000.0)
    command = ["eval", str(digits_checkpoint), "--suite", small.NAME, "--limit", str(small.LIMIT)]
    command += ["--block", str(small.BLOCK), "--threads", "1", "--workers", "0", "--device", "cpu"]
    command += ["--out", str(tmp_path), "--data-dir", str(tmp_path / "data")]
    with monkeypatch.context() as patch:
        interrupt(patch, 6, KeyboardInterrupt)
        done = CliRunner().invoke(app, command)

    assert done.exit_code == 130
    assert "the same command goes on" in done.output
    assert len(list((tmp_path / "eval" / "outputs").glob("*.parts/*.npz"))) == 1
    assert CliRunner().invoke(app, command).exit_code == 0
    small.assert_same(whole, tmp_path / "eval")


@pytest.fixture
def other_checkpoint(digits_checkpoint: Path, tmp_path: Path) -> Path:
    """The same network with a last layer twice as steep."""
    plain = checkpoint.load(digits_checkpoint)
    plain["state_dict"]["fc.weight"] = plain["state_dict"]["fc.weight"] * 2
    checkpoint.save(tmp_path / "other.pt", plain)
    return tmp_path / "other.pt"


def test_unfinished_blocks_of_another_checkpoint_are_never_taken(
    digits_checkpoint: Path, other_checkpoint: Path, tmp_path: Path
) -> None:
    settings = small.config(digits_checkpoint, tmp_path / "run", suite="digits", limit=30, block=3)
    assert killed(settings, small.kill_at, 7)
    other = settings.model_copy(update={"checkpoint": str(other_checkpoint)})

    with pytest.raises(InputError, match="results of another checkpoint"):
        evaluate(other)
    fresh = evaluate(other.model_copy(update={"fresh": True}))

    small.assert_same(evaluate(other.model_copy(update={"out": tmp_path / "alone"})), fresh)


def test_fresh_discards_all_that_was_measured_and_nothing_else(
    digits_checkpoint: Path, tmp_path: Path
) -> None:
    settings = small.config(digits_checkpoint, tmp_path, suite="digits", limit=30)
    folder = evaluate(settings)
    (folder / "notes.txt").write_text("mine")

    evaluate(settings.model_copy(update={"limit": 20, "fresh": True}))

    assert {record.n for record in Store(folder).records()} == {20}
    assert len(Store(folder).stored_paths()) == 1
    assert len((folder / "timings.jsonl").read_text().splitlines()) == 1
    assert (folder / "notes.txt").read_text() == "mine"


def test_logits_that_are_not_numbers_name_the_cell_and_earlier_cells_are_kept(
    digits_checkpoint: Path, whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    logits, count = Forward.logits, iter(range(1000))

    def diverged(forward: Forward, images: torch.Tensor) -> Any:  # noqa: ANN401
        found = logits(forward, images)
        return np.full_like(found, np.nan) if next(count) >= 11 else found  # 1 trial, 4 + 4 blocks

    with monkeypatch.context() as patch:
        patch.setattr(Forward, "logits", diverged)
        with pytest.raises(RunError, match="digits-c-contrast-5: the logits of 7 of 7 images"):
            evaluate(small.config(digits_checkpoint, tmp_path))

    kept = Store(tmp_path / "eval")
    stored = {path.name.partition(".")[0] for path in kept.stored_paths()}
    assert stored == {"digits", "digits-c-contrast-2"}
    assert list((tmp_path / "eval" / "outputs").glob("*.parts")) == []
    assert {record.cell.severity for record in kept.records()} == {0, 2}
    evaluate(small.config(digits_checkpoint, tmp_path))
    small.assert_same(whole, tmp_path / "eval")


def test_a_reading_process_that_is_killed_is_a_clear_failure(
    digits_checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    measure = Forward.measure

    def deadly(*arguments: Any) -> Any:  # noqa: ANN401
        for worker in multiprocessing.active_children():
            worker.kill()
            time.sleep(0.2)
        return measure(*arguments)

    monkeypatch.setattr(Forward, "measure", deadly)
    with pytest.raises(RunError, match=r"A process that reads images was killed.*--workers"):
        evaluate(small.config(digits_checkpoint, tmp_path, suite="digits-c", limit=8, workers=1))


def test_a_torn_line_of_the_timings_is_dropped(digits_checkpoint: Path, tmp_path: Path) -> None:
    settings = small.config(digits_checkpoint, tmp_path, suite="digits", limit=20)
    path = evaluate(settings) / "timings.jsonl"
    path.write_bytes(path.read_bytes() + b'{"cell": {"evals')

    evaluate(settings.model_copy(update={"limit": 21}))

    assert [json.loads(line)["images"] for line in path.read_text().splitlines()] == [20, 21]


def test_timings_of_a_resumed_cell_count_the_images_that_were_measured_then(
    digits_checkpoint: Path, tmp_path: Path
) -> None:
    settings = small.config(digits_checkpoint, tmp_path, suite="digits", limit=30, block=3)
    assert killed(settings, small.kill_at, 7)

    lines = (evaluate(settings) / "timings.jsonl").read_text().splitlines()

    assert [json.loads(line)["images"] for line in lines] == [9]


def test_curves_that_are_lost_are_made_again_from_the_outputs(
    digits_checkpoint: Path, tmp_path: Path
) -> None:
    settings = small.config(digits_checkpoint, tmp_path, suite="digits", limit=20)
    curves = evaluate(settings) / "curves.json"
    before = curves.read_bytes()
    curves.write_text("{")

    evaluate(settings)

    assert curves.read_bytes() == before


def test_two_checkpoints_that_would_write_to_one_folder_are_refused_first(
    digits_checkpoint: Path, other_checkpoint: Path, tmp_path: Path
) -> None:
    both = [small.config(path, tmp_path / "run") for path in (digits_checkpoint, other_checkpoint)]

    with pytest.raises(InputError, match="would both write to"):
        evaluate_all(both)

    assert not (tmp_path / "run").exists()
