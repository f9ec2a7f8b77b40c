"""What a protocol changes of a suite, and that both ways stand in one store."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from torchvision import transforms

from robench.attacks import literal
from robench.config import EvalConfig
from robench.datasets import open_cell
from robench.errors import InputError, UnknownNameError
from robench.evaluate.policy import under
from robench.evaluate.run import evaluate_all
from robench.files import read_json
from robench.protocols import POLICIES
from robench.report.results import load_run
from robench.report.sides import compare_sides, render_sides
from robench.report.story import commands
from robench.suites import find_suite
from robench.types import Cell

STRICT, PAPER = POLICIES["strict"], POLICIES["paper"]
RESIZED = "resize 256 bilinear, centre crop 224"


def test_strict_is_the_suite_as_it_is_listed() -> None:
    for name in ("imagenet-all", "cifar10-all", "digits-all", "imagenet-c"):
        suite = find_suite(name)
        assert under(suite, STRICT) == suite


def test_paper_resizes_imagenet_c_and_takes_the_recentred_attack() -> None:
    pictures = under(find_suite("imagenet-all"), PAPER)
    arrays = under(find_suite("cifar10-all"), PAPER)

    assert {entry.name: entry.preprocess for entry in pictures.own} == {"imagenet-c": RESIZED}
    assert arrays.own == ()
    assert arrays.attacks == ("pgd20_published",)


def test_attacks_of_a_curve_are_left_as_they_are() -> None:
    curve = find_suite("cifar10-robustness-curve")

    assert under(curve, PAPER).attacks == curve.attacks


def test_more_attacks_are_measured_once_and_must_exist() -> None:
    suite = find_suite("cifar10")

    assert under(suite, STRICT, ["pgd20", "pgd20"]).attacks == ("pgd20",)
    with pytest.raises(UnknownNameError, match="pgd21"):
        under(suite, STRICT, ["pgd21"])
    with pytest.raises(InputError, match="needs a clean set"):
        under(find_suite("imagenet-r"), STRICT, ["pgd20"])


def test_the_paper_way_gives_the_pixels_of_torchvisions_resize_and_crop(
    imagenet_tree: Path,
) -> None:
    cell = Cell("imagenet-c", "fog", 3)
    [entry] = under(find_suite("imagenet-c"), PAPER).own
    way = transforms.Compose([transforms.Resize(256), transforms.CenterCrop(224)])

    plain = open_cell(cell, imagenet_tree)
    resized = open_cell(cell, imagenet_tree, own=[entry])

    expected = [np.asarray(way(Image.fromarray(image))) for image in plain.block(0, plain.size)]
    np.testing.assert_array_equal(resized.block(0, resized.size), np.stack(expected))


@pytest.fixture(scope="module")
def both(imagenet_tree: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """ImageNet-C under both protocols in one store."""
    out = tmp_path_factory.mktemp("both")
    values = {"model": "imagenet_tree:reading", "suite": "imagenet-c", "threads": 1}
    places = {"data_dir": imagenet_tree, "out": out, "device": "cpu"}
    strict = EvalConfig.model_validate({**values, **places})
    for config in (strict, strict.model_copy(update={"protocol": "paper"})):
        evaluate_all([config])
    return out


def test_a_comparison_shows_the_pass_of_its_protocol(both: Path) -> None:
    fog = Cell("imagenet-c", "fog", 3), "error"

    ways = {}
    for protocol in (STRICT, PAPER):
        run = load_run(both, protocol)
        ways[protocol.name] = run.passport(run.numbers[fog])["inputs"]["preprocess"]

    assert ways == {"strict": "centre crop 224", "paper": RESIZED}


def test_both_protocols_stand_side_by_side(both: Path) -> None:
    sides, comparison = compare_sides([both])
    by_key = {side.column.key: side for side in sides}

    mce, clean = by_key["mce@imagenet-c"], by_key["error@imagenet"]
    assert mce.strict is not None
    assert mce.paper is not None
    assert mce.published.key == "mce@imagenet-c"
    assert clean.same
    text = render_sides(sides, comparison, "markdown")
    assert ", strict" in text
    assert ", paper" in text


def test_what_was_asked_is_written_down_as_commands(both: Path) -> None:
    assert read_json(both / "eval" / "checkpoint.json")["asked"] == [
        ["imagenet-c"],
        ["imagenet-c", "--protocol", "paper"],
    ]
    assert any("--suite imagenet-c --protocol paper" in line for line in commands(load_run(both)))


def test_a_pass_of_the_other_protocol_is_never_called_the_same(
    imagenet_tree: Path, tmp_path: Path
) -> None:
    values = {"model": "imagenet_tree:reading", "suite": "imagenet-c", "threads": 1}
    places = {"data_dir": imagenet_tree, "out": tmp_path, "device": "cpu"}
    evaluate_all([EvalConfig.model_validate({**values, **places})])

    [mce] = [side for side in compare_sides([tmp_path])[0] if side.column.key == "mce@imagenet-c"]

    assert mce.strict is not None
    assert mce.paper is None
    assert not mce.same


def test_an_attack_that_was_not_run_as_published_is_not_called_the_same(
    digits_checkpoint: Path, tmp_path: Path
) -> None:
    values = {"checkpoint": digits_checkpoint, "suite": "digits", "limit": 40, "threads": 1}
    places = {"data_dir": tmp_path, "out": tmp_path, "device": "cpu"}
    strict = EvalConfig.model_validate({**values, **places, "attacks": ("pgd20",)})
    paper = strict.model_copy(update={"protocol": "paper", "attacks": ("pgd20_published",)})

    evaluate_all([strict])
    [before] = [s for s in compare_sides([tmp_path])[0] if s.column.metric == "adv_error"]
    evaluate_all([paper])
    [after] = [s for s in compare_sides([tmp_path])[0] if s.column.metric == "adv_error"]

    assert before.strict is not None
    assert before.paper is None
    assert after.column.cells[0].attack == literal("pgd20")
    assert after.published.cells[0].attack == literal("pgd20_published")
    assert after.paper is not None
