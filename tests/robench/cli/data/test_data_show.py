"""`robench data show`: a contact sheet in a file."""

from pathlib import Path

import pytest
from PIL import Image
from typer.testing import CliRunner

from robench.cli import app

RUN = CliRunner()


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def show(*arguments: str) -> tuple[int, str]:
    result = RUN.invoke(app, ["data", "show", *arguments, "--data-dir", "nowhere"])
    return result.exit_code, result.output


def test_the_sheet_goes_into_the_current_folder() -> None:
    code, output = show("digits-c-bar")

    assert code == 0, output
    with Image.open("digits-c-bar.png") as sheet:
        assert sheet.format == "PNG"
        assert f"{sheet.width}x{sheet.height}" in output
    assert [path.name for path in Path.cwd().iterdir()] == ["digits-c-bar.png"]


def test_size_and_format_can_be_chosen() -> None:
    code, output = show("digits-p", "--out", "small.jpg", "--size", "48")

    assert code == 0, output
    with Image.open("small.jpg") as sheet:
        assert sheet.format == "JPEG"
        assert sheet.height < 1000


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("cifar-c",), "Did you mean 'cifar10-c'"),
        (("digits-c", "--out", "sheet.gif"), "must end in .png"),
        (("c", "--from", "absent"), "absent: expected a picture"),
        (("cifar10-c",), "CIFAR-10 is not in nowhere"),
        (("digits-c", "--size", "2"), "--size"),
    ],
)
def test_bad_input_is_one_message_and_exit_code_two(
    arguments: tuple[str, ...], message: str
) -> None:
    code, output = show(*arguments)

    assert code == 2
    assert message in output
    assert "Traceback" not in output
    assert not list(Path.cwd().iterdir())
