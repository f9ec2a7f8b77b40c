"""Pictures are decoded as torchvision does it, and damaged ones are named."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from torchvision.datasets.folder import IMG_EXTENSIONS, default_loader

from robench.datasets.pictures import SUFFIXES, center_crop, cut_border, open_picture, to_array
from robench.errors import InputError


def noise(width: int, height: int, mode: str = "RGB") -> Image.Image:
    values = np.random.default_rng(width * height).integers(0, 256, (height, width, 4), np.uint8)
    return Image.fromarray(values, "RGBA").convert(mode)


def palette() -> Image.Image:
    """256 colours, one of them transparent."""
    picture = noise(40, 30).quantize(64)
    picture.info["transparency"] = 3
    return picture


def turned() -> Image.Image:
    """Its EXIF data ask to turn it by a quarter."""
    picture = noise(40, 30)
    picture.getexif()[0x0112] = 6
    return picture


PICTURES = {
    "grey.jpg": noise(41, 30, "L"),
    "cmyk.jpg": noise(41, 30, "CMYK"),
    "turned.jpg": turned(),
    "alpha.png": noise(41, 30, "RGBA"),
    "grey_alpha.png": noise(41, 30, "LA"),
    "bits.png": noise(41, 30, "L").convert("1"),
    "palette.png": palette(),
    "alpha.webp": noise(41, 30, "RGBA"),
    "cmyk.tif": noise(41, 30, "CMYK"),
    "plain.bmp": noise(41, 30),
    "UPPER.JPEG": noise(41, 30),
}


@pytest.mark.parametrize("name", PICTURES)
@pytest.mark.filterwarnings("ignore:Palette images with Transparency")
def test_every_kind_of_picture_is_decoded_as_torchvision_does(name: str, tmp_path: Path) -> None:
    picture = PICTURES[name]
    picture.save(tmp_path / name, exif=picture.getexif())

    ours, theirs = open_picture(tmp_path / name), default_loader(tmp_path / name)

    assert ours.mode == "RGB"
    np.testing.assert_array_equal(to_array(ours), np.asarray(theirs))


def test_an_orientation_in_the_exif_data_is_not_applied(tmp_path: Path) -> None:
    picture = turned()
    picture.save(tmp_path / "turned.jpg", exif=picture.getexif())

    assert Image.open(tmp_path / "turned.jpg").getexif()[0x0112] == 6
    assert open_picture(tmp_path / "turned.jpg").size == (40, 30)


def test_the_file_names_are_those_of_torchvision() -> None:
    assert set(IMG_EXTENSIONS) == SUFFIXES


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "BMP", "TIFF", "PPM"])
@pytest.mark.parametrize("part", [0.0, 0.02, 0.5])
def test_empty_and_truncated_pictures_are_named(kind: str, part: float, tmp_path: Path) -> None:
    whole = io.BytesIO()
    noise(64, 48).save(whole, kind)
    path = tmp_path / "cut.jpg"
    path.write_bytes(whole.getvalue()[: int(part * len(whole.getvalue()))])

    with pytest.raises(InputError, match=r"Cannot read the picture .*cut\.jpg: .*Replace it"):
        open_picture(path)


def test_what_is_no_picture_is_told_without_jargon(tmp_path: Path) -> None:
    path = tmp_path / "page.jpg"
    path.write_text("<html>404</html>")

    with pytest.raises(InputError, match=r"page\.jpg: it is of no format that Pillow knows"):
        open_picture(path)


@pytest.mark.parametrize("mode", ["I;16", "I", "F"])
def test_more_than_eight_bits_are_refused_rather_than_clipped(mode: str, tmp_path: Path) -> None:
    path = tmp_path / ("deep.png" if mode == "I;16" else "deep.tif")
    Image.new(mode, (30, 30)).save(path)

    with pytest.raises(InputError, match=r"deep\..*expected a picture of 8 bits"):
        open_picture(path)


def test_a_decompression_bomb_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    noise(64, 48).save(tmp_path / "bomb.png")
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1000)

    with pytest.raises(InputError, match=r"bomb\.png: Image size \(3072 pixels\) exceeds limit"):
        open_picture(tmp_path / "bomb.png")


@pytest.mark.filterwarnings("ignore")  # Pillow remarks on what is damaged
def test_damage_never_escapes_as_another_error(tmp_path: Path) -> None:
    path, rng, messages = tmp_path / "x.jpg", np.random.default_rng(0), []
    for kind in ("JPEG", "PNG", "TIFF", "BMP"):
        buffer = io.BytesIO()
        noise(40, 30).save(buffer, kind)
        for _ in range(60):
            content = bytearray(buffer.getvalue())
            for place in rng.integers(0, 64, 4):
                content[place] = rng.integers(0, 256)
            path.write_bytes(content)
            try:
                open_picture(path)
            except InputError as error:
                messages.append(str(error))
    assert len(messages) > 60
    assert all("x.jpg" in message for message in messages)


def test_the_odd_pixel_of_a_small_picture_goes_right_and_below() -> None:
    padded = np.asarray(center_crop(Image.new("RGB", (3, 2), (9, 9, 9)), 6, 5))[..., 0]

    assert np.argwhere(padded).min(0).tolist() == [1, 1]  # row, column
    assert np.argwhere(padded).max(0).tolist() == [2, 3]


def test_a_border_is_cut_off_all_sides() -> None:
    values = np.arange(7 * 9 * 3, dtype=np.uint8).reshape(7, 9, 3)

    np.testing.assert_array_equal(
        np.asarray(cut_border(Image.fromarray(values), 2)), values[2:-2, 2:-2]
    )
