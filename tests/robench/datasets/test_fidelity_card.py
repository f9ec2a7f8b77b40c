"""The fidelity card finds what is wrong with corrupted arrays, and nothing in sound ones."""

from pathlib import Path

import numpy as np
import pytest
from corrupted_folders import COUNT, NOWHERE, blocks, differing, digits, save_arrays

from corruptions import Images
from robench.datasets import load_test
from robench.datasets.fidelity.card import check_folder
from robench.datasets.making import Request, make_set
from robench.datasets.reading import READERS
from robench.errors import InputError, UnknownNameError

SWAPPED = [0, 3, 2, 1, 4]  # severities 2 and 4


def test_files_from_another_seed_are_as_expected(tmp_path: Path) -> None:
    names = ("gaussian_noise", "impulse_noise", "contrast", "jpeg_compression", "spatter", "fog")
    folder = save_arrays(tmp_path, **{name: blocks(name) for name in names})

    card = check_folder(folder, NOWHERE)

    assert differing(card) == []
    assert (card.clean, card.family, len(card.rows)) == ("digits", "cifar", 5 * len(names))
    kinds = {row.corruption: row.expected for row in card.rows}
    assert kinds["fog"] == ("other draws",)
    assert kinds["contrast"] == ("equal",)
    assert kinds["jpeg_compression"] == ("jpeg library",)
    assert len(card.reasons) == 3
    noise = next(row for row in card.rows if row.corruption == "gaussian_noise")
    assert noise.differences.largest > 20
    assert noise.ratio == pytest.approx(1, abs=0.05)
    assert not card.remarks


@pytest.mark.parametrize("name", ["shot_noise", "pixelate", "jpeg_compression"])
def test_swapped_severities_differ_and_are_recognised(name: str, tmp_path: Path) -> None:
    folder = save_arrays(tmp_path, **{name: blocks(name)[SWAPPED]})

    card = check_folder(folder, NOWHERE)

    assert differing(card) == [f"{name}-2", f"{name}-4"]
    assert [row.matches_severity for row in card.rows] == [None, 4, None, 2, None]
    assert "matches severity 4" in card.rows[1].remark


@pytest.mark.parametrize("name", ["gaussian_noise", "contrast", "jpeg_compression"])
def test_a_brighter_cell_differs(name: str, tmp_path: Path) -> None:
    images = blocks(name)
    images[2] = np.minimum(images[2], 250) + 5

    card = check_folder(save_arrays(tmp_path, **{name: images}), NOWHERE)

    assert differing(card) == [f"{name}-3"]
    assert card.rows[2].matches_severity is None


def test_one_image_is_enough(tmp_path: Path) -> None:
    """Then the spread is that of draws."""
    names = ("gaussian_noise", "contrast")
    right = save_arrays(tmp_path / "right", **{name: blocks(name) for name in names})
    wrong = save_arrays(tmp_path / "wrong", gaussian_noise=blocks("gaussian_noise")[::-1])

    assert differing(check_folder(right, NOWHERE, limit=1)) == []
    assert "gaussian_noise-1" in differing(check_folder(wrong, NOWHERE, limit=1))


def test_what_cannot_be_compared_is_named(tmp_path: Path) -> None:
    contrast = blocks("contrast")
    folder = save_arrays(tmp_path, contrast=contrast, frost=contrast, vignette=contrast)
    (folder / "notes.txt").write_text("hello")

    card = check_folder(folder, NOWHERE)

    assert {row.corruption for row in card.rows} == {"contrast"}
    said = "\n".join(card.not_compared)
    assert "vignette: robench has no generator of this name" in said
    assert "robench data get frost" in said
    assert "notes.txt" in said
    with pytest.raises(InputError, match=r"nothing can be compared\. vignette"):
        check_folder(folder, NOWHERE, only=["vignette"])
    with pytest.raises(UnknownNameError, match="Did you mean 'contrast'"):
        check_folder(folder, NOWHERE, only=["contrats"])


def test_the_clean_images_may_be_named(tmp_path: Path) -> None:
    folder = save_arrays(tmp_path / "set", contrast=blocks("contrast"))
    np.save(folder / "labels.npy", np.zeros(5 * COUNT, np.uint8))
    np.save(tmp_path / "clean.npy", digits())
    np.save(tmp_path / "few.npy", digits(3))

    with pytest.raises(InputError, match="are those of no clean set"):
        check_folder(folder, NOWHERE)
    with pytest.raises(InputError, match="expected at least 24 images"):
        check_folder(folder, NOWHERE, clean=str(tmp_path / "few.npy"))
    np.save(tmp_path / "large.npy", np.zeros((24, 64, 64, 3), np.uint8))
    with pytest.raises(InputError, match=r"\(N, 32, 32, 3\) of uint8, got uint8 of shape \(24, 64"):
        check_folder(folder, NOWHERE, clean=str(tmp_path / "large.npy"))
    with pytest.raises(UnknownNameError, match="Did you mean 'digits'"):
        check_folder(folder, NOWHERE, clean="digit")
    assert check_folder(folder, NOWHERE, clean=str(tmp_path / "clean.npy")).as_expected


