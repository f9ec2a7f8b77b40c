"""Where folders of pictures are found, how they are listed, and what their names mean."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image
from torchvision.datasets import ImageFolder

from robench.datasets import DATASETS
from robench.datasets.class_lists import class_mask, unmapped, wnids
from robench.datasets.layouts import (
    find_root,
    has_classes,
    imagenet_classes,
    list_classes,
    naming,
    objectnet_classes,
)
from robench.errors import InputError


def put(root: Path, *names: str) -> Path:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (4, 4)).save(root / name)
    return root


def test_files_and_classes_come_in_the_order_of_torchvision(tmp_path: Path) -> None:
    put(
        tmp_path, "10/b.png", "10/B.PNG", "2/a.JPEG", "ä/ü.webp", "Z/10.jpg", "Z/9.jpg", "a b/x.ppm"
    )

    listing, theirs = list_classes(tmp_path), ImageFolder(tmp_path)

    assert list(listing.folders) == theirs.classes
    assert [str(tmp_path / path) for path in listing.paths] == [path for path, _ in theirs.samples]
    assert listing.per_file(range(len(listing.folders))).tolist() == theirs.targets
    assert listing.sizes == tuple((tmp_path / path).stat().st_size for path in listing.paths)


def test_only_pictures_in_class_folders_count(tmp_path: Path) -> None:
    put(tmp_path, "cat/a.png", "cat/.hidden.png", ".cache/b.png", "outside.png", "dog/deep/c.png")
    (tmp_path / "cat" / "notes.txt").touch()
    (tmp_path / "cat" / "folder.png").mkdir()
    (tmp_path / "empty").mkdir()

    assert list_classes(tmp_path).paths == ("cat/a.png",)
    assert list_classes(tmp_path).folders == ("cat",)


def test_linked_folders_and_files_are_followed(tmp_path: Path) -> None:
    put(tmp_path, "store/x/a.png", "store/blob.png")
    root = tmp_path / "set"
    (root / "other").mkdir(parents=True)
    (root / "linked").symlink_to(tmp_path / "store" / "x")
    (root / "other" / "b.png").symlink_to(tmp_path / "store" / "blob.png")

    assert list_classes(root).paths == ("linked/a.png", "other/b.png")
    assert min(list_classes(root).sizes) > 0


def test_a_link_to_a_picture_that_is_gone_is_named(tmp_path: Path) -> None:
    put(tmp_path, "cat/a.png")
    (tmp_path / "cat" / "b.png").symlink_to(tmp_path / "gone.png")

    with pytest.raises(InputError, match=r"cat/b\.png: No such file"):
        list_classes(tmp_path)


def test_a_folder_without_class_folders_is_refused(tmp_path: Path) -> None:
    put(tmp_path, "a.png")

    with pytest.raises(InputError, match=r"expected class folders with pictures .*got none"):
        list_classes(tmp_path)
    with pytest.raises(InputError, match="No folder"):
        list_classes(tmp_path / "nowhere")


def test_a_listing_is_renewed_when_a_file_comes_or_goes(tmp_path: Path) -> None:
    put(tmp_path, "cat/a.png", "dog/b.png")
    before = list_classes(tmp_path)
    put(tmp_path, "dog/c.png")
    more = list_classes(tmp_path)
    (tmp_path / "cat" / "a.png").unlink()

    assert (len(before.paths), len(more.paths)) == (2, 3)
    assert list_classes(tmp_path).paths == ("dog/b.png", "dog/c.png")


def test_the_hash_of_a_listing_changes_with_a_name_and_with_a_size(tmp_path: Path) -> None:
    first = list_classes(put(tmp_path / "1", "cat/a.png", "dog/b.png"))
    same = list_classes(put(tmp_path / "2", "cat/a.png", "dog/b.png"))
    renamed = list_classes(put(tmp_path / "3", "cat/a.png", "dog/c.png"))
    (tmp_path / "2" / "cat" / "a.png").write_bytes(b"longer")
    shutil.copytree(tmp_path / "2", tmp_path / "4")

    assert first.sha256 == same.sha256
    assert len({one.sha256 for one in (first, renamed, list_classes(tmp_path / "4"))}) == 3


def test_only_keeps_class_folders_with_their_files(tmp_path: Path) -> None:
    listing = list_classes(put(tmp_path, "a/1.png", "a/2.png", "b/3.png", "c/4.png"))

    kept = listing.only([True, False, True])

    assert (kept.folders, kept.counts) == (("a", "c"), (2, 1))
    assert kept.paths == ("a/1.png", "a/2.png", "c/4.png")
    assert len(kept.sizes) == 3


def test_numbers_are_read_as_numbers_whatever_their_order(tmp_path: Path) -> None:
    put(tmp_path, *(f"{number}/{number}.jpeg" for number in (0, 1, 2, 10, 100, 999)))

    listing = list_classes(tmp_path)

    assert listing.folders == ("0", "1", "10", "100", "2", "999")
    assert imagenet_classes(tmp_path, listing.folders) == [0, 1, 10, 100, 2, 999]


@pytest.mark.parametrize(
    ("folders", "kind"),
    [
        (wnids()[:3], "wnid"),
        (("0", "007", "999"), "integer"),
        (("0", "1000"), "own"),
        (("alarm_clock", "air_freshener"), "objectnet"),
        (("cat", "n01440764"), "own"),
        (("-1", "2"), "own"),
    ],
)
def test_the_names_of_folders_tell_what_they_are(folders: tuple[str, ...], kind: str) -> None:
    assert naming(folders) == kind


def test_names_that_are_no_classes_of_imagenet_are_refused_with_the_way_out(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"got 1 others such as 'cat'.*--suite folder:"):
        imagenet_classes(tmp_path, ("cat", "n01440764"))


def test_classes_of_objectnet_are_known_however_they_are_spelt(tmp_path: Path) -> None:
    names = class_mask("objectnet").names

    found = objectnet_classes(tmp_path, ("Alarm Clock", "t-shirt", "air_freshener"))

    assert found == [names.index("alarm_clock"), names.index("t-shirt"), -1]
    assert objectnet_classes(tmp_path, names) == list(range(113))
    assert set(objectnet_classes(tmp_path, tuple(unmapped()))) == {-1}
    with pytest.raises(InputError, match="none of ObjectNet's 313 classes, such as 'cat'"):
        objectnet_classes(tmp_path, ("alarm_clock", "cat"))


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("imagenet", "imagenet/val"),
        ("imagenet", "val"),
        ("imagenet", "imagenet"),
        ("imagenet-r", "imagenet-r/imagenet-r"),
        ("imagenet-sketch", "imagenet-sketch/sketch"),
        ("imagenet-v2-top-images", "imagenetv2-top-images-format-val"),
        ("imagenet-v2", "imagenet-v2/imagenetv2-matched-frequency-format-val"),
        ("objectnet", "objectnet/objectnet-1.0/images"),
    ],
)
def test_a_set_is_found_in_the_places_in_use(name: str, place: str, tmp_path: Path) -> None:
    assert find_root(DATASETS[name], tmp_path) is None
    put(tmp_path / place, "n01440764/a.png")

    assert find_root(DATASETS[name], tmp_path) == tmp_path / place


def test_an_empty_first_class_folder_hides_nothing(tmp_path: Path) -> None:
    put(tmp_path / "imagenet-a", "n07768694/a.png")
    (tmp_path / "imagenet-a" / "n01498041").mkdir()

    assert find_root(DATASETS["imagenet-a"], tmp_path) == tmp_path / "imagenet-a"
    assert has_classes(tmp_path / "imagenet-a")


def test_training_folders_do_not_pass_for_the_set(tmp_path: Path) -> None:
    put(tmp_path / "imagenet" / "train", "n01440764/a.png")

    assert find_root(DATASETS["imagenet"], tmp_path) is None


def test_edits_are_found_below_a_folder_of_the_same_name_and_past_an_empty_one(
    tmp_path: Path,
) -> None:
    (tmp_path / "imagenet-e").mkdir()
    put(tmp_path / "ImageNet-E" / "imagenet-e", "full/n01440764/a.png")

    found = find_root(DATASETS["imagenet-e"], tmp_path)

    assert found == tmp_path / "ImageNet-E" / "imagenet-e"


def test_a_folder_with_an_address_of_its_own_is_taken_as_it_is(tmp_path: Path) -> None:
    put(tmp_path / "mine", "cat/a.png")
    entry = replace(DATASETS["imagenet"], folder=str(tmp_path / "mine"), aliases=())

    assert find_root(entry, Path("elsewhere")) == tmp_path / "mine"
