"""The public Python API: ``import robench`` is light, its names work."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

import robench
from augmentations.mixing_sets.packed import MixingSet
from augmentations.random import image_keys


def test_importing_robench_imports_nothing_heavy() -> None:
    code = "import robench, sys; print({'torch', 'numpy', 'pandas'} & set(sys.modules))"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "set()"


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'tran'"):
        robench.tran  # noqa: B018


def test_the_verbs_can_be_called_and_are_still_packages(tmp_path: Path) -> None:
    checkpoint = robench.train(
        aug="none",
        arch="air32",
        data="digits",
        subset=64,
        epochs=1,
        threads=1,
        out=tmp_path,
        changes={"batch_size": 32},
    )
    records = robench.evaluate(checkpoint, "digits", limit=50, threads=1)

    assert checkpoint == tmp_path / "last.pt"
    assert robench.load_results(tmp_path) == records
    assert {record.n for record in records} == {50}
    assert robench.load_checkpoint(checkpoint).arch == "air32"


def test_augment_and_corrupt_are_the_leaves_own() -> None:
    rng = np.random.default_rng(0)
    pictures = rng.integers(0, 256, (4, 32, 32, 3), dtype=np.uint8)
    images = torch.tensor(pictures).permute(0, 3, 1, 2)
    keys = image_keys(0, 0, torch.arange(4))
    partners = MixingSet.from_array(rng.integers(0, 256, (3, 36, 36, 3), dtype=np.uint8))

    mixed = robench.augment(images, "ipmix", partners=partners.partners(keys, 32), k=2)
    noisy = robench.corrupt(pictures, "gaussian_noise", 3)

    assert mixed.shape == images.shape
    assert mixed.dtype == torch.float32
    assert noisy.shape == pictures.shape
