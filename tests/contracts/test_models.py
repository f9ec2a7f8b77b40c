"""Promises that every network of ours keeps."""

from functools import partial

import pytest
import torch
from torch import Tensor

from robench.models import ARCHS, create
from robench.models.dual_norm import routed
from robench.models.mix_points import mix_points
from robench.models.normalised import Normalised
from robench.train.door import Door


@pytest.mark.parametrize("name", ARCHS)
def test_it_is_built_with_any_number_of_classes_and_by_timm_too(name: str) -> None:
    import timm  # noqa: PLC0415  five seconds, for this test alone

    keys = create(name, 7).state_dict().keys()

    assert create(name, 7).get_classifier().out_features == 7  # type: ignore[operator]
    assert timm.create_model(name, num_classes=7).state_dict().keys() == keys


@pytest.mark.parametrize("name", ARCHS)
def test_its_weights_depend_on_the_seed_alone(name: str) -> None:
    def weights(seed: int) -> list[torch.Tensor]:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            return list(create(name, 10).parameters())

    first, again, other = weights(0), weights(0), weights(1)

    assert all(torch.equal(a, b) for a, b in zip(first, again, strict=True))
    assert any(not torch.equal(a, b) for a, b in zip(first, other, strict=True))


@pytest.mark.parametrize("name", ARCHS)
def test_an_image_gets_the_same_logits_alone_as_in_a_batch(name: str) -> None:
    model = create(name, 10).eval()
    images = torch.rand(2, 3, 32, 32, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        batch, alone = model(images), model(images[1:])

    assert batch.shape == (2, 10)
    assert batch.isfinite().all()
    torch.testing.assert_close(batch[1:], alone, rtol=1e-4, atol=1e-5)


def small(count: int) -> Tensor:
    """Images of a quarter of the usual size: the widest network is in the list, too."""
    return torch.rand(count, 3, 16, 16, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize("name", ARCHS)
def test_features_are_mixed_row_by_row_at_every_point(name: str) -> None:
    model = Normalised(create(name, 10), (0.5,) * 3, (0.5,) * 3).eval().double()
    images, order, door = small(3).double(), torch.tensor([1, 2, 0]), Door(model)
    close = partial(torch.allclose, rtol=1e-6, atol=1e-12)  # of double: the logits may be small
    with torch.inference_mode():
        alone = model(images)
        for layer in range(3):
            door.hidden_mix(torch.full((3,), layer), order, torch.tensor([1.0, 0.0, 0.5]))
            with door.mixing():
                own, theirs, between = model(images)

            assert close(own, alone[0])
            assert close(theirs, alone[2])
            assert not close(between, alone[2])
            assert not close(between, alone[0])


@pytest.mark.parametrize("name", ARCHS)
def test_the_mixing_points_lie_one_behind_the_other(name: str) -> None:
    model, sides = create(name, 10).eval(), []
    for module in mix_points(model):
        module.register_forward_pre_hook(lambda _, inputs: sides.append(inputs[0].shape[2]))
    with torch.inference_mode():
        model(small(1))

    assert len(sides) == 3
    assert sides[0] == 16
    assert 16 >= sides[1] > sides[2]


@pytest.mark.parametrize("name", ARCHS)
def test_dual_normalisations_keep_what_each_route_sees_apart(name: str) -> None:
    model = create(name, 10, norm="dubin")
    images = small(4)
    before = {key: value.clone() for key, value in model.state_dict().items()}
    with torch.no_grad(), routed(model, "adversarial"):
        model.train()(images)

    moved = {
        key.split(".")[-2]
        for key, value in model.state_dict().items()
        if not torch.equal(value, before[key])
    }
    assert moved == {"adversarial"}
    with torch.inference_mode():
        main = model.eval()(images)
        with routed(model, "adversarial"):
            adversarial = model(images)
    assert not torch.allclose(main, adversarial)
