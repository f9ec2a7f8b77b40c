"""Packed mixing pictures, and the batched gather of random crops from them."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Self

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError
from torch import Tensor

from augmentations.compiled import wanted
from augmentations.mixing_sets.folder import is_made, pictures_name, read_manifest
from augmentations.mixing_sets.order import Order
from augmentations.mixing_sets.quality import SMALL_SIDE, shrink
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
    def open(
        cls, folder: Path, side: int, n: int | None = None, order: Order | None = None
    ) -> Self:
        """Open a set that was made, and check it against its manifest.

        Args:
            folder: Made by ``build.build``.
            side: Side in pixels. The file's own size and 36 are stored, and their pages are read
                when they are first used; others are shrunk from the large pictures in memory.
            n: How many of the pictures, from the beginning; None for all.
            order: The set that is expected; None for any.

        Raises:
            FileNotFoundError: There is no set in the folder.
            ValueError: The set is damaged, of another order, has fewer pictures or smaller ones.
        """
        manifest = read_manifest(folder)
        if order is not None and not order.identity().items() <= manifest.items():
            raise ValueError(f"{folder} holds another set than {order.title}, or an older one")
        there, size = manifest["n"], manifest["size"]
        if (n or 1) > there or side > size:
            got = f"{there} pictures of {size} pixels"
            raise ValueError(f"{folder} has {got}, expected {n or 1} of at least {side}")
        stored = side if side == SMALL_SIDE else size
        array = _read_checked(folder, pictures_name(stored), manifest)[:n]
        if side != stored:
            array = np.stack([shrink(picture, side) for picture in array])
        return replace(cls.from_array(array, source=manifest["title"]), manifest=manifest)

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

        A folder that a set was made in is opened instead.

        The short side is resized to ``side`` (Pillow, antialiased bilinear), the centre is kept.
        Files whose suffix Pillow does not know, and hidden ones, are passed over.

        Args:
            folder: Where the images lie.
            side: Side of the packed pictures in pixels.

        Raises:
            FileNotFoundError: No such folder, or no image in it.
            ValueError: A file cannot be read, or is smaller than what is cut out of it (7/8 of
                ``side``); the message names up to five. Or as for ``open``.
        """
        if is_made(folder):
            return cls.open(folder, side)
        paths = _image_paths(folder)
        pictures = np.empty((len(paths), side, side, 3), np.uint8)
        faults = [(p, _read_into(row, p)) for row, p in zip(pictures, paths, strict=True)]
        faulty = [f"{path.relative_to(folder)} ({fault})" for path, fault in faults if fault]
        if faulty:
            count = f"{len(faulty)} of {len(paths)} images in {folder} cannot be used"
            raise ValueError(f"{count}: {', '.join(faulty[:5])}; delete or replace them")
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
        there = self.pictures.device
        where = which.to(there), top.to(there), left.to(there)
        if wanted(self.pictures):
            from augmentations.compiled.crops import crops  # noqa: PLC0415  needs numba

            return crops(self.pictures, where, side).to(keys.device)
        # A view, (M, R, R, 3, side, side).
        windows = self.pictures.unfold(1, side, 1).unfold(2, side, 1)
        return windows[where].contiguous().to(keys.device)


def _read_checked(folder: Path, name: str, manifest: Mapping[str, Any]) -> NDArray[np.uint8]:
    """Pictures of a file, which is what its manifest says."""
    path = folder / name
    try:
        # Copy-on-write: nothing reaches the file, and torch wants a writable buffer.
        array: NDArray[np.uint8] = np.lib.format.open_memmap(path, mode="c")
        found = hashlib.sha256(array.data).hexdigest()
    except (ValueError, EOFError) as error:
        raise ValueError(f"{path} is damaged ({error}): make the set again") from error
    if found != manifest["files"][name]["values_sha256"]:
        raise ValueError(f"{path} is not what its manifest says: make the set again")
    return array


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


def _read_into(row: NDArray[np.uint8], path: Path) -> str:
    """Read an image, resize its short side and crop its centre into ``row``.

    Returns:
        What is wrong with the image; nothing where it could be used.
    """
    side = len(row)
    try:
        with Image.open(path) as image:
            picture = image.convert("RGB")
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError):
        return "cannot be read"
    if min(picture.size) < side * 7 // 8:
        return f"{picture.width} x {picture.height}, needs {side * 7 // 8} pixels a side"
    scale = side / min(picture.size)
    width, height = (max(side, round(length * scale)) for length in picture.size)
    picture = picture.resize((width, height), Image.Resampling.BILINEAR)
    left, top = (width - side) // 2, (height - side) // 2
    row[:] = np.asarray(picture.crop((left, top, left + side, top + side)))
    return ""
