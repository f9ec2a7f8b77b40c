"""What every method inherits, and the list of names."""

import subprocess
import sys
from dataclasses import FrozenInstanceError

import pytest
import torch

from augmentations import METHODS, build
from augmentations.base import Batch, Identity, to_float
from augmentations.ipmix import IPMix


def batch() -> Batch:
    """Three small images."""
    images = torch.arange(3 * 3 * 8 * 8).remainder(256).to(torch.uint8).view(3, 3, 8, 8)
    return Batch(images, torch.arange(3), torch.arange(3), images.flip(0))


def test_replace_changes_one_field_of_a_copy() -> None:
    first = batch()
    second = first.replace(targets=torch.ones(3))
    assert second.images is first.images
    assert first.targets.tolist() == [0, 1, 2]
    with pytest.raises(FrozenInstanceError):
        first.targets = torch.ones(3)  # type: ignore[misc]


def test_none_is_the_identity_in_every_view() -> None:
    views = Identity().views(batch(), 3)
    assert len(views) == 3
    assert all(torch.equal(view.images, batch().images) for view in views)


def test_to_float_maps_the_codes_to_fractions_as_a_true_division() -> None:
    codes = torch.arange(256, dtype=torch.uint8)
    assert torch.equal(to_float(codes), torch.tensor([i / 255 for i in range(256)]))
    assert to_float(torch.ones(1)).item() == 1


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"images": torch.zeros(3, 1, 8, 8, dtype=torch.uint8)}, r"\(N, 3, H, W\), got \(3, 1"),
        ({"images": torch.zeros(3, 3, 8, 8)}, "uint8 images, got torch.float32"),
        ({"keys": torch.arange(2)}, r"int64 keys \(3,\), got torch.int64 \(2,\)"),
        ({"keys": torch.arange(3.0)}, r"int64 keys \(3,\), got torch.float32 \(3,\)"),
        ({"targets": torch.arange(2)}, "3 images but 2 targets"),
        ({"partners": None}, "needs mixing pictures"),
        ({"partners": torch.zeros(3, 3, 9, 9, dtype=torch.uint8)}, r"partners like the images"),
    ],
)
def test_what_does_not_fit_is_refused_with_both_sides_named(
    changes: dict[str, torch.Tensor | None], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        IPMix(patches=(2, 4))(batch().replace(**changes))


def test_an_empty_batch_is_refused() -> None:
    nothing = torch.zeros(0, dtype=torch.int64)
    images = torch.zeros(0, 3, 8, 8, dtype=torch.uint8)
    with pytest.raises(ValueError, match="got an empty batch"):
        Identity()(Batch(images, nothing, nothing))


def test_build_makes_methods_by_name() -> None:
    assert build("ipmix", k=4) == IPMix(k=4)
    assert build("none") == Identity()


@pytest.mark.parametrize(
    ("name", "arguments", "message"),
    [
        ("ipmx", {}, "Unknown augmentation 'ipmx'. Known: .*ipmix"),
        ("none", {"k": 3}, "Cannot make the augmentation 'none'.*k"),
        ("ipmix", {"k": 0}, "k to be an integer from 1"),
    ],
)
def test_build_refuses_names_and_arguments(
    name: str, arguments: dict[str, int], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        build(name, **arguments)


def test_listing_the_methods_needs_no_torch() -> None:
    code = "import sys, augmentations; print(len(augmentations.METHODS), 'torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == [str(len(METHODS)), "False"]
