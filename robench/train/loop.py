"""The training loop. The last epoch is the result; the test set is never looked at."""

import math
import time
from dataclasses import dataclass
from pathlib import Path

import torch
from timm.optim import create_optimizer_v2  # type: ignore[attr-defined]
from torch import Tensor, nn

from robench.config import TrainConfig
from robench.device import keep_memory, one_process
from robench.errors import RunError
from robench.files import lock
from robench.models.normalised import Normalised
from robench.progress import Progress, Silent
from robench.train.batches import Step, TrainingImages
from robench.train.door import Door
from robench.train.forward import forward
from robench.train.objective import Objective
from robench.train.schedule import learning_rate
from robench.train.seeds import seed_of
from robench.train.setup import Job, prepare
from robench.train.state import Progressed, check_folder, describe, restore, save, write_log
from robench.train.tracking import write_curves

MANY_EPOCHS = 1_000_000
CHECK_EVERY = 50  # steps between looks at the loss: each look waits for the device


@dataclass
class Sums:
    """Running totals of an epoch, kept on the device."""

    loss: Tensor
    wrong: Tensor
    seen: int = 0

    def add(self, loss: Tensor, logits: Tensor, targets: Tensor) -> None:
        """Count one step; soft targets count by their largest entry."""
        labels = targets if targets.ndim == 1 else targets.argmax(1)
        self.loss += loss.detach() * len(labels)
        self.wrong += (logits[: len(labels)].detach().argmax(1) != labels).sum()
        self.seen += len(labels)


@dataclass(frozen=True)
class Running:
    """What takes part in a step."""

    job: Job
    model: nn.Module
    door: Door
    optimizer: torch.optim.Optimizer


def train(config: TrainConfig, *, resume: bool = False, progress: Progress | None = None) -> Path:
    """Train one network and leave ``last.pt``, ``log.jsonl``, ``config.yaml`` and ``env.json``.

    On a CPU with the same number of threads, a run that was killed and resumed gives the same bits
    as one that was not.

    Args:
        config: What to train.
        resume: Go on from ``last.pt`` if it is there.
        progress: Where to report to.

    Returns:
        Path of ``last.pt``.

    Raises:
        InputError: Something that the caller can mend, before the first step.
        RunError: The loss is not finite, or the disk is full.
    """
    progress = progress or Silent()
    one_process()
    keep_memory()
    check_folder(config, resume=resume)
    job = prepare(config, progress)
    with lock(config.out):
        check_folder(config, resume=resume)  # another process may have finished meanwhile
        return _train(job, progress)


def _train(job: Job, progress: Progress) -> Path:
    """The run itself; its folder is held by this process."""
    config = job.config
    net, optimizer = job.model.model, _optimizer(config, job.model)
    progressed = restore(config, net, optimizer, job.about)
    share = job.objective.clean_share(job.batches.classes)
    door = Door(job.model, low=config.precision == "bf16", clean_share=share)
    describe(config, anew=progressed.epoch == 0)
    about = f"{config.aug} on {config.data}, loss {config.loss}, {config.epochs} epochs"
    progress.say(f"{config.out}: {about}")
    if job.batches.method.at(config.epochs - 1) != job.batches.method.at(MANY_EPOCHS):
        progress.say(f"{config.aug} does not come to its end in {config.epochs} epochs")
    write_log(config, progressed)
    model: nn.Module = torch.compile(job.model) if config.compile else job.model  # type: ignore[assignment]
    steps = job.batches.steps
    progress.start(f"train {config.aug} {config.arch}", (config.epochs - progressed.epoch) * steps)
    for epoch in range(progressed.epoch, config.epochs):
        began = time.perf_counter()
        with torch.random.fork_rng(enabled=True):
            torch.manual_seed(seed_of("dropout", config.seed, epoch))
            sums = _epoch(Running(job, model, door, optimizer), epoch, progress)
        line: dict[str, float | int] = {
            "epoch": epoch + 1,
            "loss": _finite(sums, config, epoch),
            "train_error": sums.wrong.item() / sums.seen,
            "lr": optimizer.param_groups[0]["lr"],
            "seconds": round(time.perf_counter() - began, 2),
        }
        if job.held_out:
            line["val_error"] = error_of(job.model, job.held_out, config.recipe.batch_size)
        progressed = Progressed(epoch + 1, [*progressed.history, line])
        save(config, net, optimizer, job.about, progressed)
        if config.tensorboard:
            write_curves(config.out, progressed)
        progress.say(", ".join(f"{key} {value:.4g}" for key, value in line.items()))
    return config.out / "last.pt"


def _optimizer(config: TrainConfig, model: nn.Module) -> torch.optim.Optimizer:
    """SGD with Nesterov momentum, weight decay on every parameter as in the official code."""
    recipe = config.recipe
    optimizer: torch.optim.Optimizer = create_optimizer_v2(
        model,
        opt="sgd",
        lr=recipe.lr,
        momentum=recipe.momentum,
        weight_decay=recipe.weight_decay,
        filter_bias_and_bn=False,
    )
    return optimizer


def _epoch(run: Running, epoch: int, progress: Progress) -> Sums:
    """One pass over the training images."""
    config, batches, optimizer = run.job.config, run.job.batches, run.optimizer
    run.model.train()
    zero = torch.zeros((), device=run.job.device)
    sums = Sums(zero.clone(), zero.clone().long())
    total = config.epochs * batches.steps
    for number, step in enumerate(batches.epoch(epoch, run.door)):
        rate = learning_rate(config.recipe, epoch * batches.steps + number, total)
        for group in optimizer.param_groups:
            group["lr"] = rate
        loss, logits = _forward(run, step)
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)  # now: the next batch may come with gradients
        sums.add(loss, logits, step.targets)
        note = f"loss {_finite(sums, config, epoch):.3f}" if number % CHECK_EVERY == 0 else ""
        progress.advance(note=note)
    return sums


def _forward(run: Running, step: Step) -> tuple[Tensor, Tensor]:
    """Loss and logits; augmentation is already done, so only this runs in low precision."""
    low = run.job.config.precision == "bf16"
    with torch.autocast(run.job.device.type, dtype=torch.bfloat16, enabled=low), run.door.mixing():
        logits = forward(run.model, step)
    objective: Objective = run.job.objective
    return objective.loss(logits.float(), step.targets), logits


def _finite(sums: Sums, config: TrainConfig, epoch: int) -> float:
    """Mean loss so far.

    Raises:
        RunError: It is not a number any more.
    """
    loss = (sums.loss / sums.seen).item()
    if not math.isfinite(loss):
        raise RunError(
            f"The loss became {loss} in epoch {epoch + 1} of {config.out}; the epochs before are "
            f"saved. Try a lower rate: --set lr={config.recipe.lr / 10:g}."
        )
    return loss


@torch.no_grad()
def error_of(model: Normalised, data: TrainingImages, batch_size: int) -> float:
    """Fraction of images that the model gets wrong."""
    model.eval()
    images, labels = torch.split(data.images, batch_size), torch.split(data.labels, batch_size)
    pairs = zip(images, labels, strict=True)
    wrong = sum(int((model(some).argmax(1) != theirs).sum()) for some, theirs in pairs)
    return wrong / len(data)
