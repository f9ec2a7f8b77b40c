"""Networks of timm and torchvision by name: weights, and how they want their pictures."""

import shutil
import socket
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import timm
import timm.data
import torch
import torchvision
from PIL import Image
from safetensors.torch import save_file
from sklearn.datasets import load_sample_image
from torch import nn

from robench.config import EvalConfig
from robench.datasets.preprocessing import USUAL
from robench.errors import InputError, UnknownNameError
from robench.evaluate.run import evaluate
from robench.models import create
from robench.models.load import LoadedModel, load_model
from robench.models.named import of_file
from robench.models.normalised import Normalised
from robench.store import Store
from robench.types import Preprocess

TAGGED = (  # small or on the meta device: nothing is computed with them
    "test_resnet.r160_in1k",
    "test_vit.r160_in1k",
    "resnet50.a1_in1k",
    "inception_v3.tv_in1k",
    "vit_base_patch16_clip_224.openai",
    "coat_lite_medium_384.in1k",
)


def shell(name: str) -> nn.Module:
    """A network without weights."""
    with torch.device("meta"):
        return create(name, 1000)


def inner(loaded: LoadedModel) -> nn.Module:
    assert isinstance(loaded.model, Normalised)
    return loaded.model.model


@pytest.fixture(scope="module")
def photograph() -> Image.Image:
    """427 x 640 pixels."""
    return Image.fromarray(load_sample_image("china.jpg"))


@pytest.mark.parametrize("upright", [False, True])
@pytest.mark.parametrize("name", TAGGED)
def test_pictures_come_to_the_network_as_timm_brings_them(
    name: str, upright: bool, photograph: Image.Image
) -> None:
    network = shell(name)
    picture = photograph.transpose(Image.Transpose.ROTATE_90) if upright else photograph
    config = timm.data.resolve_model_data_config(network)  # type: ignore[attr-defined,no-untyped-call]
    theirs = timm.data.create_transform(**config, is_training=False)(picture)  # type: ignore[attr-defined]

    brought = of_file(name, network, None)
    pixels = USUAL.fitted(brought.preprocess)(picture)
    assert brought.mean is not None
    assert brought.std is not None
    images = torch.tensor(pixels).permute(2, 0, 1)[None]
    ours = Normalised(nn.Identity(), brought.mean, brought.std)(images)

    assert ours.shape[1:] == theirs.shape
    torch.testing.assert_close(ours[0], theirs, rtol=0, atol=2e-6)  # a grey level is 0.008 or more


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("resnet50.a1_in1k", Preprocess(235, 224, "bicubic")),
        ("test_resnet.r160_in1k", Preprocess(168, 160, "bilinear")),
        ("test_vit.r160_in1k", Preprocess(168, 160, "bicubic", fixed=True)),
        ("coat_lite_medium_384.in1k", Preprocess((384, 384), 384, "bicubic", fixed=True)),
    ],
)
def test_timm_says_size_crop_and_interpolation(name: str, expected: Preprocess) -> None:
    assert of_file(f"timm:{name}", shell(name), None).preprocess == expected


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"crop_mode": "border"}, "crop_mode 'border'"),
        ({"interpolation": "lanczos"}, "interpolation 'lanczos'"),
        ({"input_size": (3, 256, 192)}, "256 x 192 pixels, not a square"),
    ],
)
def test_what_timm_wants_and_we_cannot_do_is_refused(
    changes: dict[str, object], words: str
) -> None:
    network = shell("test_resnet")
    changed: Any = {**network.pretrained_cfg, **changes}  # type: ignore[dict-item]
    network.pretrained_cfg = changed
    with pytest.raises(InputError, match=words):
        of_file("timm:test_resnet", network, None)


def test_networks_of_ours_bring_nothing_even_by_the_name_of_timm() -> None:
    for name in ("wrn16_1", "timm:wrn16_1"):
        brought = of_file(name, create(name, 10), None)
        assert (brought.mean, brought.preprocess, brought.notes) == (None, None, ())
    assert load_model("timm:wrn16_1", classes=10).normalisation["source"] == "assumed"


