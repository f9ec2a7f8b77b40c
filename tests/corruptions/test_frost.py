"""Frost, with the published textures where they are at hand, and what happens where not."""

import hashlib
import json
import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest

from corruptions import Images, assets_present, corrupt, load
from corruptions.base import Corruption, Floats, Rng
from corruptions.textures import (
    DRAWN,
    TEXTURES,
    MissingAssetsError,
    check_textures,
    texture,
    texture_folder,
)
from corruptions.weather import frost

GREY: Images = np.full((2, 32, 32, 3), 90, dtype=np.uint8)


class Dictated(np.random.RandomState):
    """A source whose ``randint`` gives what it is told."""

    def dictate(self, *numbers: int) -> "Dictated":
        """The numbers to come."""
        self.numbers = list(numbers)
        return self

    def randint(self, bound: int, *_: object) -> int:  # type: ignore[override]
        """The next of them."""
        number = self.numbers.pop(0)
        assert 0 <= number < bound
        return number


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

    table = {"cifar": (1, 2, 3, 4, 5)}
    corruption = Corruption("note", note, "bar", table, stochastic=True, assets="files")  # type: ignore[arg-type]

    assert np.unique(corruption.apply(GREY, 1, [], data_dir="four")).tolist() == [94]


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
@pytest.mark.parametrize("family", ["cifar", "imagenet"])
def test_frost_equals_the_authors_code_to_the_byte(
    family: str, shared: Path, texture_folder: Path
) -> None:
    folder = shared / "goldens" / "corruptions"
    with np.load(folder / "inputs.npz") as inputs, np.load(folder / f"{family}_c.npz") as file:
        images, digests = inputs[family], json.loads(str(file["sha256_16"]))

    for severity in range(1, 6):
        parameters = load("frost").parameters(severity, family)  # type: ignore[arg-type]
        rngs = [np.random.RandomState(0) for _ in images]
        for number, image in enumerate(frost(images, parameters, rngs, texture_folder)):
            digest = hashlib.sha256(image.tobytes()).hexdigest()[:16]
            assert digest == digests[f"frost/{severity}/{number}"]


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
def test_the_released_image_is_found_again_with_its_crops(
    shared: Path, texture_folder: Path
) -> None:
    with np.load(shared / "data" / "cifar10c_official_image0.npz") as file:
        row = list(file["corruptions"]).index("frost")
        clean, released, crops = file["clean"], file["images"][row], file["frost_crops"]

    for severity, (name, top, left) in enumerate(crops.tolist(), start=1):
        rng = Dictated().dictate(list(TEXTURES).index(name), int(top), int(left))
        parameters = load("frost").parameters(severity, "cifar")
        result = frost(clean[None], parameters, [rng], texture_folder)[0]

        # The file was read back from a published figure, which cost it up to two levels.
        assert np.abs(result.astype(int) - released[severity - 1]).max() <= 2


@pytest.mark.shared
def test_pixels_are_the_weighted_sum_in_rgb_order_truncated(texture_folder: Path) -> None:
    picture = cv2.imread(str(texture_folder / "frost" / "frost4.jpg"))
    assert picture is not None
    piece: Floats = picture[7:39, 11:43, ::-1].astype(float)

    result = frost(GREY[:1], (0.6, 0.75, 1), [Dictated().dictate(3, 7, 11)], texture_folder)

    expected = np.clip(0.6 * 90 + 0.75 * piece, 0, 255).astype(np.uint8)
    np.testing.assert_array_equal(result[0], expected)


@pytest.mark.shared
def test_the_sixth_texture_is_never_drawn(texture_folder: Path) -> None:
    black = np.zeros((1, 8, 8, 3), dtype=np.uint8)

    with pytest.raises(AssertionError):
        frost(black, (1, 1, 1), [Dictated().dictate(DRAWN, 0, 0)], texture_folder)


@pytest.mark.shared
def test_the_second_and_third_texture_are_equal(texture_folder: Path) -> None:
    folder = texture_folder / "frost"

    pixels = [texture(folder, number, 0.2, (32, 32)) for number in range(DRAWN)]

    np.testing.assert_array_equal(pixels[1], pixels[2])
    shapes = [(120, 180, 3), (63, 112, 3), (63, 112, 3), (70, 105, 3), (99, 132, 3)]
    assert [picture.shape for picture in pixels] == shapes


@pytest.mark.shared
@pytest.mark.parametrize("size", [(500, 400), (300, 200), (315, 560), (24, 900), (1, 1)])
def test_textures_grow_by_the_smallest_factor_that_leaves_a_choice_of_crops(
    size: tuple[int, int], texture_folder: Path
) -> None:
    images = np.zeros((1, *size, 3), dtype=np.uint8)
    folder = texture_folder / "frost"

    for number in range(DRAWN):
        rows, columns, _ = texture(folder, number, 1, size).shape
        published = texture(folder, number, 1, (1, 1)).shape

        assert rows > size[0] and columns > size[1]  # noqa: PT018  one thing in two directions
        grown = (rows, columns) != published[:2]
        assert not grown or rows == size[0] + 1 or columns == size[1] + 1
    result = corrupt(images, "frost", 1, family="imagenet", data_dir=texture_folder)
    assert result.shape == images.shape
    assert size == (1, 1) or result.any()


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


@pytest.mark.shared
def test_a_cached_texture_cannot_be_written_to(texture_folder: Path) -> None:
    assert not texture(texture_folder / "frost", 0, 0.2, (32, 32)).flags.writeable


@pytest.mark.shared
def test_textures_that_go_after_the_check_are_reported(
    tmp_path: Path, texture_folder: Path
) -> None:
    shutil.copytree(texture_folder / "frost", tmp_path / "frost")
    check_textures(tmp_path / "frost")
    shutil.rmtree(tmp_path / "frost")

    with pytest.raises(MissingAssetsError, match="have gone"):
        frost(GREY[:1], (1, 0.2, 0.2), [Dictated().dictate(0, 0, 0)], tmp_path)
