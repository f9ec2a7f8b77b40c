"""Small corrupted folders to be checked."""

import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image
from sklearn.datasets import load_sample_image

from corruptions import corrupt
from robench.datasets import load_test
from robench.datasets.fidelity.card import Card
from robench.types import Images

NOWHERE = Path("nowhere")
COUNT = 24


def digits(count: int = COUNT) -> Images:
    """The first clean images."""
    return load_test("digits", NOWHERE).images[:count]


def blocks(name: str, seed: int = 3, count: int = COUNT) -> Images:
    """(5, N, 32, 32, 3): digits at all severities, from another seed than the check's."""
    made = [corrupt(digits(count), name, s, family="cifar", seed=seed) for s in range(1, 6)]
    return np.stack(made)


def differing(card: Card) -> list[str]:
    """The cells that are not as expected."""
    return [f"{row.corruption}-{row.severity}" for row in card.rows if not row.as_expected]


def save_arrays(folder: Path, **cells: Images) -> Path:
    """An archive such as CIFAR-10-C, of digits."""
    folder.mkdir(exist_ok=True)
    np.save(folder / "labels.npy", np.tile(load_test("digits", NOWHERE).labels[:COUNT], 5))
    for name, images in cells.items():
        np.save(folder / f"{name}.npy", images.reshape(-1, 32, 32, 3))
    return folder


def save_photographs(folder: Path, count: int = 12) -> Path:
    """Clean class folders: crops of a photograph, 300 pixels wide and 260 high."""
    photo = load_sample_image("china.jpg")
    for number in range(count):
        place = folder / f"n{number % 2:08d}" / f"ILSVRC2012_val_{number:08d}.png"
        place.parent.mkdir(parents=True, exist_ok=True)
        top, left = 14 * number, 28 * number
        Image.fromarray(photo[top : top + 260, left : left + 300]).save(place)
    return folder


def save_pictures(
    folder: Path, clean: Path, names: Sequence[str], suffix: str = ".JPEG", quality: int = 85
) -> Path:
    """The layout of ImageNet-C for those class folders, from another seed than the check's."""
    for index, path in enumerate(sorted(clean.glob("*/*"))):
        # 260 pixels become 256, 300 become 295 (truncated); the crop is as torchvision rounds it.
        scaled = Image.open(path).resize((295, 256), Image.Resampling.BILINEAR)
        ready = np.asarray(scaled.crop((36, 16, 260, 240)))
        for name in names:
            for severity in range(1, 6):
                made = corrupt(ready[None], name, severity, seed=9, indices=[index])[0]
                place = folder / name / str(severity) / path.parent.name / f"{path.stem}{suffix}"
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(_encoded(made, suffix, quality))
    return folder


def _encoded(picture: Images, suffix: str, quality: int) -> bytes:
    """The content of a file."""
    buffer = io.BytesIO()
    kind = "PNG" if suffix == ".png" else "JPEG"
    Image.fromarray(picture).save(buffer, kind, quality=quality)
    return buffer.getvalue()
