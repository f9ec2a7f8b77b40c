"""Networks from a function of the user's: ``--model module:callable``."""

import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from robench import checkpoint
from robench.errors import InputError
from robench.models.callables import InUnitRange, build_network, digest
from robench.models.load import LoadedModel, load_model
from robench.types import Preprocess

SOURCE = """
import torch
from torch import nn
from robench.types import Preprocess


class Net(nn.Module):
    def __init__(self, outputs=4, side=8):
        super().__init__()
        self.fc = nn.Linear(3 * side * side, outputs)

    def forward(self, images):
        assert images.dtype == torch.float32 and images.max() <= 1
        return self.fc(images.flatten(1))


def stated():
    net = Net()
    net.num_classes = 4
    return net


def odd():
    net = Net(3, 32)
    net.num_classes = "three"
    return net


def picky():
    net = stated()
    net.preprocess = Preprocess(40, 32, "bicubic")
    return net


def vague():
    net = stated()
    net.preprocess = "resize 256"
    return net


def silent(side=32):
    return Net(5, side).train()


def large():
    return silent(224)


def strange():
    return silent(9)


def read(path):
    net = stated()
    net.load_state_dict(torch.load(path, weights_only=True))
    return net


def bare():
    return lambda images: images.mean((2, 3))


def number():
    return 3


def fails():
    raise OSError("no such disk")


def two(first, second):
    return stated()


constant = 3
"""


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A module in the working folder, fresh for each test."""
    (tmp_path / "user_networks.py").write_text(SOURCE)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delitem(sys.modules, "user_networks", raising=False)
    return "user_networks"


def load(target: str, path: Path | None = None, classes: int | None = None) -> LoadedModel:
    torch.manual_seed(0)
    return load_model(path, classes=classes, build=target)


def test_a_module_in_the_working_folder_is_found_and_the_path_is_left_as_it_was(
    module: str,
) -> None:
    before = list(sys.path)

    loaded = load(f"{module}:stated")

    assert sys.path == before
    assert (loaded.arch, loaded.classes) == (f"{module}:stated", 4)
    assert loaded.meta == {"model": f"{module}:stated"}
    assert loaded.normalisation["source"] == "inside the callable"
    assert loaded.class_names is None
    assert loaded.preprocess is None


def test_the_network_gets_images_in_the_unit_range_and_in_evaluation_mode(module: str) -> None:
    loaded = load(f"{module}:silent")
    images = torch.randint(0, 256, (2, 3, 32, 32), dtype=torch.uint8)

    assert not any(part.training for part in loaded.model.modules())
    torch.testing.assert_close(loaded.model(images), loaded.model(images.float() / 255))
    assert isinstance(loaded.model, InUnitRange)


@pytest.mark.parametrize(
    ("name", "classes"), [("stated", 4), ("silent", 5), ("large", 5), ("odd", 3), ("bare", 3)]
)
def test_the_number_of_classes_is_stated_or_found(name: str, classes: int, module: str) -> None:
    assert load(f"{module}:{name}").classes == classes
    assert load(f"{module}:{name}", classes=7).classes == 7  # what the user says comes first


def test_a_network_for_images_of_another_size_needs_the_number_of_classes(module: str) -> None:
    with pytest.raises(InputError, match=r"number of classes cannot be found \(.*--classes"):
        load(f"{module}:strange")
    assert load(f"{module}:strange", classes=5).classes == 5


def test_a_network_may_say_how_it_wants_its_pictures(module: str) -> None:
    assert load(f"{module}:picky").preprocess == Preprocess(40, 32, "bicubic")
    assert load(f"{module}:vague").preprocess is None


def test_a_checkpoint_is_given_to_the_callable_and_is_the_identity(
    module: str, tmp_path: Path
) -> None:
    weights = {"fc.weight": torch.ones(4, 192), "fc.bias": torch.zeros(4)}
    torch.save(weights, tmp_path / "net.pt")

    loaded = load(f"{module}:read", tmp_path / "net.pt")

    assert loaded.sha256 == checkpoint.sha256(tmp_path / "net.pt")
    assert torch.equal(loaded.model(torch.ones(1, 3, 8, 8)), torch.full((1, 4), 192.0))
    with pytest.raises(InputError, match=r"No checkpoint at absent\.pt for --model"):
        load(f"{module}:read", Path("absent.pt"))


def test_the_source_file_is_part_of_the_passport(module: str, tmp_path: Path) -> None:
    source = checkpoint.sha256(tmp_path / "user_networks.py")
    assert load(f"{module}:stated").network == {"model": f"{module}:stated", "source": source}


def test_without_a_checkpoint_the_weights_are_the_identity(module: str) -> None:
    first, again = load(f"{module}:stated"), load(f"{module}:stated")
    torch.manual_seed(1)
    other = load_model(None, build=f"{module}:stated")

    assert first.sha256 == again.sha256 != other.sha256


def test_without_weights_the_source_file_is_the_identity(module: str, tmp_path: Path) -> None:
    assert load(f"{module}:bare").sha256 == checkpoint.sha256(tmp_path / "user_networks.py")


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("user_networks", "expects module:callable, got 'user_networks'"),
        (":stated", "expects module:callable"),
        ("user_networks:", "expects module:callable"),
        ("user_networks:absent", "Cannot load --model user_networks:absent: .*no attribute"),
        ("no_such_module:net", "Cannot load --model no_such_module:net: No module named"),
        (".user_networks:stated", "Cannot load --model"),
        ("user_networks:constant", "is int, expected a callable"),
        ("user_networks:number", "returned int, expected a network that maps"),
        ("sys:getrecursionlimit", "returned int, expected a network that maps"),
        ("user_networks:fails", "failed: OSError: no such disk"),
        ("user_networks:two", "cannot be called with nothing: missing a required argument"),
        ("user_networks:read", "cannot be called with nothing: missing a required argument"),
    ],
)
def test_what_is_no_network_is_refused(target: str, words: str, module: str) -> None:
    before = list(sys.path)
    with pytest.raises(InputError, match=words):
        load(target)
    assert sys.path == before


def test_a_checkpoint_for_a_callable_that_takes_none_is_refused(
    module: str, tmp_path: Path
) -> None:
    (tmp_path / "net.pt").write_bytes(b"")
    with pytest.raises(InputError, match="cannot be called with a checkpoint's path: too many"):
        load(f"{module}:stated", tmp_path / "net.pt")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("def net(:", "SyntaxError: .*invalid syntax"),
        ("import torch\nraise RuntimeError('no licence')", "RuntimeError: no licence"),
        ("undefined", "NameError: name 'undefined'"),
    ],
)
def test_a_module_that_cannot_be_imported_is_refused_with_its_own_words(
    content: str, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "broken_networks.py").write_text(content)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match=f"Cannot load --model broken_networks:net: {words}"):
        build_network("broken_networks:net", None, 10)


class Scalars(nn.Module):
    """Parameters of every number of dimensions."""

    def __init__(self, **values: object) -> None:
        super().__init__()
        for name, value in values.items():
            self.register_buffer(name, torch.as_tensor(value))


@pytest.mark.parametrize(
    "other",
    [
        {"scale": 0.12345679, "shift": [1.0, 2.0]},  # the same when printed
        {"scale": 0.1234, "shift": [1.0, 2.5]},
        {"scale": 0.1234, "shift": [[1.0, 2.0]]},
        {"scale": 0.1234, "moved": [1.0, 2.0]},
        {"scale": 0.1234, "shift": torch.tensor([1.0, 2.0], dtype=torch.float64)},
    ],
)
def test_the_digest_tells_values_names_shapes_and_types_apart(other: dict[str, Any]) -> None:
    plain = {"scale": 0.1234, "shift": [1.0, 2.0]}
    assert digest(Scalars(**plain)) == digest(Scalars(**plain))
    assert digest(Scalars(**other)) != digest(Scalars(**plain))


def test_scalars_that_print_alike_have_different_digests() -> None:
    assert digest(Scalars(scale=0.12341)) != digest(Scalars(scale=0.12342))


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.bool, torch.int64, torch.complex64])
def test_the_digest_takes_every_type(dtype: torch.dtype) -> None:
    assert digest(Scalars(w=torch.zeros(2, 0, dtype=dtype))) != digest(
        Scalars(w=torch.zeros(2, 1, dtype=dtype))
    )


def test_the_digest_does_not_depend_on_the_order_in_memory() -> None:
    values = torch.rand(2, 3, 4, 4)
    last: Tensor = values.to(memory_format=torch.channels_last)
    assert digest(Scalars(w=values)) == digest(Scalars(w=last))
