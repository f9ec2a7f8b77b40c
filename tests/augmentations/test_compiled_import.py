"""When compiled loops are used, and what they cost when they are not."""

import subprocess
import sys
from pathlib import Path

import pytest
import torch

from augmentations import compiled

IMAGES = torch.zeros(1, 3, 8, 8, dtype=torch.uint8)


def python(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run code in a new interpreter."""
    return subprocess.run(
        [sys.executable, "-c", code],
        env={"PATH": "", **environment},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_methods_do_not_import_numba() -> None:
    code = "import sys, augmentations.ipmix; assert 'numba' not in sys.modules"
    done = python(code)
    assert done.returncode == 0, done.stderr


def test_a_variable_turns_them_off(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("numba")
    monkeypatch.delenv(compiled.SWITCH, raising=False)
    assert compiled.wanted(IMAGES)
    monkeypatch.setenv(compiled.SWITCH, "0")
    assert not compiled.wanted(IMAGES)


def test_they_serve_the_cpu_alone() -> None:
    assert not compiled.wanted(IMAGES.to("meta"))


def test_without_numba_they_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiled, "_installed", lambda: False)
    assert not compiled.wanted(IMAGES)


def test_a_folder_that_cannot_be_written_only_costs_the_cache() -> None:
    pytest.importorskip("numba")
    code = """
from numba.core import caching
def refuse(*args): return None
for locator in caching.CacheImpl._locator_classes:
    locator.from_function = classmethod(refuse)
from augmentations.compiled.hashing import uniform
import numpy as np
assert 0 <= uniform(np.uint64(1), 2) < 1
"""
    done = python(code, HOME="/nowhere")
    assert done.returncode == 0, done.stderr
