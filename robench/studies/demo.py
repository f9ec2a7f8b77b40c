"""The whole story on scanned digits that come with scikit-learn, in minutes on two cores."""

from pathlib import Path

from robench.config import EvalConfig, TrainConfig, data_dir
from robench.evaluate.run import evaluate
from robench.progress import Progress, Silent
from robench.report.page import write_report
from robench.train.loop import train
from robench.train.resolve import resolve

METHODS = ("none", "ipmix")
PICTURES = 200  # mixing pictures, made on the spot
TITLE = "robench demo: no augmentation and IPMix on scanned digits"


def demo(out: Path = Path("runs/demo"), progress: Progress | None = None) -> Path:
    """Train two small networks on digits, measure both, and write the page.

    What a run that was killed has finished is not done again.

    Args:
        out: Folder for ``none/``, ``ipmix/`` and ``report.html``.
        progress: Where to report to.

    Returns:
        Path of the page.
    """
    progress = progress or Silent()
    runs = [out / name for name in METHODS]
    for name, run in zip(METHODS, runs, strict=True):
        checkpoint = train(_training(name, run), resume=True, progress=progress)
        evaluate(_evaluation(checkpoint, run), progress)
    return write_report(runs, out / "report.html", TITLE)


def _training(method: str, out: Path) -> TrainConfig:
    """One of the two runs; they differ in the method alone."""
    values = {
        "aug": method,
        "arch": "air32",
        "data": "digits",
        "data_dir": data_dir(None),
        "mixing_n": PICTURES,
        "out": out,
        "device": "cpu",
    }
    return resolve(values, "demo", {})


def _evaluation(checkpoint: Path, out: Path) -> EvalConfig:
    """Corruptions, anomalies and an attack: minutes."""
    return EvalConfig(
        checkpoint=str(checkpoint),
        suite="digits-demo",
        data_dir=data_dir(None),
        out=out,
        device="cpu",
    )
