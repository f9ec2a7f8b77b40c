"""Feature pictures: where features are found, how they are drawn, and what that leads to."""

import pickle
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from scipy import stats
from torch import nn
from torchvision.models import resnet18

from augmentations.mixing_sets.kinds import feature_networks, feature_vis
from augmentations.mixing_sets.kinds.feature_networks import (
    coloured_noise,
    default_networks,
    digest,
    lessons,
    random_network,
    self_taught_network,
)
from augmentations.mixing_sets.kinds.feature_stages import Stage, activations, find_stages
from augmentations.mixing_sets.kinds.feature_vis import (
    FEATURE_VIS,
    KINDS,
    LIMITS,
    Settings,
    draw_recipe,
    excitation,
    optimise,
    use_networks,
)
from augmentations.mixing_sets.kinds.fourier_pictures import (
    COLOURS,
    paint,
    resize,
    transform,
    variation,
)
from augmentations.mixing_sets.quality import fault, is_hopeless
from robench import models

SMALL = Settings(side=32, steps=24)
NOISE = coloured_noise(4, 32, seed=1)
STILL = np.array((1.0, 0.0, 0.0, 0.0), np.float32)


def _network(seed: int = 0) -> nn.Sequential:
    """Two convolutions with normalised features between them, as initialised."""
    torch.manual_seed(seed)
    first, second = nn.Conv2d(3, 8, 5, padding=2), nn.Conv2d(8, 12, 3, stride=2, padding=1)
    network = nn.Sequential(first, nn.BatchNorm2d(8), nn.ReLU(), second, nn.ReLU())
    return nn.Sequential(network, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(12, 3))


@pytest.fixture(scope="module")
def places() -> list[tuple[Stage, ...]]:
    """Stages of a tiny network and of a random ResNet-18, for pictures of 32 pixels."""
    return [find_stages(network, NOISE) for network in (_network(), random_network(0))]


@pytest.fixture
def in_use(monkeypatch: pytest.MonkeyPatch) -> nn.Module:
    """A tiny network, chosen for the process and forgotten afterwards."""
    monkeypatch.setattr(feature_vis, "_STUDIO", feature_vis._Studio())
    network = _network()
    use_networks([network], SMALL)
    return network


def test_a_stage_is_the_last_linear_layer_of_its_size_before_the_activation() -> None:
    stages = find_stages(_network(), NOISE)
    assert [type(stage.module) for stage in stages] == [nn.BatchNorm2d, nn.Conv2d]
    assert [stage.channels for stage in stages] == [8, 12]


@pytest.mark.parametrize(
    ("arch", "channels"),
    [
        ("air32", [32, 64, 64]),
        ("wrn16_1", [16, 32, 64]),
        ("resnet18_cifar", [64, 128, 256, 512]),
    ],
)
def test_stages_of_our_own_networks(arch: str, channels: list[int]) -> None:
    stages = find_stages(models.create(arch, 10), NOISE)
    assert [stage.channels for stage in stages] == channels


def test_stages_of_torchvisions_resnet_end_each_group_of_blocks() -> None:
    network = resnet18(weights=None)
    stages = find_stages(network, coloured_noise(2, 64, seed=0))
    names = [
        next(name for name, module in s.network.named_modules() if module is s.module)
        for s in stages
    ]
    assert names == ["bn1", "layer1.1.bn2", "layer2.1.bn2", "layer3.1.bn2"]
    assert network.training  # copied, not changed


def test_a_network_without_feature_maps_is_refused() -> None:
    flat = nn.Sequential(nn.Flatten(), nn.Linear(3 * 32 * 32, 10))
    with pytest.raises(ValueError, match="Sequential has no convolutional feature maps"):
        find_stages(flat, NOISE)
    with pytest.raises(ValueError, match="at least one network"):
        use_networks([])


