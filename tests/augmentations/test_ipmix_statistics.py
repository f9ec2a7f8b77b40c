"""The distribution of whole views, against the authors' code and against a per-image restatement.

Fixed keys, so a pass is a pass for ever; 5 sigma on 160 partly dependent numbers: a false alarm in
10 000 choices of the keys.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image

from augmentations.base import Batch
from augmentations.ipmix import IPMix, ipmix
from augmentations.random import image_keys
from robench.studies.peers.ipmix_pillow import view

DRAWS = 512
Floats = NDArray[np.float64]
Picture = NDArray[np.uint8]


def summaries(views: Floats, clean: Floats) -> tuple[Floats, Floats]:
    """The stored 18 numbers (D, 18) and histogram (D, 32) of each view; images (D, 3, S, S)."""
    diff = views - clean
    size = np.abs(diff)
    columns = [
        *views.mean((2, 3)).T,
        *views.std((2, 3)).T,
        size.mean((1, 2, 3)),
        np.sqrt((diff**2).mean((1, 2, 3))),
        size.max((1, 2, 3)),
        (size < 1e-5).all(1).mean((1, 2)),
        *rings(diff.mean(1)).T,
    ]
    bins = np.minimum((size * 32).astype(int), 31).reshape(len(views), -1)
    counts = np.stack([np.bincount(row, minlength=32) for row in bins])
    return np.stack(columns, 1), counts / bins.shape[1]


def rings(diff: Floats) -> Floats:
    """Mean spectral power (D, 8) in eight rings of spatial frequency; diff (D, S, S)."""
    side = diff.shape[1]
    power = np.abs(np.fft.fft2(diff)) ** 2 / side**2
    frequency = np.fft.fftfreq(side) * side
    radius = np.hypot(*np.meshgrid(frequency, frequency))
    ring = np.minimum((8 * radius / (side / 2)).astype(int), 7)
    return np.stack([power[:, ring == i].mean(1) for i in range(8)], 1)


def largest_z(views: Floats, clean: Floats, law: dict[str, Any]) -> float:
    """Largest standardised difference of the means, rare histogram bins left out."""
    values, histogram = summaries(views, clean)
    worst = 0.0
    for own, name, least in ((values, "", 0.0), (histogram, "hist_", 1e-4)):
        mean, spread = np.array(law[f"{name}mean"]), np.array(law[f"{name}sd"])
        keep = mean >= least
        error = np.sqrt(own.var(0, ddof=1) / len(own) + spread**2 / law["n"])[keep]
        worst = max(worst, float((np.abs(own.mean(0) - mean)[keep] / error).max()))
    return worst


def drawn(method: IPMix, pair: tuple[Picture, Picture], count: int) -> tuple[Floats, Floats]:
    """Views of one image with one partner, and the image as often."""
    images, partners = (
        torch.from_numpy(picture).permute(2, 0, 1).expand(count, -1, -1, -1).contiguous()
        for picture in pair
    )
    keys = image_keys(11, 0, torch.arange(count))
    views = method(Batch(images, torch.zeros(count), keys, partners)).images
    return views.double().numpy(), images.double().numpy() / 255


def check_law(preset: str, pair: tuple[Picture, Picture], law: dict[str, Any], count: int) -> None:
    """Draw views of one pair and compare."""
    views, clean = drawn(ipmix(preset), pair, count)
    assert largest_z(views, clean, law) < 5
    same = np.abs(views - clean).max((1, 2, 3)) < 1e-5
    assert abs(same.mean() - law["frac_equal_clean"]) < 5 * (2 * 0.03 / count) ** 0.5


def stored(golden: Path, pair: int) -> tuple[tuple[Picture, Picture], dict[str, Any]]:
    """A committed pair of pictures and the official law of its views."""
    text = (golden / "augmentations" / "ipmix_pipeline_stats.json").read_text()
    law: dict[str, Any] = json.loads(text)["ipmix_cifar"][str(pair)]
    with np.load(golden / "augmentations" / "ipmix_official.npz") as data:
        return (data["images"][pair], data["partners"][pair]), law


@pytest.mark.parametrize("pair", [0, 1])
def test_views_have_the_official_distribution(golden: Path, pair: int) -> None:
    pictures, law = stored(golden, pair)
    check_law("official_cifar", pictures, law, DRAWS)


@pytest.mark.shared
@pytest.mark.parametrize("pair", range(4))
@pytest.mark.parametrize(("form", "size", "count"), [("cifar", 32, DRAWS), ("imagenet", 224, 64)])
def test_views_have_the_official_distribution_on_all_pairs(
    shared: Path, form: str, size: int, count: int, pair: int
) -> None:
    folder = shared / "goldens" / "augmentations"
    stats = json.loads((folder / "pipeline_stats.json").read_text())
    first, second = stats["_doc"][f"pairs{size}"][pair]
    with np.load(folder / "inputs.npz") as inputs:
        pictures = inputs[f"x{size}"][first], inputs[f"mix{size}"][second]
    check_law(f"official_{form}", pictures, stats[f"ipmix_{form}"][str(pair)], count)


@pytest.mark.shared
@pytest.mark.bench
@pytest.mark.parametrize("pair", range(4))
def test_large_views_have_the_official_distribution_in_512_draws(shared: Path, pair: int) -> None:
    test_views_have_the_official_distribution_on_all_pairs(shared, "imagenet", 224, DRAWS, pair)


@pytest.mark.parametrize("switches", [{"min_depth": 3}, {"methods": "image"}])
def test_the_comparison_notices_another_law(golden: Path, switches: dict[str, Any]) -> None:
    pictures, law = stored(golden, 0)
    assert largest_z(*drawn(ipmix(**switches), pictures, DRAWS), law) > 5


def test_the_per_image_restatement_has_the_official_distribution_too(golden: Path) -> None:
    pictures, law = stored(golden, 0)
    image, partner = (Image.fromarray(picture) for picture in pictures)
    rng = np.random.default_rng(0)
    views = torch.stack([view(image, partner, rng) for _ in range(DRAWS)])
    clean = pictures[0].transpose(2, 0, 1)[None].repeat(DRAWS, 0) / 255
    assert largest_z(views.double().numpy() / 2 + 0.5, clean, law) < 5
