"""Picture sets on disk: preparation, layout, JPEG settings, checksums, resumption, refusals."""

import hashlib
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from made_pictures import NAMES, ONLY, SIZES, content, own, pictures, pixels, request
from PIL import Image
from PIL.JpegImagePlugin import JpegImageFile
from torchvision.transforms import v2

from corruptions import corrupt, perturb
from robench.datasets.making import make_set
from robench.datasets.making.pictures import PREPARATIONS, SIDES, preparation, read_picture
from robench.datasets.making.recipes import FAMILIES
from robench.errors import InputError


@pytest.mark.parametrize("size", [(500, 375), (375, 500), (257, 256), (300, 811), (97, 301)])
def test_pictures_are_prepared_as_torchvision_does(size: tuple[int, int], tmp_path: Path) -> None:
    folder = pictures(tmp_path, {"one.png": size})
    reference = v2.Compose([v2.Resize(256), v2.CenterCrop(224)])

    prepared = read_picture(folder / "one.png", "resize 256, centre crop 224")

    with Image.open(folder / "one.png") as opened:
        np.testing.assert_array_equal(prepared, np.asarray(reference(opened)))


def test_the_inception_crop_truncates_each_side() -> None:
    prepare = PREPARATIONS["centre crop 87.5 %, resize 299x299"]
    picture = Image.fromarray(np.random.default_rng(0).integers(0, 256, (341, 402, 3), np.uint8))

    # int(402 * 0.875) = 351, int(341 * 0.875) = 298, offsets 25.5 and 21.5 rounded half to even
    cut = picture.crop((26, 22, 26 + 351, 22 + 298))

    np.testing.assert_array_equal(
        prepare(picture), cut.resize((299, 299), Image.Resampling.BILINEAR)
    )


def test_pictures_are_numbered_as_in_an_image_folder_and_stored_losslessly_on_demand(
    tmp_path: Path,
) -> None:
    source = pictures(tmp_path / "clean")

    made = make_set(request(tmp_path, file_format="png"), jobs=1)

    for index, (path, name) in enumerate(zip(sorted(SIZES), NAMES, strict=True)):
        clean = read_picture(source / path, "resize 256, centre crop 224")[None]
        for severity in (1, 5):
            again = corrupt(clean, "gaussian_noise", severity, indices=[index])[0]
            stored = pixels(made.folder / f"gaussian_noise/{severity}/{name}.png")
            np.testing.assert_array_equal(stored, again)
    listed = (made.folder / "pictures.tsv").read_text().splitlines()
    assert [line.split("\t")[3] for line in listed] == ["path", *sorted(SIZES)]
    assert made.drawn == 12
    assert made.files == 12 + 4 + 1


def test_jpeg_files_have_the_published_settings(tmp_path: Path) -> None:
    pictures(tmp_path / "clean")

    made = make_set(request(tmp_path), jobs=1)

    path = made.folder / "brightness/5/n01/a.JPEG"
    reference = tmp_path / "reference.jpg"
    Image.fromarray(pixels(path)).save(reference, quality=85, optimize=True)
    with Image.open(path) as opened, Image.open(reference) as expected:
        assert isinstance(opened, JpegImageFile)
        assert isinstance(expected, JpegImageFile)
        assert opened.size == (224, 224)
        assert opened.quantization == expected.quantization
        assert opened.layer == expected.layer
        assert [(h, v) for _, h, v, _ in opened.layer] == [(2, 2), (1, 1), (1, 1)]
    plain = make_set(request(tmp_path, out=tmp_path / "plain", file_format="png"), jobs=1)
    picture = pixels(plain.folder / "brightness/5/n01/a.png")
    Image.fromarray(picture).save(reference, quality=85, optimize=True)
    assert reference.read_bytes() == path.read_bytes()
    assert made.manifest.format == {
        "kind": "jpeg",
        "quality": 85,
        "optimize": True,
        "subsampling": "4:2:0",
    }


