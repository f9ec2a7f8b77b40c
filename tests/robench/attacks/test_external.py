"""Attacks of torchattacks by name, and AutoAttack."""

import random
import sys
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch import Tensor
from victims import pictures, predictions, small_network

from robench.attacks import literal, make_attack
from robench.errors import InputError, RunError, UnknownNameError

peer = pytest.importorskip("torchattacks")
SHORT = "autoattack(eps=0.02, steps=5, queries=20)"
INDICES = torch.arange(12)


@pytest.fixture(scope="module")
def images() -> Tensor:
    return pictures(12)


@pytest.fixture(scope="module")
def labels(images: Tensor) -> Tensor:
    found = predictions(small_network(), images)
    found[0] = (found[0] + 1) % 5
    return found


def test_literals_name_every_argument_and_stay_the_same() -> None:
    text = literal("torchattacks:CW(c=1)")

    assert text == "torchattacks:CW(c=1, kappa=0, lr=0.01, steps=50)"
    assert literal(text) == text == literal("torchattacks:CW") == literal("torchattacks: CW")
    assert make_attack(text) == make_attack("torchattacks:CW")
    assert literal("autoattack(eps=0.02)") == (
        "autoattack(eps=0.02, norm='Linf', queries=5000, seed=0, steps=100)"
    )


def test_the_passport_has_every_argument_and_says_how_draws_are_shared() -> None:
    assert make_attack("torchattacks:CW(c=2)").describe() == {
        "name": "torchattacks:CW",
        "run_version": 1,
        "randomness": "per block",
        "c": 2,
        "kappa": 0,
        "lr": 0.01,
        "steps": 50,
    }
    assert make_attack("torchattacks:AutoAttack").describe()["version"] == "standard"
    described = make_attack("autoattack").describe()
    assert described["randomness"] == "per block"
    assert (described["version"], described["targets"]) == (1, 9)


@pytest.mark.parametrize(
    "text",
    [
        "torchattacks:PGD(eps=0.02)",
        "torchattacks:CW(c=1)",
        "torchattacks:FAB",
        "torchattacks:APGD(norm='L2', eps=0.5)",
        "torchattacks:Pixle(restarts=2)",
        SHORT,
    ],
)
def test_equal_blocks_give_equal_results_and_the_verdict_is_the_networks(
    text: str, images: Tensor, labels: Tensor
) -> None:
    model, attack = small_network().train(), make_attack(text)
    states = torch.get_rng_state(), np.random.get_state()[1].sum(), random.getstate()  # type: ignore[index]  # noqa: NPY002

    one = attack(model, images, labels, INDICES)
    two = attack(model, images, labels, INDICES)

    assert model.training
    assert torch.equal(one.adversarial, two.adversarial)
    assert one.steps[0] == 0
    assert torch.equal(one.adversarial[0], images[0])
    assert torch.equal(one.fooled, predictions(model, one.adversarial) != labels)
    assert int(one.fooled.sum()) > 1
    assert torch.equal(torch.get_rng_state(), states[0])
    assert np.random.get_state()[1].sum() == states[1]  # type: ignore[index]  # noqa: NPY002
    assert random.getstate() == states[2]


def test_pgd_by_name_gives_what_the_package_gives(images: Tensor) -> None:
    model = small_network().eval()
    labels = predictions(model, images)

    ours = make_attack("torchattacks:PGD(eps=0.02, random_start=False)")(
        model, images, labels, INDICES
    )
    theirs = peer.PGD(model, eps=0.02, random_start=False)(images, labels)

    assert torch.equal(ours.fooled, predictions(model, theirs) != labels)
    assert (ours.adversarial - theirs)[ours.fooled].abs().max() <= 1e-6


@pytest.mark.parametrize("norm", ["Linf", "L2"])
def test_autoattack_stays_in_its_ball_and_fools_at_least_what_pgd_does(
    norm: str, images: Tensor, labels: Tensor
) -> None:
    model, eps = small_network(), 0.01 if norm == "Linf" else 0.3
    attack = make_attack(f"autoattack(eps={eps}, norm={norm!r}, steps=20, queries=50)")

    found = attack(model, images, labels, INDICES)
    weaker = make_attack(f"pgd(norm={norm!r}, eps={eps}, step_size={eps / 4}, stop='never')")

    offset = (found.adversarial.double() - images.double()).flatten(1)
    order = torch.inf if norm == "Linf" else 2
    assert offset.norm(order, dim=1).max() <= eps * (1 + 1e-5) + 1e-7
    assert int(found.fooled.sum()) >= int(weaker(model, images, labels, INDICES).fooled.sum())
    assert set(found.steps.tolist()) <= {-1, 0, 1, 2, 3, 4}


