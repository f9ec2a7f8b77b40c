"""Pictures of the augmentations: one image under every method; mixing operations and their patches.

``python -m robench.studies.gallery FOLDER CHECKPOINT`` writes ``methods.jpg`` and
``operations.jpg``, in the manner of figures 1 and 5 of the IPMix paper. The image is a photograph
of scikit-learn; the network of the methods that need one is a checkpoint of ``robench train``.
"""

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import torch
from PIL import Image
from sklearn.datasets import load_sample_image
from torch import Tensor

import augmentations
from augmentations import mixing_sets
from augmentations.base import Augmentation, Batch, ModelHandle, to_float
from augmentations.datasets import settings_for
from augmentations.mixing import MIXING_OPS, OVERFLOWS
from augmentations.patch_mixing import Rows, mix_patches_
from augmentations.patches import Mixing, Patches
from augmentations.random import image_keys
from robench.config import CACHE
from robench.datasets.contact_sheets.drawing import draw
from robench.datasets.contact_sheets.sheet import Sheet, Strip
from robench.models.load import load_model
from robench.models.normalised import Normalised
from robench.train.door import Door
from robench.types import Images

SIDE = 224
Operation = tuple[str, tuple[float, float], str]
DRAWS = 6
CLASSES = 10
INSIDE = "mixes inside the network"
# (left, top, width, height) of the patches that show an operation
PATCHES = {
    "square": (60, 60, 112, 112),
    "scar": (24, 120, 176, 32),
    "scar, upright": (130, 20, 28, 180),
    "small": (92, 92, 48, 48),
    "pixel level": (0, 0, SIDE, SIDE),
}
_WEIGHTS = {"between": (0.75, 0.25), "beyond": (1.3, -0.4)}
_SHOWN: Mapping[str, Mapping[str, Any]] = {
    "augmax": {"dubin": False},
    "mixup": {"alpha": 1.0},
    "cutmix": {"alpha": 1.0, "probability": 1.0},
    "saliencymix": {"probability": 1.0},
}


def photographs() -> Tensor:
    """The two photographs of scikit-learn, cut square: (2, 3, 224, 224) uint8."""
    pictures = []
    for name, left in (("flower.jpg", 90), ("china.jpg", 110)):
        image = Image.fromarray(load_sample_image(name)).crop((left, 0, left + 427, 427))
        resized = image.resize((SIDE, SIDE), Image.Resampling.LANCZOS)
        pictures.append(torch.frombuffer(bytearray(resized.tobytes()), dtype=torch.uint8))
    return torch.stack(pictures).view(2, SIDE, SIDE, 3).permute(0, 3, 1, 2).contiguous()


def methods(door: ModelHandle | None, pictures: Tensor) -> Sheet:
    """One image under every method, with six draws each.

    Args:
        door: The network; without it the methods that need one have an empty row.
        pictures: Mixing pictures (M, 3, 224, 224) uint8.
    """
    strips = []
    for name in augmentations.METHODS:
        settings = settings_for("imagenet", name, _SHOWN.get(name, {}))
        method = augmentations.build(name, **settings)
        if method.needs_model and door is None:
            strips.append(Strip(name, None, "needs a network"))
            continue
        strips.append(Strip(name, _bytes(_draws(method, door, pictures)), _remark(method)))
    title = f"One image under {len(strips)} methods"
    subtitle = (
        "Settings for ImageNet (mixup, cutmix and saliencymix: alpha 1, always), one draw per "
        "column. Methods that mix two images mix the flower with a photograph of a palace."
    )
    return Sheet(title, subtitle, ("",) * DRAWS, tuple(strips), 112, apart=False)


def _draws(method: Augmentation, door: ModelHandle | None, pictures: Tensor) -> Tensor:
    """(6, 3, 224, 224): the image under six draws; its partner is the other photograph."""
    images = photographs().repeat(DRAWS, 1, 1, 1)
    targets = torch.arange(2).repeat(DRAWS)
    if method.mixes_labels:
        targets = torch.nn.functional.one_hot(targets, CLASSES).float()
    partners = pictures[torch.arange(2 * DRAWS) % len(pictures)]
    batch = Batch(images, targets, image_keys(1, 0, torch.arange(2 * DRAWS)), partners)
    if method.takes == torch.float32:
        batch = batch.replace(images=to_float(images))
    if not method.mixes_labels:
        return method(batch, door).images[::2]
    # A group of the two photographs for every column, so that each column has its own draw.
    pairs = [_rows(batch, slice(start, start + 2)) for start in range(0, 2 * DRAWS, 2)]
    return torch.stack([method(pair, door).images[0] for pair in pairs])


