"""Archives are unpacked into their folder and nowhere else, or not at all."""

import io
import os
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from archives import Mode, add, files_below, tar_bytes, zip_bytes

from robench.datasets.fetching import tars
from robench.datasets.fetching.limits import SLACK, Limits, RefusedError, limits_for
from robench.datasets.fetching.unpacking import unpack
from robench.progress import Silent

PLAIN = {"a/one.txt": b"1", "a/b/two.txt": b"22" * 4000, "three.txt": b""}
Fill = Callable[[tarfile.TarFile], None]


def unpacked(
    content: bytes, tmp_path: Path, limits: Limits | None = None, name: str = "set.tar"
) -> dict[str, bytes]:
    """What comes out of an archive, two folders below the one that is looked at afterwards."""
    archive, into = tmp_path / name, tmp_path / "outer" / "into"
    archive.write_bytes(content)
    into.mkdir(parents=True)
    unpack(archive, into, limits or limits_for(len(content)), Silent())
    return files_below(into)


def refused(content: bytes, tmp_path: Path, limits: Limits | None = None) -> str:
    """Why an archive is refused; it must not have written anything outside its folder."""
    with pytest.raises(RefusedError) as caught:
        unpacked(content, tmp_path, limits)
    assert {path.name for path in tmp_path.iterdir()} == {"set.tar", "outer"}
    assert {path.name for path in (tmp_path / "outer").iterdir()} == {"into"}
    assert not any(path.is_symlink() for path in tmp_path.rglob("*"))
    return str(caught.value)


def tar_of(fill: Fill) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        fill(tar)
    return buffer.getvalue()


@pytest.mark.parametrize("mode", ["w", "w:gz", "w:bz2", "w:xz"])
def test_every_packing_of_a_tar_gives_the_same_files(mode: Mode, tmp_path: Path) -> None:
    assert unpacked(tar_bytes(PLAIN, mode), tmp_path) == PLAIN


def test_a_zip_gives_the_same_files(tmp_path: Path) -> None:
    assert unpacked(zip_bytes(PLAIN), tmp_path) == PLAIN


def test_long_names_and_empty_folders_are_kept(tmp_path: Path) -> None:
    name = "/".join(["folder" * 10] * 5) + "/file.txt"

    def fill(tar: tarfile.TarFile) -> None:
        add(tar, "./", kind=tarfile.DIRTYPE)
        add(tar, "empty", kind=tarfile.DIRTYPE)
        add(tar, name, b"content")

    assert unpacked(tar_of(fill), tmp_path) == {name: b"content"}
    assert (tmp_path / "outer/into/empty").is_dir()


def test_rights_of_the_archive_are_not_taken_over(tmp_path: Path) -> None:
    unpacked(tar_bytes(PLAIN), tmp_path)  # whose files are all 06777

    mode = (tmp_path / "outer/into/a/one.txt").stat().st_mode
    assert stat.S_IMODE(mode) & (stat.S_ISUID | stat.S_ISGID | 0o111 | 0o022) == 0


def test_what_macos_adds_is_passed_over(tmp_path: Path) -> None:
    junk = {"__MACOSX/a/._one.txt": b"x", "a/._one.txt": b"x", "a/.DS_Store": b"x"}

    assert unpacked(zip_bytes({**PLAIN, **junk}), tmp_path) == PLAIN


BAD_NAMES = {
    "../evil": "leads out|outside",
    "a/../../evil": "leads out|outside",
    "a/..": "leads out",
    "/tmp/robench-evil": "absolute",
    "C:/evil": "absolute",
    "c:evil": "absolute",
    "..\\evil": "backslash",
    "a\\b": "backslash",
    "a/b\nc": "control character",
    "x" * 251: "too long",
    "d/" * 40 + "x": "too deep",
}


@pytest.mark.parametrize("name", BAD_NAMES)
def test_a_tar_with_a_name_that_could_lead_elsewhere_is_refused(name: str, tmp_path: Path) -> None:
    content = tar_of(lambda tar: add(tar, name, b"evil"))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tars, "_FILTER", None)  # Python's own is another wall behind this one
        assert_matches(refused(content, tmp_path), BAD_NAMES[name])
    assert not Path("/tmp/robench-evil").exists()


@pytest.mark.parametrize("name", BAD_NAMES)
def test_a_zip_with_a_name_that_could_lead_elsewhere_is_refused(name: str, tmp_path: Path) -> None:
    assert_matches(refused(zip_bytes({name: b"evil"}), tmp_path), BAD_NAMES[name])


def assert_matches(text: str, patterns: str) -> None:
    assert any(pattern in text for pattern in patterns.split("|")), text


def test_a_zip_name_is_not_cut_at_a_zero_byte(tmp_path: Path) -> None:
    content = zip_bytes({"aXb": b"evil"}).replace(b"aXb", b"a\0b")

    assert "control character" in refused(content, tmp_path)


