"""Perturbation sequences as files: a video, or a folder with one picture a frame.

Video decoders round differently: the same file may give pixels that differ by a grey level or two
between builds of OpenCV, whose version is therefore in every provenance.
"""

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from robench.datasets.drawn_pictures import shaped
from robench.datasets.pictures import SUFFIXES, open_picture
from robench.datasets.preprocessing import Pipeline
from robench.datasets.stored_pictures import SIDE
from robench.errors import InputError
from robench.types import Images

VIDEOS = frozenset((".mp4", ".avi", ".mkv", ".mov", ".webm"))
Coding = Literal["video", "png"]


@dataclass(frozen=True)
class StoredSequences:
    """Reads the sequences of one perturbation.

    Hendrycks & Dietterich, ICLR 2019: the published ones are videos of 224x224 pixels, of which
    every frame is read as it is.

    Attributes:
        root: Holds class folders.
        paths: Below it, the video or the folder of frames of each sequence, N.
        coding: Which of the two.
        frames: That every sequence must have.
        pipeline: What happens to each frame.
    """

    root: Path
    paths: tuple[str, ...]
    coding: Coding
    frames: int
    pipeline: Pipeline

    def __call__(self, start: int, stop: int) -> Images:
        """The sequences ``start`` to ``stop - 1``, (stop - start, F, H, W, 3) uint8.

        Raises:
            InputError: One is damaged, or of another length or size; the message names it.
        """
        found = (self._read(self.root / path) for path in self.paths[start:stop])
        return np.stack([shaped(frames, self.pipeline) for frames in found])

    def _read(self, path: Path) -> Images:
        """The frames (F, 224, 224, 3) uint8 of one sequence."""
        decode = read_video if self.coding == "video" else read_frames
        frames = decode(path)
        expected = (self.frames, SIDE, SIDE, 3)
        if frames.shape != expected:
            raise InputError(
                f"{path}: expected {_described(expected)}, got {_described(frames.shape)}. Get the "
                f"set again."
            )
        return frames


def read_video(path: Path) -> Images:
    """Decode all frames of a video, (F, H, W, 3) uint8 RGB.

    Raises:
        InputError: It cannot be decoded.
    """
    import cv2  # noqa: PLC0415  slow to import

    video = cv2.VideoCapture(str(path))
    frames = []
    try:
        more, frame = video.read()
        while more:
            frames.append(cv2.cvtColor(frame, cv2.COLOR_BGR2RGB))
            more, frame = video.read()
    finally:
        video.release()
    if not frames:
        raise InputError(f"Cannot decode the video {path} with OpenCV. Get the set again.")
    return np.stack(frames).astype(np.uint8, copy=False)


def read_frames(folder: Path) -> Images:
    """Decode the pictures of a folder in the order of their numbers, (F, H, W, 3) uint8.

    Raises:
        InputError: There are none, one is damaged, or they have different sizes.
    """
    frames = [np.asarray(open_picture(folder / name)) for name in frame_names(folder)]
    if not frames or len({frame.shape for frame in frames}) > 1:
        raise InputError(f"{folder}: expected frames of one size. Get the set again.")
    return np.stack(frames)


def frame_names(folder: Path) -> list[str]:
    """The pictures in a folder by the numbers in their names: 10 comes after 9."""
    with os.scandir(folder) as inside:
        names = [one.name for one in inside if one.name[0] != "."]
    pictures = (name for name in names if Path(name).suffix.lower() in SUFFIXES)
    return sorted(pictures, key=lambda name: (_numbers(name), name))


def _numbers(name: str) -> list[int]:
    """All numbers in a file name before its suffix: in ``frame_2_of_31`` the first one counts."""
    return [int(digits) for digits in re.findall(r"\d+", Path(name).stem)]


def _described(shape: tuple[int, ...]) -> str:
    """Frames and size, in words."""
    return f"{shape[0]} frames of {shape[2]}x{shape[1]} pixels (width x height)"
