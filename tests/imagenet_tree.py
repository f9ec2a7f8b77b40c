"""A small but complete data folder of ImageNet and its relatives, in the layouts of the archives.

Every picture carries its class in its middle: twelve squares, black or white, of which ten are the
binary digits of the class. A network that reads them (`Reading`) makes no error wherever labels,
class masks, folder names and preprocessing are right.
"""

import hashlib
import io
import itertools
import zipfile
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn

from corruptions import GROUPS
from robench.datasets.class_lists import class_mask, wnids
from robench.datasets.pictures import SUFFIXES
from robench.metrics.aggregates import C_BAR, TEST_CORRUPTIONS, TEST_PERTURBATIONS
from robench.types import Images

CLASSES = (79, 90, 107, 327)  # of ImageNet-R, -A and -O alike
PER_CLASS = 2
SIDE, ROWS, COLUMNS, SQUARE = 224, 3, 4, 40
TOP, LEFT = (SIDE - ROWS * SQUARE) // 2, (SIDE - COLUMNS * SQUARE) // 2
EDITS = ("full", "background_20")
DIGITS = 10
FRAMES = {"translate": 41}
AS_FRAMES = ("translate", "tilt")  # stored as PNG; the other sequences as videos
QUALITY = 85


class Reading(nn.Module):
    """Reads the class off a picture: logits (N, 1000), 10 for it and 0 for all others."""

    num_classes = 1000

    def forward(self, images: Tensor) -> Tensor:
        """Logits of images (N, 3, 224, 224) in [0, 1]."""
        grey = images.mean(1)[:, TOP : TOP + ROWS * SQUARE, LEFT : LEFT + COLUMNS * SQUARE]
        squares = grey.reshape(len(grey), ROWS, SQUARE, COLUMNS, SQUARE)
        means = squares[:, :, 8:-8, :, 8:-8].mean((2, 4)).flatten(1)
        middle = (means[:, -2:-1] + means[:, -1:]) / 2  # one is always black, the other white
        bits = (means[:, :DIGITS] > middle).long()
        found = (bits << torch.arange(DIGITS)).sum(1).clamp(max=999)
        return 10.0 * torch.nn.functional.one_hot(found, 1000).float()


def reading() -> nn.Module:
    """What ``--model`` calls."""
    return Reading()


def mark(background: Image.Image, index: int) -> Image.Image:
    """Draw a class into a picture (SIDE, SIDE)."""
    values = [255 * (index >> digit & 1) for digit in range(DIGITS)] + [0, 255]
    squares = np.array(values, np.uint8).reshape(ROWS, COLUMNS)
    pattern = np.kron(squares, np.ones((SQUARE, SQUARE), np.uint8))
    picture = background.resize((SIDE, SIDE))
    picture.paste(Image.fromarray(pattern).convert("RGB"), (LEFT, TOP))
    return picture


