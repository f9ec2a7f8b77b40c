"""A tiny trained checkpoint that the evaluation tests share."""

from pathlib import Path

import pytest

from robench.train.loop import train
from robench.train.setup import resolve


@pytest.fixture(scope="session")
def digits_checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """``last.pt`` of an air32 that saw a few hundred digits."""
    folder = tmp_path_factory.mktemp("trained")
    values = {
        "aug": "none",
        "arch": "air32",
        "data": "digits",
        "data_dir": folder,
        "out": folder / "run",
        "subset": 512,
        "epochs": 3,
        "threads": 1,
    }
    return train(resolve(values, None, {"batch_size": 64}))
