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
"""


def written(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


def test_a_table_has_a_row_for_each_model_with_both_accuracies(tmp_path: Path) -> None:
    path = written(tmp_path / "mine.csv", TABLE)

    found = read_references(path)

    a, r = found["imagenet-a"], found["imagenet-r"]
    assert a.models == ("resnet50", "vit, large", "alexnet")
    assert r.models == ("resnet50", "alexnet")
    assert (a.clean_set, a.evalset) == ("imagenet", "imagenet-a")
    np.testing.assert_allclose(a.clean, [0.7613, 0.851, 0.5652])
    np.testing.assert_allclose(r.shifted, [0.362, 0.21])
    assert a.files == (("mine.csv", hashlib.sha256(TABLE.encode()).hexdigest()),)
    assert "3 networks from mine.csv (sha256 " in a.source


def timm(folder: Path, name: str, *rows: str) -> None:
    text = "\n".join(["model,img_size,top1,param_count", *rows]) + "\n"
    (folder / f"results-{name}.csv").write_text(text)


def test_files_of_timm_are_joined_by_model_and_image_size(tmp_path: Path) -> None:
    timm(tmp_path, "imagenet", "a,224,80.0,5", 'a,384,82.0,"1,013.01"', "b,224,70.0,5")
    timm(tmp_path, "sketch", "a,384,30.0,5", "a,224,28.0,5", "c,224,1.0,5")

    found = read_references(tmp_path)

    assert list(found) == ["imagenet-sketch"]
    assert found["imagenet-sketch"].models == ("a (384)", "a (224)")
    assert found["imagenet-sketch"].clean.tolist() == [0.82, 0.80]
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
    ("model,imagenet,imagenet-a\nx,0.76,0.01\n", "expected percent of imagenet, got fractions"),
    ("model,imagenet,imagenet-a\nx,,1\n", "both a clean and another accuracy, got none"),
    ("model,imagenet,imagenet-z\nx,76,1\n", "got unknown 'imagenet-z'"),
    ("name,imagenet,imagenet-a\nx,76,1\n", "got unknown 'name'"),
    ("imagenet,imagenet-a\n76,1\n", "got no model among imagenet, imagenet-a"),
    ("model,imagenet\nx,76\n", "others: none"),
    ("model,imagenet-a,imagenet-r\nx,7,6\n", "clean: none"),
    ("model,imagenet,imagenet\nx,7,6\n", "line 1: expected unlike column names"),
    ("", "line 1: expected unlike column names, got nothing"),
    ('model,imagenet,imagenet-a\n"x,76,1\n', "expected a CSV file"),
]


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
