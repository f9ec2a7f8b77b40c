"""From an archive to a data set: recognised before it is placed, whole or not at all."""

import fcntl
import hashlib
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import pytest
from archive_server import ArchiveServer, serving
from archives import WNIDS, array, classes, files_below, severities, tar_bytes, zip_bytes

from robench.datasets import DATASETS, absent, available
from robench.datasets.fetching import DOWNLOADS, Request, get_set
from robench.datasets.fetching.limits import SLACK
from robench.errors import InputError, RunError, UnknownNameError


@pytest.fixture(autouse=True)
def local(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setattr("robench.datasets.fetching.download.PAUSE", 0.0)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def server() -> Iterator[ArchiveServer]:
    with serving(ArchiveServer(tar_bytes(classes("imagenet-r/")))) as state:
        yield state


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def bring(name: str, content: bytes, data: Path, file: str = "set.tar") -> str:
    """Get a set from a file that is here."""
    source = data.parent / "brought" / file
    source.parent.mkdir(exist_ok=True)
    source.write_bytes(content)
    return get_set(Request(name, data, source=source))


def download(name: str, server: ArchiveServer, data: Path, **options: bool) -> str:
    sha256 = digest(server.content)
    return get_set(Request(name, data, url=server.url, sha256=sha256, **options))  # type: ignore[arg-type]


def kept(data: Path, folder: str = "imagenet-r") -> set[str]:
    """What is left of the way, without the lock and the list of what was placed."""
    names = {path.name for path in (data / DOWNLOADS / folder).iterdir()}
    return names - {".lock", "placed.json"}


def below(prefix: str, files: Mapping[str, bytes]) -> dict[str, bytes]:
    return {f"{prefix}/{name}": content for name, content in files.items()}


def test_a_downloaded_set_lies_in_its_folder_and_can_be_measured(
    server: ArchiveServer, data: Path
) -> None:
    said = download("imagenet-r", server, data)

    assert files_below(data) == classes("imagenet-r/")
    assert absent(DATASETS["imagenet-r"], data) is None
    assert "Not complete" not in said
    assert digest(server.content) in said
    assert kept(data) == set()


def test_the_archive_is_kept_where_that_is_asked_for(server: ArchiveServer, data: Path) -> None:
    said = download("imagenet-r", server, data, keep_archive=True)

    archive = data / DOWNLOADS / "imagenet-r" / f"{digest(server.content)[:16]}.archive"
    assert archive.read_bytes() == server.content
    assert str(archive) in said


def test_a_set_that_is_there_is_neither_asked_for_nor_touched(
    server: ArchiveServer, data: Path
) -> None:
    download("imagenet-r", server, data)
    server.asked.clear()

    assert "is there already" in download("imagenet-r", server, data)
    assert "is there already" in get_set(Request("imagenet-r", data))
    assert server.asked == []


def test_a_wrong_checksum_is_told_and_nothing_is_unpacked(
    server: ArchiveServer, data: Path
) -> None:
    request = Request("imagenet-r", data, url=server.url, sha256="0" * 64)

    with pytest.raises(InputError, match=f"expected the SHA-256 {'0' * 64}, got") as caught:
        get_set(request)

    assert digest(server.content) in str(caught.value)
    assert files_below(data) == {}
    assert kept(data) == {f"{digest(server.content)[:16]}.archive"}


def test_after_a_mistaken_checksum_the_file_need_not_come_again(
    server: ArchiveServer, data: Path
) -> None:
    with pytest.raises(InputError):
        get_set(Request("imagenet-r", data, url=server.url, sha256="0" * 64))
    server.asked.clear()

    download("imagenet-r", server, data)

    assert server.asked == []
    assert files_below(data) == classes("imagenet-r/")


@pytest.mark.parametrize("sha256", ["abc", "g" * 64, "0" * 63, ""])
def test_a_checksum_that_is_none_is_refused(sha256: str, server: ArchiveServer, data: Path) -> None:
    with pytest.raises(InputError, match="64 hexadecimal digits"):
        get_set(Request("imagenet-r", data, url=server.url, sha256=sha256))

    assert not data.exists()


def test_without_a_checksum_nothing_is_downloaded(server: ArchiveServer, data: Path) -> None:
    with pytest.raises(InputError, match="give it with --sha256 HEX"):
        get_set(Request("imagenet-r", data, url=server.url))

    assert server.asked == []
    assert not data.exists()


@pytest.mark.parametrize("name", [name for name, entry in DATASETS.items() if entry.published])
def test_without_an_address_nothing_is_downloaded(
    name: str, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        pytest.fail("asked the web")

    monkeypatch.setattr("robench.datasets.fetching.getting.download", fail)
    try:
        assert "needs no download" in get_set(Request(name, data)) or name == "cifar100-tiny"
    except InputError as error:
        assert f"robench data get {name} --url URL --sha256 HEX" in str(error)  # noqa: PT017
    assert not data.exists()


def test_no_page_stands_where_an_archive_should() -> None:
    for entry in DATASETS.values():
        assert entry.url is None or (entry.sha256 and not entry.url.endswith((".html", "/")))


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("digits", "comes with scikit-learn"),
        ("blobs", "is drawn when measured"),
        ("digits-c", "robench data make digits-c"),
        ("cifar100-c-bar", "robench data make cifar100-c-bar"),
    ],
)
def test_a_set_that_is_not_published_says_where_it_comes_from(
    name: str, said: str, data: Path
) -> None:
    assert said in get_set(Request(name, data))