def test_activations_are_those_of_the_module_and_cost_no_layer_behind_it() -> None:
    network = _network().eval()
    stage = find_stages(network, NOISE)[0]
    behind: list[int] = []
    stage.network.get_submodule("1").register_forward_hook(lambda *_: behind.append(1))
    expected = network.get_submodule("0.1")(network.get_submodule("0.0")(NOISE))
    torch.testing.assert_close(activations(stage, NOISE), expected)
    assert not behind
    assert not stage.module._forward_hooks


def test_excitation_is_the_mean_softplus_of_standardised_activations(
    places: list[tuple[Stage, ...]],
) -> None:
    stage = places[0][1]
    maps = activations(stage, NOISE)
    standard = (maps - maps.mean((0, 2, 3))[:, None, None]) / maps.std((0, 2, 3))[:, None, None]
    direction = torch.eye(12)[4]
    wanted = torch.log(1 + standard[:, 4].double().exp()).mean().float()
    torch.testing.assert_close(excitation(stage, direction, NOISE), wanted)


def test_networks_stages_and_kinds_are_drawn_uniformly(places: list[tuple[Stage, ...]]) -> None:
    rng = np.random.default_rng(0)
    few = replace(SMALL, side=8, steps=1)
    drawn = [draw_recipe(rng, places, few) for _ in range(1200)]
    counts = [
        sum(recipe.stage is stage for recipe in drawn) for network in places for stage in network
    ]
    expected = [600 / len(network) for network in places for _ in network]
    assert stats.chisquare(counts, expected).pvalue > 1e-5
    kinds = [sum(recipe.kind == kind for recipe in drawn) for kind in KINDS]
    assert stats.chisquare(kinds).pvalue > 1e-5


def test_directions_have_norm_one_and_as_many_channels_as_their_kind_says(
    places: list[tuple[Stage, ...]],
) -> None:
    rng = np.random.default_rng(1)
    for _ in range(60):
        recipe = draw_recipe(rng, places, SMALL)
        used = np.count_nonzero(recipe.direction)
        every = len(recipe.direction)
        assert used in {"channel": (1,), "sum of channels": (2, 3)}.get(recipe.kind, (every,))
        assert np.linalg.norm(recipe.direction) == pytest.approx(1, abs=1e-5)


def test_transformations_stay_within_their_bounds_and_use_them(
    places: list[tuple[Stage, ...]],
) -> None:
    moves = draw_recipe(np.random.default_rng(2), places, Settings(steps=2000)).moves
    bounds = np.array((0.1, np.radians(10), 12 / 64, 12 / 64))
    reach = np.abs(moves - STILL).max(0)
    assert (reach <= bounds * 1.0001).all()
    assert (reach > 0.98 * bounds).all()


def test_a_constant_coefficient_paints_an_even_picture_in_correlated_colours() -> None:
    coefficients = torch.zeros(3, 16, 9, 2)
    coefficients[0, 0, 0, 0] = 1.0
    picture = paint(coefficients)
    logits = torch.logit(picture[0, :, 3, 5])
    torch.testing.assert_close(logits / logits[0], torch.tensor(COLOURS)[:, 0] / COLOURS[0][0])
    assert float(variation(picture)) < 1e-3


def test_colours_are_the_cholesky_factor_of_the_covariance_of_natural_pixels() -> None:
    root = np.array(COLOURS)
    np.testing.assert_allclose(np.linalg.norm(root, axis=1).max(), 1, atol=1e-3)
    covariance = root @ root.T
    spread = np.sqrt(np.diag(covariance))
    links = covariance / np.outer(spread, spread)
    assert links[0, 1] > links[0, 2] > 0.75  # red and blue are the least alike
    assert links[1, 2] > 0.9


@pytest.mark.data
def test_colours_agree_with_the_training_images_of_cifar_10(data_dir: Path) -> None:
    with (data_dir / "cifar-10-batches-py" / "data_batch_1").open("rb") as file:
        planes = pickle.load(file, encoding="bytes")[b"data"][::4].reshape(-1, 3, 1024)
    pixels = planes.transpose(0, 2, 1).reshape(-1, 3) / 255
    root = np.linalg.cholesky(np.cov(pixels.T))
    np.testing.assert_allclose(COLOURS, root / np.linalg.norm(root, axis=1).max(), atol=0.01)