def test_every_cell_lists_its_checksums_and_the_manifest_lists_the_lists(tmp_path: Path) -> None:
    pictures(tmp_path / "clean")

    made = make_set(request(tmp_path), jobs=1)

    cells = [f"{name}/{severity}" for name in sorted(ONLY) for severity in (1, 5)]
    assert made.manifest.cells == tuple(sorted(cells))
    for cell in cells:
        folder = made.folder / cell
        lines = [
            f"{hashlib.sha256((folder / f'{name}.JPEG').read_bytes()).hexdigest()}  {name}.JPEG\n"
            for name in NAMES
        ]
        assert (folder / "SHA256SUMS").read_text() == "".join(lines)
        listed = made.manifest.files[f"{cell}/SHA256SUMS"]
        assert listed.sha256 == hashlib.sha256("".join(lines).encode()).hexdigest()
        assert listed.pictures == 3


def test_two_processes_leave_the_bytes_of_one_and_of_a_run_that_was_cut_short(
    tmp_path: Path,
) -> None:
    sizes = {f"n{i}/{j}.png": (40 + i, 50 + j) for i in range(2) for j in range(3)}
    pictures(tmp_path / "clean", sizes)
    one = make_set(request(tmp_path, out=tmp_path / "one"), jobs=1)
    whole = content(one.folder)

    two = make_set(request(tmp_path, out=tmp_path / "two"), jobs=2)

    assert content(two.folder) == whole
    plain = json.loads(whole["manifest.json"])
    del plain["files"]["gaussian_noise/5/SHA256SUMS"]
    plain["complete"] = False
    (two.folder / "manifest.json").write_text(json.dumps(plain))
    cell = two.folder / "gaussian_noise/5"
    (cell / "SHA256SUMS").unlink()
    (cell / "n0/1.JPEG").unlink()
    (cell / "n1/2.JPEG").write_bytes((cell / "n1/2.JPEG").read_bytes()[:-2])
    (cell / "n1/.1.JPEG.robench-tmp").write_bytes(b"cut")

    again = make_set(request(tmp_path, out=tmp_path / "two"), jobs=1)

    assert again.drawn == 2
    (cell / "n1/.1.JPEG.robench-tmp").unlink()
    assert content(two.folder) == whole


def test_a_finished_cell_that_lost_a_picture_is_made_anew(tmp_path: Path) -> None:
    pictures(tmp_path / "clean")
    made = make_set(request(tmp_path), jobs=1)
    before = content(made.folder)
    cell = made.folder / "brightness/1"
    (cell / "n01/a.JPEG").unlink()
    shutil.copy(cell / "n02/c.JPEG", cell / "n01/b.JPEG")

    again = make_set(request(tmp_path), jobs=1)

    assert again.drawn == 3
    assert content(made.folder) == before


def test_sequences_are_folders_of_png_frames(tmp_path: Path) -> None:
    source = pictures(tmp_path / "clean", {"n01/a.png": (300, 280)})
    only = ("translate", "gaussian_noise_2")

    made = make_set(
        request(tmp_path, name="imagenet-p", only=only, severities=(1, 2, 3, 4, 5)), jobs=1
    )

    clean = read_picture(source / "n01/a.png", "resize 256, frames cropped to 224")[None]
    for name, plain, level in (
        ("translate",) * 2 + (1,),
        ("gaussian_noise_2", "gaussian_noise", 2),
    ):
        frames = perturb(clean, plain, family="imagenet", difficulty=level)[0]
        stored = sorted((made.folder / name / "n01/a").iterdir())
        assert [path.name for path in stored] == [f"frame_{i:02d}.png" for i in range(len(frames))]
        np.testing.assert_array_equal(np.stack([pixels(path) for path in stored]), frames)
    assert frames.shape == (31, 224, 224, 3)
    assert made.manifest.files["translate/SHA256SUMS"].pictures == 41


