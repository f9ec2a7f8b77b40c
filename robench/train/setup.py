"""Everything that can go wrong before the first step goes wrong here."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

import augmentations
from augmentations import mixing_sets
from augmentations.base import Augmentation
from augmentations.crop_flip import CropFlip
from augmentations.mixing_sets.packed import MixingSet
from robench import models
from robench.config import CACHE, TrainConfig, validated
from robench.datasets import DATASETS, Labelled, load_train
from robench.device import pick_device
from robench.errors import InputError, UnknownNameError
from robench.models.normalised import Normalised
from robench.progress import Progress
from robench.recipes import default_for, load_recipe
from robench.registry import build, lookup, parse_call, unknown, with_plugins
from robench.train.batches import Batches, TrainingImages
from robench.train.objective import Objective, make_objective
from robench.train.state import About, arch_arguments

DEFAULT_SET = "orbit-traps"
CONSISTENT = {"ipmix", "augmix"}  # methods whose authors train with JSD
UNFLIPPED = {"digits"}  # data sets whose mirror images are something else


@dataclass(frozen=True)
class Job:
    """A run that is ready to start."""

    config: TrainConfig
    model: Normalised
    objective: Objective
    batches: Batches
    held_out: TrainingImages | None
    about: About
    device: torch.device


def resolve(
    values: Mapping[str, Any], recipe: str | None, changes: Mapping[str, Any]
) -> TrainConfig:
    """Make a complete configuration from what a command line gives.

    Args:
        values: Fields of `TrainConfig` as given; None means not given.
        recipe: Name or file, None for the architecture's own.
        changes: Values of the recipe to replace.

    Raises:
        InputError: A name or a value that does not fit.
    """
    given = {key: value for key, value in values.items() if value is not None}
    plan = load_recipe(recipe or default_for(given.get("arch", "wrn40_4")), changes)
    method, _ = parse_call(given.get("aug", "ipmix"))
    loss = given.pop("loss", "auto")
    if loss == "auto":
        loss = plan.loss
    if loss == "auto":
        loss = "jsd" if method in CONSISTENT else "ce"
    complete = {"epochs": plan.epochs, **given, "recipe": plan, "loss": loss}
    if make_method(str(complete.get("aug", "ipmix"))).needs_partners:
        complete.setdefault("mixing_set", DEFAULT_SET)
    if "out" not in complete:
        complete["out"] = Path("runs") / _run_name(complete)
    config: TrainConfig = validated(TrainConfig, complete, "training")
    return config


def _run_name(complete: Mapping[str, Any]) -> str:
    """Folder of a run whose ``--out`` was not given: data, architecture, method, loss, seed."""
    fields = {key: TrainConfig.model_fields[key].default for key in ("data", "arch", "aug", "seed")}
    name = "{data}-{arch}-{aug}-{loss}-seed{seed}".format_map({**fields, **complete})
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", name)


def prepare(config: TrainConfig, progress: Progress) -> Job:
    """Check names, data, mixing set and device, and build what the loop needs.

    Raises:
        InputError: Anything that the caller can mend.
    """
    device = pick_device(config.device)
    if config.threads:
        torch.set_num_threads(config.threads)
    method = make_method(config.aug)
    _check_loss(config, method)
    model = make_model(config, lookup(DATASETS, config.data, "data set").classes)
    data = load_train(config.data, config.data_dir)
    train, held_out = _split(data, config, device)
    mixing = _mixing(config, method, data.images.shape[1], progress)
    objective = make_objective(config.loss, config.recipe.jsd_weight)
    batches = Batches(
        data=train,
        method=method,
        base=CropFlip(config.recipe.padding, flip=_flips(config)),
        mixing=mixing.to(device) if mixing else None,
        views=objective.views,
        batch_size=config.recipe.batch_size,
        seed=config.seed,
    )
    return Job(
        config=config,
        model=model.to(device),
        objective=objective,
        batches=batches,
        held_out=held_out,
        about=About(data.class_names, _described(mixing)),
        device=device,
    )


def make_method(text: str) -> Augmentation:
    """The augmentation that ``--aug`` names."""
    catalogue = with_plugins(augmentations.METHODS, "robench.augmentations")
    method: Augmentation = build(catalogue, text, "augmentation")
    return method


def make_model(config: TrainConfig, classes: int) -> Normalised:
    """A freshly initialised network; its weights depend on the seed alone."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(config.seed)
        inner = models.create(config.arch, classes, **arch_arguments(config))
    model = Normalised(inner, config.recipe.mean, config.recipe.std)
    return model.to(memory_format=torch.channels_last)


def _check_loss(config: TrainConfig, method: Augmentation) -> None:
    """JSD compares views of one image, so it needs one label per image."""
    if config.loss == "jsd" and method.mixes_labels:
        raise InputError(
            f"--loss jsd needs hard labels, but {config.aug} mixes them. Use --loss ce."
        )


def _flips(config: TrainConfig) -> bool:
    """Whether training images may be mirrored."""
    flip = config.recipe.flip
    return config.data not in UNFLIPPED if flip is None else flip


def _split(
    data: Labelled, config: TrainConfig, device: torch.device
) -> tuple[TrainingImages, TrainingImages | None]:
    """The first ``subset`` images; of these the last ``val`` part is held out."""
    count = config.subset or len(data.labels)
    if count > len(data.labels):
        raise InputError(f"--subset {count}: {config.data} has {len(data.labels)} training images.")
    held = round(config.val * count)
    images = (
        torch.from_numpy(data.images[:count].copy()).permute(0, 3, 1, 2).contiguous().to(device)
    )
    labels = torch.from_numpy(data.labels[:count].copy()).to(device)
    kept = count - held
    train = TrainingImages(images[:kept], labels[:kept])
    return train, TrainingImages(images[kept:], labels[kept:]) if held else None


def _mixing(
    config: TrainConfig, method: Augmentation, side: int, progress: Progress
) -> MixingSet | None:
    """Open the mixing pictures, or make them on first use; a folder is read as it is."""
    if not method.needs_partners:
        return None
    name = config.mixing_set or DEFAULT_SET
    stored = -(-side * 9 // 8)  # 36 for 32 px, as the official Resize(36) + RandomCrop(32)
    if Path(name).is_dir():
        return MixingSet.from_folder(Path(name), stored)
    if name not in mixing_sets.MIXING_SETS:
        message = unknown(mixing_sets.MIXING_SETS, name, "mixing set")
        raise UnknownNameError(message + " A folder of pictures works too.")
    progress.start(f"mixing set {name}", config.mixing_n)
    return mixing_sets.cached(
        name, config.mixing_n, stored, CACHE / "mixing-sets", progress=_Steps(progress)
    )


def _described(mixing: MixingSet | None) -> dict[str, Any] | None:
    """What identifies the mixing pictures."""
    if mixing is None:
        return None
    return {"source": mixing.source, "n": len(mixing), "sha256": mixing.sha256}


class _Steps:
    """Turns (done, total) into steps."""

    def __init__(self, progress: Progress) -> None:
        self.progress = progress
        self.done = 0

    def __call__(self, done: int, total: int) -> None:
        """``total`` was announced already."""
        self.progress.advance(done - self.done, note=f"of {total}")
        self.done = done
