"""DuBIN: two batch normalisations, half of the first of each early block by image."""

import pytest
import torch
from torch import nn
from torch.nn import functional

from robench.errors import InputError
from robench.models import create
from robench.models.dual_norm import DualNorm, HalfDualNorm, dual_norms, routed


def images(seed: int = 0) -> torch.Tensor:
    return torch.rand(4, 3, 32, 32, generator=torch.Generator().manual_seed(seed))


def of(network: nn.Module, kind: type[nn.Module]) -> list[str]:
    """Names of the modules of a kind."""
    return [name for name, module in network.named_modules() if isinstance(module, kind)]


def test_wide_resnets_split_the_first_norm_of_each_block_of_two_groups() -> None:
    model = create("wrn16_1", 10, norm="dubin")

    places = [f"block{group}.layer.{block}.bn1" for group in (1, 2) for block in (0, 1)]
    assert of(model, HalfDualNorm) == places
    assert "block3.layer.0.bn1" in of(model, DualNorm)
    assert {name.rpartition(".")[2] for name in of(model, nn.BatchNorm2d)} == {
        "main",
        "adversarial",
    }


def test_resnet_18_leaves_its_last_stage_whole() -> None:
    model = create("resnet18_cifar", 10, norm="dubin")

    places = [
        f"conv{stage}_x.{block}.residual_function.1" for stage in (2, 3, 4) for block in (0, 1)
    ]
    assert of(model, HalfDualNorm) == places
    assert "conv5_x.0.residual_function.1" in of(model, DualNorm)
    assert "conv3_x.0.shortcut.1" in of(model, DualNorm)


@pytest.mark.parametrize("name", ["timm:resnet18", "torchvision:resnet18"])
def test_resnets_of_other_libraries_are_split_in_three_stages(name: str) -> None:
    model = create(name, 10, norm="dubin")

    places = [f"layer{stage}.{block}.bn1" for stage in (1, 2, 3) for block in (0, 1)]
    assert of(model, HalfDualNorm) == places


def test_half_of_the_channels_are_normalised_by_image_and_half_by_batch() -> None:
    norm = HalfDualNorm(nn.BatchNorm2d(5, eps=1e-3, momentum=0.3)).train()
    x = torch.rand(4, 5, 6, 6, generator=torch.Generator().manual_seed(0))

    out = norm(x)

    by_image = functional.instance_norm(x[:, :2], eps=1e-3)
    by_batch = functional.batch_norm(x[:, 2:], None, None, training=True, eps=1e-3)
    torch.testing.assert_close(out, torch.cat((by_image, by_batch), 1))
    mean = norm.batch.main.get_buffer("running_mean")
    torch.testing.assert_close(mean, 0.3 * x[:, 2:].mean((0, 2, 3)))


def test_both_routes_begin_alike_and_the_main_one_is_the_usual_network() -> None:
    plain, dual = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4)), DualNorm(nn.BatchNorm2d(4))
    conv = plain[0]
    x = images()
    expected = plain.train()(x)

    main = dual.train()(conv(x))
    with routed(dual, "adversarial"):
        adversarial = dual(conv(x))

    assert torch.equal(main, expected)
    assert torch.equal(adversarial, expected)


def test_a_route_ends_with_its_context_even_after_an_error() -> None:
    model = create("air32", 10, norm="dubin").eval()
    expected = model(images())

    with pytest.raises(RuntimeError), routed(model, "adversarial"):
        model(torch.zeros(1, 5, 32, 32))

    assert torch.equal(model(images()), expected)


def test_routes_are_nested() -> None:
    dual = DualNorm(nn.BatchNorm2d(3))
    with routed(dual, "adversarial"):
        with routed(dual, ""):
            assert dual.route == ""
        assert dual.route == "adversarial"
    assert dual.route == ""


def test_what_has_no_such_route_says_so() -> None:
    with pytest.raises(ValueError, match="norm='dubin'"), routed(nn.Linear(2, 2), "adversarial"):
        pass
    with pytest.raises(ValueError, match="no route 'main'"), routed(nn.Linear(2, 2), "main"):
        pass


def test_networks_that_it_does_not_fit_are_refused() -> None:
    with pytest.raises(InputError, match="needs batch normalisation"):
        create("timm:vit_tiny_patch16_224", 10, norm="dubin")
    with pytest.raises(InputError, match="blocks of a VGG are not known"):
        create("torchvision:vgg11_bn", 10, norm="dubin")
    with pytest.raises(InputError, match="norm must be one of"):
        create("air32", 10, norm="dual")
    model = create("air32", 10, norm="dubin")
    with pytest.raises(InputError, match="has it already"):
        dual_norms(model)