def test_a_few_images_with_the_labels_of_several_sets_are_ambiguous(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = "robench.datasets.fidelity.arrays"
    monkeypatch.setattr(f"{module}.READERS", dict.fromkeys(("one", "other"), READERS["digits"]))
    monkeypatch.setattr(f"{module}.load_test", lambda *_: load_test("digits", NOWHERE))

    with pytest.raises(InputError, match="several clean sets"):
        check_folder(save_arrays(tmp_path, contrast=blocks("contrast")), NOWHERE)


@pytest.mark.parametrize("content", [(), ("readme.txt",)])
def test_other_folders_are_refused(content: tuple[str, ...], tmp_path: Path) -> None:
    for name in content:
        (tmp_path / name).touch()

    with pytest.raises(InputError, match="holds no corrupted set"):
        check_folder(tmp_path, NOWHERE)
    with pytest.raises(InputError, match="There is no folder"):
        check_folder(tmp_path / "absent", NOWHERE)


@pytest.mark.parametrize(
    ("labels", "message"), [(10, "holds no corrupted set"), (0, "expected 5 times the labels")]
)
def test_labels_alone_are_refused(labels: int, message: str, tmp_path: Path) -> None:
    stored = np.tile(load_test("digits", NOWHERE).labels[:labels], 5)
    np.save(tmp_path / "labels.npy", stored)

    with pytest.raises(InputError, match=message):
        check_folder(tmp_path, NOWHERE, clean="digits")


def test_published_sequences_are_refused(tmp_path: Path) -> None:
    arrays, films = tmp_path / "CIFAR-10-P", tmp_path / "ImageNet-P"
    arrays.mkdir()
    np.save(arrays / "gaussian_noise_2.npy", np.zeros((3, 4, 32, 32, 3), np.uint8))
    np.save(arrays / "labels.npy", np.arange(3))
    (films / "noise" / "gaussian_noise" / "n01").mkdir(parents=True)
    (films / "noise" / "gaussian_noise" / "n01" / "a.mp4").touch()

    for folder in (arrays, films, films / "noise"):
        with pytest.raises(InputError, match=r"holds perturbation sequences.*not compared"):
            check_folder(folder, NOWHERE)


def made(folder: Path, **changes: object) -> Path:
    """A set that robench makes."""
    plain = {"only": ("gaussian_noise", "jpeg_compression", "contrast"), "limit": 12, "seed": 4}
    request = Request(name="digits-c", data_dir=folder, out=folder, **(plain | changes))  # type: ignore[arg-type]
    return make_set(request, jobs=1).folder


def test_a_set_that_robench_made_is_equal_to_the_byte(tmp_path: Path) -> None:
    folder = made(tmp_path / "set")

    card = check_folder(folder, NOWHERE)

    assert card.as_expected
    assert {row.expected for row in card.rows} == {("to the byte",)}
    assert all(row.differences.largest == 0 for row in card.rows)
    assert "seed 4" in card.remarks[0]
    assert not card.not_compared


def test_one_level_in_a_made_set_is_found(tmp_path: Path) -> None:
    folder = made(tmp_path / "set")
    images: Images = np.load(folder / "contrast.npy")
    images[30, 5, 5, 0] ^= 1
    np.save(folder / "contrast.npy", images)

    card = check_folder(folder, NOWHERE)

    assert differing(card) == ["contrast-3"]
    assert card.damaged == ("contrast.npy",)
    assert not check_folder(folder, NOWHERE, only=["gaussian_noise"]).damaged


@pytest.mark.shared
def test_the_published_image_is_as_expected(
    shared: Path, tmp_path: Path, texture_folder: Path
) -> None:
    """Its other corruptions were recovered from a figure with errors of tens of levels."""
    with np.load(shared / "data" / "cifar10c_official_image0.npz") as stored:
        official = {key: stored[key] for key in stored}
    np.save(tmp_path / "clean.npy", official["clean"][None])
    folder = tmp_path / "CIFAR-10-C"
    folder.mkdir()
    np.save(folder / "labels.npy", np.full(5, official["label"]))
    sure = official["confidence"] != "approx"
    for name, images in zip(official["corruptions"][sure], official["images"][sure], strict=True):
        np.save(folder / f"{name}.npy", images)

    card = check_folder(folder, texture_folder, clean=str(tmp_path / "clean.npy"), limit=1)

    assert differing(card) == []
    assert len(card.rows) == 5 * sure.sum()
    verified = set(official["corruptions"][official["confidence"] == "verified"])
    exact = [row for row in card.rows if row.corruption in verified - {"frost"}]
    assert all(row.differences.mean < 0.13 for row in exact)
