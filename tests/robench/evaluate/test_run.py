"""`robench eval`, end to end on digits: resume, limits, refusals, and what a number carries."""

import multiprocessing
import os
import shutil
import signal
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from robench import checkpoint
from robench.config import EvalConfig
from robench.errors import InputError, RunError, UnknownNameError
from robench.evaluate.run import evaluate
from robench.evaluate.scoring import rescore
from robench.files import read_json
from robench.store import Store
from robench.types import Cell, Record


def config(path: Path, out: Path, **changes: Any) -> EvalConfig:  # noqa: ANN401
    values = {"suite": "digits-demo", "limit": 120, "threads": 1, "device": "cpu", **changes}
    return EvalConfig(checkpoint=str(path), data_dir=out / "data", out=out, **values)


def numbers(folder: Path) -> dict[tuple[Cell, str], float]:
    return {(record.cell, record.metric): record.value for record in Store(folder).records()}


@pytest.fixture(scope="session")
def measured(digits_checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return evaluate(config(digits_checkpoint, tmp_path_factory.mktemp("measured")))


def test_every_cell_of_the_suite_gets_its_numbers(measured: Path) -> None:
    found = numbers(measured)

    cells = {cell for cell, _ in found}
    assert (Cell("digits"), "error") in found
    assert (Cell("digits-c", "gaussian_noise", 5), "rms") in found
    assert (Cell("blobs", against="digits"), "aupr") in found
    assert (
        sum(cell.corruption != "" for cell in cells) == 18 * 5
    )  # all but frost, whose textures are absent
    assert [name for cell, name in found if cell.attack] == ["adv_error"]
    attack = next(cell.attack for cell in cells if cell.attack)
    assert attack.startswith("pgd(eps=0.00784313")
    assert {cell.evalset for cell in cells if cell.against} == {
        "gaussian",
        "rademacher",
        "blobs",
        "photos",
    }


def test_a_number_says_exactly_what_it_is(measured: Path) -> None:
    store = Store(measured)
    passports = store.passports()
    record = next(
        r for r in store.records() if r.cell.corruption == "contrast" and r.metric == "ece"
    )

    passport = passports[record.passport_id]

    assert (record.n, record.n_expected) == (120, 500)
    assert passport["inputs"]["subset"] == {"rule": "first", "n": 120, "of": 500}
    assert passport["inputs"]["source"]["kind"] == "regenerated"
    assert passport["inputs"]["source"]["seed"] == 0
    assert passport["conventions"]["bins"] == 15
    assert passport["provenance"]["threads"] == 1
    assert record.model["aug"] == "none"
    assert len(record.checkpoint) == 64


def test_measuring_again_changes_no_byte(measured: Path, digits_checkpoint: Path) -> None:
    before = (measured / "results.jsonl").read_bytes()

    evaluate(config(digits_checkpoint, measured.parent))

    assert (measured / "results.jsonl").read_bytes() == before


def test_scores_come_back_from_stored_outputs_alone(measured: Path, tmp_path: Path) -> None:
    shutil.copytree(measured, tmp_path / "eval")
    (tmp_path / "eval" / "results.jsonl").unlink()

    new, _ = rescore(tmp_path)

    assert numbers(tmp_path / "eval") == numbers(measured)
    assert new == len(numbers(measured))


def test_a_larger_limit_stands_beside_the_smaller_one(
    digits_checkpoint: Path, tmp_path: Path
) -> None:
    for limit in (100, 130):
        evaluate(config(digits_checkpoint, tmp_path, suite="digits", limit=limit))

    errors = [r for r in Store(tmp_path / "eval").records() if r.metric == "error"]
    assert [record.n for record in errors] == [100, 130]
    assert len({record.passport_id for record in errors}) == 2


def test_the_size_of_a_block_changes_numbers_by_floating_point_ties_only(
    digits_checkpoint: Path, measured: Path, tmp_path: Path
) -> None:
    other = numbers(evaluate(config(digits_checkpoint, tmp_path, block=37)))

    assert other.keys() == numbers(measured).keys()
    for key, value in numbers(measured).items():
        assert other[key] == pytest.approx(value, abs=1e-5), key


def test_correctness_is_kept_for_paired_tests(measured: Path) -> None:
    with np.load(measured / "correct.npz") as packed:
        name = next(name for name in packed.files if name.startswith("digits."))
        right = np.unpackbits(packed[name])[: int(packed[f"n-{name}"])]

    assert 1 - right.mean() == pytest.approx(numbers(measured)[Cell("digits"), "error"])
    assert set(read_json(measured / "curves.json")) == {"floor", "reliability"}


def _evaluate(settings: EvalConfig) -> None:
    evaluate(settings)


def test_kill_nine_at_any_moment_leaves_the_same_lines(
    digits_checkpoint: Path, measured: Path, tmp_path: Path
) -> None:
    context = multiprocessing.get_context("spawn")
    rng = np.random.default_rng(1)
    for _ in range(2):
        process = context.Process(target=_evaluate, args=(config(digits_checkpoint, tmp_path),))
        process.start()
        began = time.monotonic()
        while not (tmp_path / "eval" / "results.jsonl").exists() and time.monotonic() - began < 60:
            time.sleep(0.05)
        time.sleep(float(rng.uniform(0.0, 1.0)))
        os.kill(process.pid or 0, signal.SIGKILL)
        process.join()
    evaluate(config(digits_checkpoint, tmp_path))

    def lines(folder: Path) -> list[Record]:
        return [Record.from_dict({**r.to_dict(), "time": ""}) for r in Store(folder).records()]

    assert lines(tmp_path / "eval") == lines(measured)


def test_another_checkpoint_needs_another_folder_or_fresh(
    digits_checkpoint: Path, tmp_path: Path
) -> None:
    plain = checkpoint.load(digits_checkpoint)
    plain["state_dict"]["fc.weight"] = plain["state_dict"]["fc.weight"] * 2
    checkpoint.save(tmp_path / "other.pt", plain)
    settings = config(digits_checkpoint, tmp_path, suite="digits")
    evaluate(settings)
    other = settings.model_copy(update={"checkpoint": str(tmp_path / "other.pt")})

    with pytest.raises(InputError, match="another checkpoint"):
        evaluate(other)
    evaluate(other.model_copy(update={"fresh": True}))

    assert len({r.checkpoint for r in Store(tmp_path / "eval").records()}) == 1


def test_outputs_that_are_not_numbers_are_an_error_that_names_the_cell(
    digits_checkpoint: Path, tmp_path: Path
) -> None:
    plain = checkpoint.load(digits_checkpoint)
    plain["state_dict"]["fc.bias"] = torch.full_like(plain["state_dict"]["fc.bias"], torch.nan)
    checkpoint.save(tmp_path / "nan.pt", plain)

    with pytest.raises(RunError, match=r"digits: the logits of 120 of 120 images"):
        evaluate(config(tmp_path / "nan.pt", tmp_path))

    assert Store(tmp_path / "eval").records() == []
    evaluate(config(digits_checkpoint, tmp_path, suite="digits"))  # nothing was measured: free


def test_damaged_outputs_are_measured_again(digits_checkpoint: Path, tmp_path: Path) -> None:
    folder = evaluate(config(digits_checkpoint, tmp_path, suite="digits"))
    before = numbers(folder)
    [path] = (folder / "outputs").glob("*.npz")
    whole = path.read_bytes()
    path.write_bytes(whole[:100])

    evaluate(config(digits_checkpoint, tmp_path, suite="digits"))

    assert path.read_bytes() == whole
    assert numbers(folder) == before


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"suite": "digits-al"}, UnknownNameError, "Did you mean 'digits-all'"),
        ({"suite": "cifar10-all"}, InputError, "cifar-10-batches-py"),
        ({"device": "cuda:99"}, InputError, "--device cpu"),
    ],
)
def test_what_cannot_be_measured_is_refused_first(
    digits_checkpoint: Path,
    tmp_path: Path,
    changes: dict[str, str],
    error: type[Exception],
    message: str,
) -> None:
    with pytest.raises(error, match=message):
        evaluate(config(digits_checkpoint, tmp_path, **changes))

    assert not (tmp_path / "eval").exists()
