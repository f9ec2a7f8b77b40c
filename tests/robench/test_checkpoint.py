"""Checkpoint files: read back as written, and refused in words when they cannot be trusted."""

import argparse
import contextlib
import os
import pickle
import subprocess
import sys
import warnings
import zipfile
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from robench import checkpoint
from robench.errors import InputError

PLAIN: dict[str, Any] = {
    "format": checkpoint.FORMAT,
    "state_dict": {"weight": torch.arange(600.0).view(2, 300), "count": torch.tensor(3)},
    "optimizer": {"state": {0: {"momentum": torch.ones(2)}}, "groups": [{"lr": 0.1}]},
    "epoch": 4,
    "shape": (3, 32),
    "done": True,
    "note": None,
}


def test_a_checkpoint_comes_back_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "new" / "last.pt"

    checkpoint.save(path, PLAIN)
    back = checkpoint.load(path)

    torch.testing.assert_close(back.pop("state_dict"), PLAIN["state_dict"], rtol=0, atol=0)
    torch.testing.assert_close(back.pop("optimizer"), PLAIN["optimizer"], rtol=0, atol=0)
    assert back == {key: PLAIN[key] for key in back}
    assert list(path.parent.iterdir()) == [path]  # no temporary file is left


def test_equal_content_has_the_same_checksum(tmp_path: Path) -> None:
    first, second, third = (tmp_path / name for name in ("a.pt", "b.pt", "c.pt"))
    checkpoint.save(first, PLAIN)
    checkpoint.save(second, PLAIN)
    checkpoint.save(third, {**PLAIN, "epoch": 5})

    assert checkpoint.sha256(first) == checkpoint.sha256(second) != checkpoint.sha256(third)
    assert len(checkpoint.sha256(first)) == 64


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({"config": {"out": Path("runs")}}, r"checkpoint\['config'\]\['out'\] is a \w*Path"),
        ({"acc": [np.float64(0.5)]}, r"checkpoint\['acc'\]\[0\] is a float64"),
        ({"model": torch.nn.Identity()}, "is a Identity"),
        ({("a", b"b"): 1}, r"a key of checkpoint\[1\] is a bytes"),
    ],
)
def test_values_that_are_not_plain_are_refused_when_writing(
    value: dict[Any, Any], words: str, tmp_path: Path
) -> None:
    with pytest.raises(TypeError, match=words):
        checkpoint.save(tmp_path / "last.pt", value)
    assert not list(tmp_path.iterdir())


class Harm:
    """Leaves a trace when it is unpickled."""

    def __init__(self, trace: Path) -> None:
        self.trace = trace

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self.trace),)


@pytest.mark.parametrize("way", ["zip", "legacy", "pickle"])
def test_a_file_that_holds_code_is_refused_and_runs_nothing(way: str, tmp_path: Path) -> None:
    path, trace = tmp_path / "harm.pt", tmp_path / "trace"
    if way == "pickle":
        path.write_bytes(pickle.dumps({"state_dict": Harm(trace)}, protocol=2))
    else:
        content = {"state_dict": Harm(trace)}
        torch.save(content, path, _use_new_zipfile_serialization=way == "zip")

    with pytest.raises(InputError, match=r"harm\.pt is refused: .* (posix|nt)\.mkdir.*re-save"):
        checkpoint.load(path)
    assert not trace.exists()


def test_a_whole_pickled_network_is_refused(tmp_path: Path) -> None:
    torch.save(torch.nn.Linear(2, 2), tmp_path / "net.pt")
    with pytest.raises(InputError, match=r"object torch\.nn\.modules\.linear\.Linear, not only"):
        checkpoint.load(tmp_path / "net.pt")


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (PurePosixPath("runs"), r"object pathlib\S*\.PurePosixPath"),
        (argparse.Namespace(out=PurePosixPath("runs")), r"object pathlib\S*\.PurePosixPath"),
        (np.ones(2), r"object numpy\._core\.multiarray\._reconstruct"),
        (np.str_("wrn"), r"object numpy\.dtype\[U3\]"),
        (np.datetime64("2024-01-01"), r"object numpy\.dtype\[M8\]"),
        (len, r"object len"),
    ],
)
@pytest.mark.parametrize("zipped", [True, False])
def test_an_object_that_is_no_plain_value_is_named_with_the_way_out(
    value: object, name: str, zipped: bool, tmp_path: Path
) -> None:
    path = tmp_path / "theirs.pth.tar"
    content = {"state_dict": {"w": torch.ones(2)}, "args": value}
    torch.save(content, path, _use_new_zipfile_serialization=zipped)
    with pytest.raises(InputError, match=rf"is refused: it holds the {name}, not only weights"):
        checkpoint.load(path)


