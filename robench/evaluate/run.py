"""The evaluation of one checkpoint: plan, measure what is not stored, score."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from robench.attacks import Attack, make_attack
from robench.config import EvalConfig
from robench.datasets import DATASETS, CellSource, open_cell
from robench.device import device_name, one_process, pick_device
from robench.errors import InputError
from robench.evaluate.forward import Forward
from robench.evaluate.plan import Plan, make_plan
from robench.evaluate.scoring import Scorer, summarise
from robench.files import read_json, write_json
from robench.models.load import LoadedModel, load_model
from robench.passport import environment, inputs_id
from robench.progress import Progress, Silent
from robench.registry import lookup
from robench.store import Store
from robench.suites import SUITES
from robench.types import Cell, Outputs, Passport

WRITTEN = ("results.jsonl", "passports.json", "correct.npz", "curves.json", "checkpoint.json")


@dataclass(frozen=True)
class Bench:
    """A model on a device, and the choices that hold for all its cells."""

    config: EvalConfig
    loaded: LoadedModel
    forward: Forward
    provenance: dict[str, Any]


def evaluate(config: EvalConfig, progress: Progress | None = None) -> Path:
    """Measure a checkpoint on a suite. What is stored already is not measured again.

    Args:
        config: What to evaluate.
        progress: Where to report to.

    Returns:
        The folder of the store, ``<out>/eval``.

    Raises:
        InputError: Something the caller can mend, before the first image.
        RunError: Outputs that are not numbers, or a full disk; what was measured is kept.
    """
    progress = progress or Silent()
    one_process()
    suite = lookup(SUITES, config.suite, "suite")
    plan = make_plan(suite, config.data_dir)
    bench = _set_up(config, DATASETS[suite.clean].classes)
    with Store(config.out / "eval") as store:
        _claim(store, bench)
        scorer = Scorer.of(store)
        _measure_all(plan, bench, store, scorer, progress)
        summarise(store)
    for line in (*plan.missing, *scorer.left_out()):
        progress.say(line)
    return store.folder


def _set_up(config: EvalConfig, classes: int) -> Bench:
    """Load the model and check that it fits the suite."""
    if config.threads:
        torch.set_num_threads(config.threads)
    loaded = load_model(config.checkpoint, config.arch, config.classes)
    if loaded.classes != classes:
        raise InputError(
            f"{config.checkpoint} has {loaded.classes} classes, but suite {config.suite} has "
            f"{classes}. Choose the suite of its training data ({loaded.meta.get('data', '?')})."
        )
    device = pick_device(config.device)
    torch.backends.cudnn.allow_tf32 = False
    model = loaded.model.to(device).eval()
    provenance = {
        **environment(),
        "device": device_name(device),
        "threads": torch.get_num_threads(),
        "block": config.block,
        "normalisation": loaded.normalisation["source"],
    }
    forward = Forward(model, device, config.precision, config.block)
    return Bench(config, loaded, forward, provenance)


def _claim(store: Store, bench: Bench) -> None:
    """Bind the store to its checkpoint.

    Raises:
        InputError: It holds the results of another one, and ``fresh`` was not asked.
    """
    path = store.folder / "checkpoint.json"
    sha256 = bench.loaded.sha256
    known = read_json(path)["sha256"] if path.exists() else sha256
    if bench.config.fresh:
        store.clear(WRITTEN)
    elif known != sha256:
        raise InputError(
            f"{store.folder} holds results of another checkpoint ({known[:12]}, this one is "
            f"{sha256[:12]}). Discard them with --fresh, or choose another --out."
        )
    model = {"arch": bench.loaded.arch, **bench.loaded.meta}
    name = bench.config.checkpoint.name
    write_json(path, {"sha256": sha256, "file": name, "model": model, "suite": bench.config.suite})


def _measure_all(
    plan: Plan, bench: Bench, store: Store, scorer: Scorer, progress: Progress
) -> None:
    """Measure and score cell by cell, so that a killed run loses at most one cell."""
    config = bench.config
    sources = [(cell, open_cell(cell, config.data_dir, config.limit)) for cell in plan.cells]
    progress.start(f"eval {config.suite}", sum(source.size for _, source in sources))
    for cell, source in sources:
        passport = passport_of(cell, source, bench, sources[0][1])
        if store.has_outputs(cell, inputs_id(passport)):
            progress.advance(source.size)
        else:
            progress.advance(0, note=cell.slug)
            store.write_outputs(cell, passport, _outputs(cell, source, bench.forward, progress))
        path = store.outputs_path(cell, inputs_id(passport))
        scorer.score(*store.read_outputs(path))


def _outputs(cell: Cell, source: CellSource, forward: Forward, progress: Progress) -> Outputs:
    """Run the network over one cell."""
    if cell.attack:
        return forward.assault(source, make_attack(cell.attack), progress)
    return forward.measure(source, cell, progress)


def passport_of(cell: Cell, source: CellSource, bench: Bench, clean: CellSource) -> Passport:
    """Resolve what exactly is measured; the metric's conventions come with the number."""
    entry = DATASETS[cell.evalset]
    precision = "fp32" if cell.attack else bench.config.precision
    attack: Attack | None = make_attack(cell.attack) if cell.attack else None
    inputs: dict[str, Any] = {
        "set": cell.evalset,
        "preprocess": entry.preprocess,
        "mask": entry.mask,
        "corruption": cell.corruption or None,
        "severity": cell.severity or None,
        "source": source.source,
        "subset": _subset(source),
        "attack": attack.describe() if attack else None,
        "precision": precision,
        "normalisation": _normalisation(bench.loaded),
    }
    if cell.against:
        inputs["against"] = {"set": cell.against, "subset": _subset(clean), "precision": precision}
    return Passport(inputs, {}, bench.provenance)


def _normalisation(loaded: LoadedModel) -> dict[str, Any] | str:
    """A checkpoint's own belongs to the checkpoint; one that was assumed changes the number."""
    source = loaded.normalisation["source"]
    if source == "checkpoint":
        return "the checkpoint's own"
    return {
        "kind": source,
        "mean": loaded.normalisation["mean"],
        "std": loaded.normalisation["std"],
    }


def _subset(source: CellSource) -> dict[str, Any]:
    """Which images of the published set were measured."""
    rule = "all" if source.size == source.n_expected else "first"
    return {"rule": rule, "n": source.size, "of": source.n_expected}
