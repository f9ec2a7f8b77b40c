"""Arrays, pickles and archives: which set they are, what is missing, and what mends it."""

import io
import shlex
import shutil
import subprocess
import tarfile
from pathlib import Path

import numpy as np
import pytest
from doctor_trees import Trees, fault, notes, only, sections, write_arrays

from corruptions import GROUPS
from robench.datasets import DATASETS, cifar
from robench.datasets.class_lists import wnids
from robench.datasets.doctor.examine import examine
from robench.datasets.doctor.members import core
from robench.datasets.making import Request, make_set

NAMES = (*core(DATASETS["cifar10-c"]), *GROUPS["extra"])


@pytest.mark.parametrize(("classes", "name"), [(10, "cifar10-c"), (100, "cifar100-c")])
def test_19_arrays_are_a_complete_set_told_by_its_labels(
    tmp_path: Path, classes: int, name: str
) -> None:
    section = only(write_arrays(tmp_path / "some", NAMES, 10_000, classes))

    assert section.sets == (name,)
    assert not section.faults
    assert (section.found, section.expected) == (15, 15)
    assert "spatter" in dict(section.facts)["extra"]
    assert str(DATASETS[name].folder) in section.use


def test_each_fault_of_the_arrays_is_named(tmp_path: Path) -> None:
    folder = write_arrays(tmp_path / "CIFAR-10-C", NAMES[:-1], 10_000, 10)
    (folder / "fog.npy").unlink()
    np.lib.format.open_memmap(folder / "frost.npy", "w+", np.uint8, (10_000, 32, 32, 3))
    (folder / "snow.npy").write_bytes(b"cut off")
    labels = np.load(folder / "labels.npy")
    labels[-1] = 0
    np.save(folder / "labels.npy", labels)

    section = only(folder)

    assert section.sets == ("cifar10-c",)
    assert section.use == f"--data-dir {tmp_path}"
    assert "robench data get cifar10-c" in fault(section, "1 of the 15", "fog").remedy
    fault(section, "frost.npy", "expected uint8 with 50,000 rows")
    fault(section, "snow.npy cannot be read")
    fault(section, "labels are not 5 equal blocks")
    assert "1 extra one absent" in notes(section)


def test_arrays_without_labels_lack_them(tmp_path: Path) -> None:
    folder = write_arrays(tmp_path / "some", NAMES, 10_000, 10)
    (folder / "labels.npy").unlink()

    assert fault(only(folder), "labels.npy").kind == "missing"


def test_a_set_of_unknown_size_is_somebodys_own_and_lacks_nothing(tmp_path: Path) -> None:
    section = only(write_arrays(tmp_path / "some", NAMES[:2], 7, 10))

    assert section.sets == ()
    assert not section.faults
    assert section.corrupted


def test_a_set_that_robench_made_lacks_only_what_was_asked_for(tmp_path: Path) -> None:
    request = Request(
        name="digits-c", data_dir=tmp_path, out=tmp_path / "set", only=("contrast", "fog"), limit=3
    )
    folder = make_set(request, jobs=1).folder

    assert not only(folder).faults
    assert "by robench, set digits-c of digits, seed 0" in dict(only(folder).facts)["made"]
    (folder / "fog.npy").unlink()
    finding = fault(only(folder), "listed in manifest.json", "fog.npy")
    assert finding.remedy == f"robench data make digits-c --out {folder}"


def test_pickles_are_held_against_their_md5_and_missing_ones_named(tmp_path: Path) -> None:
    folder = tmp_path / "cifar-10-batches-py"
    folder.mkdir()
    for name in ("data_batch_1", "test_batch"):
        (folder / name).write_bytes(b"other")

    section = only(folder)

    assert section.sets == ("cifar10",)
    assert fault(section, "needed to measure", "batches.meta").remedy.startswith(
        "robench data get cifar10"
    )
    fault(section, "needed to train", "data_batch_2", "data_batch_5")
    fault(section, "test_batch is not the official file", cifar.CIFAR10.test[0][1])


def test_every_noise_of_higher_difficulty_belongs_to_cifar_10_p(tmp_path: Path) -> None:
    folder = tmp_path / "CIFAR-10-P"
    folder.mkdir()
    for name in ("gaussian_noise_2", "speckle_noise_3", "snow"):
        shape = (10_000, 3, 32, 32, 3)
        np.lib.format.open_memmap(folder / f"{name}.npy", "w+", np.uint8, shape)

    section = only(folder)

    assert section.sets == ("cifar10-p",)
    assert "beside the arrays" not in notes(section)
    assert "snow" not in fault(section, "9 of the 10 perturbations").what


