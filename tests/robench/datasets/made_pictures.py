"""Small folders of pictures, and requests that make sets of them."""

from pathlib import Path

import numpy as np
from PIL import Image

from robench.datasets.making import Request

ONLY = ("gaussian_noise", "brightness")
SIZES = {"n01/b.png": (300, 260), "n01/a.JPEG": (64, 80), "n02/c.bmp": (33, 33)}
NAMES = ("n01/a", "n01/b", "n02/c")


def pictures(folder: Path, sizes: dict[str, tuple[int, int]] = SIZES) -> Path:
    rng = np.random.default_rng(0)
    for name, (width, height) in sizes.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        coarse = rng.integers(0, 256, (8, 8, 3), dtype=np.uint8)
        Image.fromarray(coarse).resize((width, height)).save(folder / name)
    return folder


def request(folder: Path, **changes: object) -> Request:
    values: dict[str, object] = {
        "name": "imagenet-c",
        "data_dir": folder,
        "source": folder / "clean",
        "only": ONLY,
        "severities": (1, 5),
    }
    return Request(**(values | changes))  # type: ignore[arg-type]


def own(folder: Path, **changes: object) -> Request:
    return request(folder, **({"name": "c", "out": folder / "set"} | changes))


def content(folder: Path) -> dict[str, bytes]:
    paths = (path for path in folder.rglob("*") if path.is_file() and path.name != ".lock")
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}


def pixels(path: Path) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    with Image.open(path) as opened:
        return np.asarray(opened)
