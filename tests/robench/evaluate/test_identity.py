"""What enters the identity of outputs, and what does not."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import small
import torch
from PIL import Image

from robench.datasets import CellSource, regenerated
from robench.datasets.class_lists import class_mask
from robench.datasets.reading import READERS
from robench.evaluate import identity
from robench.evaluate.forward import Forward
from robench.evaluate.identity import Bench
from robench.evaluate.ranks import Ranks
from robench.evaluate.run import evaluate
from robench.evaluate.setup import prepare
from robench.passport import inputs_id
from robench.progress import Silent
from robench.store import Store
from robench.types import Cell

pytest_plugins = ("small",)
pytestmark = pytest.mark.usefixtures("_small_suite")


def bench(checkpoint: Path, out: Path, **changes: object) -> Bench:
    return prepare([small.config(checkpoint, out, **changes)], Ranks(), Silent())[0]


def ids(found: Bench) -> dict[Cell, str]:
    return {cell: inputs_id(found.passport(cell, source)) for cell, source in found.sources}


@pytest.fixture
def usual(digits_checkpoint: Path, tmp_path: Path, _small_suite: None) -> Iterator[dict[Cell, str]]:
    threads = torch.get_num_threads()
    yield ids(bench(digits_checkpoint, tmp_path / "usual"))
    torch.set_num_threads(threads)


@pytest.mark.parametrize(
    "changes",
    [{"block": 3}, {"threads": 2}, {"workers": 1}, {"fresh": True}],
    ids=lambda changes: next(iter(changes)),
)
def test_how_the_work_is_done_is_no_part_of_it(
    usual: dict[Cell, str], digits_checkpoint: Path, tmp_path: Path, changes: dict[str, int]
) -> None:
    other = bench(digits_checkpoint, tmp_path / "elsewhere", **changes)

    assert ids(other) == usual


def test_the_block_is_part_of_it_for_attacks_that_draw_for_a_whole_block(
    digits_checkpoint: Path, tmp_path: Path
) -> None:
    pytest.importorskip("torchattacks")
    asked = {"attacks": ("torchattacks:GN(std=0.05)", "fgsm")}
    one, two = (
        ids(bench(digits_checkpoint, tmp_path / str(block), block=block, **asked))
        for block in (7, 8)
    )

    moved = [cell.attack for cell in one if one[cell] != two[cell]]

    assert moved == ["torchattacks:GN(std=0.05)"]


def test_the_number_of_images_is_part_of_it(
    usual: dict[Cell, str], digits_checkpoint: Path, tmp_path: Path
) -> None:
    other = ids(bench(digits_checkpoint, tmp_path, limit=small.LIMIT + 5))

    assert {cell for cell in usual if other[cell] == usual[cell]} == set()


def test_the_precision_is_part_of_it_but_for_attacks(
    usual: dict[Cell, str], digits_checkpoint: Path, tmp_path: Path
) -> None:
    other = ids(bench(digits_checkpoint, tmp_path, precision="bf16"))

    assert {cell.attack != "" for cell in usual if other[cell] == usual[cell]} == {True}
    assert {cell.attack != "" for cell in usual if other[cell] != usual[cell]} == {False}


def test_the_seed_of_drawn_cells_is_part_of_theirs(
    usual: dict[Cell, str],
    digits_checkpoint: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    source = regenerated.source
    monkeypatch.setattr(regenerated, "source", lambda entry: source(entry, seed=1))

    other = ids(bench(digits_checkpoint, tmp_path))

    changed = {cell.evalset for cell in usual if other[cell] != usual[cell]}
    assert changed == {"digits-c", "digits-p"}


def test_the_clean_set_is_part_of_its_anomalies(
    usual: dict[Cell, str],
    digits_checkpoint: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    another = replace(READERS["digits"], source=lambda _: {"kind": "another"})
    monkeypatch.setitem(READERS, "digits", another)

    other = ids(bench(digits_checkpoint, tmp_path))

    changed = {cell.evalset for cell in usual if other[cell] != usual[cell]}
    assert {"digits", "blobs"} <= changed
    assert "digits-c" not in changed


def write_pictures(folder: Path, seed: int) -> Path:
    rng = np.random.default_rng(seed)
    for label in range(10):
        (folder / str(label)).mkdir(parents=True)
        pixels = rng.integers(0, 64 * (seed + 1), (32, 32, 3), np.uint8)
        Image.fromarray(pixels).save(folder / str(label) / "one.png")
    return folder


def test_folders_of_one_name_with_other_pictures_are_told_apart(
    digits_checkpoint: Path, tmp_path: Path
) -> None:
    folders = [write_pictures(tmp_path / str(seed) / "mine", seed) for seed in (0, 1)]
    for folder in folders:
        evaluate(small.config(digits_checkpoint, tmp_path, suite=f"folder:{folder}"))

    store = Store(tmp_path / "eval")
    errors = [record for record in store.records() if record.metric == "nll"]
    assert {record.cell for record in errors} == {Cell("folder:mine")}
    assert len({record.passport_id for record in errors}) == 2
    assert len({record.value for record in errors}) == 2


def test_a_folder_that_was_moved_is_the_same(digits_checkpoint: Path, tmp_path: Path) -> None:
    folder = write_pictures(tmp_path / "here" / "mine", 0)
    evaluate(small.config(digits_checkpoint, tmp_path, suite=f"folder:{folder}"))
    (tmp_path / "there").mkdir()
    moved = folder.rename(tmp_path / "there" / "mine")

    evaluate(small.config(digits_checkpoint, tmp_path, suite=f"folder:{moved}"))

    assert len(Store(tmp_path / "eval").stored_paths()) == 1


@pytest.mark.parametrize(
    ("positions", "images", "expected", "rule"),
    [
        (None, None, 4, "all"),
        (None, None, 9, "first"),
        ([0, 1, 2, 3], 9, 9, "first"),
        ([0, 2, 4, 6], 8, 9, "spread"),
        ([0, 1, 2, 3], 4, 9, "all that are there"),
        ([0, 2, 3, 8], 4, 9, "all that are there"),
    ],
)
def test_the_subset_is_described_by_how_it_was_chosen(
    positions: list[int] | None, images: int | None, expected: int, rule: str
) -> None:
    source = CellSource(
        labels=np.zeros(4, np.int64),
        source={} if images is None else {"images": images},
        n_expected=expected,
        read=lambda start, stop: np.zeros((stop - start, 2, 2, 3), np.uint8),
        positions=None if positions is None else np.array(positions),
    )

    assert identity._subset(source) == {"rule": rule, "n": 4, "of": expected}


class Fixed(torch.nn.Module):
    """Gives the same logits for whatever image."""

    def __init__(self, logits: torch.Tensor) -> None:
        super().__init__()
        self.logits = logits

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """(n, K)."""
        return self.logits.expand(len(images), -1)


def test_the_mask_of_a_set_is_applied_before_anything_is_kept() -> None:
    logits = torch.randn(1000, generator=torch.Generator().manual_seed(0))
    forward = Forward(Fixed(logits), torch.device("cpu"), "fp32", 2)
    images, labels = torch.zeros((2, 3, 4, 4), dtype=torch.uint8), np.array([-1, -1])
    mask = class_mask("imagenet-o")

    kept = forward.measure(Cell("imagenet-o", against="imagenet"), images, labels, mask)

    columns = sorted(mask.position)
    np.testing.assert_array_equal(kept["logits"], np.tile(logits.numpy()[columns], (2, 1)))
