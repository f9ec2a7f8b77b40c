"""The main job on real CIFAR-10, small: train with IPMix, measure every cell, compare."""

from pathlib import Path

import pytest

import robench
from augmentations import mixing_sets
from corruptions import assets_present
from robench.report.table import compare
from robench.store import Store
from robench.types import Cell

pytestmark = [pytest.mark.data, pytest.mark.slow]


@pytest.fixture(scope="module")
def runs(data_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Two networks on 3,000 images, measured on 100 images of every cell."""
    folder = tmp_path_factory.mktemp("cifar")
    pictures = mixing_sets.cached("orbit-traps", 30, 36, folder / "pictures")
    found = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(mixing_sets, "cached", lambda *_, **__: pictures)
        for aug in ("none", "ipmix"):
            checkpoint = robench.train(
                aug=aug,
                arch="air32",
                data_dir=data_dir,
                loss="auto",
                subset=3000,
                epochs=1,
                threads=1,
                out=folder / aug,
                recipe="cifar",
            )
            robench.evaluate(checkpoint, "cifar10-all", limit=100, data_dir=data_dir, threads=1)
            found.append(folder / aug)
    return found


def test_every_cell_is_measured_and_says_where_its_pixels_come_from(runs: list[Path]) -> None:
    for run in runs:
        store = Store(run / "eval")
        records = {(r.cell, r.metric): r for r in store.records()}
        passports = store.passports()

        clean = records[Cell("cifar10"), "error"]
        noisy = records[Cell("cifar10-c", "gaussian_noise", 5), "error"]
        assert passports[clean.passport_id]["inputs"]["source"] == {"kind": "official"}
        assert passports[noisy.passport_id]["inputs"]["source"]["kind"] == "regenerated"
        assert (noisy.n, noisy.n_expected) == (100, 10_000)
        assert 0.2 < clean.value < 0.95


def test_the_loss_is_that_of_the_method(runs: list[Path]) -> None:
    assert [robench.load_results(run)[0].model["loss"] for run in runs] == ["ce", "jsd"]


def test_the_comparison_names_what_is_incomplete(runs: list[Path], data_dir: Path) -> None:
    text = str(compare(runs))
    cells = 75 if assets_present("frost", data_dir) else 70

    assert f"{cells}/75 cells" in text or cells == 75
    assert ("mean corruption error" in text) == (cells == 75)
