"""Sets that robench made: their manifest and their lists say what is held against what."""

import os
from pathlib import Path

import numpy as np
import pytest
from corrupted_folders import NOWHERE, differing
from made_pictures import pictures
from PIL import Image

from robench.datasets import load_test
from robench.datasets.fidelity import arrays
from robench.datasets.fidelity.card import Card, check_folder
from robench.datasets.making import Request, make_set
from robench.datasets.reading import READERS
from robench.errors import InputError, UnknownNameError

SMALL = {"dog.jpg": (20, 16), "dog.crop.jpg": (16, 24), "ant.bmp": (18, 18), "bee.webp": (16, 16)}


def make(folder: Path, sizes: dict[str, tuple[int, int]] = SMALL, **changes: object) -> Path:
    """A set of noise on small pictures of several sizes."""
    plain = {"name": "c", "family": "cifar", "keep_size": True, "only": ("gaussian_noise",)}
    request = Request(
        data_dir=folder,
        source=pictures(folder / "clean", sizes),
        out=folder / "set",
        **(plain | changes),  # type: ignore[arg-type]
    )
    return make_set(request, jobs=1).folder


def check(folder: Path, limit: int = 100, every: bool = False) -> Card:
    return check_folder(
        folder, NOWHERE, clean=str(folder.parent / "clean"), limit=limit, every=every
    )


@pytest.mark.parametrize("suffix", [".bmp", ".webp", ".tif", ".ppm"])
def test_pictures_of_every_suffix_are_equal_to_the_byte(suffix: str, tmp_path: Path) -> None:
    card = check(make(tmp_path, {f"n01/a{suffix}": (16, 16)}))

    assert (card.as_expected, len(card.rows)) == (True, 5)
    assert {row.expected for row in card.rows} == {("to the byte",)}


def test_mixed_sizes_and_names_with_dots_keep_their_indices(tmp_path: Path) -> None:
    """As clean files `dog.crop` comes before `dog`, as corrupted ones behind it."""
    card = check(make(tmp_path))

    assert differing(card) == []
    assert {(row.n, row.differences.largest) for row in card.rows} == {(4, 0)}


def test_hidden_files_are_no_pictures(tmp_path: Path) -> None:
    folder = make(tmp_path, {"n01/b.png": (32, 32), "n02/c.png": (32, 32)})
    for path in [*folder.rglob("*.JPEG"), *folder.parent.glob("clean/*/*")]:
        path.with_name(f"._{path.name}").write_bytes(b"resource fork")

    assert check(folder).as_expected
    (folder / "manifest.json").unlink()
    assert [row.n for row in check(folder).rows] == [2] * 5


def test_a_name_before_another_suffix_is_another_picture(tmp_path: Path) -> None:
    folder = make(tmp_path, {"dog.jpg": (32, 32), "dog.crop.jpg": (32, 32)})
    (folder / "manifest.json").unlink()

    assert [row.n for row in check(folder).rows] == [2] * 5


@pytest.mark.parametrize("name", [" a.png", "a\u2028b.png", os.fsdecode(b"\xff.png"), "a  b.png"])
def test_odd_names_are_read_and_can_be_shown(name: str, tmp_path: Path) -> None:
    folder = make(tmp_path, {name: (16, 16)})
    assert check(folder).as_expected
    victim = next((folder / "gaussian_noise" / "3").glob("*.JPEG"))
    victim.write_bytes(victim.read_bytes() + b" ")

    damaged = check(folder).damaged

    shown = name.removesuffix(".png").replace("\udcff", "\\xff")
    assert damaged == (f"gaussian_noise/3/{shown}.JPEG",)
    assert damaged[0].encode()


def test_checksums_of_the_first_pictures_or_of_all(tmp_path: Path) -> None:
    folder = make(tmp_path)
    victim = folder / "gaussian_noise" / "2" / "dog.JPEG"  # the last of four
    victim.write_bytes(victim.read_bytes() + b" ")

    few, every = check(folder, limit=3), check(folder, limit=3, every=True)

    assert few.as_expected
    assert "verified of 21 of 26 files; --all" in few.remarks[-1]
    assert every.damaged == ("gaussian_noise/2/dog.JPEG",)
    assert every.remarks[-1] == "SHA-256 verified of 26 of 26 files."
    victim.unlink()
    assert check(folder).damaged == every.damaged


