"""Everything that can go wrong before the first image goes wrong here."""

from collections.abc import Sequence
from pathlib import Path

import torch

from robench.attacks import Attack, make_attack
from robench.config import EvalConfig
from robench.datasets import CellSource, find, open_cell
from robench.device import device_name, pick_device
from robench.errors import InputError, RunError
from robench.evaluate.forward import Forward
from robench.evaluate.identity import Bench
from robench.evaluate.plan import Plan, make_plan
from robench.evaluate.policy import under
from robench.evaluate.ranks import Ranks
from robench.evaluate.reader import as_tensor
from robench.models.load import LoadedModel, load_model
from robench.passport import environment
from robench.progress import Progress
from robench.protocols import POLICIES
from robench.suites import find_suite
from robench.types import Cell, EvalSet, Preprocess, Suite

SMALL, BLOCK, BLOCK_OF_SMALL = 64, 100, 500  # pixels; images per forward pass above and up to it
LOOKED_AT = 32  # images, before an attack
Key = tuple[Cell, EvalSet, Path, int | None, Preprocess | None]


def prepare(configs: Sequence[EvalConfig], ranks: Ranks, progress: Progress) -> list[Bench]:
    """Find the images, load the models, and check that they fit.

    Checkpoints that see the same pixels share the source of each cell.

    Raises:
        InputError: They do not fit, or something is missing.
    """
    opened: dict[Key, CellSource] = {}
    return [_bench(config, ranks, opened, progress) for config in configs]


def _bench(
    config: EvalConfig, ranks: Ranks, opened: dict[Key, CellSource], progress: Progress
) -> Bench:
    """One checkpoint."""
    device = pick_device(ranks.device(config.device))
    if config.threads:
        torch.set_num_threads(config.threads)
    own_folder = config.suite.startswith("folder:")
    suite = None if own_folder else _resolved(config, find_suite(config.suite))
    plan = make_plan(suite, config.data_dir) if suite else None
    loaded = load_model(
        config.checkpoint, config.arch, config.classes, weights=config.weights, build=config.model
    )
    if suite is None or plan is None:
        found = find_suite(config.suite, loaded.classes, loaded.class_names)
        suite = _resolved(config, found)
        plan = make_plan(suite, config.data_dir)
    for line in (*loaded.notes, *plan.notes):
        progress.say(line)
    _check_classes(config, loaded, plan)
    _remark(config, loaded, suite.clean, progress)
    sources = tuple((cell, _open(cell, config, plan, loaded, opened)) for cell in plan.cells)
    forward = _forward(config, loaded, device, sources[0][1])
    flags = _all_flags(forward, sources)
    for line in dict.fromkeys(text for found in flags.values() for text in found):
        progress.say(f"Caution: {config.name}: {line}")
    return Bench(
        config=config,
        suite=suite.name,
        loaded=loaded,
        forward=forward,
        sources=sources,
        own=plan.own,
        missing=plan.missing,
        provenance={
            **environment(),
            "device": device_name(device),
            "threads": torch.get_num_threads(),
            "block": forward.block,
            "normalisation": loaded.normalisation["source"],
        },
        flags=flags,
    )


def _resolved(config: EvalConfig, suite: Suite) -> Suite:
    """The suite under the protocol that was asked for."""
    return under(suite, POLICIES[config.protocol], config.attacks)


def _open(
    cell: Cell,
    config: EvalConfig,
    plan: Plan,
    loaded: LoadedModel,
    opened: dict[Key, CellSource],
) -> CellSource:
    """The images of a cell, once for all checkpoints that see them alike."""
    entry = find(cell.evalset, plan.own)
    key = (cell, entry, config.data_dir, config.limit, loaded.preprocess)
    if key not in opened:
        opened[key] = open_cell(
            cell, config.data_dir, config.limit, preprocess=loaded.preprocess, own=plan.own
        )
    return opened[key]


def _check_classes(config: EvalConfig, loaded: LoadedModel, plan: Plan) -> None:
    """Every set needs as many logits as the network has."""
    wanted = {cell.evalset: find(cell.evalset, plan.own) for cell in plan.cells}
    for name, entry in wanted.items():
        if entry.logits not in (0, loaded.classes):
            trained = f" ({loaded.meta['data']})" if "data" in loaded.meta else ""
            raise InputError(
                f"{config.name} has {loaded.classes} classes, but {name} of suite {config.suite} "
                f"needs {entry.logits}. Choose a suite of its training data{trained}."
            )
        if entry.mask and any(cell.evalset == name and cell.attack for cell in plan.cells):
            raise InputError(f"{name} has a class mask, which attacks do not know.")


def _remark(config: EvalConfig, loaded: LoadedModel, clean: str | None, progress: Progress) -> None:
    """Say where a network was trained on something else."""
    trained = str(loaded.meta.get("data", clean))
    if clean and trained.removesuffix("-tiny") != clean.removesuffix("-tiny"):
        progress.say(f"Note: {config.name} was trained on {trained}, not {clean}.")


def _all_flags(
    forward: Forward, sources: Sequence[tuple[Cell, CellSource]]
) -> dict[Cell, tuple[str, ...]]:
    """What each attack sees of a network; attacks without an ``inspect`` of their own look once."""
    found: dict[Cell, tuple[str, ...]] = {}
    usual: dict[str, tuple[str, ...]] = {}
    for cell, source in sources:
        if not cell.attack:
            continue
        attack = make_attack(cell.attack)
        if hasattr(attack, "inspect"):
            found[cell] = _flags(forward, attack, source)
        else:
            if cell.evalset not in usual:
                usual[cell.evalset] = _flags(forward, attack, source)
            found[cell] = usual[cell.evalset]
    return found


def _flags(forward: Forward, attack: Attack, source: CellSource) -> tuple[str, ...]:
    """What an attack sees of a network on the first images that makes its result doubtful.

    Nothing where these are not even numbers: measuring them will say so and name the cell.
    """
    count = min(LOOKED_AT, source.size)
    images = as_tensor(source.block(0, count))
    labels, indices = source.labels[:count], source.indices[:count]
    try:
        return forward.inspect(attack, images, labels, indices)
    except RunError:
        return ()


def _forward(
    config: EvalConfig, loaded: LoadedModel, device: torch.device, source: CellSource
) -> Forward:
    """Put the network on its device and try it on one image.

    Raises:
        InputError: It cannot take these images.
    """
    torch.backends.cudnn.allow_tf32 = False
    images = as_tensor(source.block(0, 1))
    block = config.block or (BLOCK_OF_SMALL if max(images.shape[2:]) <= SMALL else BLOCK)
    forward = Forward(loaded.model.to(device).eval(), device, config.precision, block)
    try:
        logits = forward.logits(images[:1])
    except (RuntimeError, AssertionError, ValueError) as error:
        raise InputError(
            f"{loaded.arch} cannot take the images of {config.suite}: {error}"
        ) from error
    if logits.shape != (1, loaded.classes):
        raise InputError(
            f"{loaded.arch} gives outputs of shape {logits.shape} for one image, expected "
            f"(1, {loaded.classes})."
        )
    return forward
