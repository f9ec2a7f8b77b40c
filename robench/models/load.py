"""A checkpoint's plain dict -> a network that takes images."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch import Tensor, nn

from robench import checkpoint
from robench.errors import InputError
from robench.models import ARCHS, create
from robench.models.normalised import Normalised
from robench.registry import canonical, parse_call

COMPLETE = "as in the checkpoint"
_HALF = (0.5, 0.5, 0.5)
_PREFIXES = ("module.", "_orig_mod.")  # of DataParallel and torch.compile
_PLACES = ("state_dict", "model", "net", "model_state_dict")  # where research code puts weights


@dataclass(frozen=True)
class LoadedModel:
    """A network ready to be measured, and what its file says of it.

    Attributes:
        model: In evaluation mode, on the CPU; takes images in [0, 1] or uint8.
        arch: Name of the network.
        classes: Its outputs.
        class_names: As in the checkpoint, if it has them.
        meta: aug, recipe, data, seed, epochs, loss, as far as known.
        sha256: Of the file.
        normalisation: ``mean`` and ``std`` per channel, and ``source``: checkpoint, timm, or
            "assumed" for a foreign CIFAR checkpoint.
        network: What a passport says beside the sha256: nothing where the file itself tells all,
            else the architecture with its arguments and the normalisation.
    """

    model: Normalised
    arch: str
    classes: int
    class_names: tuple[str, ...] | None
    meta: dict[str, Any]
    sha256: str
    normalisation: dict[str, Any]
    network: dict[str, Any] | str


def load_model(
    path: Path | str, arch: str | None = None, classes: int | None = None
) -> LoadedModel:
    """Read our own checkpoint, or one of timm or of the IPMix, PixMix and AugMix repositories.

    Args:
        path: ``.pt``, ``.pth``, ``.tar`` of ``torch.save``, or ``.safetensors``.
        arch: Needed for foreign files; may carry arguments, ``wrn40_4(drop_rate=0.3)``.
        classes: Needed for foreign files.

    Returns:
        The network in evaluation mode with its normalisation: the file's own; else timm's for its
        networks; else mean = std = 0.5, as the three repositories have it.

    Raises:
        InputError: Unreadable, unknown arch, or weights that do not fit the network.
    """
    path = Path(path)
    plain, sha256 = _read(path)
    name, arguments, classes = _identity(path, plain, arch, classes)
    network = create(name, classes, **arguments)
    _fill(path, network, _weights(path, plain), name, classes)
    normalisation = _normalisation(plain, name, network)
    names = plain.get("class_names")
    own = plain.get("format") == checkpoint.FORMAT
    called = name if own else canonical(name, arguments)
    means = {key: normalisation[key] for key in ("mean", "std")}
    complete = own and path.suffix != ".safetensors"  # the sha256 leaves out a file beside it
    return LoadedModel(
        model=_normalised(path, network, normalisation),
        arch=called,
        classes=classes,
        class_names=tuple(map(str, names)) if isinstance(names, list | tuple) else None,
        meta=_plain(plain.get("meta")) if own else {},
        sha256=sha256,
        normalisation=normalisation,
        network=COMPLETE if complete else {"arch": canonical(name, arguments), **means},
    )


def _read(path: Path) -> tuple[dict[str, Any], str]:
    """The content of a file and the SHA-256 of that very content."""
    before = checkpoint.sha256(path) if path.is_file() else ""
    plain = checkpoint.load(path)
    if checkpoint.sha256(path) != before:
        raise InputError(f"{path} was replaced while it was read: a training writes to it. Retry.")
    return plain, before


def _plain(meta: object) -> dict[str, Any]:
    """What may go into records: JSON types, whatever the file holds."""
    found = json.loads(json.dumps(meta, default=str)) if isinstance(meta, Mapping) else {}
    return dict(found)


def _identity(
    path: Path, plain: Mapping[str, Any], arch: str | None, classes: int | None
) -> tuple[str, dict[str, Any], int]:
    """Arch, its arguments and the number of classes: from the file, or as the caller says."""
    written = str(plain.get("format", ""))
    if written.startswith("robench-") and written != checkpoint.FORMAT:
        raise InputError(f"{path} has format {written!r}, expected {checkpoint.FORMAT!r}. Update.")
    if written != checkpoint.FORMAT:
        if arch is None or classes is None:
            says = f" (its entry 'arch' says {plain['arch']!r})" if "arch" in plain else ""
            raise InputError(
                f"{path} was not written by robench{says}: it needs --arch and --classes, "
                "for example --arch wrn40_4 --classes 10."
            )
        name, arguments = parse_call(arch)
        return name, _without_weights(path, arguments), classes
    try:
        stored, count, own = str(plain["arch"]), int(plain["num_classes"]), dict(plain["arch_args"])
    except KeyError as error:
        raise InputError(f"{path} is damaged: it has no entry {error}.") from error
    except (TypeError, ValueError) as error:
        raise InputError(f"{path} is damaged, in num_classes or arch_args: {error}.") from error
    for flag, wanted, got in (("arch", arch, stored), ("classes", classes, count)):
        if wanted is not None and wanted != got:
            raise InputError(f"{path} has {flag} {got}, but --{flag} says {wanted}. Leave it out.")
    return stored, _without_weights(path, own), count


def _without_weights(path: Path, arguments: dict[str, Any]) -> dict[str, Any]:
    """Refuse arguments by which timm would fetch other weights, from the internet or a file."""
    for key in arguments:
        if key.startswith(("pretrained", "checkpoint", "cache_dir")):
            raise InputError(f"The weights come from {path}: the argument {key!r} is not allowed.")
    return arguments


def _weights(path: Path, plain: Mapping[str, Any]) -> dict[str, Tensor]:
    """The state dict, wherever it lies, without the prefixes of wrappers."""
    found = next((plain[key] for key in _PLACES if isinstance(plain.get(key), Mapping)), plain)
    if not found or not all(isinstance(value, Tensor) for value in found.values()):
        raise InputError(f"{path} has no weights: expected tensors under 'state_dict'.")
    return {_bare(str(key)): value for key, value in found.items()}


def _bare(key: str) -> str:
    """A key without the prefixes that wrappers add."""
    while key.startswith(_PREFIXES):
        key = key.partition(".")[2]
    return key


def _fill(path: Path, network: nn.Module, weights: dict[str, Tensor], arch: str, k: int) -> None:
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
        got = weights[other[0]].shape[0]
        raise InputError(f"{path} has a head of {got} classes, but {k} are expected.")
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


def _normalisation(plain: Mapping[str, Any], arch: str, network: nn.Module) -> dict[str, Any]:
    """Mean, standard deviation, and who says so."""
    if "mean" in plain and "std" in plain:
        mean, std, source = plain["mean"], plain["std"], "checkpoint"
    elif arch not in ARCHS and isinstance(getattr(network, "pretrained_cfg", None), Mapping):
        config: Mapping[str, Any] = network.pretrained_cfg  # type: ignore[assignment]
        mean, std, source = config.get("mean", _HALF), config.get("std", _HALF), "timm"
    else:
        mean, std, source = _HALF, _HALF, "assumed"
    return {"mean": list(mean), "std": list(std), "source": source}


def _normalised(path: Path, network: nn.Module, normalisation: Mapping[str, Any]) -> Normalised:
    """Wrap the network, in evaluation mode."""
    try:
        return Normalised(network, normalisation["mean"], normalisation["std"]).eval()
    except (ValueError, TypeError) as error:
        raise InputError(f"{path} has a normalisation that cannot be used: {error}.") from error
