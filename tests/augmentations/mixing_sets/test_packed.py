"""Packed mixing sets: keyed crops, folders of images, damaged files."""

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from scipy import stats
from torch import Tensor

import augmentations.mixing_sets.build as build_module
from augmentations.mixing_sets import cached, find
from augmentations.mixing_sets.build import build
from augmentations.mixing_sets.order import Order
from augmentations.mixing_sets.packed import MixingSet
from augmentations.random import image_keys

CODED = np.zeros((5, 9, 9, 3), np.uint8)
CODED[..., 0] = np.arange(5)[:, None, None]
CODED[..., 1] = np.arange(9)[:, None]
CODED[..., 2] = np.arange(9)


def _keys(n: int) -> Tensor:
    """Keys of the first ``n`` images of a run."""
    return image_keys(0, 0, torch.arange(n))


def test_crops_are_whole_windows_of_one_picture() -> None:
    crops = MixingSet.from_array(CODED).partners(_keys(200), 6)
    assert crops.shape == (200, 3, 6, 6)
    assert crops.dtype == torch.uint8
    assert crops.is_contiguous()
    which, top, left = crops[:, 0, 0, 0], crops[:, 1, 0, 0], crops[:, 2, 0, 0]
    for row, i, y, x in zip(crops, which, top, left, strict=True):
        window = CODED[i, y : y + 6, x : x + 6].transpose(2, 0, 1)
        np.testing.assert_array_equal(row.numpy(), window)


def test_pictures_and_offsets_are_uniform_to_both_ends() -> None:
    # Three fixed-seed chi-square tests at 1e-3 each: false-alarm rate below 0.3 %.
    corner = MixingSet.from_array(CODED).partners(_keys(4_000), 6)[:, :, 0, 0].numpy()
    for channel, values in enumerate((5, 4, 4)):
        counts = np.bincount(corner[:, channel], minlength=values)
        assert len(counts) == values
        assert stats.chisquare(counts).pvalue > 1e-3


def test_a_partner_depends_on_its_key_alone() -> None:
    pictures, keys = MixingSet.from_array(CODED), _keys(64)
    whole = pictures.partners(keys, 6)
    order = torch.randperm(64, generator=torch.Generator().manual_seed(0))
    assert torch.equal(pictures.partners(keys[order], 6), whole[order])
    assert torch.equal(
        torch.cat([pictures.partners(keys[i : i + 7], 6) for i in range(0, 64, 7)]), whole
    )
    assert pictures.partners(keys[:0], 6).shape == (0, 3, 6, 6)


def test_a_crop_of_the_full_side_is_the_picture() -> None:
    crop = MixingSet.from_array(CODED[:1]).partners(_keys(1), 9)
    np.testing.assert_array_equal(crop[0].numpy(), CODED[0].transpose(2, 0, 1))


@pytest.mark.gpu
def test_partners_are_the_same_on_the_accelerator() -> None:
    host, keys = MixingSet.from_array(CODED), _keys(50)
    device = host.to("cuda")
    expected = host.partners(keys, 6)
    assert torch.equal(device.partners(keys.cuda(), 6).cpu(), expected)
    assert host.partners(keys.cuda(), 6).is_cuda
    assert not device.partners(keys, 6).is_cuda


def test_crops_larger_than_the_pictures_are_refused() -> None:
    with pytest.raises(ValueError, match=r"crops of 32 .* pictures of 9 .* side >= 32"):
        MixingSet.from_array(CODED).partners(_keys(1), 32)


@pytest.mark.parametrize("shape", [(5, 9, 8, 3), (9, 9, 3), (0, 9, 9, 3), (5, 3, 9, 9)])
def test_arrays_of_other_shapes_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="expected uint8"):
        MixingSet.from_array(np.zeros(shape, np.uint8))


def test_a_read_only_array_is_taken_and_not_written_to() -> None:
    array = CODED.copy()
    array.flags.writeable = False
    assert torch.equal(MixingSet.from_array(array).pictures, torch.from_numpy(CODED))


