"""What is asked for, and whether it can be done."""

import re
from dataclasses import dataclass
from pathlib import Path

from robench.datasets.fetching.addresses import check_url
from robench.errors import InputError
from robench.files import file_sha256
from robench.types import EvalSet

READY, UNPACKING = ".ready", ".unpacking"  # endings of folders
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Request:
    """What is to be got.

    Attributes:
        name: Of the set.
        data_dir: Where to.
        url: Of an archive; None: the known one, if there is one.
        source: An archive that is here, in place of an address.
        sha256: Of the archive; needed with ``url``.
        keep_archive: Do not delete what was downloaded.
        max_size: Bytes that the archive may unpack to; None: in proportion to its size.
    """

    name: str
    data_dir: Path
    url: str | None = None
    source: Path | None = None
    sha256: str | None = None
    keep_archive: bool = False
    max_size: int | None = None


@dataclass(frozen=True)
class Job:
    """A request that can be carried out.

    Attributes:
        folder: Where files are kept on the way; this process holds its lock.
        digest: SHA-256 of the archive.
        file: Name of the archive.
    """

    request: Request
    entry: EvalSet
    folder: Path
    digest: str
    file: str

    @property
    def ready(self) -> Path:
        """What was unpacked and recognised."""
        return self.folder / f"{self.digest[:16]}{READY}"

    @property
    def work(self) -> Path:
        """What is being unpacked; the next process deletes it."""
        return self.folder / f"{self.digest[:16]}{UNPACKING}"

    @property
    def archive(self) -> Path:
        """What was downloaded and has the right checksum."""
        return self.folder / f"{self.digest[:16]}.archive"


def checked(request: Request) -> str | None:
    """The checksum that was given, after all arguments were looked at.

    Raises:
        InputError: One of them is no good.
    """
    if request.source is not None and request.url is not None:
        raise InputError("--url and --from exclude each other.")
    if request.url is not None:
        check_url(request.url)
    if request.sha256 is None:
        return None
    given = request.sha256.strip().lower()
    if not _SHA256.fullmatch(given):
        raise InputError(f"--sha256 expects 64 hexadecimal digits, got {request.sha256!r}.")
    return given


def required(entry: EvalSet) -> str:
    """The checksum of a set that the user did not give.

    Raises:
        InputError: It is not known for certain.
    """
    if entry.sha256 is None:
        raise InputError(
            f"What is downloaded must be told by its SHA-256, and that of {entry.name} is not "
            f"known for certain: give it with --sha256 HEX, as its publishers state it. Where they "
            f"do not, download the file by hand, compare it with what they do state, and use "
            f"--from FILE."
        )
    return entry.sha256


def local_job(request: Request, entry: EvalSet, folder: Path, given: str | None) -> Job:
    """The job for a file that is here; its checksum is compared where one is given.

    Raises:
        InputError: No file, not readable, or another checksum.
    """
    source = Path(request.source or "")
    if not source.is_file():
        what = "is a folder; move what it holds" if source.is_dir() else "is not there"
        where = f" to {request.data_dir / (entry.folder or '')}" if source.is_dir() else ""
        raise InputError(f"--from expects an archive: {source} {what}{where}.")
    try:
        digest = file_sha256(source)
    except OSError as error:
        raise InputError(f"Cannot read {source}: {error.strerror or error}.") from error
    if given is not None and given != digest:
        raise InputError(f"{source}: expected the SHA-256 {given}, got {digest}.")
    return Job(request, entry, folder, digest, source.name)
