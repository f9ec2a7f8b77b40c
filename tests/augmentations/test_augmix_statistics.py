"""The distribution of whole views of AugMix and PixMix, against the authors' code.

Fixed keys, so a pass is a pass for ever; 5 sigma on 160 partly dependent numbers: a false alarm in
10 000 choices of the keys.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from test_ipmix_statistics import DRAWS, Floats, Picture, largest_z

from augmentations.augmix import augmix
from augmentations.base import Augmentation, Batch
from augmentations.pixmix import pixmix
from augmentations.random import image_keys
from robench.studies.peers import augmix_pillow, pixmix_pillow

FORMS: dict[str, Augmentation] = {
    "augmix_cifar": augmix(),
    "pixmix_cifar_allops0": pixmix(),
    "pixmix_cifar_allops1": pixmix(all_ops=True),
}
Pair = tuple[Picture, Picture]


def drawn(method: Augmentation, pair: Pair) -> tuple[Floats, Floats]:
    """Views of one image with one partner, and the image as often."""
    images, partners = (
        torch.from_numpy(picture).permute(2, 0, 1).expand(DRAWS, -1, -1, -1).contiguous()
        for picture in pair
    )
    keys = image_keys(11, 0, torch.arange(DRAWS))
    views = method(Batch(images, torch.zeros(DRAWS), keys, partners)).images
    return views.double().numpy(), images.double().numpy() / 255


def check_law(method: Augmentation, pair: Pair, law: dict[str, Any]) -> None:
    """Draw views of one pair and compare."""
    views, clean = drawn(method, pair)
    assert largest_z(views, clean, law) < 5
    same = np.abs(views - clean).max((1, 2, 3)) < 1e-5
    assert abs(same.mean() - law["frac_equal_clean"]) < 5 * (2 * 0.11 * 0.89 / DRAWS) ** 0.5


def stored(golden: Path, form: str, pair: int) -> tuple[Pair, dict[str, Any]]:
    """A committed pair of pictures and the official law of its views."""
    folder = golden / "augmentations"
    text = (folder / "augmix_pixmix_pipeline_stats.json").read_text()
    law: dict[str, Any] = json.loads(text)[form][str(pair)]
    with np.load(folder / "ipmix_official.npz") as data:
        return (data["images"][pair], data["partners"][pair]), law


@pytest.mark.parametrize("pair", [0, 1])
@pytest.mark.parametrize("form", FORMS)
def test_views_have_the_official_law(golden: Path, form: str, pair: int) -> None:
    pictures, law = stored(golden, form, pair)
    check_law(FORMS[form], pictures, law)


@pytest.mark.shared
@pytest.mark.parametrize("pair", [2, 3])
@pytest.mark.parametrize("form", FORMS)
def test_views_have_the_official_law_on_further_pairs(shared: Path, form: str, pair: int) -> None:
    folder = shared / "goldens" / "augmentations"
    stats = json.loads((folder / "pipeline_stats.json").read_text())
    first, second = stats["_doc"]["pairs32"][pair]
    with np.load(folder / "inputs.npz") as inputs:
        pictures = inputs["x32"][first], inputs["mix32"][second]
    check_law(FORMS[form], pictures, stats[form][str(pair)])


@pytest.mark.parametrize(
    ("form", "other"),
    [
        ("augmix_cifar", augmix(min_depth=3)),
        ("augmix_cifar", augmix(all_ops=True)),
        ("pixmix_cifar_allops0", pixmix(k=1)),
    ],
)
def test_the_comparison_notices_another_law(golden: Path, form: str, other: Augmentation) -> None:
    pictures, law = stored(golden, form, 0)
    assert largest_z(*drawn(other, pictures), law) > 5


@pytest.mark.parametrize("form", FORMS)
def test_the_per_image_restatements_have_the_official_law_too(golden: Path, form: str) -> None:
    pictures, law = stored(golden, form, 0)
    image, partner = (Image.fromarray(picture) for picture in pictures)
    rng = np.random.default_rng(0)
    if form == "augmix_cifar":
        views = [augmix_pillow.view(image, rng) for _ in range(DRAWS)]
    else:
        everything = form.endswith("1")
        views = [
            pixmix_pillow.view(image, partner, rng, all_ops=everything)[0] for _ in range(DRAWS)
        ]
    clean = pictures[0].transpose(2, 0, 1)[None].repeat(DRAWS, 0) / 255
    assert largest_z(torch.stack(views).double().numpy() / 2 + 0.5, clean, law) < 5