def links(kind: bytes, name: str, target: str, then: str = "") -> bytes:
    """A link, and a file that could be written through it."""

    def fill(tar: tarfile.TarFile) -> None:
        add(tar, "a/file", b"")
        add(tar, name, kind=kind, link=target)
        if then:
            add(tar, then, b"evil")

    return tar_of(fill)


@pytest.mark.parametrize(
    "content",
    [
        links(tarfile.SYMTYPE, "link", "/etc/passwd"),
        links(tarfile.SYMTYPE, "link", "../.."),
        links(tarfile.SYMTYPE, "link", "..", then="link/evil"),
        links(tarfile.SYMTYPE, "link", "a/file"),
        links(tarfile.LNKTYPE, "link", "/etc/passwd"),
        links(tarfile.LNKTYPE, "link", "../../set.tar", then="link"),
    ],
    ids=["absolute", "out", "out and through it", "inside", "hard", "hard and over it"],
)
def test_links_are_refused(content: bytes, tmp_path: Path) -> None:
    assert "'link' is a link to" in refused(content, tmp_path)


def test_links_in_a_zip_are_refused(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as pack:
        info = zipfile.ZipInfo("link")
        info.external_attr = (stat.S_IFLNK | 0o777) << 16
        pack.writestr(info, "/etc/passwd")

    assert "'link' is a link" in refused(buffer.getvalue(), tmp_path)


@pytest.mark.parametrize("kind", [tarfile.FIFOTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, b"S"])
def test_devices_pipes_and_sparse_files_are_refused(kind: bytes, tmp_path: Path) -> None:
    message = refused(tar_of(lambda tar: add(tar, "node", kind=kind)), tmp_path)

    assert "neither a plain file nor a folder" in message


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (("a/x", "a/x"), "there twice"),
        (("a/x", "a/X"), "there twice"),
        (("a/x", "A/y"), "capitals only"),
        (("a\N{LATIN SMALL LETTER E WITH ACUTE}", "ae\N{COMBINING ACUTE ACCENT}"), "there twice"),
        (("a", "a/x"), "is a file"),
        (("a/x", "a"), "there twice"),
    ],
)
def test_names_that_collide_are_refused(
    names: tuple[str, str], message: str, tmp_path: Path
) -> None:
    def fill(tar: tarfile.TarFile) -> None:
        for name in names:
            add(tar, name, b"content")

    assert message in refused(tar_of(fill), tmp_path)


def test_a_bomb_is_stopped_at_the_limit(tmp_path: Path) -> None:
    bomb = tar_bytes({"zeros": bytes(40 * 2**20)}, "w:gz")  # 40 kB

    message = refused(bomb, tmp_path, Limits(10 * 2**20))

    assert "unpacks to more than 0.0105 GB" in message
    assert "--max-size" in message
    assert sum(len(content) for content in files_below(tmp_path / "outer").values()) == 0


def test_a_zip_that_hides_its_size_is_stopped_at_the_limit(tmp_path: Path) -> None:
    size, claimed = 30 * 2**20, 5
    honest = zip_bytes({"zeros": bytes(size)})
    lying = honest.replace(size.to_bytes(4, "little"), claimed.to_bytes(4, "little"))

    assert refused(lying, tmp_path, Limits(10 * 2**20))
    assert sum(len(content) for content in files_below(tmp_path / "outer").values()) <= 11 * 2**20


def test_many_small_members_together_are_limited(tmp_path: Path) -> None:
    content = tar_bytes({str(number): bytes(2**20) for number in range(20)}, "w:gz")

    assert "unpacks to more than" in refused(content, tmp_path, Limits(10 * 2**20))


def test_members_are_counted(tmp_path: Path) -> None:
    content = tar_bytes({str(number): b"" for number in range(20)})

    assert "more than 19 members" in refused(content, tmp_path, Limits(10**6, members=19))


def test_the_usual_limit_is_in_proportion_to_the_archive() -> None:
    assert limits_for(10**9).size == 20 * 10**9 + SLACK
    assert limits_for(10**9, 5).size == 5


def header(size: bytes, kind: bytes = b"0") -> bytes:
    """A tar header with that size field (12 bytes)."""
    info = tarfile.TarInfo("x")
    raw = bytearray(info.tobuf(tarfile.USTAR_FORMAT))
    raw[124:136], raw[156:157], raw[148:156] = size, kind, b" " * 8
    raw[148:156] = b"%06o\0 " % sum(raw)
    return bytes(raw)


NEGATIVE = b"\xff" * 10 + b"\xfe\x00"  # -512 in base 256


@pytest.mark.parametrize("kind", [b"0", b"x", b"g", b"L", b"7", b"5"])
def test_a_header_of_negative_size_does_not_lead_into_a_loop(kind: bytes, tmp_path: Path) -> None:
    assert refused(tar_bytes({"a": b"1"})[:1024] + header(NEGATIVE, kind) * 3, tmp_path)


