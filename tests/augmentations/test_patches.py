"""Where patches lie and what mixing inside them does, against the authors' code."""

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor

from augmentations import patch_mixing
from augmentations.mixing import MIXING_OPS
from augmentations.patch_mixing import Rows, mix_patches_
from augmentations.patches import Mixing, Patches, draw_mixing, draw_patches
from augmentations.random import image_keys

KEYS = image_keys(0, 0, torch.arange(50_000))
SIZES = [(32, 4), (32, 8), (32, 16), (32, 32), (224, 4), (224, 64), (224, 224)]


def tensor(images: NDArray[np.uint8]) -> Tensor:
    """(N, H, W, 3) -> (N, 3, H, W)."""
    return torch.from_numpy(images).permute(0, 3, 1, 2).contiguous()


def mixed(case: dict[str, Any], images: Tensor, partners: Tensor) -> Tensor:
    """Carry out one stored case on a copy of all images."""
    count, side = len(images), images.shape[3]
    box = [case.get(name, end) for name, end in zip(EDGES, (0, 0, side, side), strict=True)]
    left, top, right, bottom = (torch.full((count,), edge) for edge in box)
    op = MIXING_OPS.index(case["op"].replace("elems", "elements"))
    mixing = Mixing(
        torch.full((count,), op),
        torch.full((count,), float(case.get("A", 0))),
        torch.full((count,), float(case.get("B", 0))),
        torch.full((count,), 0.5),
        torch.zeros(count, dtype=torch.int64),
    )
    result, rows = images.clone(), torch.arange(count)
    patches = Patches(left, top, right - left, bottom - top)
    mix_patches_(Rows(result, rows), Rows(partners, rows), patches, mixing)
    return result


EDGES = ("left", "top", "right", "bottom")


def inject_mask(
    monkeypatch: pytest.MonkeyPatch, case: dict[str, Any], packed: NDArray[np.uint8]
) -> None:
    """Replace the keyed mask by a stored one, True keeps the first picture."""
    shape, side = case["mask_shape"], case["size"]
    bits = np.unpackbits(packed)[: int(np.prod(shape))].reshape(shape)
    full = np.zeros((shape[0], side, side), dtype=np.float32)
    left, top = case.get("left", 0), case.get("top", 0)
    full[:, top : top + shape[1], left : left + shape[2]] = bits
    chance = torch.from_numpy(1 - full).flatten()  # below 0.5 keeps
    monkeypatch.setattr(patch_mixing, "by_position", lambda _, position: chance[position])


def digests(images: Tensor) -> list[str]:
    """First 16 hex digits of the SHA-256 of each image."""
    rows = images.permute(0, 2, 3, 1).contiguous().numpy()
    return [hashlib.sha256(row.tobytes()).hexdigest()[:16] for row in rows]