def test_a_transformation_that_does_nothing_is_the_identity_and_a_shift_moves() -> None:
    image = NOISE[:1]
    torch.testing.assert_close(transform(image, STILL), image, atol=1e-5, rtol=0)
    moved = transform(image, STILL + np.array((0, 0, 4 / 32, 0), np.float32))
    torch.testing.assert_close(moved[..., :28], image[..., 4:], atol=1e-4, rtol=0)
    torch.testing.assert_close(moved[..., 28:], image[..., 28:].flip(3), atol=1e-4, rtol=0)


def test_gradients_reach_every_coefficient_but_the_parameters_get_none(
    places: list[tuple[Stage, ...]],
) -> None:
    for network in places:
        for stage in network:
            start = torch.randn(3, 32, 17, 2, generator=torch.Generator().manual_seed(0))
            start.requires_grad_()
            score = excitation(stage, torch.ones(stage.channels), paint(start))
            (gradient,) = torch.autograd.grad(score, start)
            # Of the columns 0 and 16 the imaginary parts of two frequencies do not matter.
            assert int((gradient != 0).sum()) == start.numel() - 3 * 4
            assert all(parameter.grad is None for parameter in stage.network.parameters())


def test_optimising_multiplies_the_excitation_over_the_random_start(
    places: list[tuple[Stage, ...]],
) -> None:
    """Every picture gains a tenth at least, on average four tenths, within 24 steps."""
    gains = []
    for seed in range(12):
        recipe = draw_recipe(np.random.default_rng([7, seed]), places, SMALL)
        direction = torch.from_numpy(recipe.direction)
        ends = (
            paint(torch.from_numpy(recipe.start)),
            torch.from_numpy(optimise(recipe, SMALL))[None],
        )
        with torch.no_grad():
            before, after = (float(excitation(recipe.stage, direction, end)) for end in ends)
        gains.append(after / before)
    assert min(gains) > 1.1
    assert np.mean(gains) > 1.4


def test_smoothness_makes_smoother_pictures(places: list[tuple[Stage, ...]]) -> None:
    recipe = draw_recipe(np.random.default_rng(11), places[:1], SMALL)
    rough, smooth = (
        float(variation(torch.from_numpy(optimise(recipe, replace(SMALL, smoothness=s)))[None]))
        for s in (0.0, 3e-2)
    )
    assert smooth < 0.7 * rough


def test_a_candidate_depends_on_its_source_of_randomness_alone(in_use: nn.Module) -> None:
    torch.manual_seed(1)
    first = FEATURE_VIS.draw(np.random.default_rng(7), 0)(48)
    torch.manual_seed(2)
    FEATURE_VIS.draw(np.random.default_rng(1), 0)(48)
    again, other = (FEATURE_VIS.draw(np.random.default_rng(s), 5)(48) for s in (7, 8))
    assert first.shape == (48, 48, 3)
    assert first.dtype == np.uint8
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()
    assert not any(module._forward_hooks for module in in_use.modules())


def test_a_picture_is_the_same_with_one_thread_and_with_two(in_use: nn.Module) -> None:
    pictures, before = [], torch.get_num_threads()
    try:
        for threads in (1, 2):
            torch.set_num_threads(threads)
            pictures.append(FEATURE_VIS.draw(np.random.default_rng(3), 0)(32))
            assert torch.get_num_threads() == threads
    finally:
        torch.set_num_threads(before)
    np.testing.assert_array_equal(pictures[0], pictures[1])


