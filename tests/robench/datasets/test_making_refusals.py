"""Picture sets that are refused, before anything is written."""

import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from made_pictures import content, own, pictures, request
from PIL import Image

from robench.datasets.making import make_set
from robench.datasets.making.pictures import read_picture
from robench.errors import InputError, RunError


@pytest.mark.parametrize("kept", [0, 4, 200, -20])
def test_a_damaged_picture_is_named_before_anything_is_written(kept: int, tmp_path: Path) -> None:
    damaged = pictures(tmp_path / "clean") / "n01/a.JPEG"
    damaged.write_bytes(damaged.read_bytes()[:kept])

    with pytest.raises(InputError, match=r"Cannot read the picture .*n01/a\.JPEG"):
        make_set(request(tmp_path), jobs=1)

    assert {path.name for path in tmp_path.iterdir()} == {"clean"}


@pytest.mark.parametrize(
    ("names", "changes", "message"),
    [
        (["a.png", "a.bmp"], {}, "stored under one name"),
        (["a.png", "n01/b.png"], {}, "1 pictures beside 1 folders"),
        (["val/n01/a.png"], {}, "deeper down"),
        (["a\tb.png"], {}, "tab in its name"),
        ([".hidden.png", "a.txt"], {}, "got none"),
        (["a.png"], {"name": "imagenet-c"}, "make the set c"),
        (["a.png"], {"source": None}, "--from"),
        (["a.png"], {"out": None}, "--out"),
        (["a.png"], {"keep_size": True}, "--keep-size needs --family"),
        (["a.png"], {"family": "cifar10"}, "c is published for"),
        (["a.png"], {"file_format": "webp"}, "jpeg or png"),
        (["a.png"], {"name": "p", "only": ("shear",)}, "perturbations have none"),
        (["a.png"], {"name": "p", "family": "tiny"}, "published for cifar, imagenet only"),
        (["a.png"], {"name": "imagenet-c", "family": "tiny"}, "make the set c"),
        (["a.png"], {"only": ("frost",)}, "--skip frost"),
    ],
)
def test_what_makes_no_sense_is_refused_before_anything_is_written(
    names: list[str], changes: dict[str, object], message: str, tmp_path: Path
) -> None:
    source = tmp_path / "clean"
    for name in names:
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        if name.endswith(".txt"):
            (source / name).write_text("")
        else:
            Image.new("RGB", (40, 40)).save(source / name)
    if changes.get("name") == "p" and "only" not in changes:
        changes = {**changes, "severities": (1, 2, 3, 4, 5), "only": ()}

    with pytest.raises(InputError) as raised:
        make_set(own(tmp_path, **changes), jobs=1)

    assert message in str(raised.value)
    assert {path.name for path in tmp_path.iterdir()} == {"clean"}


@pytest.mark.parametrize(
    ("name", "dtype", "mode"),
    [("deep.png", np.uint16, "I;16"), ("deep.tif", np.int32, "I"), ("float.tiff", np.float32, "F")],
)
def test_pictures_of_more_than_eight_bits_are_refused_instead_of_clipped(
    name: str, dtype: type[np.generic], mode: str, tmp_path: Path
) -> None:
    (tmp_path / "clean").mkdir()
    path = tmp_path / "clean" / name
    Image.fromarray(np.full((40, 40), 1000, dtype)).save(path)

    for read in (lambda: make_set(own(tmp_path), jobs=1), lambda: read_picture(path, "as stored")):
        with pytest.raises(InputError, match=rf"{name}: expected .* of 8 bits, got .* {mode}\."):
            read()

    assert not (tmp_path / "set").exists()


@pytest.mark.parametrize("inside", [".", "set"])
def test_nothing_is_written_among_the_clean_pictures(inside: str, tmp_path: Path) -> None:
    source = pictures(tmp_path / "clean")
    before = content(source)

    with pytest.raises(InputError, match="inside the clean images"):
        make_set(own(tmp_path, out=tmp_path / "clean" / inside), jobs=1)

    assert content(source) == before


def test_links_out_of_the_folder_are_read_and_broken_ones_are_named(tmp_path: Path) -> None:
    pictures(tmp_path / "elsewhere", {"a.png": (64, 64)})
    (tmp_path / "clean").mkdir()
    (tmp_path / "clean/a.png").symlink_to(tmp_path / "elsewhere/a.png")
    made = make_set(own(tmp_path), jobs=1)
    assert made.drawn == 4

    (tmp_path / "clean/b.png").symlink_to(tmp_path / "elsewhere/absent.png")
    with pytest.raises(InputError, match=r"b\.png"):
        make_set(own(tmp_path, out=tmp_path / "other"), jobs=1)


def test_room_is_estimated_from_samples_once_pixels_might_not_fit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pictures(tmp_path / "clean")
    made = make_set(request(tmp_path), jobs=1)
    taken = sum(stored.picture_bytes or 0 for stored in made.manifest.files.values())
    usage = shutil.disk_usage(tmp_path)

    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=taken // 2))
    with pytest.raises(RunError, match=r"needs 0\.\d\d MB more .* are free"):
        make_set(request(tmp_path, out=tmp_path / "two"), jobs=1)
    assert not (tmp_path / "two").exists()
    assert make_set(request(tmp_path), jobs=1).drawn == 0
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=2 * taken + 12 * 4096))
    assert make_set(request(tmp_path, out=tmp_path / "two"), jobs=1).drawn == 12


def test_a_pipe_among_the_pictures_is_named_instead_of_waited_for(tmp_path: Path) -> None:
    os.mkfifo(pictures(tmp_path / "clean") / "n01" / "pipe.png")

    with pytest.raises(InputError, match=r"n01/pipe\.png is no file"):
        make_set(request(tmp_path), jobs=1)


def test_a_picture_of_no_known_format_is_named_without_python_objects(tmp_path: Path) -> None:
    (pictures(tmp_path / "clean") / "n01" / "text.png").write_text("no picture")

    with pytest.raises(InputError, match=r"text\.png: it is of no format that Pillow knows"):
        make_set(request(tmp_path), jobs=1)
