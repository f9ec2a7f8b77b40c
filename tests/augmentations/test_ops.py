"""Image operations against Pillow itself and against the authors' code."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image, ImageEnhance, ImageOps
from torch import Tensor

from augmentations.ops import OPS, apply_ops_, moving
from augmentations.tables import op_arguments

BILINEAR = Image.Resampling.BILINEAR
ARGUMENTS: dict[str, list[float]] = {
    "equalize": [0],
    "mirror": [0],
    "invert": [0],
    "posterize": [1, 2, 3, 4, 7, 8],
    "solarize": [0, 1, 128, 254, 256],
    "rotate": list(range(-30, 31)),
    "shear_x": [-0.3, -0.09, -0.03, 0.0, 0.0123, 0.25, 0.3],
    "shear_y": [-0.3, -0.09, -0.03, 0.0, 0.0123, 0.25, 0.3],
    "translate_x": list(range(-10, 11)),
    "translate_y": list(range(-10, 11)),
    "autocontrast": [0, 0.1, 3.3, 7.0, 9.9],
    "color": [0.0, 0.1, 0.118, 0.64, 1.0, 1.9],
    "contrast": [0.0, 0.1, 0.118, 0.64, 1.0, 1.9],
    "brightness": [0.0, 0.1, 0.118, 0.64, 1.0, 1.9],
    "sharpness": [0.0, 0.1, 0.118, 0.64, 1.0, 1.9],
}


def pictures(height: int, width: int) -> NDArray[np.uint8]:
    """Noise, smooth, constant, two-level, black, white, one spot, two ramps: (9, H, W, 3)."""
    rng = np.random.default_rng(0)
    y, x = np.mgrid[:height, :width]
    noise = rng.integers(0, 256, (height, width, 3))
    smooth = 127 + 100 * np.sin(x / 7 + 1)[..., None] * np.cos(y[..., None] / 5 + np.arange(3))
    flat = np.zeros((height, width, 3))
    spot = flat.copy()
    spot[height // 3, width // 2] = 255
    levels = np.where(noise[..., :1] > 127, [200, 10, 90], [30, 60, 255])
    ramps = [np.repeat((v * 255 // v.max())[..., None], 3, 2) for v in (x, y)]
    stack = [noise, smooth, flat + np.array([7, 130, 250]), levels, flat, flat + 255, spot, *ramps]
    return np.stack(stack).astype(np.uint8)


def by_pillow(image: Image.Image, op: str, argument: float) -> Image.Image:
    """The same operation called directly."""
    matrices = {
        "shear_x": (1, argument, 0, 0, 1, 0),
        "shear_y": (1, 0, 0, argument, 1, 0),
        "translate_x": (1, 0, argument, 0, 1, 0),
        "translate_y": (1, 0, 0, 0, 1, argument),
    }
    if op in matrices:
        affine = Image.Transform.AFFINE
        return image.transform(image.size, affine, matrices[op], resample=BILINEAR)
    calls: dict[str, Callable[[], Image.Image]] = {
        "rotate": lambda: image.rotate(argument, resample=BILINEAR),
        "posterize": lambda: ImageOps.posterize(image, int(argument)),
        "solarize": lambda: ImageOps.solarize(image, int(argument)),
        "autocontrast": lambda: ImageOps.autocontrast(image, cutoff=argument),
        "equalize": lambda: ImageOps.equalize(image),
        "mirror": lambda: ImageOps.mirror(image),
        "invert": lambda: ImageOps.invert(image),
        "color": lambda: ImageEnhance.Color(image).enhance(argument),
        "contrast": lambda: ImageEnhance.Contrast(image).enhance(argument),
        "brightness": lambda: ImageEnhance.Brightness(image).enhance(argument),
        "sharpness": lambda: ImageEnhance.Sharpness(image).enhance(argument),
    }
    return calls[op]()


def tensor(images: NDArray[np.uint8]) -> Tensor:
    """(N, H, W, 3) -> (N, 3, H, W)."""
    return torch.from_numpy(images).permute(0, 3, 1, 2).contiguous()


def applied(images: Tensor, op: str, argument: float) -> Tensor:
    """One operation on every row of a copy."""
    result, count = images.clone(), len(images)
    arguments = torch.full((count,), float(argument), dtype=torch.float64)
    apply_ops_(result, torch.arange(count), torch.full((count,), OPS.index(op)), arguments)
    return result


def digest(image: Tensor) -> str:
    """First 16 hex digits of the SHA-256 of an image in the order H, W, channel."""
    return hashlib.sha256(image.permute(1, 2, 0).contiguous().numpy().tobytes()).hexdigest()[:16]


@pytest.mark.parametrize("size", [(32, 32), (33, 33), (64, 64), (24, 37)])
@pytest.mark.parametrize("op", OPS)
def test_equal_to_pillow_on_every_value(op: str, size: tuple[int, int]) -> None:
    images = pictures(*size)
    for argument in ARGUMENTS[op]:
        wanted = [np.array(by_pillow(Image.fromarray(i), op, argument)) for i in images]
        result = applied(tensor(images), op, argument)
        np.testing.assert_array_equal(result.permute(0, 2, 3, 1), np.stack(wanted), str(argument))


def test_every_operation_is_tested() -> None:
    assert set(ARGUMENTS) == set(OPS)


def check_golden(case: dict[str, Any], images: Tensor) -> None:
    """Level -> argument -> pixels, all as in the authors' code."""
    op = torch.tensor([OPS.index(case["op"])])
    level = torch.tensor([case["level"]], dtype=torch.float64)
    argument = op_arguments(op, level, torch.tensor([case["negate"]]), case["size"]).item()
    if case["arg"] is not None:
        assert argument == case["arg"], case
    results = [digest(image) for image in applied(images, case["op"], argument)]
    assert results == case["sha256_16"], case