def test_a_damaged_list_is_named_and_not_believed(tmp_path: Path) -> None:
    folder = make(tmp_path)
    sums = folder / "gaussian_noise" / "2" / "SHA256SUMS"
    sums.write_bytes(sums.read_bytes().replace(b"  ", b" "))

    assert check(folder).damaged == ("gaussian_noise/2/SHA256SUMS",)
    (folder / "pictures.tsv").write_text("index\n")
    with pytest.raises(InputError, match="not the list of pictures"):
        check(folder)


def test_clean_pictures_are_those_of_the_manifest(tmp_path: Path) -> None:
    folder = make(tmp_path, {"a.png": (32, 32)})

    assert check_folder(folder, tmp_path).clean == str(tmp_path / "clean")
    with pytest.raises(InputError, match="name the folder of the clean ones, clean, with --from"):
        check_folder(folder, NOWHERE)
    Image.new("RGB", (32, 32)).save(tmp_path / "clean" / "a.png")
    with pytest.raises(InputError, match=r"not the picture that .* was made from"):
        check(folder)


def test_what_is_not_made_yet_is_named(tmp_path: Path) -> None:
    folder = make(tmp_path, severities=(2, 3))
    manifest = folder / "manifest.json"
    manifest.write_text(manifest.read_text().replace('"cells": [', '"cells": ["contrast/1",', 1))

    card = check(folder)

    assert card.as_expected
    assert card.not_compared == ("contrast/1: asked for and not made yet",)


@pytest.mark.parametrize("name", ["digits-p", "p"])
def test_sequences_are_verified_by_their_checksums(name: str, tmp_path: Path) -> None:
    plain = {"name": name, "only": ("brightness",)}
    if name == "p":
        folder = make(tmp_path, {"a.png": (32, 32), "b.png": (32, 32)}, **plain)
        victim = folder / "brightness" / "b" / "frame_03.png"
    else:
        request = Request(data_dir=tmp_path, out=tmp_path / "set", limit=2, **plain)  # type: ignore[arg-type]
        folder = make_set(request, jobs=1).folder
        victim = folder / "brightness.npy"

    card = check_folder(folder, NOWHERE, only=["brightness"])
    assert (card.as_expected, card.rows) == (True, ())
    assert "cannot be compared" in card.remarks[1]
    with pytest.raises(UnknownNameError, match="Did you mean 'brightness'"):
        check_folder(folder, NOWHERE, only=["brightnes"])
    victim.write_bytes(victim.read_bytes() + b" ")
    assert check_folder(folder, NOWHERE).damaged == (str(victim.relative_to(folder)),)
    assert check_folder(folder, NOWHERE, limit=1).as_expected == (name == "p")


def digits_c(folder: Path) -> Path:
    request = Request(
        name="digits-c", data_dir=folder, out=folder / "set", only=("contrast",), limit=12
    )
    return make_set(request, jobs=1).folder


def test_the_named_clean_set_is_taken_before_labels_are_compared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twelve labels fit several sets."""
    folder = digits_c(tmp_path)
    monkeypatch.setattr(arrays, "READERS", {"other": READERS["digits"], **READERS})
    monkeypatch.setattr(arrays, "load_test", lambda *_: load_test("digits", NOWHERE))

    assert check_folder(folder, NOWHERE).clean == "digits"


def test_other_clean_images_than_those_of_the_manifest_are_refused(tmp_path: Path) -> None:
    folder = digits_c(tmp_path)
    images = load_test("digits", NOWHERE).images[:12].copy()
    np.save(tmp_path / "same.npy", images)
    images[5, 5, 5, 0] ^= 1
    np.save(tmp_path / "other.npy", images)

    assert check_folder(folder, NOWHERE, clean=str(tmp_path / "same.npy")).as_expected
    with pytest.raises(InputError, match="made from 12 images of digits with SHA-256"):
        check_folder(folder, NOWHERE, clean=str(tmp_path / "other.npy"))
