"""Packed mixing pictures, and the batched gather of random crops from them."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Self

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError
from torch import Tensor

from augmentations.random import integers

FIRST_DRAW = 1_000  # draws 1000 (picture), 1001 (row) and 1002 (column) of a key are taken here


@dataclass(frozen=True, eq=False)
class MixingSet:
    """Square pictures of one size in one block of memory.

    Attributes:
        pictures: (M, side, side, 3) uint8; a file's pages are read when they are first used.
        sha256: Digest of the pixels in C order.
        source: Where the pictures came from, for people.
        manifest: What the generator wrote about them; empty for other sources.
    """

    pictures: Tensor
    sha256: str
    source: str
    manifest: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open a packed ``.npy`` file and check it against its manifest, where there is one.

        Args:
            path: (M, S, S, 3) uint8; the manifest has the same name with the suffix ``.json``.

        Raises:
            FileNotFoundError: No such file.
            ValueError: The file is cut short or damaged, or of another shape or dtype.
        """
        manifest = _read_manifest(path.with_suffix(".json"))
        try:
            # Copy-on-write: nothing reaches the file, and torch wants a writable buffer.
            array = np.lib.format.open_memmap(path, mode="c")
        except (ValueError, EOFError) as error:
            raise ValueError(
                f"{path} is damaged ({error}): delete it and build it again"
            ) from error
        found = replace(cls.from_array(array, source=path.name), manifest=manifest)
        if manifest and manifest.get("sha256") != found.sha256:
            raise ValueError(f"{path} is not what its manifest says: delete both and build again")
        return found

    @classmethod
    def from_array(cls, array: NDArray[np.uint8], source: str = "array") -> Self:
        """Wrap pictures in memory, without a copy where possible.

        Args:
            array: (M, S, S, 3) uint8, M at least 1.
            source: Where they came from.

        Raises:
            ValueError: Another shape or dtype.
        """
        square = array.ndim == 4 and array.shape[1] == array.shape[2] and array.shape[3] == 3
        if not square or array.dtype != np.uint8 or not array.size:
            got = f"{array.dtype} {array.shape}"
            raise ValueError(f"{source}: expected uint8 (M, S, S, 3) pictures, got {got}")
        array = np.require(array, requirements=("C", "W"))
        return cls(torch.from_numpy(array), hashlib.sha256(array.data).hexdigest(), source)

    @classmethod
    def from_folder(cls, folder: Path, side: int) -> Self:
        """Pack a folder of images and its subfolders, in order of their paths.

        The short side is resized to ``side`` (Pillow, antialiased bilinear), the centre is kept.
        Files whose suffix Pillow does not know, and hidden ones, are passed over.

        Args:
            folder: Where the images lie.
            side: Side of the packed pictures in pixels.

        Raises:
            FileNotFoundError: No such folder, or no image in it.
            ValueError: A file cannot be read; the message names up to five.
        """
        paths = _image_paths(folder)
        pictures = np.empty((len(paths), side, side, 3), np.uint8)
        unreadable = [p for row, p in zip(pictures, paths, strict=True) if not _read_into(row, p)]
        if unreadable:
            names = ", ".join(str(path.relative_to(folder)) for path in unreadable[:5])
            count = f"{len(unreadable)} of {len(paths)} images in {folder} cannot be read"
            raise ValueError(f"{count}: {names}; delete or replace them")
        return cls.from_array(pictures, source=folder.name)

    def __len__(self) -> int:
        """Number of pictures."""
        return len(self.pictures)

    @property
    def side(self) -> int:
        """Side of the packed pictures in pixels."""
        return self.pictures.shape[1]

    def describe(self) -> dict[str, Any]:
        """What identifies the set, for passports and logs: plain types only."""
        own = {"source": self.source, "n": len(self), "side": self.side, "sha256": self.sha256}
        return {**self.manifest, **own}

    def to(self, device: torch.device | str) -> Self:
        """The same set with its pictures on ``device``."""
        return replace(self, pictures=self.pictures.to(device))

    def partners(self, keys: Tensor, side: int) -> Tensor:
        """One random crop of a random picture per key; each a function of its key alone.

        Args:
            keys: (N,) int64.
            side: Side of the crops in pixels, at most ``self.side``.

        Returns:
            (N, 3, side, side) uint8 on the device of ``keys``.

        Raises:
            ValueError: The crop is larger than the packed pictures.
        """
        room = self.side - side
        if not 0 <= room < self.side:
            got = f"crops of {side} from {self.source!r} with pictures of {self.side} pixels"
            raise ValueError(f"cannot take {got}: build the set with side >= {max(side, 1)}")
        which = integers(keys, 0, len(self) - 1, FIRST_DRAW)
        top = integers(keys, 0, room, FIRST_DRAW + 1)
        left = integers(keys, 0, room, FIRST_DRAW + 2)
        crops = self.pictures.unfold(1, side, 1).unfold(
            2, side, 1
        )  # a view: (M, R, R, 3, side, side)
        where = tuple(index.to(crops.device) for index in (which, top, left))
        return crops[where].contiguous().to(keys.device)


def _read_manifest(path: Path) -> dict[str, Any]:
    """The manifest at ``path``, or an empty one."""
    if not path.exists():
        return {}
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{path} is not a manifest ({error}): delete it") from error
    if not isinstance(manifest, dict):
        raise ValueError(f"{path} is not a manifest (expected an object): delete it")  # noqa: TRY004
    return manifest


def _image_paths(folder: Path) -> list[Path]:
    """Visible files with the suffix of an image, sorted."""
    if not folder.is_dir():
        raise FileNotFoundError(f"{folder} is not a folder: expected one with images to mix")
    suffixes = Image.registered_extensions()
    found = (p for p in folder.rglob("*") if p.suffix.lower() in suffixes and p.is_file())
    paths = sorted(p for p in found if not p.name.startswith("."))
    if not paths:
        raise FileNotFoundError(f"{folder} holds no image: expected PNG, JPEG or other pictures")
    return paths


def _read_into(row: NDArray[np.uint8], path: Path) -> bool:
    """Read an image, resize its short side and crop its centre into ``row``; False if it cannot."""
    side = len(row)
    try:
        with Image.open(path) as image:
            picture = image.convert("RGB")
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError):
        return False
    scale = side / min(picture.size)
    width, height = (max(side, round(length * scale)) for length in picture.size)
    picture = picture.resize((width, height), Image.Resampling.BILINEAR)
    left, top = (width - side) // 2, (height - side) // 2
    row[:] = np.asarray(picture.crop((left, top, left + side, top + side)))
    return True