@pytest.mark.slow
def test_the_way_out_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    torch.save({"state_dict": {"w": torch.ones(2)}, "rng": np.random.get_state()}, "theirs.pth")  # noqa: NPY002
    with pytest.raises(InputError) as caught:
        checkpoint.load(Path("theirs.pth"))
    code = str(caught.value).split('python -c "')[1].split('"')[0].replace("FILE", "theirs.pth")

    subprocess.run([sys.executable, "-c", code], check=True)

    torch.testing.assert_close(
        checkpoint.load(Path("weights.pt"))["state_dict"]["w"], torch.ones(2)
    )


@pytest.mark.parametrize("zipped", [True, False])
def test_a_pickle_of_a_later_protocol_is_not_called_damaged(zipped: bool, tmp_path: Path) -> None:
    content, path = {"w": torch.ones(2)}, tmp_path / "new.pt"
    torch.save(content, path, pickle_protocol=4, _use_new_zipfile_serialization=zipped)
    with pytest.raises(InputError, match="is refused: it holds a pickle of protocol 4 or later"):
        checkpoint.load(path)


def test_a_torchscript_program_is_refused(tmp_path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # TorchScript is deprecated; its files live on
        torch.jit.save(torch.jit.script(torch.nn.Linear(2, 2)), str(tmp_path / "net.pt"))
    with pytest.raises(InputError, match="refused: it holds a TorchScript program"):
        checkpoint.load(tmp_path / "net.pt")


@pytest.mark.parametrize("share", [0.0, 0.001, 0.3, 0.9, 0.999])
@pytest.mark.parametrize("zipped", [True, False])
def test_a_truncated_file_is_damaged(share: float, zipped: bool, tmp_path: Path) -> None:
    path = tmp_path / "cut.pt"
    torch.save({"w": torch.arange(999.0)}, path, _use_new_zipfile_serialization=zipped)
    content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])

    with pytest.raises(InputError, match=r"cut\.pt is damaged or not a checkpoint"):
        checkpoint.load(path)


def test_a_flipped_byte_among_the_weights_is_found(tmp_path: Path) -> None:
    path = tmp_path / "flip.pt"
    checkpoint.save(path, PLAIN)
    content = bytearray(path.read_bytes())
    place = content.find(torch.tensor([100.0, 101.0]).numpy().tobytes())
    content[place] ^= 255
    path.write_bytes(bytes(content))

    assert place > 0
    with pytest.raises(InputError, match="wrong checksum"):
        checkpoint.load(path)


