"""Numbers from stored outputs alone."""

import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import small
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score, roc_auc_score

from robench.datasets.class_lists import class_mask
from robench.errors import InputError
from robench.evaluate.scoring import Scorer, rescore
from robench.files import write_json
from robench.metrics import METRICS
from robench.metrics.compact import compact
from robench.passport import inputs_id
from robench.report.render import render
from robench.report.table import compare
from robench.store import Store
from robench.types import Cell, Outputs, Passport

pytest_plugins = ("small",)
pytestmark = pytest.mark.usefixtures("_small_suite")

ANOMALY = Cell("imagenet-o", against="imagenet")
RNG = np.random.default_rng(0)


def passport(of: str, n: int, **inputs: object) -> Passport:
    return Passport({"set": of, "subset": {"rule": "first", "n": n, "of": n}, **inputs}, {}, {})


def filled(folder: Path, *cells: tuple[Cell, Passport, Outputs]) -> Path:
    """A store with these outputs, as `robench eval` leaves it when it is killed."""
    with Store(folder) as store:
        write_json(folder / "checkpoint.json", {"sha256": "0" * 64, "model": {"arch": "air32"}})
        for cell in cells:
            store.write_outputs(*cell)
    return folder


def values(folder: Path) -> dict[str, float]:
    return {
        record.metric: record.value for record in Store(folder).records() if record.cell.against
    }


@pytest.fixture
def logits() -> NDArray[np.float32]:
    return RNG.normal(scale=2.0, size=(60, 1000)).astype(np.float32)


def anomaly(folder: Path, logits: NDArray[np.float32], labels: NDArray[np.int64]) -> Path:
    """Clean ImageNet with these logits, and twelve pictures of ImageNet-O."""
    clean = passport("imagenet", len(labels), precision="fp32")
    other = passport("imagenet", len(labels), precision="fp32", preprocess="another")
    against = {"set": "imagenet", "inputs_id": inputs_id(clean), "mask": "imagenet-o"}
    outside = class_mask("imagenet-o").apply(logits[:12] / np.float32(2))
    rows = np.arange(len(labels))
    return filled(
        folder,
        (Cell("imagenet"), clean, Outputs(rows, labels, logits)),
        (Cell("imagenet"), other, Outputs(rows, labels, -logits)),
        (
            ANOMALY,
            passport("imagenet-o", 12, against=against),
            Outputs(rows[:12], np.full(12, -1), outside),
        ),
    )


def test_imagenet_o_is_scored_against_clean_images_of_its_classes_after_its_mask(
    tmp_path: Path, logits: NDArray[np.float32]
) -> None:
    columns = sorted(class_mask("imagenet-o").position)
    labels = np.where(np.arange(60) % 3 == 0, RNG.choice(columns, 60), 0)
    assert 0 not in columns

    rescore(anomaly(tmp_path, logits, labels))

    def confidence(rows: NDArray[np.float32]) -> NDArray[np.float64]:
        chosen = np.exp(rows[:, columns].astype(np.float64))
        found: NDArray[np.float64] = (chosen / chosen.sum(axis=1, keepdims=True)).max(axis=1)
        return found

    inside = confidence(logits[::3])
    scores = -np.concatenate([confidence(logits[:12] / np.float32(2)), inside])
    is_outside = np.arange(len(scores)) < 12
    found = values(tmp_path)
    assert found["aupr"] == pytest.approx(average_precision_score(is_outside, scores))
    assert found["auroc"] == pytest.approx(roc_auc_score(is_outside, scores))
    assert 0 < found["aupr"] < 1


def test_anomalies_without_a_clean_image_of_their_classes_are_left_out_and_said(
    tmp_path: Path, logits: NDArray[np.float32]
) -> None:
    _, left_out = rescore(anomaly(tmp_path, logits, np.zeros(60, np.int64)))

    assert any("1 anomaly cells: no clean image is of their classes" in line for line in left_out)
    assert values(tmp_path) == {}


