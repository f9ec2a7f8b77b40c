"""What is not the official content is never unpickled; what is allowed is very little."""

import hashlib
import pickle
from pathlib import Path

import numpy as np
import pytest
from python2_pickle import dtype, dumps

from robench.datasets.pickles import read_pickle, restricted_loads
from robench.errors import InputError


class Malice:
    """Leaves a file behind when it is unpickled."""

    def __init__(self, trace: Path) -> None:
        self.trace = trace

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return exec, (f"import pathlib; pathlib.Path({str(self.trace)!r}).touch()",)


def md5(content: bytes) -> str:
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


def test_reads_what_python_2_wrote(tmp_path: Path) -> None:
    array = np.arange(12, dtype=np.uint8).reshape(3, 4)
    content = dumps({b"data": array, b"labels": [1, 2, 3], b"names": [b"a", b"b"]})
    (tmp_path / "batch").write_bytes(content)

    plain = read_pickle(tmp_path / "batch", md5(content))

    np.testing.assert_array_equal(plain[b"data"], array)
    assert plain[b"data"].dtype == np.uint8
    assert plain[b"labels"] == [1, 2, 3]
    assert plain[b"names"] == [b"a", b"b"]


def test_a_malicious_pickle_does_what_it_wants_when_nobody_looks(tmp_path: Path) -> None:
    pickle.loads(pickle.dumps(Malice(tmp_path / "trace")))

    assert (tmp_path / "trace").exists()


def test_a_file_of_another_content_is_not_unpickled(tmp_path: Path) -> None:
    (tmp_path / "batch").write_bytes(pickle.dumps(Malice(tmp_path / "trace"), protocol=2))

    with pytest.raises(InputError, match=r"expected md5 0123, got [0-9a-f]{32}.*not read"):
        read_pickle(tmp_path / "batch", "0123")

    assert not (tmp_path / "trace").exists()


@pytest.mark.parametrize("protocol", range(6))
def test_malice_is_refused_even_under_the_right_checksum(tmp_path: Path, protocol: int) -> None:
    content = pickle.dumps({"data": Malice(tmp_path / "trace")}, protocol=protocol)
    (tmp_path / "batch").write_bytes(content)

    with pytest.raises(InputError, match=r"exec is not allowed"):
        read_pickle(tmp_path / "batch", md5(content))

    assert not (tmp_path / "trace").exists()


@pytest.mark.parametrize(
    "name", ["os\nsystem", "builtins\neval", "numpy\nload", "numpy.core.multiarray\nscalar"]
)
def test_only_the_names_of_cifar_are_allowed(name: str) -> None:
    content = b"\x80\x02c" + name.encode() + b"\n(T\2\0\0\0lstR."

    with pytest.raises(InputError, match=f"{name.replace(chr(10), '.')} is not allowed"):
        restricted_loads(content, "batch")


def test_arrays_of_objects_are_refused() -> None:
    with pytest.raises(InputError, match="dtype b'O8' is not allowed"):
        restricted_loads(b"\x80\x02" + dtype("O8") + b".", "batch")


@pytest.mark.parametrize("content", [b"", b"no pickle", dumps({b"labels": [1]})[:-4]])
def test_a_damaged_pickle_is_one_message(content: bytes) -> None:
    with pytest.raises(InputError, match="batch cannot be unpickled safely"):
        restricted_loads(content, "batch")


def test_anything_but_a_dictionary_is_refused() -> None:
    with pytest.raises(InputError, match="expected a dictionary, got int"):
        restricted_loads(b"\x80\x02J\1\0\0\0.", "batch")


def test_a_missing_file_is_one_message(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="No such file"):
        read_pickle(tmp_path / "batch", "0123")