@pytest.mark.parametrize("name", ["timm:test_resnet", "torchvision:squeezenet1_1"])
def test_a_name_alone_is_an_untrained_network_and_says_so(name: str) -> None:
    torch.manual_seed(5)
    state = torch.random.get_rng_state()
    first, second = load_model(name), load_model(name)

    assert torch.equal(torch.random.get_rng_state(), state)
    assert first.classes == 1000
    assert "untrained (seed 0)" in first.notes[0]
    assert "nothing is downloaded" in first.notes[0]
    assert first.meta == {"weights": "untrained, seed 0"}
    assert first.sha256 == second.sha256
    torch.testing.assert_close(first.model.state_dict(), second.model.state_dict())
    assert load_model(name, classes=7).sha256 != first.sha256
    assert isinstance(first.network, dict)
    assert first.network["arch"] == name
    assert not first.model.training


@pytest.mark.parametrize("suffix", [".pt", ".pth", ".bin", ".safetensors"])
@pytest.mark.parametrize("name", ["timm:test_resnet.r160_in1k", "torchvision:squeezenet1_1"])
def test_weights_of_a_named_network_come_from_a_file(
    name: str, suffix: str, tmp_path: Path
) -> None:
    torch.manual_seed(1)
    network, path = create(name, 5), tmp_path / f"weights{suffix}"
    if suffix == ".safetensors":
        save_file(network.state_dict(), path)
    else:
        torch.save(network.state_dict(), path)

    loaded = load_model(name, weights=path)

    assert loaded.classes == 5
    torch.testing.assert_close(inner(loaded).state_dict(), network.state_dict())
    assert loaded.arch == name
    assert loaded.meta == {}
    assert not any("untrained" in note for note in loaded.notes)
    assert loaded.normalisation["source"] == name.partition(":")[0]
    assert load_model(path, name).sha256 == loaded.sha256  # the other way to say the same


def test_what_timm_brings_is_in_the_loaded_model(tmp_path: Path) -> None:
    network = create("test_vit", 5)
    torch.save(network.state_dict(), tmp_path / "vit.pt")

    loaded = load_model(tmp_path / "vit.pt", "timm:test_vit")

    assert loaded.preprocess == Preprocess(168, 160, "bicubic", fixed=True)
    assert loaded.normalisation == {"mean": [0.5] * 3, "std": [0.5] * 3, "source": "timm"}
    assert loaded.network == {"arch": "timm:test_vit", "mean": [0.5] * 3, "std": [0.5] * 3}


def test_weights_without_the_name_of_their_training_get_a_note(tmp_path: Path) -> None:
    torch.save(create("test_resnet", 5).state_dict(), tmp_path / "weights.pt")

    [note] = load_model(tmp_path / "weights.pt", "timm:test_resnet").notes

    assert "as for timm's test_resnet.r160_in1k (resize 168 bilinear, centre crop 160)" in note
    assert load_model(tmp_path / "weights.pt", "timm:test_resnet.r160_in1k").notes == ()


def test_weights_of_torchvision_are_known_by_the_name_of_their_file() -> None:
    network = shell("torchvision:alexnet")
    theirs = torchvision.models.AlexNet_Weights.IMAGENET1K_V1
    name = theirs.url.rpartition("/")[2]

    known = of_file("torchvision:alexnet", network, Path("somewhere") / name)
    renamed = of_file("torchvision:alexnet", network, Path("renamed.pth"))

    assert known.preprocess == Preprocess(256, 224, "bilinear")
    assert known.notes == ()
    assert (known.mean, known.std) == (theirs.transforms().mean, theirs.transforms().std)
    assert renamed.preprocess is None
    assert "renamed.pth is not the name of any of torchvision's weights" in renamed.notes[0]
    assert "as the set has it" in renamed.notes[0]


