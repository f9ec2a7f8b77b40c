"""Promises that every network of ours keeps."""

import pytest
import torch

from robench.models import ARCHS, create


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
