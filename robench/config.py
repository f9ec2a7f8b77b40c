"""What a command line asks for, as one validated object that is stored with the run."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from robench.errors import InputError

Loss = Literal["auto", "ce", "jsd", "bce_softmax"]
Precision = Literal["fp32", "bf16"]
Policy = Literal["strict", "paper"]
Positive = Annotated[float, Field(gt=0)]
CACHE = Path.home() / ".cache" / "robench"


class Strict(BaseModel):
    """Immutable, and unknown keys are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Recipe(Strict):
    """How a network is trained; one YAML file in `robench.recipes`.

    Attributes:
        name: As on the command line.
        source: Where the numbers come from.
        epochs: Passes over the training images.
        batch_size: Images per step (each counts once, however many views it has).
        lr: Peak learning rate.
        momentum: Of SGD, Nesterov.
        weight_decay: On all parameters, batch-norm and biases too, as in the official code.
        schedule: Per step; ``cosine`` falls to ``min_lr``, ``linear`` to ``min_lr``, both after
            a linear rise over the first ``warmup`` of all steps.
        min_lr: Absolute learning rate at the end.
        warmup: Fraction of all steps.
        dropout: Inside the blocks of a wide ResNet.
        loss: ``auto`` is what the method's authors used: JSD for ipmix, augmix, augmax and prime,
            else CE; ``bce_softmax`` is that of the codes of manifold mixup and Co-Mixup.
        jsd_weight: 12 in the papers.
        padding: Zero padding of the random crop, pixels.
        flip: Random mirror image; None: as fits the data set (no for digits, else yes).
        mean: Normalisation inside the network.
        std: Likewise.
    """

    name: str
    source: str = ""
    epochs: int = Field(ge=1)
    batch_size: int = Field(ge=1)
    lr: float = Field(gt=0)
    momentum: float = Field(default=0.9, ge=0, lt=1)
    weight_decay: float = Field(ge=0)
    schedule: Literal["cosine", "linear"] = "cosine"
    min_lr: float = Field(default=1e-6, ge=0)
    warmup: float = Field(default=0.0, ge=0, lt=1)
    dropout: float = Field(default=0.0, ge=0, lt=1)
    loss: Loss = "auto"
    jsd_weight: float = Field(default=12.0, ge=0)
    padding: int = Field(default=4, ge=0)
    flip: bool | None = None
    mean: tuple[float, float, float] = (0.5, 0.5, 0.5)
    std: tuple[Positive, Positive, Positive] = (0.5, 0.5, 0.5)


class TrainConfig(Strict):
    """One `robench train`, resolved. ``out`` is the run's folder; the rest fixes its numbers."""

    aug: str = "ipmix"
    arch: str = "wrn40_4"
    data: str = "cifar10"
    data_dir: Path
    recipe: Recipe
    loss: Literal["ce", "jsd", "bce_softmax"]
    mixing_set: str | None = None
    mixing_n: int | None = Field(default=None, ge=1)
    epochs: int = Field(ge=1)
    subset: int | None = Field(default=None, ge=1)
    val: float = Field(default=0.0, ge=0, lt=1)
    seed: int = Field(default=0, ge=0, lt=2**63)
    device: str = "auto"
    precision: Precision = "fp32"
    compile: bool = False
    tensorboard: bool = False
    threads: int | None = Field(default=None, ge=1)
    out: Path

    def to_plain(self) -> dict[str, Any]:
        """JSON types only, as stored in ``config.yaml`` and in the checkpoint.

        Folders are left out: they belong to the machine, not to the numbers.
        """
        return self.model_dump(mode="json", exclude={"out", "data_dir"})


def _text(value: object) -> object:
    """Paths as text: a network may also be named."""
    return str(value) if isinstance(value, Path) else value