def test_an_unknown_set_has_its_neighbours_named(data: Path) -> None:
    with pytest.raises(UnknownNameError, match="Did you mean 'imagenet-r'"):
        get_set(Request("imagenet-rr", data))


LAYOUTS = {
    "its own folder": classes("imagenet-r/"),
    "another folder": classes("some-repository-main/"),
    "no folder": classes(),
    "two folders and a note": {**classes("x/imagenet-r/"), "x/README": b"", "LICENCE": b""},
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_folders_around_the_set_do_not_matter(layout: str, data: Path) -> None:
    bring("imagenet-r", tar_bytes(LAYOUTS[layout], "w:gz"), data)

    assert files_below(data) == classes("imagenet-r/")


def test_a_folder_with_more_than_the_pictures_is_kept_whole(data: Path) -> None:
    files = {
        "objectnet-1.0/images/air_freshener/a.png": b"1",
        "objectnet-1.0/images/backpack/b.png": b"2",
        "objectnet-1.0/mappings/m.json": b"{}",
    }

    bring("objectnet", zip_bytes(files), data)

    assert files_below(data) == files


def test_the_validation_pictures_of_imagenet_go_beside_those_for_training(data: Path) -> None:
    training = data / "imagenet" / "train" / "n01440764" / "x.JPEG"
    training.parent.mkdir(parents=True)
    training.write_bytes(b"x")

    bring("imagenet", tar_bytes(classes("val/")), data)

    found = files_below(data)
    assert found.pop("imagenet/train/n01440764/x.JPEG") == b"x"
    assert found == classes("imagenet/val/")


def test_class_folders_that_are_archives_themselves_are_unpacked(data: Path) -> None:
    inner = {f"{wnid}.tar": tar_bytes({f"{wnid}_1.JPEG": wnid.encode()}) for wnid in WNIDS}

    bring("imagenet-r", tar_bytes(inner), data)

    assert files_below(data) == {
        f"imagenet-r/{wnid}/{wnid}_1.JPEG": wnid.encode() for wnid in WNIDS
    }


@pytest.mark.parametrize(
    ("files", "message"),
    [
        (below("imagenet-r", {"n01440764/x.jpg": b"1"}), "n01440764"),  # no class of ImageNet-R
        ({"flat.jpg": b"1", "other.jpg": b"2"}, r"expected class folders .*got flat.jpg, other"),
        ({"a/b/c/notes.txt": b""}, "got a"),
    ],
)
def test_another_set_is_refused_and_leaves_nothing(
    files: dict[str, bytes], message: str, data: Path
) -> None:
    with pytest.raises(InputError, match=message):
        bring("imagenet-r", tar_bytes(files), data)

    assert files_below(data) == {}
    assert kept(data) == set()


def test_a_malicious_archive_leaves_nothing(server: ArchiveServer, data: Path) -> None:
    server.content = tar_bytes({**classes("imagenet-r/"), "../../../evil": b"evil"})

    with pytest.raises(InputError, match=r"set\.tar is refused: .*evil.* data folder\. The archiv"):
        download("imagenet-r", server, data)

    assert files_below(data.parent) == {}
    assert kept(data) == {f"{digest(server.content)[:16]}.archive"}


def test_a_web_page_in_place_of_an_archive_is_told(server: ArchiveServer, data: Path) -> None:
    server.content = b"<!doctype html>" + bytes(1000)

    with pytest.raises(InputError, match="it looks like a web page"):
        download("imagenet-r", server, data)


def test_an_archive_that_unpacks_to_too_much_can_be_allowed(data: Path) -> None:
    large = {**classes("imagenet-r/"), "imagenet-r/n01443537/big.jpg": bytes(SLACK * 2)}
    source = data.parent / "set.tar.gz"
    source.write_bytes(tar_bytes(large, "w:gz"))

    with pytest.raises(InputError, match="allow more with --max-size"):
        get_set(Request("imagenet-r", data, source=source))
    get_set(Request("imagenet-r", data, source=source, max_size=3 * SLACK))

    assert files_below(data) == large


def test_a_file_that_is_here_is_compared_with_a_checksum(data: Path) -> None:
    source = data.parent / "set.tar"
    source.write_bytes(tar_bytes(classes()))

    with pytest.raises(InputError, match=f"expected the SHA-256 {'1' * 64}, got"):
        get_set(Request("imagenet-r", data, source=source, sha256="1" * 64))
    get_set(Request("imagenet-r", data, source=source, sha256=digest(source.read_bytes()).upper()))

    assert source.is_file()
    assert files_below(data) == classes("imagenet-r/")


@pytest.mark.parametrize("kind", ["absent", "folder"])
def test_what_is_no_file_is_no_archive(kind: str, data: Path) -> None:
    source = data.parent / "source"
    if kind == "folder":
        source.mkdir()

    with pytest.raises(InputError, match="--from expects an archive"):
        get_set(Request("imagenet-r", data, source=source))


def test_a_set_of_several_archives_grows_by_each(data: Path) -> None:
    bring("imagenet-c", tar_bytes(severities("fog")), data, "weather.tar")
    said = bring("imagenet-c", tar_bytes(severities("contrast")), data, "digital.tar")
    again = bring("imagenet-c", tar_bytes(severities("fog")), data, "weather.tar")

    assert "Not complete" not in said
    assert "weather.tar holds is in" in again
    assert files_below(data) == below("imagenet-c", severities("contrast", "fog"))
    assert available(DATASETS["imagenet-c"], data) == {"contrast", "fog"}


def test_what_was_deleted_can_be_unpacked_again(data: Path) -> None:
    bring("imagenet-c", tar_bytes(severities("fog")), data)
    bring("imagenet-c", tar_bytes(severities("contrast")), data)
    shutil.rmtree(data / "imagenet-c" / "fog")

    bring("imagenet-c", tar_bytes(severities("fog")), data)

    assert files_below(data) == below("imagenet-c", severities("contrast", "fog"))


def test_files_that_differ_are_not_overwritten(data: Path) -> None:
    bring("imagenet-c", tar_bytes(severities("fog")), data)
    before = files_below(data)
    other = {**severities("fog", "contrast"), f"fog/3/{WNIDS[0]}/0.jpg": b"other"}

    with pytest.raises(InputError, match=r"fog/3/n01443537/0\.jpg is there already and differs"):
        bring("imagenet-c", tar_bytes(other), data)

    assert files_below(data) == before
    assert kept(data, "imagenet-c") == set()


def test_files_that_are_the_same_are_left(data: Path) -> None:
    bring("imagenet-c", tar_bytes(severities("fog")), data)

    bring("imagenet-c", tar_bytes(severities("fog", "contrast")), data)

    assert files_below(data) == below("imagenet-c", severities("contrast", "fog"))


def test_class_folders_are_not_mixed_with_what_is_there(data: Path) -> None:
    mine = data / "imagenet-r" / "notes.txt"
    mine.parent.mkdir(parents=True)
    mine.write_text("mine")

    with pytest.raises(InputError, match="is not empty: move it away first"):
        bring("imagenet-r", tar_bytes(classes()), data)

    assert files_below(data) == {"imagenet-r/notes.txt": b"mine"}


def test_published_files_are_not_mixed_with_made_ones(data: Path) -> None:
    bring("imagenet-c", tar_bytes(severities("fog")), data)
    (data / "imagenet-c" / "manifest.json").write_text("{}")

    with pytest.raises(InputError, match="manifest"):
        bring("imagenet-c", tar_bytes(severities("contrast")), data)

    assert "imagenet-c/contrast" not in "".join(files_below(data))


def new_cifar(count: int = 20) -> dict[str, bytes]:
    pixels = np.random.default_rng(0).integers(0, 256, (count, 32, 32, 3), dtype=np.uint8)
    return {
        "cifar10.1_v6_data.npy": array(pixels),
        "cifar10.1_v6_labels.npy": array(np.arange(count) % 10),
    }


def test_arrays_that_come_one_by_one_make_a_set(data: Path) -> None:
    said = [bring("cifar10.1", content, data, name) for name, content in new_cifar().items()]

    assert files_below(data) == below("cifar10.1", new_cifar())
    assert ["Not complete" in one for one in said] == [True, False]
    assert absent(DATASETS["cifar10.1"], data) is None


def test_arrays_within_a_repository_are_found(data: Path) -> None:
    bring("cifar10.1", zip_bytes(below("CIFAR-10.1-master/datasets", new_cifar())), data)

    assert absent(DATASETS["cifar10.1"], data) is None


def test_an_array_of_another_name_is_refused(data: Path) -> None:
    with pytest.raises(InputError, match=r"cifar10\.1_v6_labels\.npy, and this is called x\.npy"):
        bring("cifar10.1", next(iter(new_cifar().values())), data, "x.npy")

    assert files_below(data) == {}


def test_arrays_of_another_shape_are_no_cifar10_c(data: Path) -> None:
    files = {"fog.npy": array(np.zeros((5, 32, 32, 3), np.uint8)), "labels.npy": array(np.zeros(5))}

    with pytest.raises(InputError, match=r"does not hold cifar10-c as published: .*50000 integers"):
        bring("cifar10-c", tar_bytes(below("CIFAR-10-C", files)), data)

    assert files_below(data) == {}


def test_the_refusal_of_the_validation_archive_says_what_to_do_with_it(data: Path) -> None:
    files = {"ILSVRC2012_val_00000001.JPEG": b"x"}

    with pytest.raises(InputError, match=r"got 1 others(.|\n)*unpack it into a folder") as refused:
        bring("imagenet", tar_bytes(files), data)

    assert str(data / ".downloads") not in str(refused.value).partition("Nothing was put")[0]
    assert files_below(data) == {}


def test_pickles_that_are_not_the_official_ones_are_no_cifar10(data: Path) -> None:
    names = (*(f"data_batch_{number}" for number in range(1, 6)), "test_batch", "batches.meta")
    files = below("cifar-10-batches-py", dict.fromkeys(names, b"\x80\x02N."))

    with pytest.raises(InputError, match=r"does not hold cifar10 as published: .*md5"):
        bring("cifar10", tar_bytes(files, "w:gz"), data)

    assert files_below(data) == {}


def test_two_processes_do_not_get_one_set_at_once(server: ArchiveServer, data: Path) -> None:
    folder = data / DOWNLOADS / "imagenet-r"
    folder.mkdir(parents=True)
    with (folder / ".lock").open("w") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(InputError, match="Another process is getting this set"):
            download("imagenet-r", server, data)

    assert server.asked == []


def test_a_full_disk_is_told_before_anything_is_unpacked(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("robench.datasets.fetching.partial.SPARE", 10**18)

    with pytest.raises(RunError, match="MB are free there"):
        bring("imagenet-r", tar_bytes(classes()), data)

    assert files_below(data) == {}
    assert kept(data) == set()


def test_an_address_and_a_file_exclude_each_other(data: Path) -> None:
    request = Request("imagenet-r", data, url="https://host/x", source=data, sha256="0" * 64)

    with pytest.raises(InputError, match="exclude each other"):
        get_set(request)
