"""The published constants: frozen by a digest, and read again from the reference tables."""

import ast
import hashlib
import json
import re
from pathlib import Path

import pytest

from corruptions import GROUPS, load
from corruptions.base import Family

OFFICIAL = ("noise", "blur", "weather", "digital", "extra")  # groups with published constants
PUBLISHED = [name for group in OFFICIAL for name in GROUPS[group]]
COLUMNS: tuple[Family, ...] = ("imagenet", "cifar", "tiny", "inception")


def test_the_constants_of_all_families_are_frozen() -> None:
    """When this fails, check the new constants against the authors' code at its commit."""
    tables = {name: load(name).severities for name in sorted(PUBLISHED)}

    digest = hashlib.sha256(json.dumps(tables, sort_keys=True).encode()).hexdigest()

    assert digest[:16] == "c8f91069f7bcd32f"


def _numbers(text: str) -> list[object]:
    """``".5 1"`` -> [0.5, 1]; ``"(3,.1) (4,.5)"`` -> [(3, 0.1), (4, 0.5)]."""
    return [ast.literal_eval(part) for part in text.split()]


@pytest.mark.shared
@pytest.mark.parametrize("name", PUBLISHED)
def test_the_constants_are_those_of_the_reference_tables(name: str, shared: Path) -> None:
    text = (shared / "specs" / "corruptions.md").read_text()
    row = re.search(rf"^\| {name} \((?:[^()]|\([^)]*\))*\) \|(.*)\|$", text, re.MULTILINE)
    assert row is not None
    cells = [cell.strip() for cell in row[1].split("|")]
    published = [cells[0] if cell == "= 224" else cell for cell in cells]

    for family, cell in zip(COLUMNS, published, strict=True):
        assert list(load(name).severities[family]) == _numbers(cell), family