def test_equal_to_the_official_code(golden: Path) -> None:
    with np.load(golden / "augmentations" / "ipmix_official.npz") as data:
        images, cases = tensor(data["images"]), json.loads(str(data["cases_json"]))
    chosen = [case for case in cases if case["file"] == "image_ops"]
    assert len(chosen) > 50
    for case in chosen:
        check_golden(case, images)


@pytest.mark.shared
def test_equal_to_the_official_code_on_all_images(shared: Path) -> None:
    folder = shared / "goldens" / "augmentations"
    with np.load(folder / "image_ops.npz") as data, np.load(folder / "inputs.npz") as inputs:
        images = {size: tensor(inputs[f"x{size}"]) for size in (32, 224)}
        digests = json.loads(str(data["sha256_16"]))
        cases = json.loads(str(data["cases_json"]))
    for case in cases:
        check_golden({**case, "sha256_16": digests[case["key"]]}, images[case["size"]])


def test_rows_get_their_own_operation_and_the_others_are_left_alone() -> None:
    images = tensor(pictures(32, 32))
    rows = torch.tensor([7, 0, 3])
    ops = torch.tensor([OPS.index(name) for name in ("mirror", "invert", "rotate")])
    result = images.clone()
    apply_ops_(result, rows, ops, torch.tensor([0.0, 0.0, 7.0], dtype=torch.float64))
    assert torch.equal(result[7], images[7].flip(2))
    assert torch.equal(result[0], 255 - images[0])
    assert torch.equal(result[3:4], applied(images[3:4], "rotate", 7))
    untouched = [1, 2, 4, 5, 6, 8]
    assert torch.equal(result[untouched], images[untouched])


def test_only_geometry_with_argument_zero_stands_still() -> None:
    ops = torch.arange(len(OPS))
    still = {OPS[i] for i in (~moving(ops, torch.zeros(len(OPS)))).nonzero()[:, 0].tolist()}
    assert still == {"rotate", "shear_x", "shear_y", "translate_x", "translate_y"}
    assert moving(ops, torch.ones(len(OPS))).all()
