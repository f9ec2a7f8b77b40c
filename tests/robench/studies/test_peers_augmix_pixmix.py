"""The per-image restatements of AugMix and PixMix by themselves."""

import torch
from numpy.random import default_rng
from PIL import Image

from robench.studies.peers import augmix_pillow, pixmix_pillow
from robench.studies.peers.augmix_pillow import ALL_OPS, OPS, apply_op, draw_step


def picture(seed: int, side: int = 32) -> Image.Image:
    """Noise."""
    return Image.fromarray(default_rng(seed).integers(0, 256, (side, side, 3), dtype="uint8"))


def test_jsd_views_are_the_clean_image_and_two_that_differ() -> None:
    views = augmix_pillow.jsd_views(picture(0), None, default_rng(0))
    clean = torch.tensor(list(picture(0).tobytes())).view(32, 32, 3).permute(2, 0, 1) / 255
    torch.testing.assert_close(views[0] / 2 + 0.5, clean)
    assert all(view.shape == (3, 32, 32) for view in views)
    assert not torch.equal(views[1], views[2])


def test_pixmix_views_are_normalised_fractions() -> None:
    rng = default_rng(0)
    for _ in range(20):
        (view,) = pixmix_pillow.view(picture(0), picture(1), rng, all_ops=True)
        assert view.shape == (3, 32, 32)
        assert view.min() >= -1
        assert view.max() <= 1


def test_every_operation_is_drawn_and_keeps_the_form() -> None:
    rng = default_rng(0)
    drawn = [draw_step(ALL_OPS, 32, 3.0, rng) for _ in range(400)]
    assert {step.op for step in drawn} == set(ALL_OPS)
    assert set(OPS) < set(ALL_OPS)
    for step in drawn:
        result = apply_op(picture(0), step.op, step.argument)
        assert (result.size, result.mode) == ((32, 32), "RGB")


def test_enhancers_weaken_below_severity_4() -> None:
    rng = default_rng(1)
    factors = [draw_step(ALL_OPS[9:], 32, 3.0, rng).argument for _ in range(200)]
    assert 0.118 <= min(factors) < 0.2
    assert 0.55 < max(factors) < 0.64
