"""A checkpoint, a name or a callable -> a network that takes images."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch import nn

from robench import checkpoint
from robench.errors import InputError
from robench.models import create
from robench.models.callables import build_network, digest
from robench.models.named import Named, is_named, named, of_file
from robench.models.normalised import Normalised
from robench.models.weights import count_classes, fill, find_weights
from robench.registry import canonical, parse_call
from robench.types import Preprocess

COMPLETE = "as in the checkpoint"
DATASETS = {"cifar10": 10, "cifar100": 100}  # as the three repositories write them
_HALF = (0.5, 0.5, 0.5)
_NONE = {"mean": [0.0, 0.0, 0.0], "std": [1.0, 1.0, 1.0], "source": "inside the callable"}


@dataclass(frozen=True)
class LoadedModel:
    """A network ready to be measured, and what its file says of it.

    Attributes:
        model: In evaluation mode, on the CPU; takes images in [0, 1] or uint8.
        arch: Name of the network.
        classes: Its outputs.
        class_names: As in the checkpoint, if it has them.
        meta: aug, recipe, data, seed, epochs, loss, as far as known.
        sha256: Of the file; of the weights, where there is none.
        normalisation: ``mean`` and ``std`` per channel, and ``source``: checkpoint, timm,
            torchvision, "inside the callable", or "assumed" for a foreign CIFAR checkpoint.
        network: What a passport says beside the sha256: nothing where the file itself tells all,
            else the architecture with its arguments and the normalisation.
        preprocess: How the network wants pictures, if it brings that.
        notes: Lines that a user should read.
    """

    model: nn.Module
    arch: str
    classes: int
    class_names: tuple[str, ...] | None
    meta: dict[str, Any]
    sha256: str
    normalisation: dict[str, Any]
    network: dict[str, Any] | str
    preprocess: Preprocess | None = None
    notes: tuple[str, ...] = ()


def load_model(
    path: Path | str | None,
    arch: str | None = None,
    classes: int | None = None,
    *,
    weights: Path | None = None,
    build: str | None = None,
) -> LoadedModel:
    """Make a network ready. Nothing is ever downloaded.

    Args:
        path: ``.pt``, ``.pth``, ``.tar`` of ``torch.save``, or ``.safetensors``: our own
            checkpoint, or one of timm, torchvision or the IPMix, PixMix and AugMix repositories; or
            ``timm:NAME`` or ``torchvision:NAME``; None where ``build`` needs none.
        arch: Needed for foreign files; may carry arguments, ``wrn40_4(drop_rate=0.3)``.
        classes: Of a network that does not say; of foreign files where neither their ``dataset``
            (as AugMix, PixMix and IPMix have it) nor the last layer does.
        weights: File of weights for a name; without it the network is untrained, with seed 0.
        build: ``module:callable`` that returns a network, which takes images in [0, 1].

    Returns:
        The network in evaluation mode with its normalisation: the file's own; else timm's or
        torchvision's for their networks; else mean = std = 0.5, as the three repositories have it.

    Raises:
        InputError: Unreadable, unknown arch, or weights that do not fit the network.
    """
    if build is not None:
        return _built(build, path, classes)
    if path is None:
        raise InputError("No network: name a checkpoint, timm:NAME, or --model module:callable.")
    if is_named(str(path)) and not Path(path).exists():
        return _named(str(path), classes, weights)
    if weights is not None:
        raise InputError(f"--weights is for networks given by name, timm:NAME; got {path} as well.")
    return _from_file(Path(path), arch, classes)


def _from_file(path: Path, arch: str | None, classes: int | None) -> LoadedModel:
    """A checkpoint."""
    plain, sha256 = _read(path)
    name, arguments, classes = _identity(path, plain, arch, classes)
    network = create(name, classes, **arguments)
    fill(path, network, find_weights(path, plain), name, classes)
    brought = of_file(name, network, path)
    normalisation = _normalisation(plain, brought)
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
        preprocess=None if own else brought.preprocess,
        notes=() if own else (*brought.notes, *_averages(path, plain)),
    )


def _averages(path: Path, plain: Mapping[str, Any]) -> tuple[str, ...]:
    """What is not used of a file that holds two networks."""
    if "state_dict" not in plain or "state_dict_ema" not in plain:
        return ()
    text = (
        f"{path.name} also holds averaged weights, 'state_dict_ema', which timm takes first: "
        "'state_dict' is measured. Save the others under that name to measure them."
    )
    return (text,)


def _named(text: str, classes: int | None, weights: Path | None) -> LoadedModel:
    """A network of timm or torchvision, with local weights or untrained."""
    if weights is not None:
        return _from_file(weights, text, classes)
    name, arguments = parse_call(text)
    _without_weights("--weights, or from seed 0", arguments)
    network, classes = named(name, classes, arguments)
    brought = of_file(name, network, None)
    normalisation = _normalisation({}, brought)
    called = canonical(name, arguments)
    means = {key: normalisation[key] for key in ("mean", "std")}
    note = f"{text} is untrained (seed 0): no --weights were given, and nothing is downloaded."
    return LoadedModel(
        model=_normalised(Path(text), network, normalisation),
        arch=called,
        classes=classes,
        class_names=None,
        meta={"weights": "untrained, seed 0"},
        sha256=digest(network),
        normalisation=normalisation,
        network={"arch": called, **means},
        preprocess=brought.preprocess,
        notes=(note, *brought.notes),
    )


def _built(build: str, path: Path | str | None, classes: int | None) -> LoadedModel:
    """What a callable of the user's returns."""
    found = build_network(build, path, classes)
    return LoadedModel(
        model=found.network,
        arch=build,
        classes=found.classes,
        class_names=None,
        meta={"model": build},
        sha256=found.sha256,
        normalisation=_NONE,
        network={"model": build, "source": found.source},
        preprocess=found.preprocess,
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
        if arch is None:
            says = f" (its entry 'arch' says {plain['arch']!r})" if "arch" in plain else ""
            raise InputError(
                f"{path} was not written by robench{says}: it needs --arch, for example --arch "
                "wrn40_4 or --arch timm:resnet50."
            )
        name, arguments = parse_call(arch)
        _without_weights(str(path), arguments)
        found = classes or _said(plain) or count_classes(name, arguments, find_weights(path, plain))
        return name, arguments, found
    try:
        stored, count, own = str(plain["arch"]), int(plain["num_classes"]), dict(plain["arch_args"])
    except KeyError as error:
        raise InputError(f"{path} is damaged: it has no entry {error}.") from error
    except (TypeError, ValueError) as error:
        raise InputError(f"{path} is damaged, in num_classes or arch_args: {error}.") from error
    for flag, wanted, got in (("arch", arch, stored), ("classes", classes, count)):
        if wanted is not None and wanted != got:
            raise InputError(f"{path} has {flag} {got}, but --{flag} says {wanted}. Leave it out.")
    _without_weights(str(path), own)
    return stored, own, count


def _said(plain: Mapping[str, Any]) -> int | None:
    """Classes of the training set that AugMix, PixMix and IPMix write into their checkpoints."""
    written = plain.get("dataset")
    return DATASETS.get(written) if isinstance(written, str) else None


def _without_weights(origin: str, arguments: Mapping[str, Any]) -> None:
    """Refuse arguments by which timm would fetch other weights, from the internet or a file."""
    for key in arguments:
        if key.startswith(("pretrained", "checkpoint", "cache_dir")):
            raise InputError(
                f"The weights come from {origin}: the argument {key!r} is not allowed."
            )


def _normalisation(plain: Mapping[str, Any], brought: Named) -> dict[str, Any]:
    """Mean, standard deviation, and who says so."""
    if "mean" in plain and "std" in plain:
        return {"mean": list(plain["mean"]), "std": list(plain["std"]), "source": "checkpoint"}
    if brought.mean and brought.std:
        return {"mean": list(brought.mean), "std": list(brought.std), "source": brought.source}
    return {"mean": list(_HALF), "std": list(_HALF), "source": "assumed"}


def _normalised(path: Path, network: nn.Module, normalisation: Mapping[str, Any]) -> Normalised:
    """Wrap the network, in evaluation mode."""
    try:
        return Normalised(network, normalisation["mean"], normalisation["std"]).eval()
    except (ValueError, TypeError) as error:
        raise InputError(f"{path} has a normalisation that cannot be used: {error}.") from error
