"""Perturbation sequences through `robench eval`: frames forward, flip rates out."""

import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

from corruptions import PERTURBATION_GROUPS, perturb
from robench.config import EvalConfig
from robench.datasets import load_test
from robench.evaluate.run import evaluate
from robench.evaluate.scoring import rescore
from robench.metrics.aggregates import EXTRA_PERTURBATIONS
from robench.models.load import load_model
from robench.report.page import write_report
from robench.report.results import load_run, load_runs
from robench.report.story import missing
from robench.report.table import compare
from robench.store import Store
from robench.types import Cell

LIMIT = 12
ROTATE = Cell("digits-p", "rotate", difficulty=1)


def config(path: Path, out: Path, block: int = 500) -> EvalConfig:
    return EvalConfig(
        checkpoint=str(path),
        suite="digits-p",
        data_dir=out / "data",
        out=out,
        limit=LIMIT,
        threads=1,
        device="cpu",
        block=block,
    )


@pytest.fixture(scope="module")
def measured(digits_checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return evaluate(config(digits_checkpoint, tmp_path_factory.mktemp("perturbed")))


def test_every_test_perturbation_gets_its_numbers(measured: Path) -> None:
    records = Store(measured).records()

    found = {r.cell.corruption for r in records if r.metric == "flip_rate"}
    assert found == {*PERTURBATION_GROUPS["test"], *EXTRA_PERTURBATIONS}
    assert {r.metric for r in records if r.cell.difficulty} == {"flip_rate", "top5_distance"}
    assert {(r.n, r.n_expected) for r in records} == {(LIMIT, 500)}


def test_a_flip_rate_is_that_of_the_network_on_the_frames(
    measured: Path, digits_checkpoint: Path
) -> None:
    clean = load_test("digits", measured).images[:LIMIT]
    frames = perturb(clean, "rotate", family="cifar", seed=0)
    model = load_model(digits_checkpoint).model.eval()
    with torch.inference_mode():
        rows = torch.tensor(frames.reshape(-1, 32, 32, 3)).permute(0, 3, 1, 2)
        classes = model(rows).argmax(1).reshape(LIMIT, -1).numpy()
    flips = (classes[:, 1:] != classes[:, :-1]).mean(axis=1)

    records = Store(measured).records()
    record = next(r for r in records if r.cell == ROTATE and r.metric == "flip_rate")

    assert record.value == pytest.approx(flips.mean())
    assert record.stderr == pytest.approx(flips.std(ddof=1) / np.sqrt(LIMIT))
    assert 0 < record.value < 1


def test_the_passport_says_how_the_frames_were_made_and_compared(measured: Path) -> None:
    store = Store(measured)
    record = next(r for r in store.records() if r.cell == ROTATE and r.metric == "flip_rate")

    passport = store.passports()[record.passport_id]

    assert passport["inputs"]["difficulty"] == 1
    assert passport["inputs"]["source"]["kind"] == "regenerated"
    assert "frame 0" in passport["conventions"]["compared"]


def test_blocks_and_a_second_score_change_nothing(
    measured: Path, digits_checkpoint: Path, tmp_path: Path
) -> None:
    other = evaluate(config(digits_checkpoint, tmp_path, block=1))
    one, two = (
        {(r.cell, r.metric): r.value for r in Store(folder).records() if r.cell.difficulty}
        for folder in (measured, other)
    )

    assert one == pytest.approx(two)
    assert rescore(measured)[0] == 0


def test_how_often_each_sequence_flipped_is_kept_for_paired_tests(measured: Path) -> None:
    run = load_run(measured)
    kept = {cell: run.losses(r) for (cell, name), r in run.numbers.items() if name == "flip_rate"}

    assert len(kept) == 14
    for (cell, metric), record in run.numbers.items():
        if metric == "flip_rate":
            losses = kept[cell]
            assert losses is not None
            assert losses.mean() == pytest.approx(record.value, abs=1e-12)
            assert losses.std(ddof=1) / np.sqrt(LIMIT) == pytest.approx(record.stderr)


def test_kept_flips_that_were_lost_are_made_again(measured: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(measured, tmp_path / "eval")
    before = (folder / "flips.npz").read_bytes()
    (folder / "flips.npz").unlink()

    assert rescore(folder)[0] == 0
    assert (folder / "flips.npz").read_bytes() == before


def test_harder_sequences_are_measured_by_a_suite_of_their_own(
    digits_checkpoint: Path, tmp_path: Path
) -> None:
    asked = config(digits_checkpoint, tmp_path).model_copy(
        update={"suite": "digits-p-difficulties", "limit": 2}
    )

    comparison = compare([evaluate(asked)])

    titles = {column.title.partition(" (")[0] for column in comparison.columns}
    assert {"mean flip rate", "mean flip rate, difficulty 2"} <= titles
    assert "mean flip rate, difficulty 3" in titles


def test_the_comparison_shows_the_mean_flip_rate(measured: Path) -> None:
    columns = {column.title for column in compare([measured]).columns}

    assert f"mean flip rate ({LIMIT} of 500 images)" in columns
    assert "rotate: flip rate" in columns


def test_the_page_shows_stability_apart_from_errors(measured: Path, tmp_path: Path) -> None:
    page = write_report([measured.parent], tmp_path / "page.html").read_text()

    assert "Perturbation sequences" in page
    assert "digits-p perturbed" in page
    assert "flip rate: error by severity" not in page
    assert 'id="corruptions"' not in page  # no corruption was measured


def test_perturbations_that_are_missing_are_listed(measured: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(measured, tmp_path / "eval"))
    lines = (folder / "results.jsonl").read_text().splitlines(keepends=True)
    (folder / "results.jsonl").write_text("".join(x for x in lines if '"rotate"' not in x))

    assert "digits-p: rotate" in missing(load_runs([folder])[0])
