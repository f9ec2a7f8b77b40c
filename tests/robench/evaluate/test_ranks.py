"""Several processes give the bits of one, and fail together."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from tempfile import gettempdir

import numpy as np
import pytest
import small
from PIL import Image

from robench.errors import InputError
from robench.evaluate.ranks import Ranks
from robench.evaluate.run import evaluate
from robench.store import Store

pytest_plugins = ("small",)
pytestmark = pytest.mark.usefixtures("_small_suite")

SCRIPT = str(Path(__file__).with_name("small.py"))
ROOT = Path(__file__).resolve().parents[3]


COMPILED = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": f"{gettempdir()}/robench-pyc"}


def torchrun(world: int, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone"]
    return subprocess.run(
        [*command, "--nproc-per-node", str(world), *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        cwd=ROOT,
        env={**os.environ, **COMPILED, "OMP_NUM_THREADS": "1", **environment},
    )


def options(checkpoint: Path, out: Path, suite: str = small.NAME) -> list[str]:
    plain = {"suite": suite, "limit": small.LIMIT, "block": small.BLOCK, "threads": 1}
    places = {"device": "cpu", "workers": 0, "data-dir": out / "data", "out": out}
    pairs = (part for key, value in {**plain, **places}.items() for part in (f"--{key}", value))
    return ["eval", str(checkpoint), *map(str, pairs)]


@pytest.mark.slow
def test_three_ranks_of_torchrun_give_the_bits_and_lines_of_one_process(
    digits_checkpoint: Path, whole: Path, tmp_path: Path
) -> None:
    done = torchrun(3, SCRIPT, *options(digits_checkpoint, tmp_path))

    assert done.returncode == 0, done.stderr
    assert done.stdout.count("clean error") == 1
    small.assert_same(whole, tmp_path / "eval")


@pytest.mark.slow
def test_two_ranks_of_the_module_itself_give_the_bits_of_one_process(
    digits_checkpoint: Path, whole: Path, tmp_path: Path
) -> None:
    done = torchrun(2, "-m", "robench", *options(digits_checkpoint, tmp_path, "digits"))

    assert done.returncode == 0, done.stderr
    [(name, found)] = small.arrays(tmp_path / "eval").items()
    assert found == small.arrays(whole)[name]


@pytest.mark.slow
def test_a_killed_rank_fails_the_run_soon_and_the_next_run_goes_on(
    digits_checkpoint: Path, whole: Path, tmp_path: Path
) -> None:
    began = time.monotonic()
    dies = {small.DIES: json.dumps({"rank": 1, "block": 5})}
    done = torchrun(2, SCRIPT, *options(digits_checkpoint, tmp_path), **dies)

    assert done.returncode != 0
    assert time.monotonic() - began < 60
    assert "SIGKILL" in done.stderr
    kept = [*(tmp_path / "eval" / "outputs").rglob("*.npz")]
    assert 0 < len(kept) < len(small.arrays(whole))

    evaluate(small.config(digits_checkpoint, tmp_path))

    small.assert_same(whole, tmp_path / "eval")


def test_what_the_caller_must_mend_is_the_same_error_on_all_ranks(
    digits_checkpoint: Path, tmp_path: Path
) -> None:
    wrong = small.config(digits_checkpoint, tmp_path, suite="digits-al")

    outcomes = small.run_ranks([wrong, wrong], tmp_path)

    assert {code for code, _ in outcomes} == {2}
    assert {text[:28] for _, text in outcomes} == {"Unknown suite 'digits-al'. D"}
    assert not (tmp_path / "eval").exists()


def test_a_folder_that_another_process_writes_to_is_refused_by_all_ranks(
    digits_checkpoint: Path, tmp_path: Path
) -> None:
    with Store(tmp_path / "eval"):
        outcomes = small.run_ranks([small.config(digits_checkpoint, tmp_path)] * 2, tmp_path)

    assert {code for code, _ in outcomes} == {2}
    assert all("Another process is writing" in text for _, text in outcomes)


@pytest.mark.parametrize(
    ("changes", "words"), [({"threads": 2}, "threads"), ({"limit": 23}, "digits")]
)
def test_ranks_that_see_other_things_are_refused(
    digits_checkpoint: Path, tmp_path: Path, changes: dict[str, int], words: str
) -> None:
    one = small.config(digits_checkpoint, tmp_path)
    outcomes = small.run_ranks([one, one.model_copy(update=changes)], tmp_path)

    assert {code for code, _ in outcomes} == {2}
    assert all(f"Rank 1 differs from rank 0 in {words}" in text for _, text in outcomes)
    assert Store(tmp_path / "eval").records() == []


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Two pictures of each of ten classes."""
    rng = np.random.default_rng(0)
    for label in range(10):
        (tmp_path / "own" / str(label)).mkdir(parents=True)
        for number in range(2):
            image = Image.fromarray(rng.integers(0, 256, (32, 32, 3), np.uint8))
            image.save(tmp_path / "own" / str(label) / f"{number}.png")
    return tmp_path / "own"


def test_a_damaged_picture_is_named_by_the_rank_that_meets_it_and_hangs_nobody(
    digits_checkpoint: Path, tmp_path: Path, pictures: Path
) -> None:
    last = pictures / "9" / "1.png"
    content = last.read_bytes()
    last.write_bytes(content[:200] + bytes(len(content) - 200))
    own = small.config(digits_checkpoint, tmp_path, suite=f"folder:{pictures}", block=2)

    (first, reason), (second, told) = small.run_ranks([own, own], tmp_path)

    assert (first, second) == (1, 2)
    assert "another rank of 2 has ended; see its message" in reason
    assert str(last) in told
    last.write_bytes(content)
    evaluate(own)
    alone = evaluate(own.model_copy(update={"out": tmp_path / "alone"}))
    small.assert_same(alone, tmp_path / "eval")


def test_variables_that_are_no_numbers_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORLD_SIZE", "two")

    with pytest.raises(InputError, match=r"WORLD_SIZE must be a number, .* got 'two'"):
        Ranks.join()


def test_every_block_is_taken_by_one_rank() -> None:
    ranks = [Ranks(rank, 3) for rank in range(3)]

    assert [[r.rank for r in ranks if r.takes(block)] for block in range(4)] == [[0], [1], [2], [0]]
