"""What methods see of the network, and that they leave it as it was."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from augmentations.base import Ascent
from robench.models import create
from robench.models.normalised import Normalised
from robench.train.door import Door, Mix
from robench.train.objective import make_objective

HALF = (0.5, 0.5, 0.5)
COUNT = 6


def network(**arguments: str) -> Normalised:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return Normalised(create("air32", 10, **arguments), HALF, HALF)


@pytest.fixture
def model() -> Normalised:
    """In training mode, but for one part that somebody froze."""
    made = network().train()
    made.model.get_submodule("groups.0").eval()
    return made


@pytest.fixture
def images() -> Tensor:
    return torch.rand(COUNT, 3, 32, 32, generator=torch.Generator().manual_seed(1))


LABELS = torch.arange(COUNT)


@contextmanager
def untouched(model: Normalised) -> Iterator[None]:
    """Check that weights, statistics, gradients, modes and random numbers stay."""
    state = {key: value.clone() for key, value in model.state_dict().items()}
    modes = [module.training for module in model.modules()]
    numbers = torch.get_rng_state()
    yield
    assert all(torch.equal(value, state[key]) for key, value in model.state_dict().items())
    assert [module.training for module in model.modules()] == modes
    assert all(parameter.grad is None for parameter in model.parameters())
    assert torch.equal(torch.get_rng_state(), numbers)


def test_the_gradient_is_that_of_each_image_alone_in_evaluation_mode(
    model: Normalised, images: Tensor
) -> None:
    with untouched(model):
        found = Door(model).input_gradient(images, LABELS)

    model.eval()
    for number in range(COUNT):
        image = images[number : number + 1].clone().requires_grad_()
        functional.cross_entropy(model(image), LABELS[number : number + 1]).backward()  # type: ignore[no-untyped-call]
        torch.testing.assert_close(found[number : number + 1], image.grad, rtol=1e-4, atol=1e-9)
    assert images.grad is None


def test_soft_targets_are_taken(model: Normalised, images: Tensor) -> None:
    hard = Door(model).input_gradient(images, LABELS)
    soft = Door(model).input_gradient(images, functional.one_hot(LABELS, 10).float())

    torch.testing.assert_close(soft, hard, rtol=1e-4, atol=1e-9)


def test_a_kept_loss_leaves_the_gradient_of_its_mean_in_training_mode(images: Tensor) -> None:
    model, reference = network().train(), network().train()
    clean = images.clone().requires_grad_()
    loss = functional.cross_entropy(reference(clean), LABELS)
    loss.backward()  # type: ignore[no-untyped-call]
    assert clean.grad is not None

    for times in (1, 2):
        found = Door(model).input_gradient(images, LABELS, keep=0.25)
        wanted = clean.grad * COUNT
        atol = 1e-4 * wanted.abs().max().item()
        torch.testing.assert_close(found, wanted, rtol=1e-3, atol=atol)
        for parameter, other in zip(model.parameters(), reference.parameters(), strict=True):
            assert other.grad is not None
            expected = other.grad * 0.25 * times
            atol = 1e-4 * expected.abs().max().item()
            torch.testing.assert_close(parameter.grad, expected, rtol=1e-3, atol=atol)
    assert all(
        torch.equal(model.state_dict()[key], value)
        for key, value in reference.state_dict().items()
        if "running" not in key and "batches" not in key
    )
    assert int(model.state_dict()["model.groups.0.2.num_batches_tracked"]) == 2


def test_a_kept_loss_has_the_scale_of_the_objective(images: Tensor) -> None:
    plain, shared = network().train(), network().train()
    classes = 10
    share = make_objective("bce_softmax", 12.0).clean_share(classes)

    first = Door(plain).input_gradient(images, LABELS, keep=0.5)
    second = Door(shared, clean_share=share).input_gradient(images, LABELS, keep=0.5)

    assert share == 2 / classes
    assert make_objective("ce", 12.0).clean_share(classes) == 1
    torch.testing.assert_close(first, second, rtol=1e-3, atol=1e-5)
    for one, other in zip(plain.parameters(), shared.parameters(), strict=True):
        assert one.grad is not None
        expected = one.grad * share
        atol = 1e-4 * expected.abs().max().item()
        torch.testing.assert_close(other.grad, expected, rtol=1e-3, atol=atol)


def test_a_negative_weight_is_refused(model: Normalised, images: Tensor) -> None:
    with pytest.raises(ValueError, match=r"keep must not be negative, got -1"):
        Door(model).input_gradient(images, LABELS, keep=-1)


def test_mixes_of_several_points_are_applied_one_after_another(
    model: Normalised, images: Tensor
) -> None:
    door, order = Door(model.eval()), torch.tensor([1, 0, 3, 2, 5, 4])
    other = torch.tensor([5, 4, 3, 2, 1, 0])
    with torch.no_grad():
        swapped = model(images[order][other])
        plain = model(images)
        door.hidden_mix(torch.zeros(COUNT).long(), order, torch.zeros(COUNT))
        door.hidden_mix(torch.zeros(COUNT).long(), other, torch.zeros(COUNT))
        with door.mixing():
            twice = model(images)
        layer = torch.tensor([0, 0, 1, 1, 2, 2])
        door.hidden_mix(layer, torch.tensor([1, 0, 2, 3, 5, 4]), torch.zeros(COUNT))
        with door.mixing():
            parts = model(images)

    torch.testing.assert_close(twice, swapped, rtol=1e-4, atol=1e-7)
    torch.testing.assert_close(parts, plain[[1, 0, 2, 3, 5, 4]], rtol=1e-4, atol=1e-7)


def test_mixes_act_in_one_forward_pass_and_in_no_other(model: Normalised, images: Tensor) -> None:
    door, order = Door(model.eval()), torch.arange(COUNT).flip(0)
    plain, gradient = model(images), door.input_gradient(images, LABELS)

    door.hidden_mix(torch.ones(COUNT).long(), order, torch.zeros(COUNT))
    assert torch.equal(model(images), plain)
    assert torch.equal(door.input_gradient(images, LABELS), gradient)
    with door.mixing():
        assert not torch.allclose(model(images), plain)
    with door.mixing():
        assert torch.equal(model(images), plain)


def test_an_error_in_the_pass_leaves_no_mix_behind(model: Normalised, images: Tensor) -> None:
    door = Door(model.eval())
    plain = model(images)
    door.hidden_mix(torch.ones(COUNT).long(), LABELS.flip(0), torch.zeros(COUNT))

    with pytest.raises(ValueError, match="6 rows to mix, but 2 images came"), door.mixing():
        model(images[:2])

    assert torch.equal(model(images), plain)
    with door.mixing():
        assert torch.equal(model(images), plain)


def test_features_in_low_precision_are_mixed_with_the_very_weight_of_the_labels() -> None:
    features = torch.rand(2, 3, 4, 4, generator=torch.Generator().manual_seed(0))
    low, order, weight = features.bfloat16(), torch.tensor([1, 0]), torch.full((2,), 0.3)

    mixed = Mix(torch.ones(2).long(), order, weight, frozenset({1})).at(1, low)

    assert mixed.dtype == torch.bfloat16
    assert torch.equal(mixed, torch.lerp(low[order].float(), low.float(), 0.3).bfloat16())


@pytest.mark.parametrize(
    ("layer", "count", "message"),
    [(3, COUNT, r"from 0 to 2, got \[3\]"), (0, 2, r"of one length, got \(6, 2, 6\)")],
)
def test_mixes_that_do_not_fit_are_refused(
    model: Normalised, layer: int, count: int, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        Door(model).hidden_mix(torch.full((COUNT,), layer), torch.arange(count), torch.ones(COUNT))


def brighter(images: Tensor, parameters: Tensor) -> Tensor:
    """Images plus a number of their own."""
    return images + parameters[:, :1, None, None]


def unit(parameters: Tensor) -> Tensor:
    return parameters.clamp(-1, 1)


def test_the_climb_follows_the_sign_of_the_gradient(model: Normalised, images: Tensor) -> None:
    start = torch.zeros(COUNT, 1)
    with untouched(model):
        reached = Door(model).maximise(
            lambda p: brighter(images, p), start, LABELS, Ascent(3, 0.4), unit
        )

    assert torch.equal(start, torch.zeros(COUNT, 1))
    model.eval()
    expected = torch.zeros(COUNT, 1)
    for _ in range(3):
        at = expected.clone().requires_grad_()
        loss = functional.cross_entropy(model(brighter(images, at)), LABELS, reduction="sum")
        (slope,) = torch.autograd.grad(loss, at)
        expected = unit(expected + 0.4 * slope.sign())
    assert torch.equal(reached, expected)
    assert reached.abs().max() <= 1


class Threshold(nn.Module):
    """Class 0 for images darker than one half."""

    def forward(self, x: Tensor) -> Tensor:
        """Logits of images (N, 3, H, W) after normalisation by one half."""
        bright = x.mean((1, 2, 3))
        return torch.stack((-bright, bright), 1)


@pytest.mark.parametrize(("patience", "steps"), [(0, [5, 5]), (1, [3, 0]), (2, [4, 1])])
def test_a_sample_stops_where_it_was_misclassified_often_enough(
    patience: int, steps: list[int]
) -> None:
    # Class 0, brightness 0.2 and 0.6: steps of 0.125 pass one half after three and after none.
    model = Normalised(Threshold(), HALF, HALF)
    images = torch.tensor([0.2, 0.6]).view(2, 1, 1, 1).expand(2, 3, 4, 4)
    ascent = Ascent(steps=5, size=0.125, patience=patience)

    reached = Door(model).maximise(
        lambda p: brighter(images, p), torch.zeros(2, 1), torch.zeros(2).long(), ascent, lambda p: p
    )

    assert (reached[:, 0] / 0.125).tolist() == steps


def test_the_climb_sees_the_route_that_it_names(images: Tensor) -> None:
    model = network(norm="dubin").eval()
    for name, value in model.named_buffers():
        if name.endswith("adversarial.running_mean"):
            value.add_(1.0)
    door, seen = Door(model), []
    for route in ("", "adversarial"):
        hook = model.model.get_submodule("fc").register_forward_hook(
            lambda _, __, output: seen.append(output.detach())
        )
        door.maximise(
            lambda p: brighter(images, p),
            torch.zeros(COUNT, 1),
            LABELS,
            Ascent(1, 0.1, 0, route),
            unit,
        )
        hook.remove()

    assert torch.allclose(seen[0], model(images), rtol=1e-4, atol=1e-7)
    assert not torch.allclose(seen[0], seen[1])


def test_the_network_runs_on_the_threads_of_the_training_and_augmentation_on_its_own() -> None:
    before = torch.get_num_threads()
    seen: dict[str, int] = {}

    class Watching(Threshold):
        def forward(self, x: Tensor) -> Tensor:
            seen["network"] = torch.get_num_threads()
            return super().forward(x)

    def images_of(parameters: Tensor) -> Tensor:
        seen["augmentation"] = torch.get_num_threads()
        return parameters.view(2, 1, 1, 1).expand(2, 3, 4, 4)

    try:
        torch.set_num_threads(2)
        door = Door(Normalised(Watching(), HALF, HALF))
        torch.set_num_threads(1)
        door.maximise(images_of, torch.zeros(2, 1), torch.zeros(2).long(), Ascent(1, 0.1), unit)
        assert seen == {"network": 2, "augmentation": 1}
        assert torch.get_num_threads() == 1
    finally:
        torch.set_num_threads(before)
