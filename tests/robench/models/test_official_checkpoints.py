"""Checkpoints as the IPMix, PixMix and AugMix repositories write them load as they are."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from official_nets import fill_by_formula
from torch import nn

from robench import checkpoint
from robench.config import EvalConfig
from robench.errors import InputError
from robench.evaluate.run import evaluate
from robench.models import create
from robench.models.load import load_model
from robench.store import Store
from robench.types import Cell, Floats


def theirs(network: nn.Module, model: str, dataset: str | None) -> dict[str, Any]:
    """What ``cifar.py`` of all three, or ``imagenet.py`` (without a data set), saves."""
    wrapped = nn.DataParallel(network)
    optimizer = torch.optim.SGD(wrapped.parameters(), 0.1, momentum=0.9, nesterov=True)
    for parameter in wrapped.parameters():
        optimizer.state[parameter]["momentum_buffer"] = torch.zeros(1)
    said = {"dataset": dataset, "best_acc": 0.7} if dataset else {"best_acc1": np.float64(0.7)}
    content = {"epoch": 99, "model": model, "state_dict": wrapped.state_dict(), **said}
    return {**content, "optimizer": optimizer.state_dict()}


def written(folder: Path, content: Any, zipped: bool = True) -> Path:  # noqa: ANN401
    path = folder / "checkpoint.pth.tar"
    torch.save(content, path, _use_new_zipfile_serialization=zipped)
    return path


def check(path: Path, name: str, images: NDArray[np.float32], expected: Floats) -> None:
    """Logits of pixels in [0, 1] within the tolerance of the reference material."""
    loaded = load_model(path, name)
    assert loaded.classes == expected.shape[1]
    assert loaded.normalisation == {"mean": [0.5] * 3, "std": [0.5] * 3, "source": "assumed"}
    with torch.inference_mode():
        single = loaded.model(torch.from_numpy(images) / 2 + 0.5).numpy()
        double = loaded.model.double()(torch.from_numpy(images).double() / 2 + 0.5).numpy()
    scale = np.abs(expected).max()
    assert np.abs(single - expected).max() <= 1e-5 * scale
    assert np.abs(double - expected).max() <= 1e-9 * scale


@pytest.mark.parametrize("zipped", [True, False])
@pytest.mark.parametrize("dataset", ["cifar100", None])
def test_logits_of_pixels_are_the_official_ones(
    zipped: bool, dataset: str | None, golden: Path, tmp_path: Path
) -> None:
    network = create("wrn40_4", 100)
    fill_by_formula(network)
    path = written(tmp_path, theirs(network, "wrn", dataset), zipped)
    with np.load(golden / "models" / "wrn40_4_formula.npz") as stored:
        check(path, "wrn40_4", stored["input"], stored["logits_float64"])


def test_the_allconv_of_augmix_loads_as_well(golden: Path, tmp_path: Path) -> None:
    network = create("allconv", 10)
    fill_by_formula(network)
    path = written(tmp_path, theirs(network, "allconv", "cifar10"))
    with np.load(golden / "models" / "cifar_formula.npz") as stored:
        check(path, "allconv", stored["input"], stored["allconv_c10"])


@pytest.mark.shared
@pytest.mark.parametrize("zipped", [True, False])
@pytest.mark.parametrize(
    ("file", "arch", "dataset"),
    [
        ("wrn_16_1", "wrn16_1", "cifar10"),
        ("wrn_16_1_module_prefix", "wrn16_1", "cifar10"),
        ("wrn_40_1", "wrn40_1", "cifar100"),
    ],
)
def test_official_weights_in_official_files_give_the_official_logits(
    zipped: bool, file: str, arch: str, dataset: str, shared: Path, tmp_path: Path
) -> None:
    with np.load(shared / "goldens" / "models" / f"{file}.npz") as stored:
        state = {k[3:]: torch.from_numpy(stored[k]) for k in stored.files if k.startswith("sd.")}
        images, expected = stored["input"], stored["logits_float64"]
    content = theirs(create(arch, expected.shape[1]), "wrn", dataset)
    check(written(tmp_path, {**content, "state_dict": state}, zipped), arch, images, expected)


@pytest.mark.parametrize("zipped", [True, False])
def test_weights_saved_on_a_gpu_are_read_on_the_cpu(
    zipped: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = theirs(create("wrn16_1", 10), "wrn", "cifar10")
    with monkeypatch.context() as patched:  # says of every storage that it lay on a GPU
        patched.setattr(torch.serialization, "location_tag", lambda _: "cuda:7")
        path = written(tmp_path, content, zipped)
    assert b"cuda:7" in path.read_bytes()

    weights = checkpoint.load(path)["state_dict"]

    assert {value.device.type for value in weights.values()} == {"cpu"}
    torch.testing.assert_close(weights, dict(content["state_dict"]))
    assert load_model(path, "wrn16_1").classes == 10


def test_a_resnet_for_cifar10_with_100_outputs_is_explained(tmp_path: Path) -> None:
    network = create("resnet18_cifar", 100).eval()
    path = written(tmp_path, theirs(network, "resnet18", "cifar10"))

    for classes in (None, 10):  # the file says cifar10 itself
        with pytest.raises(InputError) as caught:
            load_model(path, "resnet18_cifar", classes)
        for words in ("head of 100 classes, but 10 are expected", "--classes 100 takes them all"):
            assert words in str(caught.value)
        assert "--arch 'resnet18_cifar(head=100)' --classes 10" in str(caught.value)

    images = torch.rand(2, 3, 32, 32, generator=torch.Generator().manual_seed(0))
    first = load_model(path, "resnet18_cifar(head=100)")
    every = load_model(path, "resnet18_cifar", 100)
    assert (first.classes, every.classes) == (10, 100)
    assert isinstance(first.network, dict)  # the passport tells the two apart
    assert first.network["arch"] == "resnet18_cifar(head=100)"
    with torch.inference_mode():
        logits = network(images * 2 - 1)
        torch.testing.assert_close(first.model(images), logits[:, :10], rtol=1e-4, atol=1e-5)
        torch.testing.assert_close(every.model(images), logits, rtol=1e-4, atol=1e-5)


def test_only_the_head_is_blamed_on_the_head(tmp_path: Path) -> None:
    path = written(tmp_path, theirs(create("resnext29", 100), "resnext", "cifar10"))
    with pytest.raises(InputError, match="but 10 are expected: --classes 100 takes them all"):
        load_model(path, "resnext29")
    assert load_model(path, "resnext29", 100).classes == 100


def test_an_unknown_data_set_leaves_the_classes_to_the_last_layer(tmp_path: Path) -> None:
    for dataset in ("svhn", ["cifar10"]):
        content = {**theirs(create("wrn16_1", 7), "wrn", "cifar10"), "dataset": dataset}
        assert load_model(written(tmp_path, content), "wrn16_1").classes == 7


def test_an_official_checkpoint_is_measured_from_its_path(tmp_path: Path) -> None:
    path = written(tmp_path, theirs(create("wrn16_1", 10), "wrn", "cifar10"))
    config = EvalConfig(
        checkpoint=str(path),
        arch="wrn16_1",
        suite="digits",
        data_dir=tmp_path,
        out=tmp_path / "run",
        limit=50,
        threads=1,
        device="cpu",
    )

    records = Store(evaluate(config)).records()

    assert {r.model["arch"] for r in records} == {"wrn16_1"}
    assert {r.n for r in records if r.cell == Cell("digits") and r.metric == "error"} == {50}


@pytest.mark.parametrize("whole", [True, False])
def test_a_pickled_network_is_refused_with_the_way_out(whole: bool, tmp_path: Path) -> None:
    network = create("wrn16_1", 10)
    path = written(tmp_path, network if whole else {"net": network})
    with pytest.raises(
        InputError, match=r"object robench\.models\.wide_resnet\.WideResNet.*re-sav"
    ):
        load_model(path, "wrn16_1")