@pytest.mark.parametrize("content", [b"", b"a page of text\n" * 9, b"{}", b"\x00\xff" * 500])
@pytest.mark.parametrize("suffix", [".pt", ".safetensors"])
def test_other_files_are_not_checkpoints(content: bytes, suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"other{suffix}"
    path.write_bytes(content)
    with pytest.raises(InputError, match="damaged or not a checkpoint"):
        checkpoint.load(path)


def test_random_damage_never_ends_in_anything_but_an_input_error(tmp_path: Path) -> None:
    path, rng = tmp_path / "noise.pt", np.random.default_rng(0)
    for zipped in (True, False):
        torch.save({"w": torch.ones(9), "n": [1, "a"]}, path, _use_new_zipfile_serialization=zipped)
        content = np.frombuffer(path.read_bytes(), dtype=np.uint8)
        for _ in range(150):
            changed = content.copy()
            changed[rng.integers(0, min(900, len(content)), 3)] = rng.integers(0, 256, 3)
            path.write_bytes(changed.tobytes())
            with contextlib.suppress(InputError):
                checkpoint.load(path)


def test_a_missing_file_or_a_folder_is_named(tmp_path: Path) -> None:
    for path in (tmp_path / "absent.pt", tmp_path):
        with pytest.raises(InputError, match=f"No checkpoint at {path}"):
            checkpoint.load(path)
    with pytest.raises(InputError, match="Cannot read"):
        checkpoint.sha256(tmp_path / "absent.pt")


def test_a_list_is_not_a_checkpoint(tmp_path: Path) -> None:
    torch.save([1, 2], tmp_path / "list.pt")
    with pytest.raises(InputError, match="holds a list, expected a dict"):
        checkpoint.load(tmp_path / "list.pt")


def test_leftovers_of_research_code_are_read(tmp_path: Path) -> None:
    path = tmp_path / "theirs.pt"
    torch.save({"args": argparse.Namespace(lr=0.1), "best_acc": np.float64(0.5)}, path)

    assert checkpoint.load(path) == {"args": {"lr": 0.1}, "best_acc": 0.5}


@pytest.mark.parametrize("zipped", [True, False])
@pytest.mark.parametrize(
    "value",
    [
        *(np.float16(0.25), np.float32(-2.5), np.float64(1e-300), np.int8(-3), np.uint8(200)),
        *(np.int64(-(2**40)), np.uint64(2**63), np.bool_(True), np.complex64(1 - 2j)),
    ],
    ids=lambda value: type(value).__name__,
)
def test_numbers_of_numpy_come_as_those_of_python(
    value: np.generic, zipped: bool, tmp_path: Path
) -> None:
    path = tmp_path / "theirs.pt"
    torch.save({"best_acc": [value]}, path, _use_new_zipfile_serialization=zipped)

    [found] = checkpoint.load(path)["best_acc"]

    assert type(found) is type(value.item())
    assert found == value


class Forged:
    """Pickled as a scalar of numpy, with a type and bytes of one's choice."""

    def __init__(self, code: str, content: bytes) -> None:
        self.code, self.content = code, content

    def __reduce__(self) -> tuple[Any, ...]:
        scalar = np.float64(0).__reduce__()[0]
        return scalar, (np.dtype(self.code), self.content)


@pytest.mark.parametrize(
    ("code", "content"), [("O", b"12345678"), ("f8", b"1"), ("f8", b"1234567"), ("f8", 16 * b"1")]
)
def test_forged_numbers_are_refused(code: str, content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "forged.pt"
    torch.save({"best_acc": Forged(code, content)}, path)
    with pytest.raises(InputError, match=r"dtype\[O8\]" if code == "O" else "damaged"):
        checkpoint.load(path)


def test_reading_a_checkpoint_leaves_no_type_allowed_for_others(tmp_path: Path) -> None:
    before = set(torch.serialization.get_safe_globals())
    torch.save({"best_acc": np.float64(0.5), "args": argparse.Namespace(lr=0.1)}, tmp_path / "a.pt")

    checkpoint.load(tmp_path / "a.pt")

    assert set(torch.serialization.get_safe_globals()) == before
    with pytest.raises(pickle.UnpicklingError):
        torch.load(tmp_path / "a.pt", weights_only=True)


def test_safetensors_come_with_the_json_beside_them(tmp_path: Path) -> None:
    path = tmp_path / "net.safetensors"
    save_file({"w": torch.ones(3)}, path)
    assert list(checkpoint.load(path)) == ["state_dict"]

    path.with_suffix(".json").write_text('{"arch": "air32", "state_dict": "not this"}')
    plain = checkpoint.load(path)
    assert plain["arch"] == "air32"
    torch.testing.assert_close(plain["state_dict"], {"w": torch.ones(3)})

    path.with_suffix(".json").write_text("[]")
    with pytest.raises(InputError, match="expected an object"):
        checkpoint.load(path)


def test_the_file_is_an_ordinary_archive_of_torch(tmp_path: Path) -> None:
    checkpoint.save(tmp_path / "last.pt", PLAIN)
    assert zipfile.is_zipfile(tmp_path / "last.pt")
    assert torch.load(tmp_path / "last.pt", weights_only=True)["epoch"] == 4
