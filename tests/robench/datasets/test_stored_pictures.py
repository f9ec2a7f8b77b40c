"""Stored pictures are read at their own size, which must be the published one or larger."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from robench.datasets import DATASETS
from robench.datasets.stored_pictures import fitted, shared, stored_size
from robench.errors import InputError
from robench.types import Preprocess

C, LITE = DATASETS["imagenet-c"], DATASETS["imagenet-c-lite"]


@pytest.mark.parametrize("content", [b"", b"<html>404</html>"])
def test_a_first_picture_that_is_none_is_named(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "first.JPEG").write_bytes(content)

    with pytest.raises(InputError, match=r"Cannot read the picture .*first\.JPEG"):
        stored_size(tmp_path / "first.JPEG")
    with pytest.raises(InputError, match=r"gone\.JPEG"):
        stored_size(tmp_path / "gone.JPEG")


def test_a_bomb_is_named_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Image.new("RGB", (300, 300)).save(tmp_path / "bomb.png")
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1000)

    with pytest.raises(InputError, match=r"bomb\.png: Image size"):
        stored_size(tmp_path / "bomb.png")


def test_the_size_is_width_and_height(tmp_path: Path) -> None:
    Image.new("RGB", (256, 224)).save(tmp_path / "x.png")

    assert stored_size(tmp_path / "x.png") == (256, 224)


@pytest.mark.parametrize("size", [(223, 300), (300, 64)])
def test_smaller_pictures_are_not_padded(size: tuple[int, int], tmp_path: Path) -> None:
    Image.new("RGB", size).save(tmp_path / "x.png")

    with pytest.raises(InputError, match=f"expected 224x224 pixels, got {size[0]}x{size[1]}"):
        stored_size(tmp_path / "x.png")


@pytest.mark.parametrize(
    "own", [None, Preprocess(248, 224, "bicubic", fixed=True), Preprocess(331, 299)]
)
def test_what_a_network_would_like_changes_nothing(own: Preprocess | None) -> None:
    given = Image.fromarray(np.random.default_rng(0).integers(0, 256, (224, 224, 3), np.uint8))

    way, changed = fitted(C, own)

    assert changed is None
    np.testing.assert_array_equal(way(given), np.asarray(given))
    assert fitted(LITE, own)[0].id == "resize 256 bilinear, centre crop 224"


def test_a_network_that_takes_no_other_size_gets_it_after_the_declared_way() -> None:
    own = Preprocess(384, 384, "bicubic", fixed=True)

    assert fitted(C, own)[1] == "centre crop 224, resize 384x384 bicubic"
    assert fitted(LITE, own)[1] == ("resize 256 bilinear, centre crop 224, resize 384x384 bicubic")
    assert fitted(C, own)[0](Image.new("RGB", (224, 224))).shape == (384, 384, 3)


def test_equal_lists_of_names_are_held_once() -> None:
    first, second = (tuple(f"a/{number}" for number in range(3)) for _ in range(2))

    assert first is not second
    assert shared(first) is shared(second)
