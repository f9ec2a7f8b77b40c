"""The class lists equal those of others, and masks keep what they should."""

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from robench.datasets import class_lists
from robench.datasets.class_lists import ClassMask, class_mask, digest, unmapped, wnids
from robench.errors import RunError, UnknownNameError

SHA256 = {  # of specs/evaluation.md, section 4
    "imagenet": "70002b0ff5de60a3a17a82dbfcff291931f96225ddf941ad2e182fc39e183d15",
    "imagenet-r": "a6a0729f7a99230280639cab6e51e01485a3b41a676ea35621a501c9d6e83ca4",
    "imagenet-a": "9826a24166e74ce62fb87b27889874ca26917542c745712309d6e25855d63bc2",
    "imagenet-o": "29575307f17b6cb040fcd04fee2b5b7b0e43f7c55072fb05d4b33cc39fc60978",
    "objectnet": "492e34cb917e2b54bc11bb47caa6ba8928e0e923132a3fc11b9760d74764e481",
}


def indices(name: str) -> list[int]:
    """The ImageNet classes of a mask of one class each, in its order."""
    mask = class_mask(name)
    assert all(len(group) == 1 for group in mask.groups)
    return [group[0] for group in mask.groups]


@pytest.fixture(scope="module")
def published(shared: Path) -> dict[str, Any]:
    lists: dict[str, Any] = json.loads((shared / "data" / "imagenet_class_lists.json").read_text())
    return lists


@pytest.mark.parametrize("name", SHA256)
def test_every_list_has_its_published_checksum(name: str) -> None:
    if name == "imagenet":
        found = list(wnids())
    else:
        found = [wnids()[index] for group in class_mask(name).groups for index in group]

    assert digest(found) == SHA256[name]


def test_the_thousand_wnids_are_sorted_and_are_those_of_timm() -> None:
    text = (files("timm.data") / "_info" / "imagenet_synsets.txt").read_text()

    assert list(wnids()) == text.split()
    assert sorted(set(wnids())) == list(wnids())


@pytest.mark.parametrize("letter", ["a", "r"])
def test_the_masks_of_a_and_r_are_those_of_timm(letter: str) -> None:
    info = files("timm.data") / "_info"
    text = (info / f"imagenet_{letter}_indices.txt").read_text()
    synsets = (info / f"imagenet_{letter}_synsets.txt").read_text()

    assert indices(f"imagenet-{letter}") == [int(line) for line in text.split()]
    assert list(class_mask(f"imagenet-{letter}").names) == synsets.split()


@pytest.mark.shared
@pytest.mark.parametrize("letter", ["r", "a", "o"])
def test_the_masks_are_those_of_the_reference_material(
    letter: str, published: dict[str, Any]
) -> None:
    assert indices(f"imagenet-{letter}") == published[f"imagenet_{letter}"]["indices_1k"]
    assert list(class_mask(f"imagenet-{letter}").names) == published[f"imagenet_{letter}"]["wnids"]


@pytest.mark.shared
def test_the_mapping_of_objectnet_is_that_of_the_reference_material(
    published: dict[str, Any],
) -> None:
    mask, reference = class_mask("objectnet"), published["objectnet"]

    found = {name: list(group) for name, group in zip(mask.names, mask.groups, strict=True)}
    assert found == reference["folder_to_imagenet_indices"]
    assert unmapped() == set(reference["unmapped_folders"])
    assert len({*mask.names, *unmapped()}) == 313


def test_the_three_masks_overlap_as_published() -> None:
    a, r, o = (set(indices(f"imagenet-{letter}")) for letter in "aro")

    assert (len(a & r), len(a & o), len(r & o)) == (86, 59, 36)


@pytest.mark.parametrize("name", ["imagenet-r", "imagenet-a", "imagenet-o"])
def test_a_mask_of_two_hundred_classes_picks_their_columns(name: str) -> None:
    logits = np.random.default_rng(1).normal(size=(5, 1000)).astype(np.float32)

    kept = class_mask(name).apply(logits)

    assert kept.dtype == np.float32
    np.testing.assert_array_equal(kept, logits[:, indices(name)])


def test_objectnet_takes_the_largest_logit_of_the_classes_that_stand_for_one() -> None:
    mask = class_mask("objectnet")
    logits = np.random.default_rng(2).normal(size=(50, 1000)).astype(np.float32)

    kept = mask.apply(logits)

    by_hand = [[max(row[index] for index in group) for group in mask.groups] for row in logits]
    np.testing.assert_array_equal(kept, np.array(by_hand, np.float32))
    assert kept.shape == (50, 113)
    assert sum(map(len, mask.groups)) == 125


def test_chairs_of_three_kinds_are_one_class() -> None:
    mask = class_mask("objectnet")
    chair = mask.names.index("chair")

    for index in (423, 559, 765):
        logits = np.zeros((1, 1000), np.float32)
        logits[0, index] = 1
        assert mask.position[index] == chair
        assert mask.apply(logits).argmax() == chair


def test_groups_of_unequal_size_are_kept_apart() -> None:
    mask = ClassMask("made up", ((7,), (0, 3, 999), (1,)), ("a", "b", "c"))
    logits = np.arange(2000, dtype=np.float32).reshape(2, 1000) * [[1], [-1]]

    assert mask.apply(logits.astype(np.float32)).tolist() == [[7, 999, 1], [-1007, -1000, -1001]]
    assert mask.position == {7: 0, 0: 1, 3: 1, 999: 1, 1: 2}


@pytest.mark.parametrize("shape", [(3, 200), (1000,), (3, 1001)])
def test_other_than_a_thousand_logits_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"expected logits \(n, 1000\)"):
        class_mask("imagenet-r").apply(np.zeros(shape, np.float32))


def test_an_altered_list_is_found_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lists = json.loads((files("robench.datasets") / "class_lists.json").read_text())
    lists["imagenet-a"][0] += 1
    (tmp_path / "class_lists.json").write_text(json.dumps(lists))
    monkeypatch.setattr(class_lists, "files", lambda _: tmp_path)

    with pytest.raises(RunError, match="imagenet-a was altered"):
        class_lists._lists.__wrapped__()


def test_unknown_lists_are_answered_with_near_ones() -> None:
    with pytest.raises(UnknownNameError, match="imagenet-r"):
        class_mask("imagenet-rr")
