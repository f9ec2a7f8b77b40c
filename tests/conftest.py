"""Where the tests find reference material; what is absent is skipped by its marker."""

import os
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SHARED = Path(os.environ.get("ROBENCH_SHARED") or ROOT.parent / "shared")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Skip what this machine cannot run, and benchmarks unless they are asked for by marker."""
    wanted = str(config.getoption("-m"))
    absent = {
        "shared": None
        if SHARED.is_dir()
        else "the reference material is absent: set ROBENCH_SHARED",
        "data": None if os.environ.get("ROBENCH_DATA") else "no data sets: set ROBENCH_DATA",
        "gpu": None if _cuda() else "no CUDA device",
        "bench": None if "bench" in wanted else "timing only: ask with -m bench",
    }
    for item in items:
        for marker, reason in absent.items():
            if reason and item.get_closest_marker(marker):
                item.add_marker(pytest.mark.skip(reason=reason))


def _cuda() -> bool:
    """Whether a CUDA device can be used."""
    import torch  # noqa: PLC0415  collecting the light tests must not need torch

    return torch.cuda.is_available()


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of reference material (mark the test ``shared``)."""
    return SHARED


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The folder of real data sets (mark the test ``data``)."""
    return Path(os.environ["ROBENCH_DATA"])


@pytest.fixture(scope="session")
def golden() -> Path:
    """The small golden files committed beside the tests."""
    return ROOT / "tests" / "golden"


@pytest.fixture(scope="session")
def texture_folder(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder that holds the published frost textures (mark the test ``shared``)."""
    folder = tmp_path_factory.mktemp("textures")
    with zipfile.ZipFile(shared / "data" / "frost_textures.zip") as pack:
        for member in pack.namelist():
            if Path(member).name.startswith("frost"):
                (folder / "frost").mkdir(exist_ok=True)
                (folder / "frost" / Path(member).name).write_bytes(pack.read(member))
    return folder


@pytest.fixture
def frost_textures(texture_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The same, as the data folder of this test."""
    monkeypatch.setenv("ROBENCH_DATA", str(texture_folder))
    return texture_folder


@pytest.fixture(scope="session")
def digits_checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """``last.pt`` of an air32 that saw a few hundred digits."""
    import robench  # noqa: PLC0415  collecting the light tests must not need torch

    folder = tmp_path_factory.mktemp("trained")
    checkpoint: Path = robench.train(
        aug="none",
        arch="air32",
        data="digits",
        out=folder / "run",
        subset=512,
        epochs=3,
        threads=1,
        changes={"batch_size": 64},
    )
    return checkpoint


@pytest.fixture(scope="session")
def imagenet_tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with ImageNet and all its relatives, four classes of each."""
    from imagenet_tree import build  # noqa: PLC0415  collecting the light tests needs no torch

    samples = SHARED / "data" / "imagenet_sample_256_q75.zip"
    return build(tmp_path_factory.mktemp("imagenet"), samples if samples.exists() else None)
