"""Where runs stand among published networks."""

from pathlib import Path

import numpy as np
import pytest
from stores import run
from typer.testing import CliRunner

from robench.cli import app
from robench.metrics.effective import fit_line
from robench.report.options import Options
from robench.report.references import read_references
from robench.report.table import compare
from robench.types import Cell


@pytest.fixture
def published(tmp_path: Path) -> Path:
    """Forty networks on a line of logits, with a spread of known size."""
    rng = np.random.default_rng(0)
    clean = np.linspace(0.6, 0.9, 40)
    logits = 1.2 * np.log(clean / (1 - clean)) - 1.5 + rng.normal(0, 0.1, 40)
    shifted = 1 / (1 + np.exp(-logits))
    lines = ["model,imagenet,imagenet-r"]
    rows = zip(clean, shifted, strict=True)
    lines += [f"net{i},{100 * c:.4f},{100 * s:.4f}" for i, (c, s) in enumerate(rows)]
    path = tmp_path / "published.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


def measured(folder: Path, clean: float, shifted: float) -> Path:
    store = run(folder, "ipmix", data="imagenet")
    store.add(Cell("imagenet"), "error", 1 - clean)
    return store.add(Cell("imagenet-r"), "error", 1 - shifted).write()


def test_effective_robustness_is_the_accuracy_above_the_line(
    published: Path, tmp_path: Path
) -> None:
    folder = measured(tmp_path / "run", 0.75, 0.6)
    references = read_references(published)

    [standing] = compare([folder], Options(references=references)).standings

    line = fit_line(references["imagenet-r"].clean, references["imagenet-r"].shifted)
    assert standing.value == pytest.approx(0.6 - line.at(0.75))
    assert standing.value > 0
    assert standing.percentile == 1.0
    assert not standing.outside
    slope = (line.at(0.7501) - line.at(0.7499)) / 0.0002
    assert standing.stderr == pytest.approx(0.01 * np.hypot(1, slope), rel=1e-4)


def test_a_network_beyond_all_published_ones_is_said_to_be_extrapolated(
    published: Path, tmp_path: Path
) -> None:
    folder = measured(tmp_path / "run", 0.95, 0.6)

    [standing] = compare([folder], Options(references=read_references(published))).standings

    assert standing.outside
    assert "an extrapolation" in standing.text


def test_the_command_takes_the_file_and_names_it(published: Path, tmp_path: Path) -> None:
    folder = measured(tmp_path / "run", 0.75, 0.4)

    found = CliRunner().invoke(app, ["compare", str(folder), "--references", str(published)])

    text = " ".join(found.output.split())
    assert found.exit_code == 0
    assert "effective robustness on imagenet-r: -" in text
    assert "40 networks from published.csv (sha256 " in text


def test_sets_without_published_accuracies_are_left_out(published: Path, tmp_path: Path) -> None:
    folder = run(tmp_path / "run").add(Cell("imagenet"), "error", 0.2).write()

    assert compare([folder], Options(references=read_references(published))).standings == ()
