"""An ``.npy`` file that grows row by row."""

import hashlib
import io
import os
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray


class GrowingArray:
    """Rows of one shape and dtype in a file that ``np.load`` reads once it is sealed.

    Until then it says that it has no rows. An incomplete last row, as a killed process leaves it,
    does not count.

    Args:
        path: Opened, or made when absent.
        row: Shape of a row.
        dtype: Of its values.
    """

    def __init__(self, path: Path, row: tuple[int, ...], dtype: DTypeLike) -> None:
        self._row, self._dtype = row, np.dtype(dtype)
        self._row_bytes = self._dtype.itemsize * int(np.prod(row, dtype=np.int64))
        self._start = len(self._header(0))
        path.touch()
        self._file = path.open("r+b")
        if self._size() < self._start:
            self._file.truncate(0)
            self._file.write(self._header(0))
        self.cut(len(self))

    def __len__(self) -> int:
        """Complete rows."""
        return max(0, self._size() - self._start) // self._row_bytes

    def append(self, rows: NDArray[Any]) -> None:
        """Add rows at the end and wait until they are on the disk.

        Args:
            rows: (N, *row), of the dtype.
        """
        assert rows.shape[1:] == self._row
        assert rows.dtype == self._dtype
        self._file.seek(0, os.SEEK_END)
        self._file.write(np.ascontiguousarray(rows).data)
        self._sync()

    def cut(self, rows: int) -> None:
        """Keep the first ``rows``."""
        self._file.truncate(self._start + rows * self._row_bytes)

    def read(self) -> NDArray[Any]:
        """All rows: (len, *row)."""
        self._file.flush()
        flat = np.fromfile(self._file.name, self._dtype, offset=self._start)
        return flat.reshape(-1, *self._row)

    def seal(self) -> dict[str, str]:
        """Write into the header how many rows there are.

        Returns:
            SHA-256 of the file, and that of its values alone in C order (``values_sha256``).
        """
        self._file.seek(0)
        self._file.write(self._header(len(self)))
        self._sync()
        self._file.seek(self._start)
        values = hashlib.sha256()
        whole = hashlib.sha256(self._header(len(self)))
        while block := self._file.read(1 << 20):
            values.update(block)
            whole.update(block)
        return {"sha256": whole.hexdigest(), "values_sha256": values.hexdigest()}

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _size(self) -> int:
        """Bytes in the file."""
        self._file.flush()
        return os.fstat(self._file.fileno()).st_size

    def _sync(self) -> None:
        """Wait for the disk."""
        self._file.flush()
        os.fsync(self._file.fileno())

    def _header(self, rows: int) -> bytes:
        """What stands before the rows; numpy leaves room for any number of them."""
        buffer = io.BytesIO()
        descr = np.lib.format.dtype_to_descr(self._dtype)
        facts = {"descr": descr, "fortran_order": False, "shape": (rows, *self._row)}
        np.lib.format.write_array_header_1_0(buffer, facts)
        return buffer.getvalue()