def test_works_under_no_grad_on_one_image_on_none_and_without_parameters(
    images: Tensor, labels: Tensor
) -> None:
    attack, model = make_attack(SHORT), small_network()

    def network(batch: Tensor) -> Tensor:
        return batch.flatten(1)[:, :5] * 10

    with torch.inference_mode():
        assert len(attack(model, images[1:2], labels[1:2], INDICES[:1]).steps) == 1
        attack(network, images[:2].clone(), labels[:2], INDICES[:2])
    none = attack(model, images[:0], labels[:0], INDICES[:0])
    assert none.steps.tolist() == []


def test_all_wrong_already_is_no_work(images: Tensor, labels: Tensor) -> None:
    wrong = (predictions(small_network(), images) + 1) % 5

    found = make_attack(SHORT)(small_network(), images, wrong, INDICES)

    assert found.steps.tolist() == [0] * 12
    assert torch.equal(found.adversarial, images)
    assert len(labels) == 12


@pytest.mark.parametrize(
    ("text", "classes", "message"),
    [
        ("torchattacks:CW", 1, "at least 2 classes, got 1"),
        ("torchattacks:APGD(loss='dlr')", 2, "at least 3 classes"),
        ("torchattacks:APGDT", 3, "at least 4 classes"),
        ("torchattacks:JSMA", 5, "at least 10 classes"),
        ("torchattacks:FAB(n_classes=9)", 5, "n_classes of 2 to 5"),
        (SHORT, 3, "at least 4 classes, got 3"),
    ],
)
def test_networks_with_too_few_classes_are_refused(text: str, classes: int, message: str) -> None:
    with pytest.raises(InputError, match=message):
        make_attack(text)(
            small_network(classes), pictures(2), torch.zeros(2).long(), torch.arange(2)
        )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("torchattacks:DeepFoul", "Did you mean 'DeepFool'"),
        ("torchattacks:MultiAttack", "Unknown attack of torchattacks"),
        ("torchattacks:__version__", "Unknown attack"),
    ],
)
def test_unknown_names_come_with_near_ones(text: str, message: str) -> None:
    with pytest.raises(UnknownNameError, match=message):
        make_attack(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("torchattacks:CW(weight=1)", "unexpected keyword argument 'weight'"),
        ("torchattacks:CW(model=1)", "multiple values"),
        ("autoattack(norm='L1')", "norm must be"),
        ("autoattack(eps=2)", "scale of the images"),
        ("autoattack(steps=0)", "steps must be at least 1"),
        ("autoattack(steps=1.5)", "steps must be a whole number"),
        ("autoattack(queries=2.5)", "queries must be a whole number"),
        ("autoattack(seed=1.5)", "seed must be a whole number"),
        ("autoattack(seed=-1)", "seed must be from 0"),
        ("autoattack(steps=40000)", "at most 32767"),
        ("autoattack(eps=1e400, norm='L2')", r"eps must be in \(0, 10000\]"),
        ("torchattacks:PGD(steps=0)", "steps must be at least 1"),
        ("torchattacks:CW(steps=2.5)", "steps must be a whole number"),
        ("torchattacks:PGD(eps=8)", "on the scale of the images, got 8"),
        ("torchattacks:Square(eps=0)", r"eps must be in \(0, 1\]"),
    ],
)
def test_arguments_that_do_not_fit_are_refused(text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        make_attack(text)


@pytest.mark.parametrize("text", ["torchattacks:CW", "autoattack"])
def test_without_the_package_the_message_says_how_to_get_it(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "torchattacks", None)

    with pytest.raises(InputError, match=r"pip install 'robench\[attacks\]'"):
        make_attack(text)


@pytest.mark.parametrize(
    ("outcome", "message"),
    [
        (lambda x: x * 3, "gave values from"),
        (lambda x: x * float("nan"), "not finite"),
        (lambda x: x[:, :1], "gave"),
        (lambda x: x[:, 7], "failed inside torchattacks"),
    ],
)
def test_what_comes_back_must_be_images(
    outcome: object, message: str, images: Tensor, labels: Tensor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(peer.CW, "forward", lambda _, x, y: outcome(x))  # type: ignore[operator]

    with pytest.raises(RunError, match=message):
        make_attack("torchattacks:CW")(small_network(), images, labels, INDICES)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("torchattacks:FAB(norm='L1')", "failed inside torchattacks: UnboundLocalError: "),
        ("torchattacks:EADL1(max_iterations=5)", "failed inside torchattacks: ZeroDivisionError: "),
        ("torchattacks:PGDRS(noise_type='none')", "failed inside torchattacks: UnboundLocalError"),
        ("torchattacks:JSMA(gamma='no')", "failed inside torchattacks: [A-Z]"),
    ],
)
def test_whatever_fails_inside_is_one_message(
    text: str, message: str, images: Tensor, labels: Tensor
) -> None:
    model = small_network(10)

    with pytest.raises(RunError, match=message):
        make_attack(text)(model, images, predictions(model, images), INDICES)
    assert len(labels) == 12


