"""The evaluation of checkpoints: check everything, measure what is not stored, score."""

from collections.abc import Sequence
from pathlib import Path

import torch

from robench.attacks import make_attack
from robench.config import EvalConfig
from robench.datasets import DATASETS, CellSource, open_cell
from robench.device import device_name, one_process, pick_device
from robench.errors import InputError
from robench.evaluate.forward import Forward
from robench.evaluate.identity import Bench
from robench.evaluate.plan import make_plan
from robench.evaluate.scoring import Scorer, summarise
from robench.files import read_json, write_json
from robench.models.load import LoadedModel, load_model
from robench.passport import environment, inputs_id
from robench.progress import Progress, Silent
from robench.registry import lookup
from robench.store import Store
from robench.suites import SUITES
from robench.types import Cell, Outputs, Passport


def evaluate(config: EvalConfig, progress: Progress | None = None) -> Path:
    """Measure one checkpoint on a suite; see `evaluate_all`."""
    return evaluate_all([config], progress)[0]


def evaluate_all(configs: Sequence[EvalConfig], progress: Progress | None = None) -> list[Path]:
    """Measure checkpoints on suites. What is stored already is not measured again.

    Args:
        configs: One per checkpoint; all are checked before the first image of any.
        progress: Where to report to.

    Returns:
        The folders of the stores, ``<out>/eval``.

    Raises:
        InputError: Something the caller can mend, before the first image.
        RunError: Outputs that are not numbers, or a full disk; what was measured is kept.
    """
    progress = progress or Silent()
    one_process()
    benches = [_set_up(config, progress) for config in configs]
    return [_run(bench, progress) for bench in benches]


def _set_up(config: EvalConfig, progress: Progress) -> Bench:
    """Find the images, load the model, and check that they fit.

    Raises:
        InputError: They do not.
    """
    suite = lookup(SUITES, config.suite, "suite")
    plan = make_plan(suite, config.data_dir)
    device = pick_device(config.device)
    if config.threads:
        torch.set_num_threads(config.threads)
    loaded = load_model(config.checkpoint, config.arch, config.classes)
    trained = loaded.meta.get("data", suite.clean)
    clean = suite.clean or ""
    classes = DATASETS[clean].logits
    if loaded.classes != classes:
        raise InputError(
            f"{config.checkpoint} has {loaded.classes} classes, but suite {config.suite} has "
            f"{classes}. Choose a suite of its training data ({loaded.meta.get('data', '?')})."
        )
    if str(trained).removesuffix("-tiny") != clean.removesuffix("-tiny"):
        progress.say(f"Note: {config.checkpoint} was trained on {trained}, not {clean}.")
    sources = tuple((cell, open_cell(cell, config.data_dir, config.limit)) for cell in plan.cells)
    return Bench(
        config=config,
        loaded=loaded,
        forward=_forward(config, loaded, device, sources[0][1]),
        sources=sources,
        missing=plan.missing,
        provenance={
            **environment(),
            "device": device_name(device),
            "threads": torch.get_num_threads(),
            "block": config.block,
            "normalisation": loaded.normalisation["source"],
        },
    )


def _forward(
    config: EvalConfig, loaded: LoadedModel, device: torch.device, clean: CellSource
) -> Forward:
    """Put the network on its device and try it on one image.

    Raises:
        InputError: It cannot take these images.
    """
    torch.backends.cudnn.allow_tf32 = False
    forward = Forward(loaded.model.to(device).eval(), device, config.precision, config.block)
    try:
        forward.logits(torch.tensor(clean.block(0, 1)).permute(0, 3, 1, 2))
    except (RuntimeError, AssertionError, ValueError) as error:
        raise InputError(
            f"{loaded.arch} cannot take the images of {config.suite}: {error}"
        ) from error
    return forward


def _run(bench: Bench, progress: Progress) -> Path:
    """Measure and score cell by cell, so that a killed run loses at most one cell."""
    with Store(bench.config.out / "eval") as store:
        _claim(store, bench)
        scorer = Scorer.of(store)
        total = sum(source.size for _, source in bench.sources)
        progress.start(f"eval {bench.config.suite}", total)
        for cell, source in bench.sources:
            passport = bench.passport(cell, source)
            path = store.outputs_path(cell, inputs_id(passport))
            stored = _stored(store, path, progress)
            if stored:
                progress.advance(source.size)
            else:
                progress.advance(0, note=cell.slug.split("_eps")[0])
                outputs = _outputs(cell, source, bench.forward, progress)
                store.write_outputs(cell, passport, outputs)
                stored = store.read_outputs(path)
            scorer.score(*stored)
        summarise(store)
    for line in (*bench.missing, *scorer.left_out()):
        progress.say(line)
    return store.folder


def _stored(store: Store, path: Path, progress: Progress) -> tuple[Cell, Passport, Outputs] | None:
    """What a cell left the last time; None where nothing is there, or what is there is damaged."""
    if not path.exists():
        return None
    try:
        return store.read_outputs(path)
    except InputError as error:
        progress.say(f"Measured again: {error}")
        return None


def _claim(store: Store, bench: Bench) -> None:
    """Bind the store to its checkpoint and note the suite.

    Raises:
        InputError: It holds the results of another one, and ``fresh`` was not asked.
    """
    path = store.folder / "checkpoint.json"
    if bench.config.fresh:
        store.clear()
    loaded, suite = bench.loaded, bench.config.suite
    model = {"arch": loaded.arch, **loaded.meta}
    if path.exists() and store.is_begun():
        known = read_json(path)
        if (known["sha256"], known["model"]["arch"]) != (loaded.sha256, loaded.arch):
            raise InputError(
                f"{store.folder} holds results of another checkpoint ({known['sha256'][:12]}, "
                f"{known['model']['arch']}; this one is {loaded.sha256[:12]}, {loaded.arch}). "
                "Discard them with --fresh, or choose another --out."
            )
        suites = [*(name for name in known["suites"] if name != suite), suite]
    elif store.is_begun():
        raise InputError(
            f"{store.folder} does not say of which checkpoint it holds results. Discard them with "
            "--fresh, or choose another --out."
        )
    else:
        suites = [suite]
    name = bench.config.checkpoint.name
    write_json(path, {"sha256": loaded.sha256, "file": name, "model": model, "suites": suites})


def _outputs(cell: Cell, source: CellSource, forward: Forward, progress: Progress) -> Outputs:
    """Run the network over one cell."""
    if cell.attack:
        return forward.assault(source, make_attack(cell.attack), progress)
    return forward.measure(source, cell, progress)