def framed(picture: Image.Image, extra: int = 32) -> Image.Image:
    """The same in a larger picture: scaled to 256 and cropped to 224 it comes back."""
    large = Image.new("RGB", (SIDE + extra, SIDE + extra), (90, 120, 60))
    large.paste(picture, (extra // 2, extra // 2))
    return large


def backgrounds(samples: Path | None) -> Iterator[Image.Image]:
    """Pictures without end: real ones where they are at hand, else drawn."""
    if samples is not None:
        with zipfile.ZipFile(samples) as pack:
            names = (name for name in pack.namelist() if Path(name).suffix.lower() in SUFFIXES)
            for name in itertools.islice(names, 40):
                yield Image.open(io.BytesIO(pack.read(name))).convert("RGB")
    for number in itertools.count():
        coarse = np.random.default_rng(number).integers(0, 256, (5, 5, 3), np.uint8)
        yield Image.fromarray(coarse).resize((SIDE, SIDE), Image.Resampling.BICUBIC)


def build(root: Path, samples: Path | None = None) -> Path:
    """Write the whole tree.

    Args:
        root: An empty folder.
        samples: Zip file of real pictures for the backgrounds.
    """
    pictures = backgrounds(samples)
    folders = {index: wnids()[index] for index in CLASSES}
    for index, name in folders.items():
        for number in range(PER_CLASS):
            picture = mark(next(pictures), index)
            stem = f"ILSVRC2012_val_{index:05d}{number:03d}"
            _clean(root, name, stem, picture)
            _corrupted(root, name, stem, picture)
            if number == 0:
                _sequences(root, name, stem, picture)
    _numbered(root, pictures)
    _objectnet(root, pictures)
    return root


def _save(picture: Image.Image, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    picture.save(path, quality=QUALITY)


def _clean(root: Path, name: str, stem: str, picture: Image.Image) -> None:
    """Sets of larger pictures in class folders named by wnid."""
    large = framed(picture)
    for place in ("imagenet/val", "imagenet-r", "imagenet-a", "sketch", "stylized-imagenet/val"):
        _save(large, root / place / name / f"{stem}.JPEG")
    for edit in EDITS:
        _save(large, root / "imagenet-e" / edit / name / f"{stem}.JPEG")
    _save(large.transpose(Image.Transpose.ROTATE_180), root / "imagenet-o" / name / f"{stem}.jpg")


def _corrupted(root: Path, name: str, stem: str, picture: Image.Image) -> None:
    """The corrupted sets; one blurred and one plain copy stand for all severities."""
    first = root / "imagenet-c" / TEST_CORRUPTIONS[0] / "1" / name / f"{stem}.JPEG"
    _save(picture, first)
    content = first.read_bytes()
    extra = GROUPS["extra"]
    kinds = {"imagenet-c": (*TEST_CORRUPTIONS, *extra), "imagenet-c-bar": C_BAR["imagenet"]}
    for evalset, names in kinds.items():
        for corruption in names:
            for severity in range(1, 6):
                path = root / evalset / corruption / str(severity) / name / f"{stem}.JPEG"
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)


def _sequences(root: Path, name: str, stem: str, picture: Image.Image) -> None:
    """The perturbed set: videos, and folders of frames."""
    pixels = np.asarray(picture)
    for perturbation in TEST_PERTURBATIONS:
        folder = root / "imagenet-p" / perturbation / name
        folder.mkdir(parents=True, exist_ok=True)
        count = FRAMES.get(perturbation, 31)
        if perturbation in AS_FRAMES:
            _save_frames(folder / stem, pixels, count)
        else:
            _save_video(folder / f"{stem}.mp4", pixels, count)


def _save_frames(folder: Path, pixels: Images, count: int) -> None:
    folder.mkdir()
    for number in range(count):
        cv2.imwrite(str(folder / f"frame_{number:02d}.png"), pixels[:, :, ::-1])


def _save_video(path: Path, pixels: Images, count: int) -> None:
    code = cv2.VideoWriter.fourcc(*"mp4v")
    writer = cv2.VideoWriter(str(path), code, 1.0, (SIDE, SIDE))
    for _ in range(count):
        writer.write(np.ascontiguousarray(pixels[:, :, ::-1]))
    writer.release()


def _numbered(root: Path, pictures: Iterator[Image.Image]) -> None:
    """ImageNet-V2: folders are numbers, which sort wrongly as words; names are checksums."""
    for variant in ("matched-frequency", "threshold0.7", "top-images"):
        for index in (2, 10, 100, 999):
            picture = framed(mark(next(pictures), index))
            digest = hashlib.sha1(f"{variant}{index}".encode(), usedforsecurity=False).hexdigest()
            archive = f"imagenetv2-{variant}-format-val"
            _save(picture, root / archive / str(index) / f"{digest}.jpeg")


def _objectnet(root: Path, pictures: Iterator[Image.Image]) -> None:
    """ObjectNet: named folders, some without a class of ImageNet, and a red border."""
    mask = class_mask("objectnet")
    chosen = [(name, group) for name, group in zip(mask.names, mask.groups, strict=True)][:4]
    for name, group in [*chosen, ("air_freshener", (0,))]:
        for index in group:
            inner = framed(mark(next(pictures), index), extra=32)
            bordered = Image.new("RGB", (inner.width + 4, inner.height + 4), (255, 0, 0))
            bordered.paste(inner, (2, 2))
            _save(bordered, root / "objectnet-1.0" / "images" / name / f"{index}.png")
