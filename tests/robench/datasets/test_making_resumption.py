"""What a later run takes over from an earlier one, and what it leaves alone."""

import fcntl
import hashlib
import json
from pathlib import Path

import pytest
from made_pictures import content, own, pictures

from robench.datasets.making import Made, Manifest, Request, make_set, read_manifest
from robench.datasets.making.ledger import held
from robench.errors import InputError


def arrays(folder: Path, *only: str) -> Made:
    return make_set(Request("digits-c", folder, out=folder / "set", only=only, limit=4), jobs=1)


def sequences(folder: Path, *only: str) -> Made:
    levels = (1, 2, 3, 4, 5)
    return make_set(own(folder, name="p", family="cifar", only=only, severities=levels), jobs=1)


def unfinish(folder: Path, entry: str) -> None:
    """As if killed before ``entry`` was listed."""
    plain = json.loads((folder / "manifest.json").read_text())
    del plain["files"][entry]
    plain["complete"] = False
    (folder / "manifest.json").write_text(json.dumps(plain))


def manifest_of(folder: Path) -> Manifest:
    manifest = read_manifest(folder)
    assert manifest is not None
    return manifest


def test_an_array_that_was_never_asked_for_is_not_replaced(tmp_path: Path) -> None:
    folder = arrays(tmp_path, "contrast").folder
    (folder / "fog.npy").write_bytes(b"somebody's")
    before = content(folder)

    with pytest.raises(InputError, match=r"holds fog\.npy, which its manifest does not know: noth"):
        arrays(tmp_path, "fog")

    assert content(folder) == before


def test_an_array_that_was_asked_for_and_is_not_listed_is_made_again(tmp_path: Path) -> None:
    folder = arrays(tmp_path, "contrast").folder
    before = content(folder)
    unfinish(folder, "contrast.npy")

    assert arrays(tmp_path, "contrast").drawn == 20
    assert content(folder) == before


def test_pictures_that_were_never_asked_for_are_not_adopted(tmp_path: Path) -> None:
    pictures(tmp_path / "clean", {"a.png": (64, 64)})
    options: dict[str, object] = {"family": "tiny", "file_format": "png"}
    folder = make_set(own(tmp_path, only=("contrast",), **options), jobs=1).folder
    pictures(folder / "fog/1", {"a.png": (64, 64)})
    before = content(folder)

    with pytest.raises(InputError, match=r"holds fog/1, which its manifest does not know"):
        make_set(own(tmp_path, only=("fog",), **options), jobs=1)

    assert content(folder) == before


def test_a_folder_that_was_never_asked_for_is_not_deleted(tmp_path: Path) -> None:
    pictures(tmp_path / "clean", {"a.png": (32, 32)})
    folder = sequences(tmp_path, "brightness").folder
    (folder / "rotate/a").mkdir(parents=True)
    (folder / "rotate/a/notes.txt").write_text("mine")

    with pytest.raises(InputError, match="holds rotate, which its manifest does not know"):
        sequences(tmp_path, "rotate")

    assert (folder / "rotate/a/notes.txt").read_text() == "mine"


def test_a_sequence_without_all_its_frames_is_made_again_around_what_else_is_there(
    tmp_path: Path,
) -> None:
    pictures(tmp_path / "clean", {"a.png": (32, 32), "b.png": (32, 32)})
    folder = sequences(tmp_path, "brightness").folder
    before = content(folder)
    unfinish(folder, "brightness/SHA256SUMS")
    (folder / "brightness/a/frame_05.png").unlink()
    (folder / "brightness/a/notes.txt").write_text("mine")

    made = sequences(tmp_path, "brightness")

    assert made.drawn == 1
    assert content(folder) == before | {"brightness/a/notes.txt": b"mine"}
    assert made.manifest.files["brightness/SHA256SUMS"].pictures == 62


@pytest.mark.parametrize("damage", ["absent", "short", "unlisted"])
def test_a_finished_cell_with_a_bad_frame_is_made_anew(damage: str, tmp_path: Path) -> None:
    pictures(tmp_path / "clean", {"a.png": (32, 32), "b.png": (32, 32)})
    folder = sequences(tmp_path, "brightness").folder
    before = content(folder)
    frame, sums = folder / "brightness/a/frame_05.png", folder / "brightness/SHA256SUMS"
    if damage == "absent":
        frame.unlink()
    if damage == "short":
        frame.write_bytes(frame.read_bytes()[:40] + frame.read_bytes()[41:])
    if damage == "unlisted":
        sums.write_bytes(b"".join(sums.read_bytes().splitlines(keepends=True)[1:]))

    assert sequences(tmp_path, "brightness").drawn == 2
    assert content(folder) == before


def test_a_list_of_fewer_frames_does_not_finish_a_cell(tmp_path: Path) -> None:
    pictures(tmp_path / "clean", {"a.png": (32, 32)})
    made = sequences(tmp_path, "brightness")
    whole = content(made.folder)
    sums = made.folder / "brightness/SHA256SUMS"
    size = (made.folder / "brightness/a/frame_30.png").stat().st_size
    sums.write_bytes(b"".join(sums.read_bytes().splitlines(keepends=True)[:-1]))
    plain = json.loads(whole["manifest.json"])
    entry = plain["files"]["brightness/SHA256SUMS"]
    entry["sha256"] = hashlib.sha256(sums.read_bytes()).hexdigest()
    entry["bytes"] = sums.stat().st_size
    entry["picture_bytes"] -= size
    (made.folder / "manifest.json").write_text(json.dumps(plain))

    assert sequences(tmp_path, "brightness").drawn == 1
    assert content(made.folder) == whole


def test_a_set_that_lost_a_file_is_not_complete_until_it_is_made_again(tmp_path: Path) -> None:
    folder = arrays(tmp_path, "contrast").folder
    (folder / "contrast.npy").unlink()

    made = arrays(tmp_path, "brightness")

    assert manifest_of(folder) == made.manifest
    assert not made.manifest.complete
    assert made.manifest.missing == ("contrast.npy",)
    assert arrays(tmp_path, "contrast").manifest.complete
    assert manifest_of(folder).missing == ()


def test_a_set_that_lost_a_cell_is_not_complete(tmp_path: Path) -> None:
    pictures(tmp_path / "clean", {"a.png": (32, 32)})
    folder = sequences(tmp_path, "brightness").folder
    (folder / "brightness/SHA256SUMS").unlink()

    manifest = sequences(tmp_path, "scale").manifest

    assert (manifest.complete, manifest.missing) == (False, ("brightness",))


def test_a_folder_in_which_nothing_came_to_be_goes_before_its_lock_is_given_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "set"
    locked: list[Path] = []
    remove = Path.rmdir

    def watched(self: Path) -> None:
        with pytest.raises(BlockingIOError):
            fcntl.flock(second, fcntl.LOCK_EX | fcntl.LOCK_NB)
        locked.append(self)
        remove(self)

    monkeypatch.setattr(Path, "rmdir", watched)
    with held(folder):
        second = (folder / ".lock").open()

    second.close()
    assert locked == [folder]
    assert not folder.exists()


def test_what_comes_into_a_folder_at_the_last_moment_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    remove = Path.rmdir

    def late(self: Path) -> None:
        (self / "notes.txt").write_text("mine")
        remove(self)

    monkeypatch.setattr(Path, "rmdir", late)
    with held(tmp_path / "set"):
        pass

    assert (tmp_path / "set/notes.txt").read_text() == "mine"