@pytest.mark.parametrize(("version", "side"), [("V1", 256), ("V2", 232)])
def test_pictures_come_as_torchvision_brings_them(
    version: str, side: int, photograph: Image.Image
) -> None:
    theirs = torchvision.models.ResNet50_Weights[f"IMAGENET1K_{version}"]
    path = Path(theirs.url.rpartition("/")[2])

    brought = of_file("torchvision:resnet50", shell("torchvision:resnet50"), path)

    assert brought.preprocess == Preprocess(side, 224, "bilinear")
    pixels = USUAL.fitted(brought.preprocess)(photograph)
    images = torch.tensor(pixels).permute(2, 0, 1)[None]
    assert brought.mean is not None
    assert brought.std is not None
    ours = Normalised(nn.Identity(), brought.mean, brought.std)(images)[0]
    torch.testing.assert_close(ours, theirs.transforms()(photograph), rtol=0, atol=2e-6)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("timm:resnet51", "Did you mean .*'resnet50'"),
        ("torchvision:alexnett", "Did you mean 'alexnet'"),
        ("timm:alexnet", "Unknown arch 'timm:alexnet'"),
        ("torchvision:test_resnet", "Unknown arch 'torchvision:test_resnet'"),
        ("timm:hf-hub:timm/test_resnet", "Unknown arch"),
        ("timm:", "Unknown arch"),
    ],
)
def test_unknown_names_are_refused(name: str, words: str) -> None:
    with pytest.raises(UnknownNameError, match=words):
        load_model(name)


@pytest.mark.parametrize(
    "call",
    [
        "timm:test_resnet(pretrained=True)",
        "timm:test_resnet(checkpoint_path='a.pt')",
        "timm:test_resnet(pretrained_cfg_overlay={'file': 'a.pt'})",
        "torchvision:alexnet(pretrained=True)",
    ],
)
def test_arguments_cannot_fetch_weights(
    call: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "socket", None)  # whoever tries gets another error
    with pytest.raises(
        InputError, match=r"from --weights, or from seed 0: the argument '\w+' is not"
    ):
        load_model(call)
    torch.save({"fc.weight": torch.ones(3, 2)}, tmp_path / "weights.pt")
    with pytest.raises(InputError, match=r"from .*weights\.pt: the argument '\w+' is not"):
        load_model(tmp_path / "weights.pt", call)
    with pytest.raises(InputError, match="'torchvision:alexnet'"):
        load_model("torchvision:alexnet(weights='DEFAULT')")


def test_arguments_of_a_named_network_are_part_of_its_name() -> None:
    loaded = load_model("timm:test_resnet(drop_rate=0.2)", classes=3)
    assert (loaded.arch, loaded.classes) == ("timm:test_resnet(drop_rate=0.2)", 3)
    with pytest.raises(InputError, match=r"'timm:test_resnet' with \{'colour': 3\}"):
        load_model("timm:test_resnet(colour=3)")


def test_weights_that_are_missing_or_of_another_network_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="No checkpoint at"):
        load_model("timm:test_resnet", weights=tmp_path / "absent.pt")
    torch.save(create("wrn16_1", 3).state_dict(), tmp_path / "other.pt")
    with pytest.raises(InputError, match="does not hold a timm:test_resnet"):
        load_model("timm:test_resnet", weights=tmp_path / "other.pt")
    with pytest.raises(InputError, match="--weights is for networks given by name"):
        load_model(tmp_path / "other.pt", "wrn16_1", weights=tmp_path / "other.pt")


def test_no_network_at_all_is_refused() -> None:
    with pytest.raises(InputError, match="name a checkpoint, timm:NAME, or --model"):
        load_model(None)


@pytest.mark.slow
def test_an_untrained_alexnet_is_measured_on_perturbations(
    imagenet_tree: Path, tmp_path: Path
) -> None:
    shutil.copytree(imagenet_tree / "imagenet-p", tmp_path / "data" / "imagenet-p")
    config = EvalConfig(
        checkpoint="torchvision:alexnet",
        suite="imagenet-p",
        data_dir=tmp_path / "data",
        out=tmp_path / "run",
        limit=1,
        threads=1,
        device="cpu",
    )

    store = Store(evaluate(config))

    rates = {r.cell.corruption: r.value for r in store.records() if r.metric == "flip_rate"}
    assert len(rates) == 10
    assert np.isfinite(list(rates.values())).all()
    assert {r.model["arch"] for r in store.records()} == {"torchvision:alexnet"}
