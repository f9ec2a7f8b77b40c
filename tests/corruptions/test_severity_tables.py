"""The published constants: frozen by a digest, and read again from the reference tables."""

import ast
import hashlib
import json
import re
from pathlib import Path
from typing import Any

import pytest

from corruptions import GROUPS, load
from corruptions.base import Family

OFFICIAL = ("noise", "blur", "weather", "digital", "extra")  # groups with published constants
PUBLISHED = [name for group in OFFICIAL for name in GROUPS[group]]
COLUMNS: tuple[Family, ...] = ("imagenet", "cifar", "tiny", "inception")


def test_the_constants_of_all_families_are_frozen() -> None:
    """When this fails, check the new constants against the authors' code at its commit."""
    tables = {name: dict(load(name).severities) for name in sorted(PUBLISHED)}

    digest = hashlib.sha256(json.dumps(tables, sort_keys=True).encode()).hexdigest()

    assert digest[:16] == "906ccc7a09f0f834"


def _numbers(text: str) -> list[Any]:
    """``".5 1"`` -> [0.5, 1]; ``"(3,.1) (4,.5)"`` -> [(3, 0.1), (4, 0.5)]."""
    return [ast.literal_eval(part) for part in text.split()]


def _published(name: str, text: str) -> dict[Family, list[Any]]:
    """The row of a corruption in the reference table, where some cells refer to others."""
    row = re.search(rf"^\| {name.removesuffix('_transform')}[ (].*?\|(.*)\|$", text, re.MULTILINE)
    assert row is not None
    cells = [cell.strip() for cell in row[1].split("|")]
    found: dict[Family, list[Any]] = {}
    for family, cell in zip(COLUMNS, cells, strict=True):
        if cell in ("= 224", "K=360: same multipliers as 224"):
            found[family] = found["imagenet"]
        elif cell == "= CIFAR":
            found[family] = found["cifar"]
        elif cell.startswith("as CIFAR but mix ="):
            mixes = _numbers(cell.partition("=")[2])
            rows = zip(found["cifar"], mixes, strict=True)
            found[family] = [(*others, mix) for (*others, _), mix in rows]
        else:
            found[family] = _numbers(re.sub(r"K=\d+:", "", cell))
    return found


def _as_published(name: str, family: Family) -> list[Any]:
    """Our table in the units of the reference."""
    table = list(load(name).severities[family])
    if name == "elastic_transform":  # ours is in pixels
        scale = {"imagenet": 244, "cifar": 32, "tiny": 64, "inception": 360}[family]
        return [tuple(round(value / scale, 9) for value in row) for row in table]
    if name == "frost":  # ours ends in the factor that the textures are scaled by
        factor = {"cifar": 0.2, "tiny": 0.3}.get(family, 1)
        assert {row[2] for row in table} == {factor}
        return [row[:2] for row in table]
    return [tuple(row) if isinstance(row, tuple) else row for row in table]


@pytest.mark.shared
@pytest.mark.parametrize("name", PUBLISHED)
def test_the_constants_are_those_of_the_reference_tables(name: str, shared: Path) -> None:
    published = _published(name, (shared / "specs" / "corruptions.md").read_text())

    assert {family: _as_published(name, family) for family in COLUMNS} == published
