"""Everything that can go wrong before the first step goes wrong here."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from augmentations import mixing_sets
from augmentations.base import Augmentation
from augmentations.crop_flip import CropFlip
from augmentations.mixing_sets.packed import MixingSet
from robench import models
from robench.config import CACHE, TrainConfig
from robench.datasets import Labelled, find, load_train
from robench.device import pick_device
from robench.errors import InputError, RunError, UnknownNameError
from robench.models.mix_points import mix_points
from robench.models.normalised import Normalised
from robench.progress import Progress
from robench.registry import unknown
from robench.train.batches import Batches, TrainingImages
from robench.train.objective import Objective, make_objective
from robench.train.rehearsal import rehearse
from robench.train.resolve import make_method
from robench.train.seeds import seed_of
from robench.train.state import About, arch_arguments
from robench.train.tracking import check_tensorboard

# Sides of the mixing pictures that crops are taken from, as the official Resize + RandomCrop have
# them; the ratio of the first elsewhere.
STORED = {32: 36, 224: 256}


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


def prepare(config: TrainConfig, progress: Progress) -> Job:
    """Check names, data, mixing set and device, and build what the loop needs.

    Raises:
        InputError: Anything that the caller can mend.
    """
    device = pick_device(config.device)
    if config.threads:
        torch.set_num_threads(config.threads)
    if config.tensorboard:
        check_tensorboard()
    method = make_method(config.aug)
    _check_loss(config, method)
    data = load_train(config.data, config.data_dir)
    arguments = arch_arguments(config, method.routes)
    model = make_model(config, len(data.class_names), arguments)
    if method.mixes_features:
        _check_points(config, model)
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
        classes=len(data.class_names),
    )
    job = Job(
        config=config,
        model=model.to(device),
        objective=objective,
        batches=batches,
        held_out=held_out,
        about=About(data.class_names, _described(mixing), arguments),
        device=device,
    )
    rehearse(config, job.model, batches)
    return job


def make_model(config: TrainConfig, classes: int, arguments: Mapping[str, Any]) -> Normalised:
    """A freshly initialised network; its weights depend on the seed alone."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed_of("weights", config.seed))
        inner = models.create(config.arch, classes, **arguments)
    model = Normalised(inner, config.recipe.mean, config.recipe.std)
    return model.to(memory_format=torch.channels_last)


def _check_loss(config: TrainConfig, method: Augmentation) -> None:
    """JSD compares views of one image, so it needs one label per image."""
    if config.loss == "jsd" and method.mixes_labels:
        raise InputError(f"--loss jsd needs hard labels; {config.aug} mixes them. Use --loss ce.")


def _check_points(config: TrainConfig, model: Normalised) -> None:
    """Features are mixed by hooks, which a compiled network does not see."""
    mix_points(model.model)
    if config.compile:
        raise InputError(f"{config.aug} mixes inside the network: leave out --compile.")


def _flips(config: TrainConfig) -> bool:
    """Whether training images may be mirrored."""
    return find(config.data).flips if config.recipe.flip is None else config.recipe.flip


def _split(
    data: Labelled, config: TrainConfig, device: torch.device
) -> tuple[TrainingImages, TrainingImages | None]:
    """The first ``subset`` images; of these the last ``val`` part is held out."""
    count = config.subset or len(data.labels)
    if count > len(data.labels):
        raise InputError(f"--subset {count}: {config.data} has {len(data.labels)} training images.")
    kept = count - round(config.val * count)
    if kept < 1:
        raise InputError(f"--val {config.val} of {count} images leaves none to train on.")
    images = torch.tensor(data.images[:count], device=device).permute(0, 3, 1, 2).contiguous()
    labels = torch.tensor(data.labels[:count], device=device)
    train = TrainingImages(images[:kept], labels[:kept])
    return train, TrainingImages(images[kept:], labels[kept:]) if kept < count else None


def _mixing(
    config: TrainConfig, method: Augmentation, side: int, progress: Progress
) -> MixingSet | None:
    """Open the mixing pictures, or make them on first use; a folder is taken as it is."""
    name = config.mixing_set
    if not method.needs_partners or name is None:
        return None
    stored = STORED.get(side, -(-side * 9 // 8))
    if name in mixing_sets.MIXING_SETS:
        home, steps = CACHE / "mixing-sets", _Steps(progress, f"mixing set {name}")
        try:
            return mixing_sets.cached(name, config.mixing_n, stored, home, progress=steps)
        except (ValueError, RuntimeError) as error:
            raise RunError(f"Cannot make the mixing set {name}: {error}.") from error
    if not Path(name).is_dir():
        message = unknown(mixing_sets.MIXING_SETS, name, "mixing set")
        raise UnknownNameError(message + " A folder of pictures works too.")
    try:
        return MixingSet.from_folder(Path(name), stored)
    except (OSError, ValueError) as error:
        raise InputError(f"--mixing-set {name}: {error}.") from error


def _described(mixing: MixingSet | None) -> dict[str, str | int] | None:
    """What identifies the mixing pictures."""
    if mixing is None:
        return None
    return {"source": mixing.source, "n": len(mixing), "sha256": mixing.sha256}


class _Steps:
    """Turns (done, total) into steps of a task, which begins with the first of them."""

    def __init__(self, progress: Progress, task: str) -> None:
        self.progress, self.task, self.done = progress, task, -1

    def __call__(self, done: int, total: int) -> None:
        """Go on to ``done``."""
        if self.done < 0:
            self.progress.start(self.task, total)
            self.done = 0
        self.progress.advance(done - self.done)
        self.done = done
