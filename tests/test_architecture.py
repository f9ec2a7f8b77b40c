"""The house of DESIGN section 2: imports point down only, never sideways between rooms."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FLOORS = {
    "robench.__main__": 8,
    "robench.cli": 7,
    "robench.studies": 6,
    "robench.train": 5,
    "robench.evaluate": 5,
    "robench.report": 5,
    "robench.recipes": 4,
    "robench.protocols": 4,
    "robench.suites": 4,
    "robench.models": 3,
    "robench.datasets": 3,
    "robench.attacks": 3,
    "robench.metrics": 3,
    "robench.files": 2,
    "robench.store": 2,
    "robench.checkpoint": 2,
    "robench.passport": 2,
    "robench.config": 2,
    "robench.registry": 2,
    "robench.progress": 2,
    "robench.device": 2,
    "robench.verb": 2,
    "robench.types": 1,
    "robench.errors": 1,
    "augmentations": 0,
    "corruptions": 0,
}
LEAVES = {
    "augmentations": {"torch", "torchvision", "numpy", "scipy", "PIL"},
    "corruptions": {"numpy", "scipy", "PIL", "cv2"},
}
PLUMBING = 2  # its files may use each other; rooms above may not
FILES = sorted(
    path
    for top in ("robench", "augmentations", "corruptions")
    for path in (ROOT / top).rglob("*.py")
)


def room(module: str) -> str | None:
    """The room that a module lies in; None for what is not ours (or the public API itself)."""
    parts = module.split(".")
    if parts[0] in LEAVES:
        return parts[0]
    name = ".".join(parts[:2])
    return name if name in FLOORS else None


def imports(path: Path) -> Iterator[str]:
    """Every module a file imports, at the top or inside functions."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_point_down_and_never_sideways(path: Path) -> None:
    module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
    here = room(module)
    if here is None:
        assert module == "robench.__init__", f"{module} has no place in the house"
        return
    for name in imports(path):
        there = room(name)
        if there is None or there == here:
            continue
        inside_plumbing = FLOORS[here] == FLOORS[there] == PLUMBING
        basement = FLOORS[here] == FLOORS[there] == 1
        assert FLOORS[there] < FLOORS[here] or inside_plumbing or basement, f"{module} -> {name}"


@pytest.mark.parametrize("leaf", LEAVES)
def test_leaves_import_only_their_few_libraries(leaf: str) -> None:
    allowed = LEAVES[leaf] | {leaf} | set(sys.stdlib_module_names)

    found = {name.split(".")[0] for path in (ROOT / leaf).rglob("*.py") for name in imports(path)}

    assert found <= allowed


@pytest.mark.parametrize(
    ("statement", "unwanted"),
    [
        ("import robench", {"torch", "timm", "numpy", "pandas"}),
        ("import robench.cli", {"torch", "timm", "numpy", "pandas", "sklearn", "matplotlib"}),
        ("import augmentations, corruptions", {"torch", "timm", "cv2"}),
        ("import robench.evaluate.scoring", {"torch", "timm", "sklearn", "pandas", "matplotlib"}),
        ("import robench.report.table", {"torch", "timm", "sklearn"}),
    ],
)
def test_light_modules_stay_light(statement: str, unwanted: set[str]) -> None:
    code = f"{statement}\nimport sys; print(*sorted({unwanted!r} & set(sys.modules)))"

    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )

    assert done.stdout.split() == []