@pytest.mark.parametrize("kind", [b"x", b"g", b"L", b"K"])
def test_a_header_that_goes_on_for_long_is_not_read_into_memory(
    kind: bytes, tmp_path: Path
) -> None:
    content = header(b"%011o\0" % 2**24, kind) + bytes(2**24)

    assert "a header of 16777216 bytes" in refused(content, tmp_path)


def test_an_endless_chain_of_headers_is_damage(tmp_path: Path) -> None:
    chain = tarfile.TarInfo.create_pax_global_header({"comment": "x"}) * 3000

    assert "is damaged" in refused(chain, tmp_path)


@pytest.mark.parametrize("mode", ["w", "w:gz", "w:bz2", "w:xz"])
@pytest.mark.parametrize("share", [0.3, 0.6])
def test_a_truncated_tar_is_refused(mode: Mode, share: float, tmp_path: Path) -> None:
    content = tar_bytes({"a": os.urandom(30_000), "b": os.urandom(30_000)}, mode)

    assert refused(content[: int(share * len(content))], tmp_path)


def test_a_tar_with_rubbish_between_members_is_refused(tmp_path: Path) -> None:
    content = tar_bytes({"a": b"1"})[:1024] + b"rubbish!" * 64 + tar_bytes({"b": b"2"})

    assert "damaged after" in refused(content, tmp_path)


def test_a_zip_with_a_flipped_byte_is_refused(tmp_path: Path) -> None:
    content = bytearray(zip_bytes({"a": zlib.compress(os.urandom(20_000))}))
    content[5000] ^= 1

    assert "damaged" in refused(bytes(content), tmp_path)


def test_an_encrypted_zip_is_left_to_its_owner(tmp_path: Path) -> None:
    content = bytearray(zip_bytes({"a": b"1"}))
    content[content.index(b"PK\x01\x02") + 8] |= 1

    assert "is encrypted; unpack the archive by hand" in refused(bytes(content), tmp_path)


@pytest.mark.parametrize("packing", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_zip_packings_that_cannot_be_read_in_small_steps_are_refused(
    packing: int, tmp_path: Path
) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", packing) as pack:
        pack.writestr("a", b"1")

    assert f"packed by method {packing}" in refused(buffer.getvalue(), tmp_path)


@pytest.mark.parametrize("content", [b"<html>404</html>", b"", b"\x93NUMPY" + bytes(600)])
def test_what_is_no_archive_is_refused(content: bytes, tmp_path: Path) -> None:
    assert "neither a tar" in refused(content, tmp_path)


def test_archives_in_an_archive_become_folders_of_their_name(tmp_path: Path) -> None:
    inner = {
        "n01443537.tar": tar_bytes({"x.jpg": b"1", "y.jpg": b"2"}),
        "n01484850.tar.gz": tar_bytes({"x.jpg": b"3"}, "w:gz"),
        "blur.zip": zip_bytes({"blur/z.jpg": b"4"}),
        "notes.tar": b"not a tar",
    }

    assert unpacked(tar_bytes({f"train/{k}": v for k, v in inner.items()}), tmp_path) == {
        "train/n01443537/x.jpg": b"1",
        "train/n01443537/y.jpg": b"2",
        "train/n01484850/x.jpg": b"3",
        "train/blur/z.jpg": b"4",
        "train/notes.tar": b"not a tar",
    }


def test_archives_further_inside_stay_as_they_are(tmp_path: Path) -> None:
    deepest = tar_bytes({"x": b"1"})
    middle = tar_bytes({"c.tar": deepest})

    assert unpacked(tar_bytes({"b.tar": middle}), tmp_path) == {"b/c.tar": deepest}


@pytest.mark.parametrize("name", ["../../evil", "/tmp/robench-evil", "../a.txt"])
def test_archives_inside_are_not_trusted_either(name: str, tmp_path: Path) -> None:
    inner = tar_of(lambda tar: add(tar, name, b"evil"))

    assert refused(tar_bytes({"a.txt": b"1", "inner.tar": inner}), tmp_path)


def test_what_is_inside_counts_towards_the_same_limits(tmp_path: Path) -> None:
    inner = tar_bytes({"zeros": bytes(8 * 2**20)}, "w:gz")
    outer = tar_bytes({"a.tar.gz": inner, "b.tar.gz": inner})

    assert "unpacks to more than" in refused(outer, tmp_path, Limits(10 * 2**20))


def test_a_file_in_the_folder_of_an_inner_archive_is_not_overwritten(tmp_path: Path) -> None:
    outer = tar_bytes({"a/x": b"1", "a.tar": tar_bytes({"x": b"2"})})

    assert "there twice" in refused(outer, tmp_path)
