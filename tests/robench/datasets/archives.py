"""Small archives of data sets, sound and malicious."""

import io
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import numpy as np
from PIL import Image

WNIDS = ("n01443537", "n01484850")  # of ImageNet-R
Mode = Literal["w", "w:gz", "w:bz2", "w:xz"]


def picture(seed: int = 0) -> bytes:
    """A small JPEG."""
    pixels = np.random.default_rng(seed).integers(0, 256, (40, 40, 3), dtype=np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG")
    return buffer.getvalue()


def classes(prefix: str = "", count: int = 2) -> dict[str, bytes]:
    """Class folders of pictures."""
    return {
        f"{prefix}{wnid}/{number}.jpg": picture(10 * place + number)
        for place, wnid in enumerate(WNIDS)
        for number in range(count)
    }


def severities(*corruptions: str) -> dict[str, bytes]:
    """Class folders of each corruption and severity."""
    return {
        f"{name}/{level}/{path}": content
        for name in corruptions
        for level in range(1, 6)
        for path, content in classes(count=1).items()
        if path.startswith(WNIDS[0])
    }


def tar_bytes(files: Mapping[str, bytes], mode: Mode = "w") -> bytes:
    """A tar of plain files."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode) as tar:
        for name, content in files.items():
            add(tar, name, content)
    return buffer.getvalue()


def add(
    tar: tarfile.TarFile,
    name: str,
    content: bytes = b"",
    kind: bytes = tarfile.REGTYPE,
    link: str = "",
) -> None:
    """One member, whatever its name and kind."""
    info = tarfile.TarInfo(name)
    info.size, info.type, info.linkname, info.mode = len(content), kind, link, 0o6777
    tar.addfile(info, io.BytesIO(content))


def zip_bytes(files: Mapping[str, bytes]) -> bytes:
    """A zip of plain files."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as pack:
        for name, content in files.items():
            pack.writestr(name, content)
    return buffer.getvalue()


def array(values: np.ndarray[tuple[int, ...], np.dtype[np.generic]]) -> bytes:
    """A ``.npy`` file."""
    buffer = io.BytesIO()
    np.save(buffer, values)
    return buffer.getvalue()


def files_below(folder: Path) -> dict[str, bytes]:
    """Every file of a data folder, but for what is kept on the way."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and ".downloads" not in path.parts
    }
