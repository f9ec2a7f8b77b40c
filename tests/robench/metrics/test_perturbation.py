"""Flip rate and top-5 distance: worked by hand, and against the authors' code."""

import json
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from robench.datasets.sequences import references
from robench.metrics import METRICS
from robench.metrics.compact import first_classes
from robench.metrics.perturbation import distances_per_sequence, flip_rate, flips_per_sequence
from robench.metrics.score import score
from robench.types import Outputs


def outputs(logits: NDArray[np.float32], perturbation: str, difficulty: int) -> Outputs:
    """What a cell would have stored of logits (V, F, K)."""
    videos, frames, classes = logits.shape
    sequences = np.repeat(np.arange(videos), frames)
    compared = np.tile(references(perturbation, frames, difficulty), videos)
    rows = np.where(compared < 0, -1, sequences * frames + compared)
    flat = logits.reshape(-1, classes)
    return Outputs(sequences, np.zeros_like(sequences), flat, sequences=sequences, references=rows)


def one_hot(classes: list[list[int]]) -> NDArray[np.float32]:
    logits: NDArray[np.float32] = np.eye(10, dtype=np.float32)[np.array(classes)]
    return logits


def test_frames_are_compared_with_the_one_before_and_noise_with_the_clean_one() -> None:
    film = one_hot([[1, 2, 2, 1], [5, 5, 5, 5]])

    consecutive = score(METRICS["flip_rate"], outputs(film, "rotate", 1))[0]
    around = score(METRICS["flip_rate"], outputs(film, "shot_noise", 1))[0]

    assert consecutive == pytest.approx((2 / 3 + 0) / 2)
    assert around == pytest.approx((2 / 3 + 0) / 2)
    assert references("rotate", 4, 1).tolist() == [-1, 0, 1, 2]
    assert references("shot_noise", 4, 3).tolist() == [-1, 0, 0, 0]


def test_a_higher_difficulty_compares_frames_further_apart() -> None:
    film = one_hot([[1, 2, 1, 2, 1]])

    rates = [score(METRICS["flip_rate"], outputs(film, "tilt", d))[0] for d in (1, 2, 3)]

    assert rates == [1.0, 0.0, 1.0]
    assert references("tilt", 5, 2).tolist() == [-1, -1, 0, 1, 2]


def test_the_distance_counts_moves_within_the_best_five() -> None:
    before = np.arange(10, 0, -1)  # class 0 first, class 9 last
    swapped = before[[1, 0, *range(2, 10)]]
    reversed_ = before[::-1]
    film = np.stack([[before, swapped], [before, before], [before, reversed_]]).astype(np.float32)
    given = outputs(film, "scale", 1)
    assert given.logits is not None
    assert given.sequences is not None
    assert given.references is not None

    distances = distances_per_sequence(
        first_classes(given.logits, 5), given.sequences, given.references
    )

    assert distances.tolist() == [2.0, 0.0, 5 + 4 + 3 + 2 + 1]


def test_the_standard_error_is_over_sequences_not_frames() -> None:
    film = one_hot([[1, 2, 1], [1, 1, 1], [3, 3, 3], [4, 4, 5]])

    value, stderr = score(METRICS["flip_rate"], outputs(film, "snow", 1))

    assert value == pytest.approx(np.mean([1, 0, 0, 0.5]))
    assert stderr == pytest.approx(np.std([1, 0, 0, 0.5], ddof=1) / 2)


def test_a_sequence_of_one_frame_is_refused() -> None:
    with pytest.raises(ValueError, match="1 sequences have no frames to compare"):
        flips_per_sequence(np.array([3]), np.array([0]), np.array([-1]))
    with pytest.raises(ValueError, match="at least 1"):
        flip_rate(np.array([]))


@pytest.mark.shared
@pytest.mark.parametrize("case", ["0", "1", "2"])
@pytest.mark.parametrize("kind", ["noise", "nonoise"])
@pytest.mark.parametrize("difficulty", [1, 2, 3])
def test_values_equal_the_authors_scripts(
    case: str, kind: str, difficulty: int, shared: Path
) -> None:
    with np.load(shared / "goldens" / "metrics" / "perturbation.npz") as file:
        logits = file[f"p-{case}-logits"]
        expected = json.loads(str(file["expected_json"]))[case][f"{kind}_d{difficulty}"]
    name = {"noise": "gaussian_noise", "nonoise": "translate"}[kind]

    given = outputs(logits, name, difficulty)

    assert score(METRICS["flip_rate"], given)[0] == pytest.approx(expected["flip_prob"], abs=1e-9)
    assert score(METRICS["top5_distance"], given)[0] == pytest.approx(expected["top5"], abs=1e-9)
