"""Compiled draws decide as the tensor code does, wherever a step is carried out."""

from typing import Any

import pytest
import torch
from torch import Tensor

from augmentations.chains import ChainPlan, ImageSteps
from augmentations.ipmix import ipmix
from augmentations.mixing import MIXING_OPS
from augmentations.random import image_keys

pytest.importorskip("numba")

FORMS: list[tuple[str, dict[str, Any], int]] = [
    ("official_cifar", {}, 32),
    ("official_imagenet", {}, 224),
    ("official_cifar", {"k": 1, "t": 1, "patches": (8, 32)}, 32),
    ("paper", {"all_ops": True, "severity": 10.0, "k": 4, "t": 5}, 96),
    ("paper", {"shapes": "scar", "scar_aspect": "thin", "methods": "patch"}, 45),
    ("paper", {"shapes": "square", "mixing": ("multiply", "random_pixels")}, 8),
    ("paper", {"framework": "linear", "linear_skip": True}, 32),
    ("paper", {"framework": "linear", "linear_steps": "t", "methods": "image"}, 32),
    ("paper", {"alpha": 0.5, "beta": 1.0, "min_depth": 3}, 64),
]


def of_images(steps: ImageSteps, where: Tensor) -> dict[str, Tensor]:
    """Operations and arguments."""
    return {"op": steps.op[where], "argument": steps.argument[where]}


def decisions(plan: ChainPlan) -> dict[str, Tensor]:
    """All that a plan decides about the steps that are carried out."""
    steps = plan.patches
    where, mixing = steps.active, steps.mixing
    weighted = where & (mixing.op <= MIXING_OPS.index("multiply"))
    parts = {
        "image": of_images(plan.images, plan.images.active),
        "patch": {name: value[where] for name, value in vars(steps.patches).items()},
        "mixing": {name: getattr(mixing, name)[where] for name in ("op", "keep", "mask_keys")},
        "weights": {"a": mixing.a[weighted], "b": mixing.b[weighted]},
        "source": of_images(steps.source, where & steps.source.active),
        "plan": {"weights": plan.weights, "images": plan.images.active, "patches": where},
        "augmented": {"active": steps.source.active[where]},
    }
    return {f"{part} {name}": v for part, values in parts.items() for name, v in values.items()}


@pytest.mark.parametrize(("preset", "switches", "side"), FORMS)
def test_decisions_are_equal(preset: str, switches: dict[str, Any], side: int) -> None:
    from augmentations.compiled.draw import draw_chains  # noqa: PLC0415  needs numba

    method = ipmix(preset, **switches)
    keys = image_keys(7, 1, torch.arange(1500))
    expected = decisions(method.draw_chains(keys, (side, side)))
    drawn = decisions(draw_chains(method, keys, (side, side)))

    for name, values in expected.items():
        assert drawn[name].dtype == values.dtype, name
        assert torch.equal(drawn[name], values), name


def test_a_drawn_plan_is_carried_out_as_any_other() -> None:
    from augmentations.compiled.chains import run  # noqa: PLC0415  needs numba
    from augmentations.compiled.draw import draw_chains  # noqa: PLC0415

    method, keys = ipmix("paper"), image_keys(8, 1, torch.arange(60))
    generator = torch.Generator().manual_seed(0)
    images, partners = torch.randint(0, 256, (2, 30, 3, 32, 32), generator=generator).byte()
    drawn = draw_chains(method, keys, (32, 32))
    expected = run(images, partners, method.draw_chains(keys, (32, 32)), "wrap")

    assert torch.equal(run(images, partners, drawn, "wrap"), expected)
    assert torch.equal(run(images, partners, drawn, "wrap"), expected)  # not used up


def test_sizes_that_do_not_fit_are_refused() -> None:
    from augmentations.compiled.draw import draw_chains  # noqa: PLC0415  needs numba

    with pytest.raises(ValueError, match="224 x 224"):
        draw_chains(ipmix(), image_keys(0, 0, torch.arange(2)), (224, 224))