def test_a_candidate_is_optimised_once_for_all_sizes(
    in_use: nn.Module,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    calls: list[int] = []

    def counted(*args: object) -> object:
        calls.append(1)
        return optimise(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(feature_vis, "optimise", counted)
    render = FEATURE_VIS.draw(np.random.default_rng(3), 0)
    assert not calls
    small, native, large = (render(size) for size in (16, 32, 64))
    assert len(calls) == 1
    boxes = large.reshape(32, 2, 32, 2, 3).mean((1, 3))
    assert np.corrcoef(boxes.ravel(), native.ravel())[0, 1] > 0.95
    assert small.shape == (16, 16, 3)


def test_resizing_keeps_an_even_picture_even_and_rounds() -> None:
    even = np.full((3, 8, 8), 0.302, np.float32)
    for size in (5, 8, 20):
        assert (resize(even, size) == 77).all()  # 77.01


def test_an_even_picture_is_rejected_and_a_textured_one_is_not() -> None:
    even = resize(np.full((3, 64, 64), 0.4, np.float32), 256)
    tiles = np.random.default_rng(0).uniform(size=(3, 16, 16)).astype(np.float32)
    texture = resize(np.kron(tiles, np.ones((1, 4, 4), np.float32)), 256)
    assert fault(even, LIMITS) is not None
    assert is_hopeless(resize(np.full((3, 64, 64), 0.4, np.float32), 64), LIMITS)
    assert fault(texture, LIMITS) is None


def test_the_random_network_has_features_of_variance_one_on_noise() -> None:
    stages = find_stages(random_network(0), coloured_noise(16, 64, seed=50))
    for stage in stages:
        assert 0.5 < float(stage.spread.mean()) < 1.5


def test_the_random_network_and_its_digest_are_decided_by_the_seed_and_leave_torch_alone() -> None:
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    networks = [random_network(seed) for seed in (3, 3, 4)]
    torch.testing.assert_close(torch.rand(3), expected, atol=0, rtol=0)
    first, again, other = (digest([network]) for network in networks)
    assert first == again != other


def test_a_digest_sees_values_names_and_order() -> None:
    one, two = _network(0), _network(1)
    codes = {digest([one]), digest([two]), digest([one, two]), digest([two, one])}
    assert len(codes) == 4
    with torch.no_grad():
        next(one.parameters())[0, 0, 0, 0] += 1e-3
    assert digest([one]) not in codes


def test_lessons_are_pictures_of_fourteen_kinds_in_turn() -> None:
    images, labels = lessons(0, 2)
    assert images.shape == (28, 3, 64, 64)
    assert 0 <= float(images.min()) < float(images.max()) <= 1
    assert labels.tolist() == [*range(14), *range(14)]


@pytest.fixture(scope="module")
def taught() -> nn.Module:
    """A network that had a few lessons."""
    return self_taught_network(0, per_kind=10, epochs=6)


def test_a_self_taught_network_tells_new_pictures_of_the_kinds_apart(taught: nn.Module) -> None:
    """Guessing is right once in 14; more than 17 of 84 by chance: below 1e-4."""
    images, labels = lessons(99, 6)
    with torch.no_grad():
        right = (taught(images).argmax(1) == labels).sum()
    assert int(right) > 17


def test_two_of_three_pictures_of_the_default_kinds_of_network_are_accepted(
    taught: nn.Module, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A binomial share of 0.66 leaves at least 1 of 9 with a probability above 1 - 1e-4."""
    monkeypatch.setattr(feature_vis, "_STUDIO", feature_vis._Studio())
    use_networks([random_network(0), taught])
    renders = [FEATURE_VIS.draw(np.random.default_rng([7, seed]), seed) for seed in range(9)]
    assert sum(fault(render(256), LIMITS) is None for render in renders) >= 1


def test_without_a_choice_the_default_networks_are_made_once_and_used(
    taught: nn.Module, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[int] = []

    def teach(seed: int) -> nn.Module:
        made.append(seed)
        return taught

    monkeypatch.setattr(feature_networks, "self_taught_network", teach)
    monkeypatch.setattr(feature_vis, "_STUDIO", feature_vis._Studio())
    default_networks.cache_clear()
    try:
        for seed in range(3):
            FEATURE_VIS.draw(np.random.default_rng(seed), seed)
        assert default_networks()[1] is taught
        assert made == [0]
    finally:
        default_networks.cache_clear()
