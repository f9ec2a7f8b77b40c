"""What is seen of a network before an attack stands beside the number of that attack."""

from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from robench.config import EvalConfig
from robench.evaluate.run import evaluate
from robench.report.render import render
from robench.report.results import load_run
from robench.report.table import compare
from robench.types import Cell


class Soft(nn.Module):
    """Gives probabilities where logits are expected."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(3 * 32 * 32, 10)
        nn.init.normal_(self.layer.weight, generator=torch.Generator().manual_seed(0))

    def forward(self, images: Tensor) -> Tensor:
        """(N, 10), rows sum to 1."""
        return self.layer(images.flatten(1)).softmax(1)  # type: ignore[no-any-return]


def soft() -> nn.Module:
    """What ``model`` calls."""
    return Soft()


class Said:
    """A `robench.progress.Progress` that keeps what it is told."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def say(self, text: str) -> None:
        """Keep it."""
        self.lines.append(text)

    def start(self, what: str, total: int) -> None:
        """Nothing."""

    def advance(self, steps: int = 1, note: str = "") -> None:
        """Nothing."""


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """An attack on probabilities, and what was said."""
    out, said = tmp_path_factory.mktemp("soft"), Said()
    config = EvalConfig(
        model="test_cautions:soft",
        suite="digits",
        attacks=("pgd20",),
        limit=40,
        data_dir=out,
        out=out,
        device="cpu",
        threads=1,
    )
    return evaluate(config, said), said.lines


def test_it_is_said_before_the_attack(measured: tuple[Path, list[str]]) -> None:
    assert any("Caution" in line and "look like probabilities" in line for line in measured[1])


def test_it_is_kept_beside_the_passport_and_does_not_enter_the_id(
    measured: tuple[Path, list[str]],
) -> None:
    run = load_run(measured[0])
    [record] = [r for (cell, _), r in run.numbers.items() if cell.attack]
    clean = run.numbers[Cell("digits"), "error"]

    passport = run.passport(record)

    assert any("probabilities" in flag for flag in passport["provenance"]["flags"])
    assert "flags" not in passport["inputs"]
    assert "flags" not in run.passport(clean)["provenance"]


def test_the_table_repeats_it(measured: tuple[Path, list[str]]) -> None:
    text = " ".join(render(compare([measured[0]]), "rich").split())

    assert "Caution: " in text
    assert "PGD-20: the outputs look like probabilities" in text
