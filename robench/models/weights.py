"""State dicts as research code leaves them -> the weights of a network."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from torch import Tensor, nn

from robench.errors import InputError
from robench.models import create

_PREFIXES = ("module.", "_orig_mod.")  # of DataParallel and torch.compile
_PLACES = ("state_dict", "model", "net", "model_state_dict", "model_state")  # of weights in files


def find_weights(path: Path, plain: Mapping[str, Any]) -> dict[str, Tensor]:
    """The state dict, wherever it lies, without the prefixes of wrappers."""
    found = next((plain[key] for key in _PLACES if isinstance(plain.get(key), Mapping)), plain)
    if not found or not all(isinstance(value, Tensor) for value in found.values()):
        raise InputError(f"{path} has no weights: expected tensors under 'state_dict'.")
    return {_bare(str(key)): value for key, value in found.items()}


def count_classes(
    arch: str, arguments: Mapping[str, Any], weights: Mapping[str, Tensor], usual: int = 1000
) -> int:
    """Outputs of the network that some weights are of: the rows of its last layer.

    Args:
        arch: Name of the network.
        arguments: Of its factory.
        weights: A state dict.
        usual: What to try, and what to say where the weights have no such layer.
    """
    network = create(arch, usual, **arguments)
    heads = [
        name
        for name, module in network.named_modules()
        if usual in (getattr(module, "out_features", 0), getattr(module, "out_channels", 0))
    ]
    found = (weights.get(f"{name}.{kind}") for name in heads[-1:] for kind in ("weight", "bias"))
    return next((int(value.shape[0]) for value in found if value is not None), usual)


def _bare(key: str) -> str:
    """A key without the prefixes that wrappers add."""
    while key.startswith(_PREFIXES):
        key = key.partition(".")[2]
    return key


def fill(path: Path, network: nn.Module, weights: dict[str, Tensor], arch: str, k: int) -> None:
    """Copy the weights, once all names and shapes are known to fit."""
    wanted = network.state_dict()
    # checkpoints from before PyTorch 0.4.1 do not count batches
    missing = [key for key in wanted if key not in weights and "num_batches" not in key]
    extra = [key for key in weights if key not in wanted]
    if missing or extra:
        raise InputError(
            f"{path} does not hold a {arch}: missing {_few(missing)}; unexpected {_few(extra)}."
        )
    other = [key for key, value in weights.items() if value.shape != wanted[key].shape]
    head = _head(network)
    if other and set(other) <= head and weights[other[0]].ndim:
        got, note = weights[other[0]].shape[0], getattr(network, "head_note", "")
        raise InputError(
            f"{path} has a head of {got} classes, but {k} are expected: --classes {got} takes them "
            f"all. {note}".rstrip()
        )
    if other:
        shapes = [f"{key} {tuple(weights[key].shape)}" for key in other]
        raise InputError(f"{path} does not fit {arch} with {k} classes: shapes of {_few(shapes)}.")
    network.load_state_dict(weights, strict=False)


def _head(network: nn.Module) -> set[str]:
    """Keys of the last layer."""
    find: Any = getattr(network, "get_classifier", lambda: None)
    last = find()
    prefix = next((name for name, module in network.named_modules() if module is last), None)
    return {f"{prefix}.weight", f"{prefix}.bias"} if prefix else set()


def _few(names: list[str]) -> str:
    """The first three names and how many there are."""
    if not names:
        return "nothing"
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return ", ".join(names[:3]) + more
