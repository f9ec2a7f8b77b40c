"""What the manifest of a made folder vouches for."""

import hashlib
from pathlib import Path

import pytest
from made_pictures import NAMES, own, pictures

from robench.datasets import DATASETS
from robench.datasets.made_folders import MadeFolder, made_folder, refuse_orphans
from robench.datasets.making import make_set
from robench.errors import InputError


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> MadeFolder:
    """Two cells of two corruptions."""
    folder = tmp_path_factory.mktemp("made")
    pictures(folder / "clean")
    found = made_folder(make_set(own(folder), jobs=1).folder)
    assert found is not None
    return found


def test_finished_cells_are_those_that_were_made(made: MadeFolder) -> None:
    assert made.finished("brightness/5")
    assert not made.finished("brightness/3")
    assert not made.finished("fog/1")


def test_the_files_of_a_cell_and_the_clean_ones_are_listed(made: MadeFolder) -> None:
    stems = [path.rpartition(".")[0] for path in made.paths("brightness/1")]

    assert sorted(stems) == sorted(NAMES)
    assert all(
        (made.root / "brightness" / "1" / path).is_file() for path in made.paths("brightness/1")
    )
    clean = made.root.parent / "clean"
    assert [size for _, size in made.clean_pictures()] == [
        (clean / path).stat().st_size for path, _ in made.clean_pictures()
    ]


def test_the_source_is_that_of_drawn_pixels_and_the_maker_stands_beside_it(
    made: MadeFolder,
) -> None:
    origin = made.origin(DATASETS["imagenet-c"], "gaussian_noise/1")
    lines = "".join(f"{path}\t{size}\n" for path, size in made.clean_pictures())

    assert origin.source["kind"] == "regenerated"
    assert origin.source["listing"] == hashlib.sha256(lines.encode()).hexdigest()
    assert origin.source["images"] == 3
    assert origin.provenance["made_with"]["numpy"]


def test_a_set_of_other_constants_is_refused(made: MadeFolder) -> None:
    with pytest.raises(InputError, match="was made with the severities of imagenet"):
        made.origin(DATASETS["imagenet-p"], "gaussian_noise/1")


def test_files_of_others_have_no_manifest(tmp_path: Path) -> None:
    (tmp_path / "fog" / "1").mkdir(parents=True)

    assert made_folder(tmp_path) is None
    refuse_orphans(tmp_path, iter([tmp_path / "fog" / "1"]))
    (tmp_path / "fog" / "1" / "SHA256SUMS").touch()
    with pytest.raises(InputError, match="would pass for the published files"):
        refuse_orphans(tmp_path, iter([tmp_path / "fog" / "1"]))
