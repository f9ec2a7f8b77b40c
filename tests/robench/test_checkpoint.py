"""Checkpoint files: read back as written, and refused in words when they cannot be trusted."""

import argparse
import contextlib
import os
import pickle
import zipfile
from pathlib import Path
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

    with pytest.raises(InputError, match=r"harm\.pt is refused: it holds code.*re-save"):
        checkpoint.load(path)
    assert not trace.exists()


def test_a_whole_pickled_network_is_refused(tmp_path: Path) -> None:
    torch.save(torch.nn.Linear(2, 2), tmp_path / "net.pt")
    with pytest.raises(InputError, match="refused"):
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
