"""The variant of the published code, and the one-step attack."""

import pytest
import torch
from torch import Tensor, nn
from victims import EPS, pictures, predictions, small_network

from robench.attacks import literal, make_attack
from robench.attacks.fgsm import FGSM
from robench.attacks.flags import inspect_attack
from robench.attacks.pgd import PGD, pgd20_published
from robench.errors import InputError


def the_published_loop(model: nn.Module, images: Tensor, labels: Tensor, noise: Tensor) -> Tensor:
    """What the code of PixMix and IPMix comes to: the noise is added to the image itself."""
    images = images + noise
    points = images
    for _ in range(20):
        points = points.detach().requires_grad_()
        loss = nn.functional.cross_entropy(model(points), labels, reduction="sum")
        (gradient,) = torch.autograd.grad(loss, points)
        points = points.detach() + 0.5 / 255 * gradient.sign()
        points = points.clamp(images - 2 / 255, images + 2 / 255).clamp(0, 1)
    return points


def test_the_published_variant_is_the_published_loop() -> None:
    model, images = small_network().eval(), pictures(24)
    labels, indices = predictions(model, images), torch.arange(24)
    noise = PGD(stop="never", centre="start").start(images, indices) - images

    ours = pgd20_published()(model, images, labels, indices)
    theirs = the_published_loop(model, images, labels, noise)

    assert (ours.adversarial - theirs).abs().max() <= 1e-6
    torch.testing.assert_close(ours.fooled, predictions(model, theirs) != labels)


def test_the_published_variant_reaches_further_than_it_says() -> None:
    model, images = small_network(), pictures(64)
    labels, indices = predictions(model, images), torch.arange(64)

    found = pgd20_published()(model, images, labels, indices)

    reach = float((found.adversarial.double() - images.double()).abs().max())
    assert 3.9 / 255 < reach <= 4 / 255 + 6e-8
    assert 0 <= found.adversarial.min() <= found.adversarial.max() <= 1


def test_the_published_variant_is_named_as_such() -> None:
    text = literal("pgd20_published")

    assert text.startswith("pgd(centre='start', ")
    assert literal(text) == text != literal("pgd20")
    assert make_attack(text).describe()["centre"] == "start"


def test_one_step_gives_the_images_of_torchattacks() -> None:
    peer = pytest.importorskip("torchattacks")
    model, images = small_network().eval(), pictures(24)
    labels = predictions(model, images)

    ours = FGSM()(model, images, labels, torch.arange(24))
    theirs = peer.FGSM(model, eps=2 / 255)(images, labels)

    assert (ours.adversarial - theirs).abs().max() <= 1e-6
    torch.testing.assert_close(ours.fooled, predictions(model, theirs) != labels)
    assert set(ours.steps.tolist()) == {1, -1}


def test_one_step_stays_in_the_ball_and_leaves_what_is_wrong_alone() -> None:
    model, images = small_network(), pictures(12)
    labels = predictions(model, images)
    labels[:3] = (labels[:3] + 1) % 5

    found = FGSM()(model, images, labels, torch.arange(12))

    assert found.steps[:3].tolist() == [0, 0, 0]
    assert torch.equal(found.adversarial[:3], images[:3])
    assert (found.adversarial.double() - images.double()).abs().max() <= EPS
    assert inspect_attack(FGSM(), model, images, labels, torch.arange(12)) == []


def test_one_step_is_named_with_its_length() -> None:
    assert literal("fgsm") == "fgsm(eps=0.00784313725490196)"
    assert make_attack(literal("fgsm")) == FGSM()
    assert make_attack("fgsm").describe()["eps"] == EPS
    assert literal("fgsm(eps=1)") == "fgsm(eps=1.0)"
    with pytest.raises(InputError, match="eps must be in"):
        make_attack("fgsm(eps=0)")
    with pytest.raises(InputError, match="eps must be a number"):
        make_attack("fgsm(eps=True)")
