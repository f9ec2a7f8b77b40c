"""Corrupted and perturbed sets of pictures: cells, spellings, and what is missing of them."""

import shutil
from pathlib import Path

import pytest
from doctor_trees import Trees, fault, notes, only, sections

from corruptions import GROUPS, load
from robench.datasets import DATASETS
from robench.datasets.class_lists import wnids
from robench.datasets.doctor.members import core

NAMES = core(DATASETS["imagenet-c"])
WNIDS = wnids()[:2]


@pytest.fixture
def trees(tmp_path: Path) -> Trees:
    return Trees(tmp_path)


def official(trees: Trees, folder: str = "set", pattern: str = "{}/{}") -> Path:
    """The 15 corruptions at five severities, two classes of one picture each."""
    for name in NAMES:
        for level in range(1, 6):
            trees.cell(f"{folder}/{pattern.format(name, level)}", WNIDS)
    return trees.root / folder


def test_all_cells_of_imagenet_c_are_found_whatever_the_folder_is_called(trees: Trees) -> None:
    section = only(official(trees))

    assert section.sets == ("imagenet-c",)
    assert dict(section.facts)["cells"].startswith("75 of 75")
    assert "4 extra ones absent" in notes(section)
    assert "not part of mCE" in notes(section)
    assert "ln -s" in section.use
    fault(section, "most cells hold 2 images in 2 classes, expected 50,000")
    assert len(section.faults) == 1


def test_extra_corruptions_are_named_as_no_part_of_mce(trees: Trees) -> None:
    folder = official(trees, "imagenet-c")
    for name in GROUPS["extra"]:
        for level in range(1, 6):
            trees.cell(f"imagenet-c/{name}/{level}", WNIDS)

    section = only(folder)

    assert "saturate (not part of mCE)" in dict(section.facts)["extra"]
    assert dict(section.facts)["cells"].startswith("75 of 75")
    assert section.use == f"--data-dir {trees.root}"


def test_missing_corruptions_and_severities_are_named_with_their_archive(trees: Trees) -> None:
    folder = official(trees)
    shutil.rmtree(folder / "fog")
    shutil.rmtree(folder / "contrast" / "2")
    shutil.rmtree(folder / "contrast" / "5")

    section = only(folder)

    assert "--from weather.tar" in fault(section, "1 of the 15 corruptions of mCE: fog").remedy
    assert "--from digital.tar" in fault(section, "contrast lacks severities 2, 5").remedy
    assert dict(section.facts)["cells"].startswith("68 of 75; 13 of 15")


def test_a_cell_with_fewer_pictures_than_the_others_is_named_with_the_class(trees: Trees) -> None:
    folder = official(trees)
    shutil.rmtree(folder / "snow" / "3" / WNIDS[1])

    finding = fault(only(folder), "snow/3 has 1 images, most cells have 2")

    assert WNIDS[1] in finding.what
    assert "weather.tar" in finding.remedy


@pytest.mark.parametrize(
    ("place", "word"),
    [("{1}/{0}/{2}", "folders of groups"), ("{0}_{2}", "<corruption>_<severity>")],
)
def test_other_layouts_of_the_same_cells_are_recognised(
    trees: Trees, place: str, word: str
) -> None:
    groups = {name: group for group, names in GROUPS.items() for name in names}
    for name in NAMES:
        for level in range(1, 6):
            trees.cell("set/" + place.format(name, groups[name], level), WNIDS)

    section = only(trees.root / "set")

    assert word in section.layout
    assert dict(section.facts)["cells"].startswith("75 of 75")


def test_spellings_of_tfds_are_recognised_and_count_as_the_corruptions(trees: Trees) -> None:
    other = {"glass_blur": "frosted_glass_blur", "elastic_transform": "elastic"}
    for name in NAMES:
        for level in range(1, 6):
            trees.cell(f"imagenet2012_corrupted/{other.get(name, name)}_{level}", WNIDS)

    section = only(trees.root / "imagenet2012_corrupted")

    assert "spelled as in TFDS" in section.layout
    assert dict(section.facts)["cells"].startswith("75 of 75")
    assert section.use == f"--data-dir {trees.root}"


def test_c_bar_is_known_by_its_magnitudes(trees: Trees) -> None:
    names = core(DATASETS["imagenet-c-bar"])
    for name in names:
        for magnitude in load(name).severities["imagenet"]:
            trees.cell(f"set/{name}/{float(magnitude)}", WNIDS)
    first = load(names[0]).severities["imagenet"][0]
    shutil.rmtree(trees.root / "set" / names[0] / str(float(first)))

    section = only(trees.root / "set")

    assert section.sets == ("imagenet-c-bar",)
    assert "magnitudes" in section.layout
    fault(section, f"{names[0]} lacks severity 1")
    assert dict(section.facts)["cells"].startswith("49 of 50")


def test_pictures_of_another_size_are_no_imagenet_c(trees: Trees) -> None:
    for name in NAMES[:2]:
        trees.cell(f"set/{name}/1", WNIDS, side=64)

    section = only(trees.root / "set")

    assert section.sets == ()
    fault(section, "pictures of 64x64 pixels, where imagenet-c has 224x224")


def test_a_picture_that_cannot_be_decoded_is_named(trees: Trees) -> None:
    folder = official(trees)
    name = "ILSVRC2012_val_00000000.JPEG"
    path = folder / "fog" / "4" / WNIDS[0] / name
    path.unlink()
    path.write_bytes(b"\xff\xd8 cut off")

    fault(only(folder), "1 picture cannot be decoded", f"fog/4/{WNIDS[0]}/{name}")


def test_one_corruption_is_sent_to_its_parent(trees: Trees) -> None:
    folder = official(trees)

    finding = fault(only(folder / "fog"), "this is one corruption", "1, 2, 3, 4, 5")

    assert finding.remedy == f"robench data check {folder}"


def test_a_damaged_manifest_is_a_fault_and_hides_no_other_set(trees: Trees) -> None:
    trees.cell("all/imagenet-c/fog/1", WNIDS)
    (trees.root / "all/imagenet-c/manifest.json").write_text("{")
    trees.classes("all/pets", ["cat", "dog"])

    found = sections(trees.root / "all")

    fault(found["imagenet-c"], "Cannot read", "manifest.json")
    assert not found["pets"].faults


def films(trees: Trees, names: tuple[str, ...], wnid: str = WNIDS[0]) -> Path:
    for name in names:
        path = trees.root / "set" / name / wnid / "ILSVRC2012_val_00000001.mp4"
        path.parent.mkdir(parents=True)
        path.write_bytes(b"film")
    return trees.root / "set"


def test_videos_make_imagenet_p_and_a_missing_perturbation_is_named(trees: Trees) -> None:
    section = only(films(trees, core(DATASETS["imagenet-p"])[:-1]))

    assert section.sets == ("imagenet-p",)
    assert dict(section.facts)["films"] == "9 of 10 perturbations"
    assert "videos" in section.layout
    finding = fault(section, "1 of the 10 perturbations", "scale")
    assert "robench data get imagenet-p --from digital.tar" in finding.remedy
    fault(section, "1 sequence, expected 50,000")


def test_folders_of_frames_make_imagenet_p(trees: Trees) -> None:
    trees.picture(f"set/tilt/{WNIDS[0]}/film/frame_00.png", 224)
    trees.picture(f"set/rotate/{WNIDS[0]}/film/frame_00.png", 224)

    section = only(trees.root / "set")

    assert section.sets == ("imagenet-p",)
    assert "folders of frames" in section.layout
    assert dict(section.facts)["films"] == "2 of 10 perturbations"
