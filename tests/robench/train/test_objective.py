"""Losses against the official training step."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn import functional

from robench.train.objective import BceSoftmax, CrossEntropy, JensenShannon


def test_one_view_is_plain_cross_entropy() -> None:
    logits = torch.tensor([[0.0, 0.0], [np.log(3.0), 0.0]])

    loss = CrossEntropy().loss(logits, torch.tensor([0, 0]))

    assert loss.item() == pytest.approx((np.log(2.0) - np.log(0.75)) / 2)


def test_soft_labels_are_taken_as_they_are() -> None:
    logits = torch.tensor([[1.0, -1.0]])
    hard = [CrossEntropy().loss(logits, torch.tensor([k])) for k in (0, 1)]

    soft = CrossEntropy().loss(logits, torch.tensor([[0.3, 0.7]]))

    assert soft.item() == pytest.approx(0.3 * hard[0].item() + 0.7 * hard[1].item())


def test_views_that_agree_cost_nothing_beyond_the_clean_loss() -> None:
    logits = torch.randn(4, 10, generator=torch.Generator().manual_seed(0))
    labels = torch.arange(4)

    loss = JensenShannon(12.0).loss(logits.repeat(3, 1), labels)

    assert loss.item() == pytest.approx(CrossEntropy().loss(logits, labels).item(), rel=1e-5)


def test_two_opposite_views_by_hand() -> None:
    # p = (1, 0), (0, 1), (1/2, 1/2): the mixture is uniform, so two KL terms are log 2, one is 0.
    logits = torch.tensor([[50.0, -50.0], [-50.0, 50.0], [0.0, 0.0]])

    loss = JensenShannon(12.0).loss(logits, torch.tensor([0]))

    assert loss.item() == pytest.approx(12 * 2 * np.log(2.0) / 3, rel=1e-6)


@pytest.mark.shared
def test_equals_the_official_training_step(shared: Path) -> None:
    golden = np.load(shared / "goldens" / "augmentations" / "jsd_loss.npz")
    cases = [name.removeprefix("loss-") for name in golden.files if name.startswith("loss-")]
    assert len(cases) == 4
    for case in cases:
        logits = torch.tensor(golden[f"logits-{case}"], requires_grad=True)
        loss = JensenShannon(12.0).loss(logits, torch.tensor(golden[f"labels-{case}"]))
        loss.backward()  # type: ignore[no-untyped-call]
        assert logits.grad is not None
        gradient = golden[f"grad-{case}"]
        np.testing.assert_allclose(loss.item(), golden[f"loss-{case}"], rtol=1e-5)
        np.testing.assert_allclose(
            logits.grad.numpy(), gradient, rtol=1e-5, atol=1e-5 * np.abs(gradient).max()
        )


@pytest.mark.parametrize("gap", [104.0, 1000.0])
def test_the_gradient_is_finite_where_a_probability_underflows(gap: float) -> None:
    logits = torch.tensor([[gap, 0.0], [0.0, gap], [gap, 0.0]], requires_grad=True)

    JensenShannon(12.0).loss(logits, torch.tensor([0])).backward()  # type: ignore[no-untyped-call]

    assert logits.grad is not None
    assert torch.isfinite(logits.grad).all()


def test_binary_cross_entropy_of_the_softmax_is_that_of_torch() -> None:
    numbers = torch.Generator().manual_seed(0)
    logits = 3 * torch.randn(6, 5, generator=numbers)
    targets = torch.rand(6, 5, generator=numbers).softmax(1)
    ours, theirs = logits.clone().requires_grad_(), logits.clone().requires_grad_()

    loss = BceSoftmax().loss(ours, targets)
    expected = functional.binary_cross_entropy(theirs.softmax(1), targets)
    torch.autograd.backward([loss, expected])

    torch.testing.assert_close(loss, expected)
    torch.testing.assert_close(ours.grad, theirs.grad, rtol=1e-4, atol=1e-7)


def test_its_hard_labels_are_soft_ones_of_one_class() -> None:
    logits = torch.randn(4, 3, generator=torch.Generator().manual_seed(0))
    labels = torch.tensor([0, 2, 1, 1])

    hard = BceSoftmax().loss(logits, labels)

    assert hard == BceSoftmax().loss(logits, functional.one_hot(labels, 3).float())


@pytest.mark.parametrize("gap", [17.0, 104.0, 1000.0])
def test_its_gradient_is_right_where_a_probability_rounds_to_one(gap: float) -> None:
    logits = torch.tensor([[gap, 0.0]], requires_grad=True)

    loss = BceSoftmax().loss(logits, torch.tensor([1]))
    loss.backward()  # type: ignore[no-untyped-call]

    # Two classes: -log p_1 twice over two, so gap, with slope 1 - exp(-gap).
    assert loss.item() == pytest.approx(gap)
    assert logits.grad is not None
    torch.testing.assert_close(logits.grad, torch.tensor([[1.0, -1.0]]))


def test_its_gradient_is_finite_where_classes_tie() -> None:
    logits = torch.zeros(1, 2, requires_grad=True)

    BceSoftmax().loss(logits, torch.tensor([[0.5, 0.5]])).backward()  # type: ignore[no-untyped-call]

    assert logits.grad is not None
    torch.testing.assert_close(logits.grad, torch.zeros(1, 2))
