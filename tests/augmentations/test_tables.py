"""Laws of the arguments of the image operations, against the authors' code (5 sigma each)."""

import json
from pathlib import Path

import pytest
import torch

from augmentations.ops import OPS
from augmentations.random import image_keys
from augmentations.tables import draw_ops

KEYS = image_keys(3, 0, torch.arange(50_000))
FORMS = [("args_size32_severity3", 3.0, 32), ("args_size224_severity1", 1.0, 224)]
ARGUED = ("posterize", "rotate", "solarize", "shear_x", "shear_y", "translate_x", "translate_y")
ENHANCED = ("autocontrast", "color", "contrast", "brightness", "sharpness")


@pytest.mark.parametrize(("form", "severity", "side"), FORMS)
@pytest.mark.parametrize("op", ARGUED + ENHANCED)
def test_arguments_follow_the_official_law(
    golden: Path, form: str, severity: float, side: int, op: str
) -> None:
    text = (golden / "augmentations" / "ipmix_parameter_stats.json").read_text()
    law = json.loads(text)[form][op]
    values = draw_ops(KEYS, (op,), severity, side, 0)[1]
    if "counts" in law:
        assert set(torch.unique(values).tolist()) == {float(v) for v in law["counts"]}
        for value, count in law["counts"].items():
            error = (2 * count * (1 - count / law["n"])) ** 0.5
            assert abs((values == float(value)).sum() - count) <= 5 * error + 1
        return
    assert abs(values.mean() - law["mean"]) < 5 * law["sd"] * (2 / 50_000) ** 0.5
    assert law["min"] - 1e-3 < values.min()
    assert values.max() < law["max"] + 1e-3
    levels = torch.tensor(law["quantile_levels"], dtype=torch.float64)
    for level, quantile in zip(levels, law["quantiles"], strict=True):
        share = (values <= quantile).double().mean()
        assert abs(share - level) < 5 * (2 * level * (1 - level) / 50_000) ** 0.5


def test_operations_are_uniform_over_the_list() -> None:
    ops, _ = draw_ops(KEYS, OPS[:10], 3.0, 32, 0)
    share = torch.bincount(ops, minlength=len(OPS)) / len(ops)
    assert share[:10].tolist() == pytest.approx([0.1] * 10, abs=0.0067)  # 5 sigma
    assert share[10:].sum() == 0


def test_bits_never_fall_below_one() -> None:
    assert draw_ops(KEYS, ("posterize",), 10.0, 32, 0)[1].min() == 1
