"""Frost, with the published textures where they are at hand, and what happens where not."""

import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest

from corruptions import Images, assets_present, corrupt, load
from corruptions.base import Corruption, Rng
from corruptions.textures import (
    DRAWN,
    TEXTURES,
    MissingAssetsError,
    texture,
    texture_folder,
)
from corruptions.weather import frost

GREY: Images = np.full((2, 32, 32, 3), 90, dtype=np.uint8)


def test_without_textures_the_message_has_the_folder_and_both_ways_out(tmp_path: Path) -> None:
    with pytest.raises(MissingAssetsError) as caught:
        corrupt(GREY, "frost", 1, data_dir=tmp_path)

    message = str(caught.value)
    assert str(tmp_path / "frost") in message
    assert all(name in message for name in TEXTURES)
    assert f"robench data get frost --data-dir {tmp_path}" in message
    assert "frost_procedural" in message
    assert not assets_present("frost", tmp_path)


def test_other_files_under_the_names_are_not_taken_for_the_textures(tmp_path: Path) -> None:
    (tmp_path / "frost").mkdir()
    for name in list(TEXTURES)[:2]:
        cv2.imwrite(str(tmp_path / "frost" / name), GREY[0])

    message = r"frost3.png, .*frost6.jpg missing; frost1.png, frost2.png with another SHA-256"
    with pytest.raises(MissingAssetsError, match=message):
        corrupt(GREY, "frost", 1, data_dir=tmp_path)


def test_an_unknown_folder_is_no_reason_to_fail_for_other_corruptions(tmp_path: Path) -> None:
    assert assets_present("fog", tmp_path)
    assert corrupt(GREY, "fog", 1, data_dir=tmp_path / "nowhere").shape == GREY.shape


def test_the_folder_comes_from_the_argument_then_the_environment_then_the_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("ROBENCH_DATA", raising=False)
    assert texture_folder() == tmp_path / ".cache" / "robench" / "data" / "frost"

    monkeypatch.setenv("ROBENCH_DATA", str(tmp_path / "data"))
    assert texture_folder() == tmp_path / "data" / "frost"
    assert texture_folder("~/own") == tmp_path / "own" / "frost"


def test_a_corruption_with_assets_is_given_the_data_folder() -> None:
    def note(images: Images, parameters: int, rngs: list[Rng], data_dir: str) -> Images:
        return images + np.uint8(len(data_dir))

    table, rngs = {"cifar": (1, 2, 3, 4, 5)}, [np.random.RandomState(0) for _ in GREY]
    corruption = Corruption("note", note, "bar", table, stochastic=True, assets="files")  # type: ignore[arg-type]

    assert np.unique(corruption.apply(GREY, 1, rngs, data_dir="four")).tolist() == [94]


@pytest.mark.shared
def test_textures_that_arrive_later_are_seen(tmp_path: Path, texture_folder: Path) -> None:
    assert not assets_present("frost", tmp_path)

    shutil.copytree(texture_folder / "frost", tmp_path / "frost")

    assert assets_present("frost", tmp_path)
    assert corrupt(GREY, "frost", 1, data_dir=str(tmp_path)).shape == GREY.shape


@pytest.mark.shared
def test_digests_are_computed_once_a_process(
    tmp_path: Path, texture_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(texture_folder / "frost", tmp_path / "frost")
    first = corrupt(GREY, "frost", 1, data_dir=tmp_path)

    def read_again(_: Path) -> bytes:
        pytest.fail("the files were read again")

    monkeypatch.setattr(Path, "read_bytes", read_again)

    np.testing.assert_array_equal(corrupt(GREY, "frost", 1, data_dir=tmp_path), first)


@pytest.mark.shared
def test_the_digests_begin_with_those_of_both_repositories(shared: Path) -> None:
    text = (shared / "specs" / "corruptions.md").read_text()

    prefixes = ", ".join(digest[:8] for digest in TEXTURES.values())

    assert f"sha256 prefixes in the two repos equal: {prefixes})" in text


@pytest.mark.shared
def test_each_texture_equals_the_authors_code_to_the_byte(
    shared: Path, texture_folder: Path
) -> None:
    folder = shared / "goldens" / "corruptions"
    with np.load(folder / "inputs.npz") as inputs, np.load(folder / "frost_textures.npz") as file:
        for key in file.files:  # such as cifar-frost-3-file1-seed2
            family, _, severity, _, seed = key.split("-")
            parameters = load("frost").parameters(int(severity), family)
            rng = np.random.RandomState(int(seed.removeprefix("seed")))
            result = frost(inputs[family][:1], parameters, [rng], texture_folder)[0]

            stored = result[::4, ::4] if family == "imagenet" else result
            np.testing.assert_array_equal(stored, file[key])


@pytest.mark.shared
def test_the_second_and_third_texture_are_equal(texture_folder: Path) -> None:
    folder = texture_folder / "frost"

    pixels = [texture(folder, number, 0.2, (32, 32)) for number in range(DRAWN)]

    np.testing.assert_array_equal(pixels[1], pixels[2])
    shapes = [(120, 180, 3), (63, 112, 3), (63, 112, 3), (70, 105, 3), (99, 132, 3)]
    assert [picture.shape for picture in pixels] == shapes


@pytest.mark.shared
@pytest.mark.parametrize(("family", "side"), [("cifar", 32), ("tiny", 64), ("inception", 299)])
def test_the_published_sizes_take_the_textures_at_their_published_scale(
    family: str, side: int, texture_folder: Path
) -> None:
    scale = load("frost").parameters(1, family)[2]  # type: ignore[arg-type]

    for number in range(DRAWN):
        at_side = texture(texture_folder / "frost", number, scale, (side, side))
        small = texture(texture_folder / "frost", number, scale, (1, 1))

        np.testing.assert_array_equal(at_side, small)