def _rows(batch: Batch, rows: slice) -> Batch:
    """Some rows of a batch, without partners."""
    return Batch(batch.images[rows], batch.targets[rows], batch.keys[rows])


def _remark(method: Augmentation) -> str:
    """What a reader has to know about a row."""
    if method.mixes_features:
        return INSIDE
    return "mixes labels" if method.mixes_labels else ""


def operations(pictures: Tensor) -> Sheet:
    """Every mixing operation in every shape of patch, with both treatments of overflow.

    Args:
        pictures: Mixing pictures (M, 3, 224, 224) uint8; the first one is shown and mixed.
    """
    image, partner = photographs()[:1], pictures[:1]
    strips = [
        Strip("image", _bytes(image.repeat(len(PATCHES), 1, 1, 1))),
        Strip("mixing picture", _bytes(partner.repeat(len(PATCHES), 1, 1, 1))),
    ]
    for op, weights, overflow in _rows_of_operations():
        mixed = [_mixed(image, partner, (op, weights, overflow), box) for box in PATCHES.values()]
        remark = f"A {weights[0]}, B {weights[1]}, {overflow}" if overflow else ""
        strips.append(Strip(op, _bytes(torch.cat(mixed)), remark))
    subtitle = "What leaves [0, 1] wraps around as in the published code, or is clipped."
    title = "IPMix: mixing operations, squares and scars"
    return Sheet(title, subtitle, tuple(PATCHES), tuple(strips), 112, apart=False)


def _rows_of_operations() -> Iterator[Operation]:
    """Each operation with the weights and the overflow that are shown."""
    for op in MIXING_OPS[:2]:
        yield op, _WEIGHTS["between"], "wrap"
        yield from ((op, _WEIGHTS["beyond"], overflow) for overflow in OVERFLOWS)
    yield from ((op, (0.0, 0.0), "") for op in MIXING_OPS[2:])


def _mixed(
    image: Tensor, partner: Tensor, operation: Operation, box: tuple[int, int, int, int]
) -> Tensor:
    """The image (1, 3, H, W) uint8 with one operation in one patch."""
    op, (a, b), overflow = operation
    result, row = image.clone(), torch.zeros(1, dtype=torch.int64)
    mixing = Mixing(
        op=torch.tensor([MIXING_OPS.index(op)]),
        a=torch.tensor([a]),
        b=torch.tensor([b]),
        keep=torch.tensor([0.5]),
        mask_keys=image_keys(0, 0, row),
    )
    patches = Patches(*(torch.tensor([value]) for value in box))
    mix_patches_(Rows(result, row), Rows(partner, row), patches, mixing, overflow or "wrap")
    return result


def _bytes(images: Tensor) -> Images:
    """(K, H, W, 3) uint8 for a sheet."""
    if images.dtype != torch.uint8:
        images = (images * 255).round().to(torch.uint8)
    array: Images = images.permute(0, 2, 3, 1).contiguous().numpy()
    return array


def network(checkpoint: Path) -> ModelHandle:
    """The door to a network of ``robench train``."""
    model = load_model(checkpoint).model
    assert isinstance(model, Normalised)
    return Door(model)


def main(folder: Path, checkpoint: Path | None = None) -> None:
    """Write both sheets."""
    found = mixing_sets.cached("orbit-traps", 12, 256, CACHE / "mixing-sets")
    pictures = found.partners(image_keys(0, 0, torch.arange(12)), SIDE)
    folder.mkdir(parents=True, exist_ok=True)
    door = network(checkpoint) if checkpoint else None
    draw(methods(door, pictures)).save(folder / "methods.jpg", quality=80)
    draw(operations(pictures)).save(folder / "operations.jpg", quality=80)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:3]))