def test_cifar_10_1_and_10_2_are_recognised_in_any_folder(tmp_path: Path) -> None:
    folder = tmp_path / "some"
    folder.mkdir()
    np.save(folder / "cifar10.1_v6_data.npy", np.zeros((2000, 32, 32, 3), np.uint8))
    np.save(folder / "cifar10.1_v6_labels.npy", np.zeros(2000, np.int64))
    np.save(folder / "cifar10.1_v4_data.npy", np.zeros((2021, 32, 32, 3), np.uint8))
    images, labels = np.zeros((1990, 32, 32, 3), np.uint8), np.zeros(1990, np.int64)
    np.savez(folder / "cifar102_test.npz", images=images, labels=labels)

    found = {one.sets[0]: one for one in examine(folder, tmp_path).sections}

    assert set(found) == {"cifar10.1", "cifar10.1-v4", "cifar10.2"}
    assert not found["cifar10.1"].faults
    fault(found["cifar10.1-v4"], "cifar10.1_v4_labels.npy")
    assert "get cifar10.2" in fault(found["cifar10.2"], "1,990 images, expected 2,000").remedy


def tar(path: Path, members: dict[str, bytes]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(path, "w") as pack:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            pack.addfile(info, io.BytesIO(content))
    return path


def test_archives_of_imagenet_c_and_p_are_told_apart_by_what_is_in_them(tmp_path: Path) -> None:
    tar(tmp_path / "c" / "blur.tar", {"defocus_blur/1/n01440764/a.JPEG": b"x"})
    tar(tmp_path / "p" / "blur.tar", {"motion_blur/n01440764/a.mp4": b"x"})

    c, p = only(tmp_path / "c"), only(tmp_path / "p")

    assert c.sets == ("imagenet-c",)
    assert p.sets == ("imagenet-p",)
    remedy = fault(c, "blur.tar is not unpacked", "zoom_blur of imagenet-c").remedy
    assert f"robench data get imagenet-c --from {tmp_path / 'c' / 'blur.tar'}" in remedy
    fault(p, "blur.tar is not unpacked", "motion_blur, zoom_blur of imagenet-p")


def test_an_archive_beside_its_folder_is_unpacked_already(tmp_path: Path) -> None:
    trees = Trees(tmp_path)
    for name in GROUPS["weather"]:
        for level in range(1, 6):
            trees.cell(f"imagenet-c/{name}/{level}", wnids()[:1])
    tar(tmp_path / "imagenet-c" / "weather.tar", {"fog/1/n01440764/a.JPEG": b"x"})
    tar(tmp_path / "imagenet-c" / "noise.tar", {"shot_noise/1/n01440764/a.JPEG": b"x"})

    pictures, archives = examine(tmp_path / "imagenet-c", tmp_path).sections

    assert pictures.sets == archives.sets == ("imagenet-c",)
    assert "weather.tar is unpacked already" in notes(archives)
    fault(archives, "noise.tar is not unpacked")
    assert len(archives.faults) == 1


def test_an_archive_of_several_folders_is_unpacked_once_all_of_them_are_there(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "imagenet-p"
    tar(folder / "weather.tar", {"weather/snow/n01440764/a.mp4": b"x"})
    tar(folder / "digital.tar", {"digital/tilt/n01440764/a.mp4": b"x"})
    for name in ("snow", "brightness", "tilt"):
        film = folder / name / "n01440764" / "a.mp4"
        film.parent.mkdir(parents=True)
        film.write_bytes(b"x")

    archives = examine(folder, tmp_path).sections[-1]

    assert notes(archives) == "weather.tar is unpacked already, it seems"
    fault(archives, "digital.tar is not unpacked", "rotate, tilt, scale of imagenet-p")


def test_the_way_of_the_validation_archive_leads_to_advice_on_its_labels(tmp_path: Path) -> None:
    folder, picture = tmp_path / "a b", Trees(tmp_path).picture("one.JPEG").read_bytes()
    tar(folder / "ILSVRC2012_img_val.tar", {"ILSVRC2012_val_00000001.JPEG": picture})

    remedy = fault(only(folder), "without class folders").remedy
    command, _, check = remedy.partition(", then: robench data check ")
    subprocess.run(["bash", "-c", command], check=True)

    assert "labels are missing" in only(Path(*shlex.split(check))).faults[0].what


def test_an_archive_of_any_packing_is_recognised_by_its_name(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "imagenet-r.tar.bz2", "w:bz2") as pack:
        pack.addfile(tarfile.TarInfo("imagenet-r"))

    assert only(tmp_path).sets == ("imagenet-r",)


def test_a_tar_that_would_exhaust_the_stack_is_damaged(tmp_path: Path) -> None:
    name = tarfile.TarInfo("././@LongLink")
    name.type, name.size = tarfile.GNUTYPE_LONGNAME, 1
    header = name.tobuf(tarfile.GNU_FORMAT) + b"a".ljust(512, b"\0")
    (tmp_path / "deep.tar").write_bytes(3000 * header)

    assert fault(only(tmp_path), "deep.tar is no sound archive").kind == "damaged"


def test_the_command_for_archives_of_classes_unpacks_them(tmp_path: Path) -> None:
    trees = Trees(tmp_path)
    folder = tmp_path / "train"
    for wnid in wnids()[:3]:
        content = trees.picture(f"source/{wnid}/{wnid}_1.JPEG").read_bytes()
        tar(folder / f"{wnid}.tar", {f"{wnid}_1.JPEG": content})

    finding = fault(only(folder), "3 archives of one class each", "n01440764.tar")
    subprocess.run(["bash", "-c", finding.remedy], check=True)

    assert sorted(path.name for path in folder.glob("n*/*.JPEG")) == [
        f"{wnid}_1.JPEG" for wnid in wnids()[:3]
    ]
    unpacked = sections(folder)["."]
    assert "unpacked already" in notes(unpacked)


def test_a_tar_of_tars_is_named_as_such(tmp_path: Path) -> None:
    tar(tmp_path / "all" / "ILSVRC2012_img_train.tar", {"n01440764.tar": b"x" * 600})

    finding = fault(only(tmp_path / "all"), "ILSVRC2012_img_train.tar", "in it are archives")

    assert "tar -xf" in finding.remedy
    assert "robench data check" in finding.remedy


def test_known_and_unknown_archives_get_their_command_and_damaged_ones_none(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "all"
    tar(folder / "imagenet-r.tar", {"imagenet-r/n01440764/a.jpg": b"x"})
    tar(folder / "mine.tar", {"cat/a.jpg": b"x"})
    (folder / "CIFAR-10-C.tar").write_bytes(b"<html>")

    section = only(folder, tmp_path / "data")

    command = f"robench data get imagenet-r --from {folder / 'imagenet-r.tar'}"
    assert fault(section, "imagenet-r.tar", "it holds imagenet-r").remedy.startswith(command)
    assert fault(section, "mine.tar").remedy.startswith(f"tar -xf {folder / 'mine.tar'}")
    assert fault(section, "CIFAR-10-C.tar is no sound archive").kind == "damaged"


def test_records_of_tfds_are_named_as_not_readable(tmp_path: Path) -> None:
    folder = tmp_path / "imagenet2012_corrupted" / "fog_1" / "3.1.0"
    folder.mkdir(parents=True)
    (folder / "imagenet2012_corrupted-validation.tfrecord-00000-of-00005").write_bytes(b"x")

    section = only(tmp_path / "imagenet2012_corrupted")

    assert "TFDS" in section.layout
    assert "robench data get imagenet-c" in fault(section, "does not read").remedy


def test_records_of_another_set_are_not_taken_for_imagenet_c(tmp_path: Path) -> None:
    folder = tmp_path / "cifar10_corrupted"
    folder.mkdir()
    (folder / "cifar10_corrupted-test.tfrecord-00000-of-00001").write_bytes(b"x")

    assert only(folder).sets == ()


def test_frost_textures_are_recognised_and_missing_ones_named(tmp_path: Path) -> None:
    trees = Trees(tmp_path)
    for name in ("frost1.png", "frost2.png", "frost3.png", "frost4.jpg", "frost5.jpg"):
        trees.picture(f"frost/{name}")

    section = only(tmp_path / "frost", tmp_path)
    shutil.rmtree(tmp_path / "frost")

    assert f"robench data get frost --data-dir {tmp_path}" in fault(section, "frost6.jpg").remedy