class EvalConfig(Strict):
    """One `robench eval` of one network, resolved.

    Attributes:
        checkpoint: A file; or ``timm:NAME`` or ``torchvision:NAME``; None where ``model`` needs
            none.
        suite: Name of a suite, of a set, or ``folder:DIR``.
        protocol: How it is measured; one of `robench.protocols.POLICIES`.
        attacks: Attacks on the clean set beside those of the suite.
        data_dir: Where data sets lie.
        out: The run's folder.
        arch: Of a checkpoint that does not say.
        classes: Likewise.
        model: ``module:callable`` that makes the network.
        weights: File of weights for a network named in ``checkpoint``.
        limit: Images of each cell.
        precision: Of the forward pass.
        device: Where it runs.
        block: Images per forward pass; None: as fits their size.
        threads: Of one operation; None: as torch has it.
        workers: Processes that read images; None: as many as there are cores, at most eight.
        fresh: Whether to discard what was measured before.
    """

    checkpoint: Annotated[str | None, BeforeValidator(_text)] = None
    suite: str
    protocol: Policy = "strict"
    attacks: tuple[str, ...] = ()
    data_dir: Path
    out: Path
    arch: str | None = None
    classes: int | None = Field(default=None, ge=2)
    model: str | None = None
    weights: Path | None = None
    limit: int | None = Field(default=None, ge=1)
    precision: Precision = "fp32"
    device: str = "auto"
    block: int | None = Field(default=None, ge=1)
    threads: int | None = Field(default=None, ge=1)
    workers: int | None = Field(default=None, ge=0)
    fresh: bool = False

    @property
    def asked(self) -> list[str]:
        """The suite and what changes it, as on the command line."""
        protocol = [] if self.protocol == "strict" else ["--protocol", self.protocol]
        return [
            self.suite,
            *protocol,
            *(part for name in self.attacks for part in ("--attack", name)),
        ]

    @property
    def name(self) -> str:
        """What messages call the network."""
        return self.checkpoint or self.model or "the network"


def data_dir(given: Path | None) -> Path:
    """``--data-dir``, else ``$ROBENCH_DATA``, else the cache."""
    if given is not None:
        return given
    named = os.environ.get("ROBENCH_DATA")
    return Path(named) if named else CACHE / "data"


def validated(model: type[BaseModel], values: Mapping[str, Any], what: str) -> Any:  # noqa: ANN401
    """Make a model from plain values.

    Raises:
        InputError: Says every key that does not fit, with the value that came.
    """
    try:
        return model.model_validate(dict(values))
    except ValidationError as error:
        parts = [
            f"{'.'.join(map(str, item['loc']))}: {item['msg']}, got {item['input']!r}"
            for item in error.errors()
        ]
        raise InputError(f"{what} does not fit: {'; '.join(parts)}.") from error


def assignments(pairs: list[str]) -> dict[str, Any]:
    """Read ``--set key=value`` options; values are YAML scalars.

    Raises:
        InputError: No ``=``.
    """
    found = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals:
            raise InputError(f"--set expects key=value, got {pair!r}.")
        try:
            found[key.strip()] = yaml.safe_load(value)
        except yaml.YAMLError as error:
            raise InputError(f"--set {pair}: {value!r} is not a value.") from error
    return found


def read_yaml(path: Path) -> dict[str, Any]:
    """Read a YAML mapping.

    Raises:
        InputError: Absent, damaged, or not a mapping.
    """
    try:
        plain = yaml.safe_load(path.read_text())
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise InputError(f"Cannot read {path}: {error}.") from error
    if not isinstance(plain, dict):
        raise InputError(f"{path} must hold key: value lines, got {type(plain).__name__}.")
    return plain


def run_folder(network: str) -> Path:
    """Where an evaluation goes: into the run of ``last.pt``, else ``runs/<name>``.

    Args:
        network: A file, ``timm:NAME``, or ``module:callable``.
    """
    path = Path(network)
    if path.name == "last.pt":
        return path.parent
    if ":" in network and not path.exists():
        return Path("runs") / network.replace(":", "-").replace("/", "-")
    return Path("runs") / path.stem
