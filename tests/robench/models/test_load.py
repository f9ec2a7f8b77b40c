"""Checkpoints of ours and of others become networks that take images."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import timm
import torch
from safetensors.torch import save_file

from robench import checkpoint
from robench.errors import InputError, UnknownNameError
from robench.models import create
from robench.models.load import load_model
from robench.models.normalised import Normalised


def ours(**changes: object) -> dict[str, Any]:
    """A checkpoint as the trainer writes it, without what loading does not read."""
    torch.manual_seed(0)
    return {
        "format": "robench-1",
        "state_dict": create("wrn16_1", 3).state_dict(),
        "arch": "wrn16_1",
        "arch_args": {"drop_rate": 0.3},
        "num_classes": 3,
        "class_names": ["a", "b", "c"],
        "mean": [0.1, 0.2, 0.3],
        "std": [0.2, 0.2, 0.2],
        "meta": {"aug": "ipmix", "seed": 1},
        **changes,
    }


def saved(folder: Path, **changes: object) -> Path:
    checkpoint.save(folder / "last.pt", ours(**changes))
    return folder / "last.pt"


def test_our_own_checkpoint_needs_nothing_but_its_path(tmp_path: Path) -> None:
    path = saved(tmp_path)

    loaded = load_model(path)

    assert (loaded.arch, loaded.classes) == ("wrn16_1", 3)
    assert loaded.class_names == ("a", "b", "c")
    assert loaded.meta == {"aug": "ipmix", "seed": 1}
    assert loaded.sha256 == checkpoint.sha256(path)
    assert loaded.normalisation["source"] == "checkpoint"
    assert isinstance(loaded.model, Normalised)
    torch.testing.assert_close(loaded.model.mean.flatten(), torch.tensor([0.1, 0.2, 0.3]))
    assert not loaded.model.training
    torch.testing.assert_close(loaded.model.model.state_dict(), ours()["state_dict"])
    assert any(getattr(m, "p", 0) == 0.3 for m in loaded.model.modules())


def test_saying_what_the_file_says_is_fine_and_anything_else_is_not(tmp_path: Path) -> None:
    path = saved(tmp_path)
    assert load_model(path, "wrn16_1", 3).classes == 3
    with pytest.raises(InputError, match="has classes 3, but --classes says 10"):
        load_model(path, classes=10)
    with pytest.raises(InputError, match="has arch wrn16_1, but --arch says air32"):
        load_model(path, arch="air32")


def test_a_file_of_a_later_format_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="'robench-9', expected 'robench-1'"):
        load_model(saved(tmp_path, format="robench-9"))


def test_a_missing_entry_is_named(tmp_path: Path) -> None:
    plain = ours()
    del plain["num_classes"]
    checkpoint.save(tmp_path / "last.pt", plain)
    with pytest.raises(InputError, match="no entry 'num_classes'"):
        load_model(tmp_path / "last.pt")


@pytest.mark.parametrize("arguments", [{"pretrained": True}, {"checkpoint_path": "other.pt"}])
def test_a_checkpoint_cannot_fetch_other_weights(
    arguments: dict[str, object], tmp_path: Path
) -> None:
    with pytest.raises(InputError, match=f"argument '{next(iter(arguments))}' is not allowed"):
        load_model(saved(tmp_path, arch="resnet18", arch_args=arguments))


@pytest.mark.parametrize("changes", [{"num_classes": "many"}, {"arch_args": 3}])
def test_an_unreadable_entry_is_named(changes: dict[str, object], tmp_path: Path) -> None:
    with pytest.raises(InputError, match="in num_classes or arch_args"):
        load_model(saved(tmp_path, **changes))


def test_an_impossible_normalisation_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="normalisation that cannot be used"):
        load_model(saved(tmp_path, std=[0.0, 1.0, 1.0]))


def foreign(folder: Path, **entries: object) -> Path:
    """A file as the official repositories write it."""
    torch.save({"epoch": 199, "best_acc": np.float64(0.9), **entries}, folder / "theirs.pth.tar")
    return folder / "theirs.pth.tar"


@pytest.mark.parametrize("prefix", ["", "module.", "_orig_mod.module."])
@pytest.mark.parametrize("place", ["state_dict", "model", "net", ""])
def test_foreign_weights_are_found_wherever_they_lie(
    place: str, prefix: str, tmp_path: Path
) -> None:
    state = ours()["state_dict"]
    weights = {prefix + key: value for key, value in state.items()}
    path = foreign(tmp_path, **{place: weights})
    if not place:
        torch.save(weights, path)

    loaded = load_model(path, "wrn16_1", 3)

    assert isinstance(loaded.model, Normalised)
    torch.testing.assert_close(loaded.model.model.state_dict(), state)
    assert loaded.meta == {}
    assert loaded.normalisation == {"mean": [0.5] * 3, "std": [0.5] * 3, "source": "assumed"}


def test_foreign_files_need_the_arch(tmp_path: Path) -> None:
    path = foreign(tmp_path, state_dict=ours()["state_dict"], arch="WRN")
    with pytest.raises(InputError, match=r"entry 'arch' says 'WRN'.*--arch wrn40_4"):
        load_model(path)


def test_the_last_layer_of_a_foreign_file_tells_the_number_of_classes(tmp_path: Path) -> None:
    path = foreign(tmp_path, state_dict=ours()["state_dict"])
    assert load_model(path, "wrn16_1").classes == 3


def test_the_number_of_classes_is_compared_with_the_head(tmp_path: Path) -> None:
    path = foreign(tmp_path, state_dict=ours()["state_dict"])
    with pytest.raises(InputError, match="has a head of 3 classes, but 10 are expected"):
        load_model(path, "wrn16_1", 10)


def test_weights_of_another_network_are_listed_in_part(tmp_path: Path) -> None:
    path = foreign(tmp_path, state_dict=ours()["state_dict"])
    with pytest.raises(
        InputError, match=r"does not hold a air32: missing stem\.0\.weight.*and \d+"
    ):
        load_model(path, "air32", 3)
    with pytest.raises(InputError, match=r"missing block1\.layer\.2\..*unexpected nothing"):
        load_model(path, "wrn40_1", 3)


def test_weights_of_another_width_are_told_by_their_shapes(tmp_path: Path) -> None:
    state = ours()["state_dict"] | {"conv1.weight": torch.zeros(32, 3, 3, 3)}
    path = foreign(tmp_path, state_dict=state)
    with pytest.raises(InputError, match=r"shapes of conv1\.weight \(32, 3, 3, 3\)"):
        load_model(path, "wrn16_1", 3)


def test_a_file_without_weights_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no weights: expected tensors under 'state_dict'"):
        load_model(foreign(tmp_path), "wrn16_1", 3)


def test_unknown_archs_are_refused_as_such(tmp_path: Path) -> None:
    path = foreign(tmp_path, state_dict=ours()["state_dict"])
    with pytest.raises(UnknownNameError, match="Did you mean 'wrn16_1'"):
        load_model(path, "wrn16_2", 3)


def test_old_checkpoints_do_not_count_batches(tmp_path: Path) -> None:
    state = {k: v for k, v in ours()["state_dict"].items() if "num_batches" not in k}
    assert load_model(foreign(tmp_path, state_dict=state), "wrn16_1", 3).classes == 3


def test_a_network_of_timm_brings_its_own_normalisation(tmp_path: Path) -> None:
    network = timm.create_model("test_resnet", num_classes=4)
    path = foreign(tmp_path, state_dict=network.state_dict(), arch="test_resnet")

    loaded = load_model(path, "test_resnet", 4)

    assert loaded.normalisation["source"] == "timm"
    assert loaded.normalisation["mean"] == list(network.pretrained_cfg["mean"])  # type: ignore[index]


def test_arguments_of_the_network_can_be_given_with_its_name(tmp_path: Path) -> None:
    path = foreign(tmp_path, state_dict=ours()["state_dict"])
    loaded = load_model(path, "wrn16_1(drop_rate=0.25)", 3)
    assert loaded.arch == "wrn16_1(drop_rate=0.25)"
    assert isinstance(loaded.network, dict)  # what the file does not say is said in the passport
    assert loaded.network["arch"] == loaded.arch
    assert any(getattr(m, "p", 0) == 0.25 for m in loaded.model.modules())


def test_safetensors_load_with_their_sidecar(tmp_path: Path) -> None:
    plain = ours()
    save_file(plain.pop("state_dict"), tmp_path / "net.safetensors")
    (tmp_path / "net.json").write_text(json.dumps(plain))

    loaded = load_model(tmp_path / "net.safetensors")

    assert (loaded.arch, loaded.normalisation["mean"]) == ("wrn16_1", [0.1, 0.2, 0.3])


@pytest.mark.shared
@pytest.mark.parametrize(
    ("file", "arch", "classes"),
    [
        ("wrn_16_1", "wrn16_1", 10),
        ("wrn_16_1_module_prefix", "wrn16_1", 10),
        ("wrn_40_1", "wrn40_1", 100),
    ],
)
def test_official_weights_give_the_official_logits(
    file: str, arch: str, classes: int, shared: Path, tmp_path: Path
) -> None:
    with np.load(shared / "goldens" / "models" / f"{file}.npz") as stored:
        state = {k[3:]: torch.from_numpy(stored[k]) for k in stored.files if k.startswith("sd.")}
        images, expected = torch.from_numpy(stored["input"]), stored["logits_float64"]
    model = load_model(foreign(tmp_path, state_dict=state), arch, classes).model

    with torch.inference_mode():
        single = model(images / 2 + 0.5).numpy()
        double = model.double()(images.double() / 2 + 0.5).numpy()

    scale = np.abs(expected).max()
    assert np.abs(single - expected).max() <= 1e-5 * scale
    assert np.abs(double - expected).max() <= 1e-9 * scale


def test_averaged_weights_beside_the_others_are_pointed_out(tmp_path: Path) -> None:
    weights = create("wrn16_1", 3).state_dict()
    torch.save({"state_dict": weights}, tmp_path / "one.pt")
    torch.save({"state_dict": weights, "state_dict_ema": weights}, tmp_path / "two.pt")

    assert load_model(tmp_path / "one.pt", "wrn16_1").notes == ()
    [note] = load_model(tmp_path / "two.pt", "wrn16_1").notes
    assert "'state_dict_ema'" in note
