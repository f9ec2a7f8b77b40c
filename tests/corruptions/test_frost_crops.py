"""Which piece of which picture frost takes, on pictures made for the test."""

import hashlib
import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest

from corruptions import Images, assets_present, load, textures
from corruptions.base import Floats
from corruptions.textures import DRAWN, TEXTURES, MissingAssetsError, check_textures, texture
from corruptions.weather import frost

GREY: Images = np.full((1, 32, 32, 3), 90, dtype=np.uint8)
BLACK: Images = np.zeros((1, 8, 8, 3), dtype=np.uint8)
SIZES = ((40, 60), (36, 50), (36, 50), (33, 47), (37, 44), (35, 34))


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


@pytest.fixture
def pictures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Images]:
    """The pixels of six random RGB pictures that lie in place of the published ones."""
    rng = np.random.default_rng(0)
    made = [rng.integers(0, 256, (*size, 3), dtype=np.uint8) for size in SIZES]
    (tmp_path / "frost").mkdir()
    digests = {}
    for number, pixels in enumerate(made):
        path = tmp_path / "frost" / f"ice{number}.png"
        assert cv2.imwrite(str(path), pixels[..., ::-1])
        digests[path.name] = hashlib.sha256(path.read_bytes()).hexdigest()
    monkeypatch.setattr(textures, "TEXTURES", digests)
    assert assets_present("frost", tmp_path)
    return made


def test_pixels_are_the_weighted_sum_in_rgb_order_truncated(
    tmp_path: Path, pictures: list[Images]
) -> None:
    piece: Floats = pictures[4][3:35, 11:43].astype(float)

    result = frost(GREY, (0.6, 0.75, 1), [Dictated().dictate(4, 3, 11)], tmp_path)

    expected = np.clip(0.6 * 90 + 0.75 * piece, 0, 255).astype(np.uint8)
    np.testing.assert_array_equal(result[0], expected)


def test_one_of_five_pictures_is_drawn_then_the_row_then_the_column(
    tmp_path: Path, pictures: list[Images]
) -> None:
    drawn = set()
    for seed in range(40):
        rng = np.random.RandomState(seed)
        number = rng.randint(5)
        top, left = rng.randint(SIZES[number][0] - 8), rng.randint(SIZES[number][1] - 8)
        drawn.add(number)

        result = frost(BLACK, (1, 1, 1), [np.random.RandomState(seed)], tmp_path)

        piece = pictures[number][top : top + 8, left : left + 8]
        np.testing.assert_array_equal(result[0], piece)
    assert drawn == set(range(5))


def test_every_image_of_a_batch_has_its_own_crop(tmp_path: Path, pictures: list[Images]) -> None:
    rngs = [Dictated().dictate(0, 1, 2), Dictated().dictate(3, 4, 5)]

    result = frost(BLACK.repeat(2, axis=0), (1, 1, 1), rngs, tmp_path)

    np.testing.assert_array_equal(result[0], pictures[0][1:9, 2:10])
    np.testing.assert_array_equal(result[1], pictures[3][4:12, 5:13])


@pytest.mark.usefixtures("pictures")
@pytest.mark.parametrize("size", [(100, 80), (39, 30), (40, 60), (3, 190), (1, 1)])
def test_textures_grow_by_the_smallest_factor_that_leaves_a_choice_of_crops(
    size: tuple[int, int], tmp_path: Path
) -> None:
    for number, published in enumerate(SIZES[:DRAWN]):
        rows, columns, _ = texture(tmp_path / "frost", number, 1, size).shape

        assert rows > size[0]
        assert columns > size[1]
        grown = (rows, columns) != published
        assert grown == (published[0] <= size[0] or published[1] <= size[1])
        assert not grown or rows == size[0] + 1 or columns == size[1] + 1
    images = np.zeros((1, *size, 3), dtype=np.uint8)
    result = frost(images, (1, 1, 1), [np.random.RandomState(0)], tmp_path)
    assert result.shape == images.shape
    assert result.any()


def test_a_texture_is_scaled_bilinearly(tmp_path: Path, pictures: list[Images]) -> None:
    # At half the size every pixel is the mean of four.
    blocks = pictures[0].reshape(20, 2, 30, 2, 3).mean(axis=(1, 3))

    half = texture(tmp_path / "frost", 0, 0.5, (8, 8))

    np.testing.assert_allclose(half, blocks, atol=0.51)


@pytest.mark.usefixtures("pictures")
def test_a_texture_is_read_once_and_scaled_once_for_all_sizes_of_images(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    half = texture(tmp_path / "frost", 0, 0.5, (8, 8))

    monkeypatch.setattr(cv2, "imread", lambda *_: pytest.fail("the file was read again"))

    assert texture(tmp_path / "frost", 0, 0.5, (3, 9)) is half
    whole = texture(tmp_path / "frost", 0, 1, (3, 9))
    assert whole.shape == (40, 60, 3)
    assert not half.flags.writeable
    assert not whole.flags.writeable


@pytest.mark.usefixtures("pictures")
def test_textures_that_go_after_the_check_are_reported(tmp_path: Path) -> None:
    check_textures(tmp_path / "frost")
    shutil.rmtree(tmp_path / "frost")

    with pytest.raises(MissingAssetsError, match="have gone"):
        frost(GREY, (1, 0.2, 0.2), [Dictated().dictate(0, 0, 0)], tmp_path)


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
