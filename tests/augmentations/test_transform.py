"""The methods in other people's trainers."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from timm.data.dataset import AugMixDataset, ImageDataset
from timm.data.loader import create_loader
from timm.loss.jsd import JsdCrossEntropy
from torch import Tensor
from torch.utils.data import DataLoader, Dataset
from torchvision.transforms import v2

from augmentations import for_dataset
from augmentations.base import Batch, to_float
from augmentations.ipmix import ipmix
from augmentations.mixing_sets.packed import MixingSet

RNG = np.random.default_rng(0)
PICTURES = RNG.integers(0, 256, (9, 36, 36, 3), dtype=np.uint8)
MIXING = MixingSet.from_array(PICTURES)


def picture(side: int = 32) -> Image.Image:
    return Image.fromarray(RNG.integers(0, 256, (side, side, 3), dtype=np.uint8))


class Few(Dataset[tuple[Tensor, int]]):
    """Eight random pictures through a transform."""

    def __init__(self, transform: object) -> None:
        self.transform, self.images = transform, [picture() for _ in range(8)]

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        assert callable(self.transform)
        return self.transform(self.images[index]), index % 3


def test_one_image_is_what_the_batched_method_makes_of_it() -> None:
    image, transform = picture(), for_dataset("cifar10", "ipmix", mixing_set=MIXING)
    torch.manual_seed(5)
    keys = torch.randint(-(2**63), 2**63 - 1, (1,))
    images = torch.from_numpy(np.array(image)).permute(2, 0, 1)[None]
    [expected] = ipmix().views(Batch(images, keys * 0, keys, MIXING.partners(keys, 32)), 1)

    torch.manual_seed(5)
    found = transform(image)

    assert isinstance(found, Tensor)
    assert torch.equal(found, expected.images[0])


def test_pil_bytes_and_floats_are_the_same_image() -> None:
    image, transform = picture(), for_dataset("cifar10", "ipmix", mixing_set=MIXING)
    bytes_ = torch.from_numpy(np.array(image)).permute(2, 0, 1)
    found = []
    for form in (image, bytes_, to_float(bytes_)):
        torch.manual_seed(0)
        found.append(transform(form))
    assert torch.equal(found[0], found[1])  # type: ignore[arg-type]
    assert torch.equal(found[0], found[2])  # type: ignore[arg-type]


def test_it_stands_between_the_crop_and_normalize() -> None:
    transform = v2.Compose(
        [
            v2.RandomCrop(32, padding=4),
            v2.RandomHorizontalFlip(),
            for_dataset("cifar10", "ipmix", mixing_set=MIXING),
            v2.Normalize((0.5,) * 3, (0.5,) * 3),
        ]
    )
    torch.manual_seed(0)
    for images, _ in DataLoader(Few(transform), batch_size=4):
        assert images.shape == (4, 3, 32, 32)
        assert -1 <= images.min() < 0 < images.max() <= 1


def test_three_views_are_the_clean_image_and_two_mixtures() -> None:
    image, transform = picture(), for_dataset("cifar10", "ipmix", mixing_set=MIXING, views=3)

    clean, first, second = transform(image)

    torch.testing.assert_close(
        clean, v2.ToDtype(torch.float32, scale=True)(v2.PILToTensor()(image))
    )
    assert not torch.equal(first, second)


def test_workers_draw_apart_and_a_seed_repeats_them() -> None:
    def epoch(seed: int) -> Tensor:
        torch.manual_seed(seed)
        same = Few(for_dataset("cifar10", "ipmix", mixing_set=MIXING, min_depth=1))
        same.images = [Image.fromarray(PICTURES[0, :32, :32])] * 8
        return torch.cat([images for images, _ in DataLoader(same, batch_size=4, num_workers=2)])

    first, again, other = epoch(0), epoch(0), epoch(1)

    assert torch.equal(first, again)
    assert not torch.equal(first, other)
    assert len({image.numpy().tobytes() for image in first}) == 8


def test_labels_are_mixed_where_batches_are_made() -> None:
    transform = for_dataset("cifar10", "mixup > cutmix", classes=3)
    torch.manual_seed(0)
    for images, targets in DataLoader(Few(v2.PILToTensor()), 8, collate_fn=transform.collate):
        assert images.shape == (8, 3, 32, 32)
        assert targets.shape == (8, 3)
        torch.testing.assert_close(targets.sum(1), torch.ones(8))
        assert (targets.gt(0).sum(1) > 1).any()
    with pytest.raises(ValueError, match=r"use batch\(\) or collate\(\)"):
        transform(picture())


def test_a_batch_has_its_views_one_after_another_and_leaves_the_threads_alone() -> None:
    threads = torch.get_num_threads()
    transform = for_dataset("cifar10", "ipmix", mixing_set=MIXING, views=3)
    images = torch.randint(0, 256, (5, 3, 32, 32), dtype=torch.uint8)

    found, targets = transform.batch(images, torch.arange(5))

    assert torch.equal(found[:5], to_float(images))
    assert found.shape == (15, 3, 32, 32)
    assert torch.equal(targets, torch.arange(5))
    assert torch.get_num_threads() == threads


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"name": "cifar"}, "Unknown data set 'cifar'. Known: cifar10"),
        ({"method": "ipmx"}, "Unknown augmentation 'ipmx'"),
        ({"mixing_set": None}, "needs mixing pictures: pass mixing_set="),
        ({"method": "mixup", "views": 3}, "cannot give 3 views"),
        ({"method": "ipmix > mixup", "k": 4}, "write the switches into"),
    ],
)
def test_what_cannot_work_is_refused_when_it_is_made(
    arguments: dict[str, object], message: str
) -> None:
    whole = {"name": "cifar10", "method": "ipmix", "mixing_set": MIXING, **arguments}
    with pytest.raises(ValueError, match=message):
        for_dataset(**whole)  # type: ignore[arg-type]


def test_normalised_images_are_refused() -> None:
    transform = for_dataset("cifar10", "ipmix", mixing_set=MIXING)
    with pytest.raises(ValueError, match="normalise behind"):
        transform(torch.randn(3, 32, 32))


def test_the_settings_of_a_data_set_come_with_its_name() -> None:
    large = MixingSet.from_array(np.zeros((1, 256, 256, 3), np.uint8))
    imagenet = for_dataset("imagenet", "ipmix", mixing_set=large)
    assert imagenet.method == ipmix("official_imagenet")
    assert for_dataset("cifar10", "mixup(alpha=0.3)").method.alpha == 0.3  # type: ignore[attr-defined]
    assert for_dataset("imagenet", "mixup").method.alpha == 0.2  # type: ignore[attr-defined]


def test_timms_loader_and_its_jsd_loss_take_it(tmp_path: Path) -> None:
    for number in range(8):
        folder = tmp_path / "train" / f"class{number % 2}"
        folder.mkdir(parents=True, exist_ok=True)
        picture(40).save(folder / f"{number}.png")
    data: Any = AugMixDataset(ImageDataset(str(tmp_path / "train")), num_splits=3)  # type: ignore[no-untyped-call]
    loader = create_loader(
        data,
        input_size=(3, 32, 32),
        batch_size=4,
        is_training=True,
        device=torch.device("cpu"),
        num_aug_splits=3,
        num_workers=0,
        persistent_workers=False,
    )
    loader.dataset.augmentation = for_dataset("cifar10", "ipmix", mixing_set=MIXING).on_pil

    images, targets = next(iter(loader))

    assert images.shape == (12, 3, 32, 32)
    logits = images.flatten(1)[:, :2].requires_grad_()
    loss = JsdCrossEntropy(num_splits=3, alpha=12, smoothing=0)(logits, targets)  # type: ignore[no-untyped-call]
    loss.backward()
    assert torch.isfinite(loss)