@pytest.mark.parametrize("where", ["__init__", "set_device", "forward"])
def test_failures_without_words_are_named_wherever_they_happen_and_nothing_is_printed(
    where: str,
    images: Tensor,
    labels: Tensor,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    attack = make_attack("torchattacks:CW")

    def fail(*_: object, **__: object) -> None:
        sys.stdout.write("of no interest")
        raise AssertionError

    monkeypatch.setattr(peer.CW, where, fail)
    monkeypatch.setattr("inspect.signature", lambda _: SimpleNamespace(parameters={}))
    monkeypatch.setattr("robench.attacks.external.find", lambda _: peer.CW)

    with pytest.raises(RunError, match=r"failed inside torchattacks: AssertionError$"):
        attack(small_network(), images, labels, INDICES)
    assert capsys.readouterr().out == ""


def test_a_network_without_parameters_prints_nothing(
    images: Tensor, labels: Tensor, capsys: pytest.CaptureFixture[str]
) -> None:
    make_attack("torchattacks:FGSM")(lambda x: x.flatten(1)[:, :5], images, labels, INDICES)

    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    "text", ["torchattacks:PGD(random_start=False)", "torchattacks:Square(n_queries=20)", SHORT]
)
def test_networks_that_write_into_their_input_change_nothing(
    text: str, images: Tensor, labels: Tensor
) -> None:
    model, attack = small_network(), make_attack(text)

    def network(images: Tensor) -> Tensor:
        logits: Tensor = model(images)
        images.detach().zero_()
        return logits

    def apart(images: Tensor) -> Tensor:
        return network(images.clone())

    one, two = (attack(some, images, labels, INDICES) for some in (network, apart))

    assert torch.equal(one.adversarial, two.adversarial)
    assert int(one.fooled.sum()) > 1


@pytest.mark.parametrize("text", ["torchattacks:PGD", "torchattacks:FAB", SHORT])
def test_networks_of_low_precision_can_be_attacked(
    text: str, images: Tensor, labels: Tensor
) -> None:
    model = small_network()

    def network(images: Tensor) -> Tensor:
        with torch.autocast("cpu", dtype=torch.bfloat16):
            return model(images)  # type: ignore[no-any-return]

    assert network(images).dtype == torch.bfloat16
    assert make_attack(text)(network, images, labels, INDICES).fooled.any()


def test_what_leaves_the_ball_is_left_to_the_next_part(
    images: Tensor, labels: Tensor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first part gives what fools everything, far outside."""
    model, attack = small_network(), make_attack(SHORT)
    monkeypatch.setattr(peer.APGD, "forward", lambda _, x, y: 1 - x.round())

    found = attack(model, images, labels, INDICES)

    offset = (found.adversarial.double() - images.double()).abs().max()
    assert offset <= 0.02 * (1 + 1e-5) + 1e-7
    assert set(found.steps[1:].tolist()) <= {-1, 2, 3, 4}
    assert int((found.steps > 1).sum()) > 1


def test_a_network_without_a_table_of_logits_is_refused(images: Tensor, labels: Tensor) -> None:
    with pytest.raises(InputError, match=r"logits \(N, K\)"):
        make_attack(SHORT)(lambda x: x.flatten(1)[:, 0], images, labels, INDICES)


def test_images_on_another_scale_are_refused(images: Tensor, labels: Tensor) -> None:
    with pytest.raises(ValueError, match=r"in \[0, 1\]"):
        make_attack("torchattacks:CW")(small_network(), images * 255, labels, INDICES)