def test_anomalies_whose_clean_set_is_not_stored_are_left_out_and_said(
    tmp_path: Path, whole: Path
) -> None:
    shutil.copytree(whole, tmp_path, dirs_exist_ok=True)
    (tmp_path / "results.jsonl").unlink()
    [clean] = Store(tmp_path).stored_paths(Cell("digits"))
    clean.unlink()

    new, left_out = rescore(tmp_path)

    assert new > 0
    assert values(tmp_path) == {}
    assert any(line.startswith("1 anomaly cells: the clean set") for line in left_out)


def test_every_number_comes_back_without_torch(tmp_path: Path, whole: Path) -> None:
    shutil.copytree(whole, tmp_path / "eval")
    (tmp_path / "eval" / "results.jsonl").unlink()
    (tmp_path / "eval" / "correct.npz").unlink()
    code = "import sys; sys.modules['torch'] = None\nfrom robench.cli import main; main()"

    done = subprocess.run(
        [sys.executable, "-c", code, "score", str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    lines = {(r.cell, r.metric): replace(r, time="") for r in Store(tmp_path / "eval").records()}
    assert lines == {(r.cell, r.metric): r for r in small.records(whole)}
    assert (tmp_path / "eval" / "correct.npz").read_bytes() == (whole / "correct.npz").read_bytes()


def test_a_metric_that_is_new_is_computed_for_what_is_stored(
    tmp_path: Path, whole: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(whole, tmp_path, dirs_exist_ok=True)
    monkeypatch.setitem(METRICS, "error", replace(METRICS["error"], version=2))

    new, _ = rescore(tmp_path)

    lines = [record for record in Store(tmp_path).records() if record.metric == "error"]
    assert new == 5
    assert sorted(record.version for record in lines) == [1] * 5 + [2] * 5


def test_a_metric_that_needs_what_is_not_kept_is_skipped_with_the_reason(
    tmp_path: Path, logits: NDArray[np.float32], monkeypatch: pytest.MonkeyPatch
) -> None:
    labels = np.arange(60)
    greedy = replace(METRICS["brier"], per_image=None)
    monkeypatch.setitem(METRICS, "brier", greedy)
    fog = Cell("imagenet-c", "fog", 3)
    outputs = Outputs(labels, labels, **compact(logits, labels))

    _, left_out = rescore(filled(tmp_path, (fog, passport("imagenet-c", 60), outputs)))

    assert "brier: 1 cells keep summaries of their logits only" in left_out
    assert {record.metric for record in Store(tmp_path).records()} == {
        *("error", "top5_error", "nll", "ece", "aurra"),
    }


def test_too_few_images_or_classes_are_said_in_every_run(tmp_path: Path) -> None:
    labels = np.zeros(30, np.int64)
    outputs = Outputs(np.arange(30), labels, np.ones((30, 3), np.float32))
    folder = filled(tmp_path, (Cell("folder:x"), passport("folder:x", 30), outputs))

    for _ in range(2):
        _, left_out = rescore(folder)

        assert "rms: 1 cells have fewer than 100 images" in left_out
        assert "top5_error: 1 cells have fewer than 5 classes" in left_out


def test_what_is_stored_is_not_read_again(whole: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Store, "read_outputs", None)

    with Store(whole) as store:
        scorer = Scorer.of(store)
        assert sum(scorer.score_file(path) for path in store.stored_paths()) == 0


def test_a_limited_run_says_how_many_of_how_many_images(whole: Path) -> None:
    text = " ".join(render(compare([whole]), "markdown").split())

    assert f"first {small.LIMIT} of 500" in text


def test_a_record_without_outputs_is_not_touched_by_scoring(whole: Path, tmp_path: Path) -> None:
    kept = ("results.jsonl", "passports.json", "correct.npz", "curves.json", "checkpoint.json")
    for name in kept:
        shutil.copy(whole / name, tmp_path / name)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    with pytest.raises(InputError, match="no outputs/ to compute more from"):
        rescore(tmp_path)

    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_what_is_kept_of_cells_outlives_their_outputs(whole: Path, tmp_path: Path) -> None:
    store = shutil.copytree(whole, tmp_path / "eval")
    before = (store / "correct.npz").read_bytes(), (store / "curves.json").read_bytes()
    for path in sorted((store / "outputs").glob("*.npz"))[1:]:
        path.unlink()

    rescore(store)

    assert ((store / "correct.npz").read_bytes(), (store / "curves.json").read_bytes()) == before
