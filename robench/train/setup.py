"""Everything that can go wrong before the first step goes wrong here."""

from dataclasses import dataclass
from pathlib import Path

import torch

from augmentations import mixing_sets
from augmentations.base import Augmentation
from augmentations.crop_flip import CropFlip
from augmentations.mixing_sets.packed import MixingSet
from robench import models
from robench.config import CACHE, TrainConfig
from robench.datasets import Labelled, find, load_train
from robench.device import pick_device
from robench.errors import InputError, UnknownNameError
from robench.models.normalised import Normalised
from robench.progress import Progress
from robench.registry import unknown
from robench.train.batches import Batches, TrainingImages
from robench.train.objective import Objective, make_objective
from robench.train.resolve import PICTURES, make_method
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
    model = make_model(config, len(data.class_names))
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
    job = Job(
        config=config,
        model=model.to(device),
        objective=objective,
        batches=batches,
        held_out=held_out,
        about=About(data.class_names, _described(mixing)),
        device=device,
    )
    _rehearse(job)
    return job


def make_model(config: TrainConfig, classes: int) -> Normalised:
    """A freshly initialised network; its weights depend on the seed alone."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed_of("weights", config.seed))
        inner = models.create(config.arch, classes, **arch_arguments(config))
    model = Normalised(inner, config.recipe.mean, config.recipe.std)
    return model.to(memory_format=torch.channels_last)


def _rehearse(job: Job) -> None:
    """Augment the first image and push it through the network, leaving it as it was.

    Raises:
        InputError: The method or the network cannot take these images.
    """
    config = job.config
    try:
        images, _ = job.batches.step(0, torch.zeros(1, dtype=torch.int64, device=job.device))
        with torch.no_grad():
            job.model.eval()(images)
    except (ValueError, RuntimeError, AssertionError) as error:
        raise InputError(
            f"{config.aug} and {config.arch} cannot be trained on {config.data}: {error}"
        ) from error
    last = len(job.batches.data) % config.recipe.batch_size
    if job.objective.views == last == 1:
        raise InputError(
            f"The last batch would hold 1 of {len(job.batches.data)} images, which batch "
            "normalisation cannot take: change --subset or --set batch_size=N."
        )


def _check_loss(config: TrainConfig, method: Augmentation) -> None:
    """JSD compares views of one image, so it needs one label per image."""
    if config.loss == "jsd" and method.mixes_labels:
        raise InputError(f"--loss jsd needs hard labels; {config.aug} mixes them. Use --loss ce.")


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
    """Open the mixing pictures, or make them on first use; a folder is read as it is."""
    name = config.mixing_set
    if not method.needs_partners or name is None:
        return None
    stored = STORED.get(side, -(-side * 9 // 8))
    if name in mixing_sets.MIXING_SETS:
        n = config.mixing_n or PICTURES
        progress.start(f"mixing set {name}", n)
        steps = _Steps(progress)
        return mixing_sets.cached(name, n, stored, CACHE / "mixing-sets", progress=steps)
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
    """Turns (done, total) into steps."""

    def __init__(self, progress: Progress) -> None:
        self.progress = progress
        self.done = 0

    def __call__(self, done: int, total: int) -> None:
        """``total`` was announced already."""
        self.progress.advance(done - self.done, note=f"of {total}")
        self.done = done