def test_equal_to_the_official_code(golden: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with np.load(golden / "augmentations" / "ipmix_official.npz") as data:
        images, partners = tensor(data["images"]), tensor(data["partners"])
        cases = json.loads(str(data["cases_json"]))
        chosen = [case for case in cases if case["file"] != "image_ops"]
        assert {case["op"] for case in chosen} >= {"add", "multiply", "random_pixels"}
        for case in chosen:
            if "mask_shape" in case:
                inject_mask(monkeypatch, case, data[f"{case['file']}-{case['key']}-mask"])
            assert digests(mixed(case, images, partners)) == case["sha256_16"], case


@pytest.mark.shared
@pytest.mark.parametrize("file", ["mixing_ops", "patch_mixing"])
def test_equal_to_the_official_code_on_all_images(
    shared: Path, monkeypatch: pytest.MonkeyPatch, file: str
) -> None:
    folder = shared / "goldens" / "augmentations"
    with np.load(folder / f"{file}.npz") as data, np.load(folder / "inputs.npz") as inputs:
        stored = json.loads(str(data["sha256_16"]))
        for case in json.loads(str(data["cases_json"])):
            if "mask_shape" in case:
                inject_mask(monkeypatch, case, data[f"{case['key']}-mask"])
            size = case["size"]
            result = mixed(case, tensor(inputs[f"x{size}"]), tensor(inputs[f"mix{size}"]))
            assert digests(result) == stored[case["key"]], case


@pytest.mark.parametrize(("side", "size"), SIZES)
def test_geometry_follows_the_official_law(golden: Path, side: int, size: int) -> None:
    text = (golden / "augmentations" / "ipmix_parameter_stats.json").read_text()
    law = json.loads(text)[f"patch_size{side}_P{size}"]
    patches = draw_patches(KEYS, (size,), side, ("both", "official"), 0)
    for name in ("left", "top", "width", "height"):
        values, wanted = getattr(patches, name).double(), law[name]
        assert (values.min(), values.max()) == (wanted["min"], wanted["max"])
        assert abs(values.mean() - wanted["mean"]) <= 5 * wanted["sd"] * (2 / 50_000) ** 0.5
    area = (patches.width * patches.height).double() / side**2
    error = float(area.std()) * (2 / 50_000) ** 0.5
    assert abs(area.mean() - law["area_fraction_mean"]) < 5 * error
    full = ((patches.width == size) & (patches.height == size)).double().mean()
    assert abs(full - law["frac_full_square"]) < 5 * (2 * 0.25 / 50_000) ** 0.5


def test_shapes_can_be_restricted() -> None:
    square = draw_patches(KEYS, (4, 16), 32, ("square", "official"), 0)
    assert torch.equal(square.width, square.height)
    scar = draw_patches(KEYS, (16,), 32, ("scar", "official"), 0)
    assert (scar.width == scar.height).double().mean() < 0.1
    thin = draw_patches(KEYS, (16,), 32, ("scar", "thin"), 0)
    assert torch.minimum(thin.width, thin.height).max() == 4
    assert torch.maximum(thin.width, thin.height).min() == 8


def test_a_patch_larger_than_the_image_is_the_image() -> None:
    patches = draw_patches(KEYS, (256,), 224, ("square", "official"), 0)
    assert patches.left.max() == patches.top.max() == 0
    assert patches.width.min() == patches.height.max() == 224


def test_sizes_and_mixing_operations_are_uniform() -> None:
    patches = draw_patches(KEYS, (4, 8, 16, 32), 32, ("square", "official"), 0)
    share = [(patches.width == size).double().mean().item() for size in (4, 8, 16, 32)]
    assert share == pytest.approx([0.25] * 4, abs=0.01)  # 5 sigma
    ops = draw_mixing(KEYS, ("add", "random_elements"), 3.0, 0).op
    share = (torch.bincount(ops, minlength=4) / len(ops)).tolist()
    assert share == pytest.approx([0.5, 0, 0, 0.5], abs=0.012)  # 5 sigma


def test_only_the_pixels_of_the_patch_change_and_rows_are_not_mixed_up() -> None:
    images = torch.zeros(5, 3, 9, 13, dtype=torch.uint8)
    pictures = torch.arange(1, 4, dtype=torch.uint8)[:, None, None, None].expand(3, 3, 9, 13)
    patches = Patches(*(torch.tensor(v) for v in ([2, 10], [1, 0], [4, 3], [5, 9])))
    mixing = draw_mixing(KEYS[:2], ("random_pixels",), 3.0, 0)
    mixing = Mixing(mixing.op, mixing.a, mixing.b, torch.zeros(2), mixing.mask_keys)
    source = Rows(pictures.contiguous(), torch.tensor([2, 0]))
    mix_patches_(Rows(images, torch.tensor([3, 1])), source, patches, mixing)
    wanted = torch.zeros_like(images)
    wanted[3, :, 1:6, 2:6] = 3
    wanted[1, :, 0:9, 10:13] = 1
    assert torch.equal(images, wanted)


@pytest.mark.parametrize(
    ("name", "shared_channels"), [("random_pixels", True), ("random_elements", False)]
)
def test_random_operations_keep_the_drawn_share(name: str, shared_channels: bool) -> None:
    images = torch.zeros(1, 3, 64, 64, dtype=torch.uint8)
    source = torch.ones_like(images)
    patches = draw_patches(KEYS[:1], (64,), 64, ("square", "official"), 0)
    drawn = draw_mixing(KEYS[:1], (name,), 3.0, 0)
    mixing = Mixing(drawn.op, drawn.a, drawn.b, torch.tensor([0.3]), drawn.mask_keys)
    rows = torch.zeros(1, dtype=torch.int64)
    mix_patches_(Rows(images, rows), Rows(source, rows), patches, mixing)
    assert abs(images.double().mean() - 0.7) < 0.04  # 5 sigma of 4096 draws
    assert bool((images[0, 0] == images[0, 1]).all()) is shared_channels
