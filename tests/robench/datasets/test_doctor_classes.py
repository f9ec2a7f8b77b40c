"""Class folders: which set they are, what is missing, and what mends it."""

import shlex
from pathlib import Path

import pytest
from doctor_trees import Trees, fault, notes, only, sections

from robench.datasets.class_lists import class_mask, unmapped, wnids
from robench.datasets.doctor.examine import examine
from robench.errors import InputError


@pytest.fixture
def trees(tmp_path: Path) -> Trees:
    return Trees(tmp_path)


@pytest.mark.parametrize("name", ["imagenet-r", "imagenet-a", "imagenet-o"])
def test_a_set_of_200_classes_is_known_by_exactly_these_classes(trees: Trees, name: str) -> None:
    section = only(trees.classes("some", class_mask(name).names))

    assert section.sets == (name,)
    assert dict(section.facts)["classes"] == "200 of 200"
    assert "ln -s" in section.use
    assert section.use.count(name) == 1


def test_a_missing_class_is_named_and_the_set_still_known(trees: Trees) -> None:
    names = class_mask("imagenet-r").names

    section = only(trees.classes("some", names[1:]))

    assert section.sets == ("imagenet-r",)
    finding = fault(section, "1 of 200 classes", names[0])
    assert "robench data get imagenet-r" in finding.remedy


def test_a_folder_called_as_another_set_is_a_fault_with_the_command_that_renames(
    trees: Trees,
) -> None:
    folder = trees.classes("imagenet-a", class_mask("imagenet-r").names)

    section = only(folder)

    assert section.sets == ("imagenet-r",)
    finding = fault(section, "called as imagenet-a", "classes of imagenet-r")
    assert finding.remedy == f"mv {folder} {folder.parent / 'imagenet-r'}"


def test_the_command_that_renames_is_safe_with_blanks_and_moves_into_no_folder(
    trees: Trees,
) -> None:
    folder = trees.classes("my sets/imagenet-a", class_mask("imagenet-r").names)

    command = fault(only(folder), "called as imagenet-a").remedy
    assert shlex.split(command) == ["mv", str(folder), str(folder.parent / "imagenet-r")]

    (folder.parent / "imagenet-r").mkdir()
    assert "mv" not in fault(only(folder), "called as imagenet-a").remedy


def test_a_few_classes_that_several_sets_share_are_ambiguous(trees: Trees) -> None:
    shared = [wnids()[index] for index in (79, 90, 107, 327)]

    section = only(trees.classes("some", shared))

    assert section.sets == ("imagenet-r", "imagenet-a", "imagenet-o")
    assert "imagenet-o" in fault(section, "neither classes nor file names tell").remedy
    assert "--suite folder:" in section.use


def test_the_folder_name_decides_between_sets_of_the_same_classes(trees: Trees) -> None:
    section = only(trees.classes("data/stylized-imagenet/val", wnids()))

    assert section.sets == ("stylized-imagenet",)
    assert section.use == f"--data-dir {trees.root / 'data'}"
    assert "1,000 classes" in fault(section, "fewer than 50").what


def test_names_of_files_tell_the_validation_pictures(trees: Trees) -> None:
    section = only(trees.classes("some", wnids()[:600], pattern="ILSVRC2012_val_{:08d}.JPEG"))

    assert section.sets == ("imagenet",)
    assert dict(section.facts)["told"] == "by its file names"
    assert "400 of 1,000 classes" in fault(section, "400").what


def test_training_pictures_are_no_set_to_measure_on(trees: Trees) -> None:
    for name in wnids()[:3]:
        trees.classes("train", [name], 60, name + "_{}.JPEG")

    section = only(trees.root / "train")

    assert section.sets == ("imagenet (training pictures)",)
    assert "n01440764.tar" in fault(section, "997 of 1,000").remedy


def test_a_class_with_too_few_pictures_is_named(trees: Trees) -> None:
    trees.classes("imagenet/val", wnids()[:2], 50, "ILSVRC2012_val_{:08d}.JPEG")
    (trees.root / "imagenet/val" / wnids()[1] / "ILSVRC2012_val_00000049.JPEG").unlink()

    section = only(trees.root / "imagenet/val")

    fault(section, "fewer than 50 images in 1 class", f"{wnids()[1]} (49)")
    assert "49 / 49.5 / 50" in dict(section.facts)["images"]


def test_a_complete_imagenet_v2_is_sound_and_warns_of_the_order_of_its_folders(
    trees: Trees,
) -> None:
    folder = trees.classes("imagenetv2-threshold0.7-format-val", map(str, range(1000)), 10)

    section = only(folder)

    assert section.sets == ("imagenet-v2-threshold0.7",)
    assert not section.faults
    assert (section.found, section.expected) == (10_000, 10_000)
    assert "sort as words" in notes(section)
    assert section.use == f"--data-dir {trees.root}"
    (folder / "17" / "x_3.jpg").unlink()
    fault(only(folder), "fewer than 10", "17 (9)")


def test_a_variant_of_v2_that_the_name_does_not_tell_is_left_open(trees: Trees) -> None:
    section = only(trees.classes("v2", ["2", "10", "999"], 10))

    assert len(section.sets) == 3
    assert "cannot be told" in notes(section)
    fault(section, "997 of 1,000 classes: 0, 1, 3")


