"""Images of a file that is mapped into memory, without keeping what was read."""

import mmap
from dataclasses import dataclass

import numpy as np

from robench.types import Images

_RELEASE = getattr(mmap, "MADV_DONTNEED", None)  # Linux and macOS have it


@dataclass(frozen=True, eq=False)
class MappedImages:
    """Reads blocks of a mapped array.

    The pages of a block are given back once it is copied: else the memory of a process would seem
    to grow with all that it has read, and a machine short of it would have to find out that it does
    not.

    Attributes:
        images: (N, ...) uint8, as `open_array` maps them, or a part of it.
    """

    images: Images

    def __call__(self, start: int, stop: int) -> Images:
        """A copy of the images ``start`` to ``stop - 1``."""
        part = self.images[start:stop]
        copy = np.array(part)
        self._release(part)
        return copy

    def _release(self, part: Images) -> None:
        """Take the pages of a part out of this process; the file's content stays in the cache."""
        mapping = getattr(part, "_mmap", None)
        if mapping is None or _RELEASE is None or not part.flags.c_contiguous or not part.size:
            return
        with memoryview(mapping) as view:
            origin = np.frombuffer(view, dtype=np.uint8).ctypes.data
        offset = part.ctypes.data - origin
        first = offset - offset % mmap.PAGESIZE
        mapping.madvise(_RELEASE, first, offset + part.nbytes - first)
