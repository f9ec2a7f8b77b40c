"""Published accuracies from files of timm and from tables of the user's."""

import hashlib
from pathlib import Path

import numpy as np
import pytest

from robench.errors import InputError
from robench.metrics.effective import fit_line
from robench.report.references import read_references

TABLE = """model,imagenet,imagenet-a,imagenet-r
resnet50,76.13,0.0,36.2
"vit, large",85.1,40.5,
alexnet,56.52,1.8,21.0
vgg16,71.59,2.6,27.0
"""


def written(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


def test_a_table_has_a_row_for_each_model_with_both_accuracies(tmp_path: Path) -> None:
    path = written(tmp_path / "mine.csv", TABLE)

    found = read_references(path)

    a, r = found["imagenet-a"], found["imagenet-r"]
    assert a.models == ("resnet50", "vit, large", "alexnet", "vgg16")
    assert r.models == ("resnet50", "alexnet", "vgg16")
    assert (a.clean_set, a.evalset) == ("imagenet", "imagenet-a")
    np.testing.assert_allclose(a.clean, [0.7613, 0.851, 0.5652, 0.7159])
    np.testing.assert_allclose(r.shifted, [0.362, 0.21, 0.27])
    assert a.files == (("mine.csv", hashlib.sha256(TABLE.encode()).hexdigest()),)
    assert "4 networks from mine.csv (sha256 " in a.source


def timm(folder: Path, name: str, *rows: str) -> None:
    text = "\n".join(["model,img_size,top1,param_count", *rows]) + "\n"
    (folder / f"results-{name}.csv").write_text(text)


def test_files_of_timm_are_joined_by_model_and_image_size(tmp_path: Path) -> None:
    timm(tmp_path, "imagenet", "a,224,80.0,5", 'a,384,82.0,"1,013.01"', "b,224,70.0,5")
    timm(tmp_path, "sketch", "a,384,30.0,5", "a,224,28.0,5", "c,224,1.0,5", "b,224,9.0,5")

    found = read_references(tmp_path)

    assert list(found) == ["imagenet-sketch"]
    assert found["imagenet-sketch"].models == ("a (384)", "a (224)", "b (224)")
    assert found["imagenet-sketch"].clean.tolist() == [0.82, 0.80, 0.70]
    assert [name for name, _ in found["imagenet-sketch"].files] == [
        "results-imagenet.csv",
        "results-sketch.csv",
    ]


BAD = [
    ("model,imagenet,imagenet-a\nx,76,101\n", "line 2, column imagenet-a: .* got '101'"),
    ("model,imagenet,imagenet-a\nx,76,1\ny,nan,1\n", "line 3, column imagenet: .* got 'nan'"),
    ("model,imagenet,imagenet-a\nx,76,good\n", "got 'good'"),
    ("model,imagenet,imagenet-a\nx,76\n", "line 2: expected 3 entries, got 2"),
    ("model,imagenet,imagenet-a\nx,76,1\nx,76,1\n", "line 3: .* 'x' again, after line 2"),
    ("model,imagenet,imagenet-a\n,76,1\n", "line 2: expected a model of its own, got none"),
    ("model,imagenet,imagenet-a\nx,0.76,1.5\n", "column imagenet: .* percent, got fractions"),
    ("model,imagenet,imagenet-a\nx,76,0.40\ny,70,1\n", "column imagenet-a: .* got fractions"),
    (
        "model,imagenet,imagenet-r,imagenet-a\nx,76,6,4\ny,70,4,\nz,60,3,1\n",
        "mine.csv, imagenet-a: expected at least 3 models .* got 2: x, z",
    ),
    (
        "model,imagenet,imagenet-a\nx,76,4\ny,76,3\nz,76.0,1\n",
        "mine.csv, imagenet-a: .* unlike accuracy on imagenet, .* got 76 % for all 3",
    ),
    ("model,imagenet,imagenet-a\nx,,2\n", "both a clean and another accuracy, got none"),
    ("model,imagenet,imagenet-z\nx,76,1\n", "got unknown 'imagenet-z'"),
    ("name,imagenet,imagenet-a\nx,76,1\n", "got unknown 'name'"),
    ("imagenet,imagenet-a\n76,1\n", "got no model among imagenet, imagenet-a"),
    ("model,imagenet\nx,76\n", "others: none"),
    ("model,imagenet-a,imagenet-r\nx,7,6\n", "clean: none"),
    ("model,imagenet,imagenet\nx,7,6\n", "line 1: expected unlike column names"),
    ("", "line 1: expected unlike column names, got nothing"),
    ('model,imagenet,imagenet-a\n"x,76,1\n', "expected a CSV file"),
]


def test_zeros_are_no_fractions(tmp_path: Path) -> None:
    path = written(tmp_path / "mine.csv", "model,imagenet,imagenet-a\nx,76,0\ny,75,0\nz,70,0\n")

    assert read_references(path)["imagenet-a"].shifted.tolist() == [0, 0, 0]


@pytest.mark.parametrize("first", ["model", "name"])
def test_of_many_unknown_columns_the_first_are_named(first: str, tmp_path: Path) -> None:
    columns = [first, *(f"column{n}" for n in range(200))]
    path = written(tmp_path / "mine.csv", ",".join(columns) + "\n")

    with pytest.raises(InputError, match=r"column3.* and 19\d more$") as caught:
        read_references(path)
    assert "column5" not in str(caught.value)


@pytest.mark.parametrize(("text", "message"), BAD)
def test_what_is_wrong_in_a_table_is_named_with_its_place(
    text: str, message: str, tmp_path: Path
) -> None:
    path = written(tmp_path / "mine.csv", text)
    with pytest.raises(InputError, match=message) as caught:
        read_references(path)
    assert "mine.csv" in str(caught.value)


def test_what_is_absent_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"expected results-imagenet\.csv and at least one of"):
        read_references(tmp_path)
    with pytest.raises(InputError, match="expected a CSV file"):
        read_references(tmp_path / "absent.csv")
    (tmp_path / "results-imagenet.csv").write_text("model,top1\na,80\n")
    timm(tmp_path, "sketch", "a,224,28.0,5")
    with pytest.raises(InputError, match="expected a column img_size, got model, top1"):
        read_references(tmp_path)


@pytest.mark.shared
@pytest.mark.parametrize(
    ("evalset", "count", "r2", "sd"),
    [
        ("imagenet-v2", 1_556, "0.993", "0.50"),
        ("imagenet-sketch", 1_556, "0.85", "3.96"),
        ("imagenet-r", 1_556, "0.73", "5.28"),
        ("imagenet-a", 1_555, "0.85", "5.29"),
    ],
)
def test_the_lines_through_timms_results_are_those_of_the_specification(
    evalset: str, count: int, r2: str, sd: str, shared: Path
) -> None:
    one = read_references(shared / "data" / "timm_results")[evalset]

    line = fit_line(one.clean, one.shifted)

    assert line.n == count
    assert f"{line.r2:.{len(r2) - 2}f}" == r2
    assert f"{100 * line.residual_sd:.2f}" == sd
