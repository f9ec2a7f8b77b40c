"""`robench data check` on any folder, and `robench data ls`."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from doctor_trees import Trees, write_arrays
from picture_trees import clean_tree, severity_tree
from typer.testing import CliRunner

from robench.cli import app
from robench.datasets import DATASETS
from robench.datasets.class_lists import class_mask
from robench.datasets.making import Request, make_set

RUN = CliRunner()


def data(*arguments: str | int | Path) -> tuple[int, str]:
    result = RUN.invoke(app, ["data", *(str(item) for item in arguments)])
    return result.exit_code, result.output


def rows(data_dir: Path) -> dict[str, dict[str, object]]:
    code, output = data("ls", "--data-dir", data_dir, "--json")
    assert code == 0, output
    return {row["name"]: row for row in json.loads(output)["sets"]}


def test_a_sound_folder_gives_exit_code_zero_and_how_to_measure_it(tmp_path: Path) -> None:
    folder = Trees(tmp_path).classes("pets", ["cat", "dog"], 2)

    code, output = data("check", folder, "--json", tmp_path / "found.json")

    assert code == 0, output
    assert f"robench eval CKPT --suite folder:{folder}" in output
    assert output.endswith("Layout: sound and complete.\n")
    plain = json.loads((tmp_path / "found.json").read_text())
    assert plain["faults"] == 0
    assert plain["sections"][0]["facts"]["classes"] == "2"


def test_a_missing_class_gives_exit_code_one_and_its_remedy(tmp_path: Path) -> None:
    folder = Trees(tmp_path).classes("imagenet-a", class_mask("imagenet-a").names[2:])

    code, output = data("check", folder, "--json", tmp_path / "found.json")

    assert code == 1
    assert f"{folder}: imagenet-a" in output
    assert "-> move" in output
    assert output.endswith("Layout: 1 missing.\n")
    (section,) = json.loads((tmp_path / "found.json").read_text())["sections"]
    assert [one["kind"] for one in section["findings"]] == ["missing"]
    assert section["sets"] == ["imagenet-a"]


def test_an_unknown_folder_gives_exit_code_two_and_the_known_layouts(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("x")

    code, output = data("check", tmp_path)

    assert code == 2
    assert "no known layout" in output
    assert "<corruption>/<1..5>/<class>/*" in output
    assert "Traceback" not in output


def test_without_clean_images_the_layout_is_shown_and_why_no_pixels_were_compared(
    tmp_path: Path,
) -> None:
    folder = write_arrays(tmp_path / "set", ["fog", "contrast"], 7, 10)

    code, output = data("check", folder, "--data-dir", tmp_path / "empty")

    assert code == 0, output
    assert "arrays <name>.npy" in output
    assert "Pixels were not compared:" in output
    assert "--from" in output
    code, output = data("check", folder, "--data-dir", tmp_path / "empty", "--only", "fog")
    assert code == 2
    assert "--from" in output


def test_clean_pictures_in_the_data_folder_are_found_and_compared(tmp_path: Path) -> None:
    clean_tree(tmp_path)
    folder = severity_tree(tmp_path / "imagenet-c", "contrast", ("1",))

    code, output = data("check", folder, "--data-dir", tmp_path, "--limit", 1)

    assert code == 1
    assert "contrast lacks severities 2, 3, 4, 5" in output
    against = f"{folder} against {tmp_path / 'imagenet' / 'val'}"
    assert against in " ".join(output.split())
    assert "Pixels were not compared" not in output


def test_ls_has_every_set_with_its_licence_and_the_command_for_absent_ones(
    tmp_path: Path,
) -> None:
    found = rows(tmp_path / "nowhere")

    assert set(found) == set(DATASETS)
    assert found["imagenet-r"]["state"] == "absent"
    assert found["imagenet-r"]["command"] == "robench data get imagenet-r"
    assert found["digits"]["state"] == found["blobs"]["state"] == "bundled"
    assert found["digits-c"]["said"] == "can be drawn from digits"
    assert found["cifar10-c"]["licence"] == "CC BY 4.0"
    assert all(row["purpose"] for row in found.values())


def test_ls_counts_what_is_here_and_says_who_made_it(tmp_path: Path) -> None:
    clean_tree(tmp_path)
    severity_tree(tmp_path / "imagenet-c", "contrast", ("1", "2"))
    make_set(Request(name="digits-c", data_dir=tmp_path, only=("fog",), seed=3), jobs=1)

    found = rows(tmp_path)

    assert found["imagenet"]["found"] == "8 of 50,000"
    assert found["imagenet"]["complete"] is False
    assert found["imagenet"]["bytes"] == sum(
        path.stat().st_size for path in (tmp_path / "imagenet").rglob("*.JPEG")
    )
    assert found["imagenet-c"]["found"] == "2 of 75 cells"
    assert found["imagenet-c"]["about"] is True
    assert found["digits-c"]["state"] == "made"
    assert found["digits-c"]["said"] == "made by robench, seed 3"
    assert found["digits-c"]["found"] == "1 of 15 files of 2,500 rows"
    assert found["imagenet-c-bar"]["state"] == "drawn"
    assert found["imagenet-c-bar"]["command"] == "robench data make imagenet-c-bar"


def test_ls_survives_a_damaged_manifest(tmp_path: Path) -> None:
    folder = write_arrays(tmp_path / "CIFAR-10-C", ["fog"], 4, 10)
    (folder / "manifest.json").write_text("{")

    found = rows(tmp_path)

    assert found["cifar10-c"]["state"] == "unreadable"
    assert "manifest.json" in str(found["cifar10-c"]["said"])


def test_the_table_of_ls_fits_its_width(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "110")

    code, output = data("ls", "--data-dir", tmp_path)

    assert code == 0
    lines = output.splitlines()
    assert max(map(len, lines[1:-3])) <= 110
    assert any(line.startswith("imagenet-v2-threshold0.7") for line in lines)
    assert "absent: get cifar10" in output


def test_ls_needs_no_torch(tmp_path: Path) -> None:
    code = (
        "from robench.datasets.doctor.inventory import inventory; from pathlib import Path; "
        f"inventory(Path({str(tmp_path)!r})); import sys; "
        "print({'torch', 'timm', 'cv2', 'sklearn'} & set(sys.modules))"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout == "set()\n"
