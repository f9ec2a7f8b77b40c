"""PGD against another library, against an optimum worked out by hand, and its promises."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor
from victims import EPS, pictures, predictions, small_network, two_classes

from robench.attacks import literal, make_attack
from robench.attacks.balls import linf_ball
from robench.attacks.flags import inspect_attack
from robench.attacks.gradient import at_a_time
from robench.attacks.pgd import PGD
from robench.errors import InputError, RunError


@pytest.mark.parametrize("random_start", [False, True])
def test_gives_the_images_of_torchattacks_from_the_same_start(
    random_start: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    peer = pytest.importorskip("torchattacks")
    model, images = small_network().eval(), pictures(24)
    labels = predictions(model, images)
    attack = PGD(steps=10, random_start=random_start, stop="never")
    noise = attack.start(images, torch.arange(24)) - images
    monkeypatch.setattr(Tensor, "uniform_", lambda self, *_: self.copy_(noise))

    ours = attack(model, images, labels, torch.arange(24))
    theirs = peer.PGD(model, eps=EPS, alpha=0.5 / 255, steps=10, random_start=random_start)(
        images, labels
    )

    assert (ours.adversarial - theirs).abs().max() <= 1e-6
    assert (ours.adversarial - images).abs().max() > 0.9 * EPS
    torch.testing.assert_close(ours.fooled, predictions(model, theirs) != labels)


@pytest.mark.parametrize("eps", [1 / 255, EPS, 8 / 255, 0.1, 1.0])
@pytest.mark.parametrize("stop", ["first", "never"])
def test_no_value_leaves_the_ball_or_the_range_in_float64(eps: float, stop: str) -> None:
    model, images = small_network(), pictures(16)
    images[:4] = torch.rand(4, 3, 16, 16, generator=torch.Generator().manual_seed(0))
    attack = make_attack(f"pgd(eps={eps!r}, step_size={eps / 3!r}, steps=5, stop={stop!r})")

    found = attack(model, images, predictions(model, images), torch.arange(16)).adversarial

    assert (found.double() - images.double()).abs().max() <= eps
    assert 0 <= found.min() <= found.max() <= 1


def test_the_ball_is_as_large_as_float32_allows() -> None:
    images = torch.rand(2, 3, 64, 64, generator=torch.Generator().manual_seed(0))

    low, high = linf_ball(images, EPS)

    inside = (low > 0) & (high < 1)
    assert (images.double() - low.double() > EPS - 1.2e-7)[inside].all()
    assert (high.double() - images.double() > EPS - 1.2e-7)[inside].all()


def test_starts_have_the_same_bits_in_any_batch() -> None:
    images, indices = pictures(12), torch.arange(100, 112)
    attack = PGD()

    together = attack.start(images, indices)
    alone = torch.cat([attack.start(images[i : i + 1], indices[i : i + 1]) for i in range(12)])

    assert torch.equal(together, alone)
    assert not torch.equal(together, PGD(seed=1).start(images, indices))
    assert not torch.equal(together, attack.start(images, indices + 1))


def test_starts_fill_the_ball_evenly() -> None:
    grey = torch.full((64, 3, 16, 16), 0.5)

    offsets = ((PGD().start(grey, torch.arange(64)) - grey) / EPS).double()

    assert abs(float(offsets.mean())) < 0.015  # 49,152 draws: 5 standard errors, 6e-7
    assert abs(float(offsets.var()) - 1 / 3) < 0.008
    assert offsets.abs().max() <= 1 + 1e-5
    rows = offsets.flatten(1)
    assert abs(float((rows[0] * rows[1]).mean())) < 0.06  # 5 standard errors of 1/3/sqrt(768)


@pytest.mark.parametrize("stop", ["first", "never"])
def test_finds_the_known_optimum_of_a_linear_network(stop: str) -> None:
    generator = torch.Generator().manual_seed(5)
    direction = torch.randn(1, 3, 8, 8, generator=generator, dtype=torch.float64)
    images = 0.2 + 0.6 * torch.rand(300, 3, 8, 8, generator=generator)
    scores = (images.double() * direction).sum((1, 2, 3))
    threshold = float(scores.median())
    labels = (scores > threshold).long()
    reach = EPS * float(direction.abs().sum())  # no image is within EPS of 0 or 1
    expected = (scores - threshold).abs() < reach

    result = make_attack(f"pgd(stop={stop!r})")(
        two_classes(direction, threshold), images, labels, torch.arange(300)
    )

    assert 30 < int(expected.sum()) < 270
    assert ((scores - threshold).abs() - reach).abs().min() > 1e-5
    assert torch.equal(result.fooled, expected)
    assert torch.equal(result.steps > 0, expected)


def test_a_network_that_is_wrong_already_costs_no_step_and_changes_no_pixel() -> None:
    model, images = small_network(), pictures(6)
    labels = (predictions(model, images) + 1) % 5

    result = PGD()(model, images, labels, torch.arange(6))

    assert result.fooled.all()
    assert result.steps.tolist() == [0] * 6
    assert torch.equal(result.adversarial, images)


def test_stopping_early_fools_the_same_images_or_more() -> None:
    model, images = small_network(), pictures(200)
    labels = predictions(model, images)
    labels[::10] = (labels[::10] + 1) % 5

    first = PGD(steps=8)(model, images, labels, torch.arange(200))
    never = PGD(steps=8, stop="never")(model, images, labels, torch.arange(200))

    assert 20 < int(never.fooled.sum()) < 200
    assert (first.fooled | ~never.fooled).all()
    assert torch.equal(first.fooled, first.steps >= 0)
    assert set(never.steps.tolist()) == {8, -1}
    assert torch.equal(predictions(model, first.adversarial) != labels, first.fooled)
    assert len(set(first.steps.tolist())) > 4


def test_steps_say_when_an_image_was_fooled() -> None:
    """From the clean image, each step lowers the score by step_size * |direction|_1 exactly."""
    direction = torch.ones(1, 3, 4, 4, dtype=torch.float64)
    images = torch.full((4, 3, 4, 4), 0.5)
    step = 48 * 0.5 / 255
    margins = torch.tensor([-0.5, 0.5, 2.5, 4.5]) * step
    images += (margins / 48).view(4, 1, 1, 1)

    attack = PGD(random_start=False)
    result = attack(two_classes(direction, 24.0), images, torch.ones(4).long(), torch.arange(4))

    assert result.steps.tolist() == [0, 1, 3, -1]  # 2/255 is four steps away: 4.5 is out of reach


def test_leaves_the_network_as_it_was() -> None:
    model = small_network().train()
    model.model[1].eval()  # type: ignore[index]
    frozen = model.model[0].weight.requires_grad_(False)  # type: ignore[index]
    state = {name: value.clone() for name, value in model.state_dict().items()}

    PGD(steps=2)(model, pictures(8), torch.zeros(8).long(), torch.arange(8))

    assert [module.training for module in model.modules()][:5] == [True, True, True, False, True]
    assert not frozen.requires_grad
    assert sum(parameter.requires_grad for parameter in model.parameters()) == 4
    assert all(parameter.grad is None for parameter in model.parameters())
    for name, value in model.state_dict().items():
        assert torch.equal(value, state[name])


def test_is_restored_after_a_failure() -> None:
    model = small_network().train()
    with torch.no_grad():
        model.model[5].bias.fill_(float("nan"))  # type: ignore[index]

    with pytest.raises(RunError, match="logits that are not finite: the checkpoint is damaged"):
        PGD(stop="never")(model, pictures(2), torch.zeros(2).long(), torch.arange(2))

    assert model.training
    assert all(parameter.requires_grad for parameter in model.parameters())


def test_refuses_gradients_that_are_not_finite() -> None:
    def network(images: Tensor) -> Tensor:
        total = images.flatten(1).sum(1)
        return torch.stack([total, (total - total.detach()).sqrt()], 1)

    with pytest.raises(RunError, match="gradients that are not finite, of logits that are"):
        PGD()(network, pictures(2), torch.zeros(2).long(), torch.arange(2))


@pytest.mark.parametrize("trainable", [False, True])
def test_refuses_a_network_that_hides_its_gradient(trainable: bool) -> None:
    model = small_network().requires_grad_(trainable)

    with pytest.raises(RunError, match="detaches its input"):
        PGD(stop="never")(
            lambda x: model(x.detach()), pictures(2), torch.zeros(2).long(), torch.arange(2)
        )


@pytest.mark.parametrize("mode", [torch.no_grad, torch.inference_mode])
def test_works_where_gradients_are_off(mode: Callable[[], torch.no_grad]) -> None:
    model, images = small_network(), pictures(8)
    labels = predictions(model, images)
    expected = PGD(stop="never")(model, images, labels, torch.arange(8)).adversarial

    with mode(), torch.autocast("cpu", dtype=torch.bfloat16):
        found = PGD(stop="never")(model, images.clone(), labels.clone(), torch.arange(8))

    assert torch.equal(found.adversarial, expected)


def test_feeds_the_network_channels_last() -> None:
    seen = []

    def network(images: Tensor) -> Tensor:
        seen.append(images.is_contiguous(memory_format=torch.channels_last))
        return images.flatten(1)[:, :2] * 100

    PGD(steps=3)(network, pictures(9), torch.zeros(9).long(), torch.arange(9))

    assert len(seen) > 3
    assert all(seen)


def test_the_error_is_the_same_in_blocks_of_any_size() -> None:
    """Of 600 images one may tip over by rounding: 0.2 %."""
    model, images = small_network(), pictures(600)
    labels, indices = predictions(model, images), torch.arange(600)
    whole = PGD(steps=6)(model, images, labels, indices).fooled

    for size in (11, 90, 256):
        parts = [
            PGD(steps=6)(model, images[i : i + size], labels[i : i + size], indices[i : i + size])
            for i in range(0, 600, size)
        ]
        apart = (torch.cat([part.fooled for part in parts]) != whole).sum()
        assert apart <= 1
    assert 60 < int(whole.sum()) < 540


def test_the_network_sees_no_more_images_than_fit_the_cache() -> None:
    seen = []

    def network(images: Tensor) -> Tensor:
        seen.append(len(images))
        return images.flatten(1)[:, :2] * 100

    images, most = pictures(800, 32), at_a_time(pictures(1, 32))
    PGD(steps=2, stop="never")(network, images, torch.zeros(800).long(), torch.arange(800))

    assert sum(seen) == 3 * 800
    assert 1 < max(seen) <= most
    assert min(seen) > 0.8 * max(seen)


def test_no_images_are_no_trouble() -> None:
    none = torch.zeros(0).long()
    for attack in (PGD(), PGD(stop="never"), PGD(norm="L2", restarts=2)):
        assert len(attack(small_network(), pictures(0), none, none).fooled) == 0
        assert inspect_attack(attack, small_network(), pictures(0), none, none) == []


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("norm='L2', eps=-1", "eps must be in"),
        ("restarts=0", "restarts must be at least 1"),
        ("restarts=2000", "at most 32767, got 40000"),
        ("restarts=2, random_start=False", "every restart is the same"),
        ("centre='start'", "which has stop='never'"),
        ("centre='start', stop='never', norm='L2'", "which has norm='Linf'"),
        ("centre='here'", "centre must be 'clean' or 'start'"),
        ("steps=0", "steps must be at least 1"),
        ("steps=0, norm='L2'", "steps must be at least 1"),
        ("steps=2.5", "steps must be a whole number, got 2.5"),
        ("steps=True", "steps must be a whole number, got True"),
        ("restarts=2.0", "restarts must be a whole number"),
        ("seed=1.5", "seed must be a whole number"),
        ("random_start=0", "random_start must be True or False, got 0"),
        ("random_start='no'", "random_start must be True or False, got 'no'"),
        ("eps=True", "eps must be a number, got True"),
        ("eps='0.1'", "eps must be a number"),
        ("eps='0.1', norm='L2'", "eps must be a number"),
        ("step_size=None", "step_size must be a number"),
        ("eps=1e400, norm='L2'", r"eps must be in \(0, 10000\]"),
        ("norm=['L2']", "norm must be"),
        ("eps=0", "eps must be in"),
        ("eps=2", "on the scale of the images"),
        ("step_size=-1", "step_size must be in"),
        ("norm='L1'", "norm must be 'Linf' or 'L2', got 'L1'"),
        ("stop='late'", "stop must be"),
        ("radius=1", "radius"),
    ],
)
def test_refuses_arguments_outside_their_range(change: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        make_attack(f"pgd({change})")


@pytest.mark.parametrize(
    ("images", "labels", "message"),
    [
        (pictures(2) * 255, torch.zeros(2).long(), r"in \[0, 1\]"),
        (pictures(2).double(), torch.zeros(2).long(), "float32"),
        (pictures(3), torch.zeros(3).long(), "one index"),
        (pictures(2), torch.zeros(3).long(), "one label"),
    ],
)
def test_refuses_images_on_another_scale_or_of_another_kind(
    images: Tensor, labels: Tensor, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        PGD()(small_network(), images, labels, torch.arange(2))


def test_the_literal_is_canonical_and_exact() -> None:
    text = literal("pgd20")

    assert text == (
        "pgd(eps=0.00784313725490196, norm='Linf', random_start=True, seed=0, "
        "step_size=0.00196078431372549, steps=20, stop='first')"
    )
    assert literal(text) == text
    assert make_attack(text) == PGD()
    assert make_attack(text).describe() == {
        "name": "pgd",
        "loss": "sum-ce",
        "start_version": 1,
        "steps": 20,
        "eps": EPS,
        "step_size": 0.5 / 255,
        "norm": "Linf",
        "random_start": True,
        "stop": "first",
        "seed": 0,
    }


def test_whole_and_real_numbers_are_one_attack_with_one_literal() -> None:
    whole, real = make_attack("pgd(eps=1, step_size=1)"), make_attack("pgd(eps=1.0, step_size=1.0)")

    assert whole == real
    assert whole.literal == real.literal
    assert whole.literal.startswith("pgd(eps=1.0, ")


def test_a_network_that_writes_into_its_input_is_attacked_like_any_other() -> None:
    model, images = small_network(), pictures(30)
    labels, indices = predictions(model, images), torch.arange(30)

    def network(images: Tensor) -> Tensor:
        return model(images.sub_(0.5).mul_(2).div_(2).add_(0.5))  # type: ignore[no-any-return]

    def twin(images: Tensor) -> Tensor:
        return model(images.sub(0.5).mul(2).div(2).add(0.5))  # type: ignore[no-any-return]

    for attack in (PGD(steps=3), PGD(steps=3, stop="never")):
        assert torch.equal(
            attack(network, images, labels, indices).adversarial,
            attack(twin, images, labels, indices).adversarial,
        )
    assert torch.equal(images, pictures(30))


@pytest.mark.parametrize(
    ("outcome", "message"),
    [
        (lambda x: x[:, 0], r"expected \(2, K\), got \(2,\)"),
        (lambda x: (x, x), "got a tuple"),
        (lambda x: x[:1], r"got \(1, 5\)"),
    ],
)
def test_what_is_no_table_of_logits_is_named(
    outcome: Callable[[Tensor], object], message: str
) -> None:
    model = small_network()

    def network(images: Tensor) -> Tensor:
        return outcome(model(images))  # type: ignore[return-value]

    for attack in (PGD(), PGD(stop="never")):
        with pytest.raises(InputError, match=message):
            attack(network, pictures(2), torch.zeros(2).long(), torch.arange(2))


def test_a_name_with_its_numbers_in_it_takes_no_arguments() -> None:
    with pytest.raises(InputError, match="pgd20"):
        make_attack("pgd20(steps=40)")
