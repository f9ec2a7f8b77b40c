"""The table of methods says what the lists and the records say."""

from pathlib import Path

import method_table
import pytest

import augmentations


def test_the_committed_table_is_that_of_the_records() -> None:
    text = (method_table.FOLDER / "README.md").read_text()

    assert method_table.renewed(text) == text, "run python tests/augmentations/method_table.py"


@pytest.mark.parametrize("name", augmentations.METHODS)
def test_every_method_names_the_test_that_holds_it(name: str) -> None:
    _, test = method_table.CHECKS[name]
    folder = Path(__file__).parent

    assert (folder / f"{test}.py").exists() or (folder.parent / test).is_dir()
