"""Labelled sets of picture files: labels, masks, limits, and what is refused."""

import pickle
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from torchvision import transforms

from robench.datasets import DATASETS, open_cell
from robench.datasets.class_lists import class_mask, wnids
from robench.datasets.folders import labelled_files, spread
from robench.errors import InputError
from robench.types import Cell, Preprocess


def put(root: Path, *names: str, size: tuple[int, int] = (300, 260)) -> Path:
    """Pictures of noise, each of its own."""
    for number, name in enumerate(names):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        coarse = np.random.default_rng(number).integers(0, 256, (6, 6, 3), np.uint8)
        Image.fromarray(coarse).resize(size).save(root / name)
    return root


@pytest.mark.parametrize(
    ("count", "limit", "chosen"),
    [
        (5, None, [0, 1, 2, 3, 4]),
        (5, 9, [0, 1, 2, 3, 4]),
        (10, 3, [0, 3, 6]),
        (7, 2, [0, 3]),
        (7, 1, [0]),
    ],
)
def test_a_limit_takes_evenly_spread_files(
    count: int, limit: int | None, chosen: list[int]
) -> None:
    assert spread(count, limit).tolist() == chosen


def test_a_limit_of_one_in_fifty_takes_one_file_of_each_class() -> None:
    assert np.array_equal(spread(50_000, 1000) // 50, np.arange(1000))


def test_pixels_are_those_of_torchvision_and_labels_those_of_the_wnids(tmp_path: Path) -> None:
    names = [f"{wnids()[index]}/{number}.JPEG" for index in (999, 3) for number in range(2)]
    root = put(tmp_path / "imagenet" / "val", *names)

    source = open_cell(Cell("imagenet"), tmp_path)

    reference = transforms.Compose([transforms.Resize(256), transforms.CenterCrop(224)])
    expected = [np.asarray(reference(Image.open(root / name))) for name in sorted(names)]
    np.testing.assert_array_equal(source.block(0, 4), np.stack(expected))
    assert source.labels.tolist() == [3, 3, 999, 999]
    assert source.preprocess is None
    assert (source.size, source.n_expected, source.work) == (4, 50_000, "heavy")
    assert (source.source["kind"], source.source["images"]) == ("files", 4)


@pytest.mark.parametrize("variant", ["", "-threshold0.7", "-top-images"])
def test_the_label_of_v2_is_the_number_of_its_folder(variant: str, tmp_path: Path) -> None:
    entry = DATASETS[f"imagenet-v2{variant}"]
    numbers = (0, 2, 10, 100, 11, 999)
    put(tmp_path / (entry.folder or ""), *(f"{number}/{number}.jpeg" for number in numbers))

    source = open_cell(Cell(entry.name), tmp_path)

    assert source.labels.tolist() == [0, 10, 100, 11, 2, 999]
    assert source.n_expected == 10_000


@pytest.mark.parametrize("name", ["imagenet-r", "imagenet-a"])
def test_labels_are_positions_among_the_classes_of_the_mask(name: str, tmp_path: Path) -> None:
    mask = class_mask(name)
    put(tmp_path / name, *(f"{mask.names[place]}/a.jpg" for place in (0, 7, 199)))

    source = open_cell(Cell(name), tmp_path)

    assert source.labels.tolist() == [0, 7, 199]
    for place, label in zip((0, 7, 199), source.labels, strict=True):
        logits = np.zeros((1, 1000), np.float32)
        logits[0, wnids().index(mask.names[place])] = 1
        assert mask.apply(logits).argmax() == label


def test_a_class_that_the_mask_lacks_tells_of_another_set(tmp_path: Path) -> None:
    put(tmp_path / "imagenet-a", f"{class_mask('imagenet-a').names[0]}/a.jpg", "n01440764/b.jpg")

    with pytest.raises(InputError, match=r"1 of 2 class folders are none of the 200.*n01440764"):
        open_cell(Cell("imagenet-a"), tmp_path)


def test_classes_of_objectnet_that_imagenet_lacks_are_left_out(tmp_path: Path) -> None:
    put(tmp_path / "objectnet-1.0" / "images", "air_freshener/a.png", "chair/b.png", "wok/c.png")

    listing, labels = labelled_files(DATASETS["objectnet"], tmp_path)

    names = class_mask("objectnet").names
    assert listing.paths == ("chair/b.png", "wok/c.png")
    assert labels.tolist() == [names.index("chair"), names.index("wok")]
    assert open_cell(Cell("objectnet"), tmp_path).n_expected == 18_574


def test_objectnet_without_a_class_of_imagenet_is_refused(tmp_path: Path) -> None:
    put(tmp_path / "objectnet-1.0" / "images", "air_freshener/a.png")

    with pytest.raises(InputError, match="none of its 1 class folders is one of the 113"):
        open_cell(Cell("objectnet"), tmp_path)


def test_pictures_of_objectnet_lose_their_border_first(tmp_path: Path) -> None:
    root = put(tmp_path / "objectnet-1.0" / "images", "chair/a.png")
    picture = np.array(Image.open(root / "chair" / "a.png"))
    picture[[0, 1, -2, -1]] = picture[:, [0, 1, -2, -1]] = (255, 0, 0)
    Image.fromarray(picture).save(root / "chair" / "a.png")

    reference = transforms.Compose([transforms.Resize(256), transforms.CenterCrop(224)])
    expected = np.asarray(reference(Image.fromarray(picture[2:-2, 2:-2])))
    source = open_cell(Cell("objectnet"), tmp_path)

    np.testing.assert_array_equal(source.block(0, 1)[0], expected)


def test_a_picture_that_is_all_border_is_named(tmp_path: Path) -> None:
    put(tmp_path / "objectnet-1.0" / "images", "chair/a.png", "chair/b.png", size=(4, 3))

    for place, name in enumerate(("a.png", "b.png")):
        with pytest.raises(InputError, match=f"Cannot read the picture .*{name}"):
            open_cell(Cell("objectnet"), tmp_path).block(place, place + 1)


def test_anomalies_have_no_labels_but_must_be_of_their_classes(tmp_path: Path) -> None:
    root = put(tmp_path / "imagenet-o", f"{class_mask('imagenet-o').names[5]}/a.jpg")
    source = open_cell(Cell("imagenet-o", against="imagenet"), tmp_path)
    assert source.labels.tolist() == [-1]

    put(root, "n01440764/b.jpg")
    with pytest.raises(InputError, match="n01440764"):
        open_cell(Cell("imagenet-o", against="imagenet"), tmp_path)


def test_the_edits_of_imagenet_e_are_cells_of_their_own(tmp_path: Path) -> None:
    put(tmp_path / "imagenet-e", "full/n01440764/a.jpg", "background/n01443537/a.jpg")

    for edit, label in (("full", 0), ("background", 1)):
        assert open_cell(Cell("imagenet-e", edit), tmp_path).labels.tolist() == [label]
    with pytest.raises(InputError, match=r"No folder .*texture"):
        open_cell(Cell("imagenet-e", "texture"), tmp_path)


def test_the_reader_names_a_damaged_picture_and_goes_through_pickle(tmp_path: Path) -> None:
    root = put(tmp_path / "imagenet-sketch" / "sketch", *(f"n01440764/{n}.JPEG" for n in range(3)))
    source = open_cell(Cell("imagenet-sketch"), tmp_path)
    again = pickle.loads(pickle.dumps(source.read))
    np.testing.assert_array_equal(again(1, 3), source.block(0, 3)[1:])

    (root / "n01440764" / "1.JPEG").write_bytes(b"")
    with pytest.raises(InputError, match=r"n01440764/1\.JPEG"):
        source.block(0, 3)


def test_a_network_that_brings_its_way_changes_pixels_and_passport(tmp_path: Path) -> None:
    put(tmp_path / "imagenet" / "val", "n01440764/a.JPEG")
    own = Preprocess(248, 240, "bicubic")

    source = open_cell(Cell("imagenet"), tmp_path, preprocess=own)

    assert source.block(0, 1).shape == (1, 240, 240, 3)
    assert source.preprocess == "resize 248 bicubic, centre crop 240"


def test_a_missing_set_says_where_it_was_looked_for_and_what_gets_it(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"expected imagenet-r/, ImageNet-R/.*data get imagenet-r"):
        open_cell(Cell("imagenet-r"), tmp_path)


def test_stored_pictures_of_two_sizes_are_named(tmp_path: Path) -> None:
    root = put(tmp_path / "set", "cat/a.png", size=(8, 8))
    put(root, "dog/b.png", size=(9, 8))
    entry = replace(DATASETS["imagenet"], name="folder:set", folder=str(root), classes=2)
    entry = replace(entry, preprocess="as stored", outputs=0)

    source = open_cell(Cell("folder:set"), tmp_path, own=(entry,))

    with pytest.raises(InputError, match=r"cat/a\.png and dog/b\.png differ in size, 8x8 and 9x8"):
        source.block(0, 2)
