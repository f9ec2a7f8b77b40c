"""`robench data get` on the command line."""

import hashlib
import io
import tarfile
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from robench.cli import app

FILES = {"imagenet-r/n01443537/a.jpg": b"1", "imagenet-r/n01484850/b.jpg": b"2"}


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """A small ImageNet-R."""
    path = tmp_path / "imagenet-r.tar"
    with tarfile.open(path, "w") as tar:
        for name, content in FILES.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return path


def get(data: Path, *arguments: object) -> Result:
    words = ["data", "get", *map(str, arguments), "--data-dir", str(data)]
    return CliRunner().invoke(app, words)


@pytest.mark.parametrize("form", ["path", "address"])
def test_a_file_that_is_here_becomes_a_set(form: str, archive: Path, tmp_path: Path) -> None:
    source = archive if form == "path" else archive.as_uri()

    done = get(tmp_path / "data", "imagenet-r", "--from", source)

    assert done.exit_code == 0
    assert hashlib.sha256(archive.read_bytes()).hexdigest() in done.output
    for name, content in FILES.items():
        assert (tmp_path / "data" / name).read_bytes() == content


def test_paper_and_licence_are_said_first(tmp_path: Path) -> None:
    done = get(tmp_path, "objectnet")

    paper, licence, error = (done.output.index(word) for word in ("Barbu", "forbid", "Error:"))
    assert paper < licence < error


def test_without_an_address_the_message_asks_for_it(tmp_path: Path) -> None:
    done = get(tmp_path, "cifar10")

    assert done.exit_code == 2
    assert "robench data get cifar10 --url URL --sha256 HEX" in done.output
    assert "https://www.cs.toronto.edu/~kriz/cifar.html" in done.output
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["imagnet-r"], "Did you mean 'imagenet-r'"),
        (["imagenet-r", "--url", "ftp://host/x.tar", "--sha256", "0" * 64], "http"),
        (["imagenet-r", "--url", "https://host/x.tar"], "--sha256 HEX"),
        (["imagenet-r", "--from", "absent.tar"], "absent.tar is not there"),
        (["frost", "--url", "https://host/x.whl"], "its checksums are known"),
        (["imagenet-r", "--max-size", "nan"], "--max-size expects gigabytes, got nan"),
    ],
)
def test_bad_requests_are_answered_in_one_message(
    arguments: list[str], message: str, tmp_path: Path
) -> None:
    done = get(tmp_path, *arguments)

    assert done.exit_code == 2
    assert message in done.output
    assert "Traceback" not in done.output


def test_a_set_that_is_there_or_drawn_is_no_error(archive: Path, tmp_path: Path) -> None:
    get(tmp_path / "data", "imagenet-r", "--from", archive)

    again, drawn = get(tmp_path / "data", "imagenet-r"), get(tmp_path / "data", "digits-c")

    assert (again.exit_code, drawn.exit_code) == (0, 0)
    assert "is there already" in again.output
    assert "robench data make digits-c" in drawn.output


def test_the_allowed_size_is_given_in_gigabytes(archive: Path, tmp_path: Path) -> None:
    done = get(tmp_path / "data", "imagenet-r", "--from", archive, "--max-size", "0.000000001")

    assert done.exit_code == 2
    assert "unpacks to more than 1e-09 GB" in done.output
