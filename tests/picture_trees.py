"""Small ImageNet trees: clean pictures, corrupted ones and sequences, in the layouts in use."""

import shutil
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from robench.types import Images

WNIDS = ("n01440764", "n01443537", "n01484850", "n15075141")  # classes 0, 1, 2 and 999
LABELS = (0, 0, 1, 1, 2, 2, 999, 999)
SIZE = (300, 262)


def names() -> list[str]:
    """Class folder and name of every picture, in order."""
    return [f"{WNIDS[n // 2]}/ILSVRC2012_val_{n:08d}" for n in range(len(LABELS))]


def smooth(seed: int, size: tuple[int, int]) -> Image.Image:
    """A picture that survives JPEG and video: (width, height)."""
    coarse = np.random.default_rng(seed).integers(0, 256, (6, 6, 3), dtype=np.uint8)
    return Image.fromarray(coarse).resize(size, Image.Resampling.BICUBIC)


def clean_tree(data_dir: Path) -> Path:
    """The validation folder of ImageNet with eight pictures."""
    folder = data_dir / "imagenet" / "val"
    for number, name in enumerate(names()):
        path = folder / f"{name}.JPEG"
        path.parent.mkdir(parents=True, exist_ok=True)
        smooth(number, SIZE).save(path, quality=95)
    return folder


def severity_tree(
    root: Path,
    corruption: str,
    levels: tuple[str, ...] = ("1", "2", "3", "4", "5"),
    side: int = 224,
) -> Path:
    """The folders of one corruption; pictures differ by number and level."""
    for place, level in enumerate(levels):
        for number, name in enumerate(names()):
            path = root / corruption / level / f"{name}.JPEG"
            path.parent.mkdir(parents=True, exist_ok=True)
            smooth(100 * place + number, (side, side)).save(path, quality=85)
    return root


def frames(number: int, count: int) -> Images:
    """(count, 224, 224, 3): a picture that grows brighter."""
    base = np.asarray(smooth(number, (224, 224))) // 2
    return np.stack([base + 3 * place for place in range(count)]).astype(np.uint8)


def video_tree(root: Path, perturbation: str, count: int) -> Path:
    """The folders of one perturbation with a video for every picture."""
    for number, name in enumerate(names()):
        path = root / perturbation / f"{name}.mp4"
        path.parent.mkdir(parents=True, exist_ok=True)
        write_video(path, frames(number, count))
    return root


def write_video(path: Path, sequence: Images) -> None:
    """Encode (F, H, W, 3) RGB."""
    height, width = sequence.shape[1:3]
    code = cv2.VideoWriter.fourcc(*"mp4v")
    writer = cv2.VideoWriter(str(path), code, 10.0, (width, height))
    for frame in sequence:
        writer.write(cv2.cvtColor(frame, cv2.COLOR_RGB2BGR))
    writer.release()


def wrap(folder: Path, inner: str) -> None:
    """Move what a folder holds into a folder inside it."""
    inside = list(folder.iterdir())
    (folder / inner).mkdir()
    for path in inside:
        shutil.move(path, folder / inner / path.name)