def test_flat_folders_of_ones_own_take_any_family(tmp_path: Path) -> None:
    pictures(tmp_path / "clean", {"b.png": (80, 70), "a.png": (90, 100), "notes.txt.png": (70, 70)})
    (tmp_path / "clean" / "LICENSE.txt").write_text("free")
    for family, side in (("tiny", 64), ("inception", 299), (None, 224)):
        out = tmp_path / str(family)

        made = make_set(
            own(tmp_path, family=family, out=out, only=("contrast",), severities=(2,)), jobs=1
        )

        names = {path.name for path in (out / "contrast/2").iterdir()}
        assert names == {"a.JPEG", "b.JPEG", "notes.txt.JPEG", "SHA256SUMS"}
        assert pixels(out / "contrast/2/a.JPEG").shape == (side, side, 3)
        assert made.manifest.benchmark_size


def test_tiny_imagenet_c_is_made_from_class_folders_in_its_size(tmp_path: Path) -> None:
    pictures(tmp_path / "clean", {"n01/a.png": (64, 64)})

    made = make_set(request(tmp_path, name="tiny-imagenet-c", only=("contrast",)), jobs=1)

    assert made.folder == tmp_path / "tiny-imagenet-c"
    assert made.manifest.family == "tiny"
    assert pixels(made.folder / "contrast/5/n01/a.JPEG").shape == (64, 64, 3)


def test_hidden_files_of_a_macintosh_are_no_pictures(tmp_path: Path) -> None:
    source = pictures(tmp_path / "clean", {"n01/x.JPEG": (64, 64)})
    (source / "n01/._x.JPEG").write_bytes(b"\0\5\x16\7 resource fork")
    (source / "._n01").write_bytes(b"\0\5\x16\7")

    made = make_set(request(tmp_path, only=("contrast",)), jobs=1)

    assert made.manifest.source.images == 1
    assert [path.name for path in (made.folder / "contrast/1/n01").iterdir()] == ["x.JPEG"]


def test_sets_are_prepared_as_published() -> None:
    assert preparation("c", "imagenet") == "resize 256, centre crop 224"
    assert preparation("p", "imagenet") == "resize 256, frames cropped to 224"
    assert preparation("p", "cifar") == preparation("c", "cifar") == "32x32 as stored"
    ready = {preparation(kind, family) for kind in FAMILIES for family in FAMILIES[kind]}
    assert ready == set(SIDES) == set(PREPARATIONS) - {"as stored"}


def test_pictures_may_keep_their_size_and_the_manifest_says_so(tmp_path: Path) -> None:
    source = pictures(tmp_path / "clean", {"a.png": (90, 60)})

    made = make_set(
        own(tmp_path, family="imagenet", keep_size=True, file_format="png", only=("contrast",)),
        jobs=1,
    )

    clean = read_picture(source / "a.png", "as stored")[None]
    again = corrupt(clean, "contrast", 5, family="imagenet")[0]
    np.testing.assert_array_equal(pixels(tmp_path / "set/contrast/5/a.png"), again)
    assert made.manifest.benchmark_size is False


def test_the_cifar_family_takes_pictures_of_its_size_only(tmp_path: Path) -> None:
    pictures(tmp_path / "clean", {"a.png": (32, 32)})
    make_set(own(tmp_path, family="cifar", file_format="png"), jobs=1)
    assert pixels(tmp_path / "set/brightness/1/a.png").shape == (32, 32, 3)

    pictures(tmp_path / "clean", {"b.png": (32, 33)})
    with pytest.raises(InputError, match=r"b\.png: expected 32x32 pixels, got 32x33 .*--keep-size"):
        make_set(own(tmp_path, family="cifar", out=tmp_path / "other"), jobs=1)


def test_limit_takes_the_first_pictures_with_the_same_pixels(tmp_path: Path) -> None:
    pictures(tmp_path / "clean")
    whole = make_set(request(tmp_path), jobs=1)

    made = make_set(request(tmp_path, out=tmp_path / "two", limit=2), jobs=1)

    assert made.manifest.source.images == 2
    path = "gaussian_noise/5/n01/b.JPEG"
    assert (made.folder / path).read_bytes() == (whole.folder / path).read_bytes()
    assert not (made.folder / "gaussian_noise/5/n02").exists()