def test_objectnet_is_known_with_capitals_and_blanks_and_counts_mapped_classes(
    trees: Trees,
) -> None:
    mapped = class_mask("objectnet").names
    spelled = [name.replace("_", " ").title() for name in mapped[:-1]]
    other = sorted(unmapped())[:5]

    section = only(trees.classes("photos", [*spelled, *other], pattern="{}.png"))

    assert section.sets == ("objectnet",)
    assert dict(section.facts)["classes"] == "112 of 113"
    assert section.found == 112
    assert mapped[-1] in fault(section, "1 of 113 classes").what
    assert "5 of 200 classes that ImageNet does not have" in notes(section)
    assert "capitals or blanks" in notes(section)


def test_edits_of_imagenet_e_are_known_and_the_short_one_is_named(trees: Trees) -> None:
    for edit, files in (("full", 3), ("background_20", 3), ("size_0.5", 2)):
        trees.classes(f"edits/{edit}", wnids()[:2], files)

    section = only(trees.root / "edits")

    assert section.sets == ("imagenet-e",)
    assert dict(section.facts)["edits"] == "3: background_20, full, size_0.5"
    assert "imagenet-e" in fault(section, "fewer images than 6", "size_0.5 (4)").remedy


def test_a_folder_of_none_of_the_classes_must_be_moved_out(trees: Trees) -> None:
    names = class_mask("imagenet-o").names
    folder = trees.classes("some", [*names, "more"])

    section = only(folder)

    assert section.sets == ("imagenet-o",)
    finding = fault(section, "1 folder of pictures is no class of imagenet-o: more")
    assert finding.kind == "damaged"
    assert str(folder) in finding.remedy


def test_names_of_ones_own_make_an_own_set_with_the_command_that_measures_it(
    trees: Trees,
) -> None:
    trees.classes("pets", ["cat", "dog"], 3)
    folder = trees.classes("pets", ["hamster"], 1)

    section = only(folder)

    assert section.sets == ()
    assert not section.faults
    assert section.use == f"robench eval CKPT --suite folder:{folder}"
    facts = dict(section.facts)
    assert facts["classes"] == "3"
    assert "1 / 3 / 3" in facts["images"]


def test_ten_numbered_classes_are_somebodys_own_and_no_part_of_v2(trees: Trees) -> None:
    section = only(trees.classes("mine", map(str, range(12)), 2))

    assert section.sets == ()
    assert "order of words" in notes(section)


def test_an_empty_class_folder_of_an_own_set_is_a_fault(trees: Trees) -> None:
    folder = trees.classes("pets", ["cat", "dog"])
    (folder / "bird").mkdir()

    assert "delete them" in fault(only(folder), "1 folder without pictures: bird").remedy


def test_damaged_pictures_are_named_by_their_damage(trees: Trees) -> None:
    folder = trees.classes("pets", ["cat", "dog"], 3)
    sound = (folder / "cat" / "x_0.jpg").read_bytes()
    (folder / "cat" / "empty.jpg").write_bytes(b"")
    (folder / "cat" / "cut.jpg").write_bytes(sound[: len(sound) // 2])
    (folder / "dog" / "text.png").write_text("<html>404</html>")
    (folder / "dog" / "gone.jpg").symlink_to(folder / "nowhere.jpg")
    (folder / "dog" / "list.txt").write_text("x")

    section = only(folder)

    assert "cat/empty.jpg" in fault(section, "1 picture of zero bytes").what
    broken = fault(section, "2 pictures cannot be decoded").what
    assert "cat/cut.jpg" in broken
    assert "dog/text.png" in broken
    assert "dog/gone.jpg" in fault(section, "1 link to files that are gone").what
    assert "dog/list.txt" in notes(section)


def test_flat_validation_pictures_lack_their_labels(trees: Trees, tmp_path: Path) -> None:
    for number in range(1, 4):
        trees.picture(f"flat/ILSVRC2012_val_{number:08d}.JPEG")

    section = only(trees.root / "flat", tmp_path / "data")

    assert section.sets == ("imagenet",)
    remedy = fault(section, "no class folders", "labels are missing").remedy
    assert "validation_ground_truth" in remedy
    assert str(tmp_path / "data" / "imagenet" / "val") in remedy
    fault(section, "3 pictures, expected 50,000")


def test_one_class_folder_is_sent_to_its_parent(trees: Trees) -> None:
    folder = trees.classes("val", [wnids()[3]]) / wnids()[3]

    assert fault(only(folder), "this is one class").remedy.endswith(str(trees.root / "val"))


def test_several_sets_get_a_section_each(trees: Trees) -> None:
    trees.classes("all/imagenet-r", class_mask("imagenet-r").names)
    trees.classes("all/deep/inside/a", class_mask("imagenet-a").names)
    trees.classes("all/pets", ["cat", "dog"])
    trees.picture("all/loose/one.jpg")

    found = sections(trees.root / "all")

    assert {place: one.sets for place, one in found.items()} == {
        "imagenet-r": ("imagenet-r",),
        "deep/inside/a": ("imagenet-a",),
        "pets": (),
        "loose": (),
    }
    assert not found["loose"].faults


def test_what_is_not_known_is_refused_with_the_known_layouts(trees: Trees, tmp_path: Path) -> None:
    trees.picture("loose/one.jpg")

    with pytest.raises(InputError, match=r"one\.jpg.*folder for each class(.|\n)*blur\.tar"):
        examine(tmp_path / "loose", tmp_path)
    with pytest.raises(InputError, match="There is no folder"):
        examine(tmp_path / "absent", tmp_path)
