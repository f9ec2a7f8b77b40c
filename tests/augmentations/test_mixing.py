"""The four mixing operations and the conversion to uint8, against the authors' code."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from scipy import stats

from augmentations.mixing import add, mixing_weights, multiply, quantise
from augmentations.random import image_keys

KEYS = image_keys(0, 0, torch.arange(50_000))


def test_quantiser_table_of_the_official_conversion(golden: Path) -> None:
    with np.load(golden / "augmentations" / "ipmix_official.npz") as data:
        values, wanted = data["quantiser-in"], data["quantiser-out"]
    np.testing.assert_array_equal(quantise(torch.from_numpy(values)), wanted)


@pytest.mark.parametrize(
    ("value", "wrapped", "clipped"),
    [
        (0.5, 127, 127),
        (1.0, 255, 255),
        (1.005, 0, 255),
        (2.0, 254, 255),
        (-0.003, 0, 0),
        (-0.01, 254, 0),
        (-1.0, 1, 0),
        (1e10, 0, 255),
        (float("inf"), 0, 255),
        (float("-inf"), 0, 0),
        (float("nan"), 0, 0),
    ],
)
def test_overflow_wraps_or_clips(value: float, wrapped: int, clipped: int) -> None:
    assert quantise(torch.tensor(value)).item() == wrapped
    assert quantise(torch.tensor(value), "clip").item() == clipped


def test_quantise_restores_every_code() -> None:
    codes = torch.arange(256)
    assert torch.equal(quantise(codes.float() / 255).long(), codes)


def test_add_and_multiply_by_hand() -> None:
    first, second = torch.tensor([0.25, 1.0]), torch.tensor([0.5, 0.0])
    a, b = torch.tensor(0.75), torch.tensor(0.25)
    torch.testing.assert_close(add(first, second, a, b), torch.tensor([0.3125, 0.75]))
    two, one = torch.tensor(2.0), torch.tensor(1.0)
    torch.testing.assert_close(multiply(first, second, two, one), torch.tensor([0.125, 2e-37]))


@pytest.mark.shared
@pytest.mark.parametrize("name", ["add", "multiply"])
def test_floats_before_the_conversion_equal_the_official_ones(shared: Path, name: str) -> None:
    folder = shared / "goldens" / "augmentations"
    with np.load(folder / "mixing_ops.npz") as data, np.load(folder / "inputs.npz") as inputs:
        chosen = data["float_images"]
        first, second = (
            torch.from_numpy(inputs[key][chosen]).permute(0, 3, 1, 2).float() / 255
            for key in ("x32", "mix32")
        )
        cases = json.loads(str(data["cases_json"]))
        for case in (c for c in cases if c["op"] == name and c["size"] == 32):
            a, b = torch.tensor(case["A"]), torch.tensor(case["B"])
            result = (add if name == "add" else multiply)(first, second, a, b).numpy()
            wanted = data[f"{case['key']}-float"]
            np.testing.assert_allclose(result, wanted, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("severity", [3, 4])
def test_weights_follow_the_official_law(golden: Path, severity: int) -> None:
    text = (golden / "augmentations" / "ipmix_parameter_stats.json").read_text()
    law = json.loads(text)[f"get_ab_beta{severity}"]
    a, b = mixing_weights(KEYS, severity, 0)
    high = a >= 1
    assert (
        abs(high.double().mean() - law["frac_A_ge_1"]) < 5 * (0.25 / 50_000 + 0.25 / 200_000) ** 0.5
    )
    for branch, chosen in (("low", ~high), ("high", high)):
        for name, values in (("A", a[chosen]), ("B", b[chosen])):
            wanted = law[f"{branch}_{name}"]
            error = wanted["sd"] * (1 / len(values) + 1 / 100_000) ** 0.5
            assert abs(values.mean() - wanted["mean"]) < 5 * error
            assert abs(values.std() / wanted["sd"] - 1) < 0.03  # 5 sigma for these laws


def test_weights_are_independent_betas() -> None:
    a, b = mixing_weights(KEYS, 3, 0)
    low = a < 1
    assert stats.kstest(a[low].numpy(), stats.beta(3, 1).cdf).pvalue > 1e-4
    assert stats.kstest(b[low].numpy(), stats.beta(1, 3).cdf).pvalue > 1e-4
    assert stats.kstest(a[~low].numpy() - 1, stats.beta(1, 3).cdf).pvalue > 1e-4
    assert stats.kstest(-b[~low].numpy(), stats.beta(1, 3).cdf).pvalue > 1e-4
    assert abs(np.corrcoef(a[low], b[low])[0, 1]) < 5 / int(low.sum()) ** 0.5
