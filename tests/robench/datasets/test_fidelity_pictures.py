"""The fidelity card on pictures stored as ImageNet-C is: prepared, and through JPEG."""

from pathlib import Path

import pytest
from corrupted_folders import NOWHERE, differing, save_photographs, save_pictures

from robench.datasets.fidelity.card import check_folder
from robench.datasets.making import Request, make_set
from robench.errors import InputError


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve clean pictures in two class folders."""
    return save_photographs(tmp_path_factory.mktemp("clean"))


def test_pictures_are_prepared_and_stored_as_imagenet_c(clean: Path, tmp_path: Path) -> None:
    folder = save_pictures(tmp_path, clean, ("gaussian_noise", "contrast"))

    card = check_folder(folder, NOWHERE, clean=str(clean))

    assert differing(card) == []
    assert card.family == "imagenet"
    assert [row.n for row in card.rows] == [12] * 10
    kinds = {row.corruption: row.expected for row in card.rows}
    assert kinds["gaussian_noise"] == ("other draws", "second jpeg pass")
    assert kinds["contrast"] == ("second jpeg pass",)
    # The same library here, and `optimize` changes no pixel: so the preparation is right.
    assert max(row.differences.largest for row in card.rows if row.z is None) == 0
    assert "+3.2 points" in card.remarks[-1]


def test_the_offset_is_that_of_the_published_imagenet_c_alone(clean: Path, tmp_path: Path) -> None:
    bar = save_pictures(tmp_path / "bar", clean, ("inverse_sparkles",))
    request = Request(
        name="c", data_dir=tmp_path, source=clean, out=tmp_path / "own", only=("contrast",), limit=1
    )

    for folder in (bar, make_set(request, jobs=1).folder):
        card = check_folder(folder, NOWHERE, clean=str(clean), limit=1)
        assert card.family == "imagenet"
        assert not any("ImageNet-C" in remark for remark in card.remarks)


def test_another_quality_is_not_the_published_one(clean: Path, tmp_path: Path) -> None:
    folder = save_pictures(tmp_path, clean, ("contrast",), quality=20)

    assert len(differing(check_folder(folder, NOWHERE, clean=str(clean)))) >= 3


def test_png_files_are_compared_as_they_are(clean: Path, tmp_path: Path) -> None:
    folder = save_pictures(tmp_path / "noise", clean, ("brightness",), suffix=".png")
    (folder / "brightness" / "2.50").mkdir()

    card = check_folder(tmp_path, NOWHERE, clean=str(clean), limit=3)  # a folder of groups

    assert differing(card) == []
    assert {row.expected for row in card.rows} == {("equal",)}
    assert card.rows[0].differences.largest == 0
    assert card.not_compared == ("noise/brightness/2.50: no part of a corrupted set",)


def test_swapped_folders_are_recognised_through_jpeg(clean: Path, tmp_path: Path) -> None:
    """Contrast 4 and 5 differ by less than JPEG libraries may."""
    folder = save_pictures(tmp_path, clean, ("contrast",)) / "contrast"
    (folder / "4").rename(folder / "spare")
    (folder / "5").rename(folder / "4")
    (folder / "spare").rename(folder / "5")

    card = check_folder(tmp_path, NOWHERE, clean=str(clean), limit=4)

    assert differing(card) == ["contrast-4", "contrast-5"]
    assert [row.matches_severity for row in card.rows[3:]] == [5, 4]


def test_pictures_without_their_clean_ones_are_refused(clean: Path, tmp_path: Path) -> None:
    folder = save_pictures(tmp_path / "set", clean, ("contrast",), suffix=".png")

    with pytest.raises(InputError, match="name the folder of the clean ones"):
        check_folder(folder, NOWHERE)
    with pytest.raises(InputError, match="expected one clean picture"):
        check_folder(folder, NOWHERE, clean=str(tmp_path))
    for path in folder.rglob("*.png"):
        path.write_bytes(b"no picture")
    with pytest.raises(InputError, match="Cannot read the picture"):
        check_folder(folder, NOWHERE, clean=str(clean))


def test_a_damaged_picture_of_a_made_set_is_found(clean: Path, tmp_path: Path) -> None:
    request = Request(
        name="imagenet-c", data_dir=tmp_path, source=clean, only=("contrast",), severities=(1, 4)
    )
    folder = make_set(request, jobs=1).folder
    assert check_folder(folder, NOWHERE, clean=str(clean)).as_expected
    victim = next((folder / "contrast" / "4").glob("*/*.JPEG"))
    victim.write_bytes(victim.read_bytes() + b" ")

    card = check_folder(folder, NOWHERE, clean=str(clean))

    assert differing(card) == []  # Pillow stops at the end of the picture
    assert card.damaged == (str(victim.relative_to(folder)),)
    assert not card.as_expected