def test_a_folder_of_images_becomes_a_set(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    halves = np.zeros((20, 60, 3), np.uint8)
    halves[:, 20:40] = (10, 200, 30)
    Image.fromarray(halves).save(tmp_path / "b.png")
    Image.fromarray(halves.transpose(1, 0, 2)).quantize(4).save(tmp_path / "sub" / "c.png")
    Image.new("L", (10, 10), 77).save(tmp_path / "a.bmp")
    (tmp_path / "README.txt").write_text("no image")
    found = MixingSet.from_folder(tmp_path, 10)
    assert len(found) == 3
    assert found.side == 10
    middle = found.pictures[:, 5, 5].tolist()
    assert middle[0] == [77, 77, 77]
    assert middle[1] == middle[2] == [10, 200, 30]
    assert found.describe()["sha256"] == MixingSet.from_folder(tmp_path, 10).sha256
    # Equal to resizing the short side first and cropping the centre then.
    resized = Image.fromarray(halves).resize((30, 10), Image.Resampling.BILINEAR)
    np.testing.assert_array_equal(found.pictures[1].numpy(), np.asarray(resized)[:, 10:20])


def test_unreadable_images_are_named(tmp_path: Path) -> None:
    Image.new("RGB", (9, 9)).save(tmp_path / "good.png")
    (tmp_path / "torn.png").write_bytes((tmp_path / "good.png").read_bytes()[:40])
    (tmp_path / "fake.jpg").write_text("no image")
    with pytest.raises(ValueError, match=r"2 of 3 images .* fake.jpg \(cannot be read\), torn.png"):
        MixingSet.from_folder(tmp_path, 8)


def test_pictures_smaller_than_the_crops_are_named(tmp_path: Path) -> None:
    for width, height in ((40, 32), (90, 31)):
        Image.new("RGB", (width, height)).save(tmp_path / f"{height}.png")
    with pytest.raises(ValueError, match=r"31.png \(90 x 31, needs 32 pixels a side\)"):
        MixingSet.from_folder(tmp_path, 37)
    (tmp_path / "31.png").unlink()
    assert MixingSet.from_folder(tmp_path, 36).side == 36


def test_empty_and_missing_folders_are_refused(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="holds no image"):
        MixingSet.from_folder(tmp_path, 8)
    with pytest.raises(FileNotFoundError, match="is not a folder"):
        MixingSet.from_folder(tmp_path / "absent", 8)


def test_a_folder_that_a_set_was_made_in_is_opened(made: Path) -> None:
    opened = MixingSet.from_folder(made, 36)
    assert opened.source == "orbit-traps-64px-seed0"
    assert opened.sha256 == MixingSet.open(made, 36).sha256


def test_pictures_beside_a_manifest_of_their_own_are_still_pictures(tmp_path: Path) -> None:
    Image.new("RGB", (9, 9)).save(tmp_path / "good.png")
    (tmp_path / "manifest.json").write_text("{}")
    assert len(MixingSet.from_folder(tmp_path, 8)) == 1


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A set of nine pictures of 64 pixels; tests leave it as it is."""
    return build(Order("orbit-traps", 64), 9, tmp_path_factory.mktemp("packed"))


@pytest.mark.parametrize("side", [36, 64, 48, 20])
def test_a_made_set_is_opened_at_any_side_up_to_its_own(made: Path, side: int) -> None:
    large = np.load(made / "pictures-64.npy")
    found = MixingSet.open(made, side)
    for picture, original in zip(found.pictures.numpy(), large, strict=True):
        resized = Image.fromarray(original).resize((side, side), Image.Resampling.BILINEAR)
        np.testing.assert_array_equal(picture, np.asarray(resized))
    described = found.describe()
    assert (described["n"], described["side"], described["seed"]) == (9, side, 0)
    assert described["sha256"] == hashlib.sha256(found.pictures.numpy().tobytes()).hexdigest()


def test_the_beginning_of_a_made_set_can_be_opened(made: Path) -> None:
    first = MixingSet.open(made, 36, 4)
    assert torch.equal(first.pictures, MixingSet.open(made, 36).pictures[:4])
    assert first.describe()["n"] == 4
    assert first.sha256 != MixingSet.open(made, 36).sha256


@pytest.mark.parametrize(("side", "n"), [(65, None), (36, 10)])
def test_larger_pictures_and_more_of_them_are_refused(made: Path, side: int, n: int | None) -> None:
    with pytest.raises(ValueError, match="has 9 pictures of 64 pixels, expected"):
        MixingSet.open(made, side, n)


def test_another_set_than_the_expected_one_is_refused(made: Path) -> None:
    with pytest.raises(ValueError, match="another set than orbit-traps-64px-seed1"):
        MixingSet.open(made, 36, order=Order("orbit-traps", 64, seed=1))


def test_a_cached_set_is_made_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = cached("orbit-traps", 2, 40, tmp_path)
    monkeypatch.setattr(build_module, "build", None)  # a second build would fail
    again = cached("orbit-traps", 2, 40, tmp_path)
    assert torch.equal(first.pictures, again.pictures)
    assert first.pictures.shape == (2, 40, 40, 3)


def test_what_else_is_cached_makes_no_difference(tmp_path: Path) -> None:
    alone = cached("orbit-traps", 2, 36, tmp_path / "alone")
    build(Order("orbit-traps", 256), 1, tmp_path / "full" / Order("orbit-traps", 256).title)
    longer = cached("orbit-traps", 3, 36, tmp_path / "full")
    again = cached("orbit-traps", 2, 36, tmp_path / "full")
    assert again.describe()["sha256"] == alone.sha256
    assert torch.equal(longer.pictures[:2], alone.pictures)
    assert again.source == alone.source


@pytest.mark.parametrize("damage", ["cut", "empty", "flipped", "manifest", "version", "lost"])
def test_a_damaged_set_is_made_again(tmp_path: Path, damage: str) -> None:
    folder = build(Order("orbit-traps", 72), 1, tmp_path / "orbit-traps-72px-seed0")
    path, manifest = folder / "pictures-72.npy", folder / "manifest.json"
    good, text = path.read_bytes(), manifest.read_text()
    match damage:
        case "cut":
            path.write_bytes(good[:-100])
        case "empty":
            path.write_bytes(b"")
        case "flipped":
            path.write_bytes(good[:-1] + bytes([good[-1] ^ 1]))
        case "manifest":
            manifest.write_text(text[:30])
        case "version":
            manifest.write_text(text.replace('"orbit-traps": 1', '"orbit-traps": 0'))
        case "lost":
            manifest.unlink()
    found = cached("orbit-traps", 1, 72, tmp_path)
    assert path.read_bytes() == good
    assert manifest.read_text() == text
    assert len(found) == 1


def test_the_longest_set_of_a_name_is_found(tmp_path: Path) -> None:
    def make(size: int, n: int, seed: int = 0) -> Path:
        order = Order("orbit-traps", size, seed)
        return build(order, n, tmp_path / order.title)

    assert find("orbit-traps", 36, tmp_path) is None
    short, long, larger, other = make(80, 1), make(64, 3), make(72, 3), make(64, 5, seed=1)
    (tmp_path / "orbit-traps-99px-seed0").mkdir()
    assert find("orbit-traps", 36, tmp_path) == larger
    assert find("orbit-traps", 80, tmp_path) == short
    assert find("orbit-traps", 81, tmp_path) is None
    assert find("orbit-traps", 36, tmp_path, seed=1) == other
    (larger / "manifest.json").write_text("{}")
    assert find("orbit-traps", 36, tmp_path) == long


def test_a_mixture_is_not_taken_for_another_whose_name_begins_alike(tmp_path: Path) -> None:
    folder = tmp_path / "ipmix13k-nofv-64px-seed0"
    folder.mkdir()
    facts = {**Order("ipmix13k-nofv", 64).identity(), "n": 9, "files": {}}
    (folder / "manifest.json").write_text(json.dumps(facts))
    assert find("ipmix13k-nofv", 36, tmp_path) == folder
    assert find("ipmix13k", 36, tmp_path) is None


def test_compiled_crops_are_those_of_the_tensor_code(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("numba")
    numbers = np.random.default_rng(0)
    for stored, side in ((36, 32), (40, 40), (70, 33)):
        pictures = numbers.integers(0, 256, (7, stored, stored, 3), dtype=np.uint8)
        found, keys = MixingSet.from_array(pictures), image_keys(0, 0, torch.arange(50))
        monkeypatch.delenv("ROBENCH_COMPILED", raising=False)
        compiled = found.partners(keys, side)
        monkeypatch.setenv("ROBENCH_COMPILED", "0")
        assert torch.equal(compiled, found.partners(keys, side))
