"""The tensor path and the per-image restatement give the same pixels for the same decisions."""

import torch
from numpy.random import default_rng
from PIL import Image
from torch import Tensor

from augmentations.base import Batch
from augmentations.chains import ChainPlan
from augmentations.ipmix import ipmix
from augmentations.mixing import MIXING_OPS
from augmentations.ops import OPS
from augmentations.random import by_position, image_keys
from robench.studies.peers.ipmix_pillow import Chain, ImageStep, PatchStep, jsd_views, mix

COUNT, SIDE = 96, 32


def pictures(seed: int) -> Tensor:
    """Smooth random pictures with saturated areas (COUNT, 3, 32, 32) uint8."""
    generator = torch.Generator().manual_seed(seed)
    coarse = torch.rand(COUNT, 3, 6, 6, generator=generator) * 1.4 - 0.2
    smooth = torch.nn.functional.interpolate(coarse, size=(SIDE, SIDE), mode="bicubic")
    return (smooth.clamp(0, 1) * 255).to(torch.uint8)


def patch_step(plan: ChainPlan, where: tuple[int, int, int]) -> PatchStep:
    """One patch decision of the tensor path for the restatement."""
    patch, mixing = plan.patches.patches[where], plan.patches.mixing[where]
    left, top, width, height = (int(v) for v in (patch.left, patch.top, patch.width, patch.height))
    name = MIXING_OPS[int(mixing.op)]
    box = (left, top, left + width, top + height)
    if name in ("add", "multiply"):
        return PatchStep(name, box, weights=(float(mixing.a), float(mixing.b)))
    channels = torch.arange(1 if name == "random_pixels" else 3)[:, None, None] * SIDE**2
    rows = torch.arange(top, top + height)[:, None] * SIDE
    position = channels + rows + torch.arange(left, left + width)
    return PatchStep(name, box, mask=by_position(mixing.mask_keys, position) < mixing.keep)


def chain(plan: ChainPlan, number: int, row: int) -> Chain:
    """One chain of one image."""
    steps: list[ImageStep | PatchStep] = []
    for step in range(plan.images.active.shape[0]):
        where = (step, number, row)
        if plan.images.active[where]:
            image = plan.images[where]
            steps.append(ImageStep(OPS[int(image.op)], float(image.argument)))
        elif plan.patches.active[where]:
            steps.append(patch_step(plan, where))
    return steps


def test_equal_to_the_restatement_for_the_same_decisions() -> None:
    images, partners = pictures(0), pictures(1)
    keys = image_keys(4, 0, torch.arange(COUNT))
    method = ipmix()
    plan = method.draw_chains(keys, (SIDE, SIDE))
    result = method._apply(Batch(images, torch.zeros(COUNT), keys, partners), plan).images

    for row in range(COUNT):
        pair = [Image.fromarray(t[row].permute(1, 2, 0).numpy()) for t in (images, partners)]
        clean, *weights = plan.weights[:, row].tolist()
        mixed = 1 - clean
        chains = [chain(plan, number, row) for number in range(3)]
        wanted = mix(pair[0], pair[1], chains, [w / mixed for w in weights], mixed)
        torch.testing.assert_close(result[row] * 2 - 1, wanted, rtol=0, atol=2e-6)


def test_jsd_views_are_the_clean_image_and_two_that_differ() -> None:
    image, partner = (
        Image.fromarray(pictures(seed)[0].permute(1, 2, 0).numpy()) for seed in (0, 1)
    )
    views = jsd_views(image, partner, default_rng(0))
    assert all(view.shape == (3, SIDE, SIDE) for view in views)
    torch.testing.assert_close(views[0] / 2 + 0.5, pictures(0)[0] / 255)
    assert not torch.equal(views[1], views[2])
