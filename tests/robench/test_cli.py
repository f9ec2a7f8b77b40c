"""The command line: exit codes, one message per failure, nothing heavy before it is needed."""

import os
import pickle
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from typer.testing import CliRunner

from robench.cli import app

RUN = CliRunner()


def invoke(*arguments: str | int | Path) -> tuple[int, str]:
    result = RUN.invoke(app, [str(item) for item in arguments])
    return result.exit_code, result.output


def test_help_answers_within_half_a_cpu_second_and_imports_neither_torch_nor_timm() -> None:
    code = (
        "import sys; sys.argv = ['robench', '--help']\n"
        "from robench.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "print({'torch', 'timm', 'numpy'} & set(sys.modules))"
    )
    subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)  # writes bytecode
    before = resource.getrusage(resource.RUSAGE_CHILDREN)

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert done.stdout.strip().endswith("set()")
    # Generous against a loaded machine; the figure itself is in the benchmarks.
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 2.0


@pytest.mark.parametrize(
    "verb", ["demo", "train", "eval", "score", "report", "compare", "ls", "bench"]
)
def test_every_verb_explains_itself(verb: str) -> None:
    code, output = invoke(verb, "--help")

    assert code == 0
    assert "Usage" in output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["train", "--aug", "ipmx", "--data", "digits"], "Did you mean 'ipmix'"),
        (["train", "--aug", "ipmix(k='a'", "--data", "digits"], "NAME(key=literal"),
        (["train", "--arch", "wrn40_3", "--data", "digits"], "Did you mean 'wrn40_"),
        (["train", "--data", "digits", "--set", "lr"], "key=value"),
        (["train", "--data", "digits", "--set", "lr=-1"], "recipe.lr"),
        (["train", "--data", "digits", "--recipe", "cifra"], "Did you mean 'cifar'"),
        (["eval", "absent.pt", "--suite", "digits-all"], "No checkpoint at absent.pt"),
        (["eval", "absent.pt", "--suite", "digit-all"], "Did you mean 'digits-all'"),
        (["compare", "absent"], "absent"),
        (["report", "absent"], "absent"),
        (["score", "absent"], "absent"),
        (["ls", "archis"], "Did you mean 'archs'"),
        (["bench", "augmentation"], "Did you mean 'augmentations'"),
    ],
)
def test_bad_input_is_one_message_and_exit_code_two(
    arguments: list[str], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    code, output = invoke(*arguments)

    assert code == 2
    assert message.replace("recipe.lr", "lr") in output
    assert "Traceback" not in output
    assert not list(tmp_path.iterdir())


def test_missing_data_names_the_folder_and_the_remedy(tmp_path: Path) -> None:
    code, output = invoke("train", "--data-dir", tmp_path, "--out", tmp_path / "run")

    assert code == 2
    assert str(tmp_path) in output
    assert "cifar-10-batches-py" in output
    assert "--data-dir" in output
    assert not (tmp_path / "run").exists()


class Harm:
    """Unpickling it would make a file."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, ("harmed",)


def test_an_unsafe_pickle_is_refused_and_never_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bad.pt").write_bytes(pickle.dumps({"state_dict": Harm()}))
    torch.save({"state_dict": Harm()}, tmp_path / "worse.pt")

    for name in ("bad.pt", "worse.pt"):
        code, output = invoke("eval", name, "--suite", "digits", "--arch", "air32", "--classes", 10)
        assert code == 2, output
        assert name in output
    assert not (tmp_path / "harmed").exists()


@pytest.mark.parametrize("kept", [0, 100, 20_000])
def test_a_truncated_checkpoint_is_named(
    kept: int, tmp_path: Path, digits_checkpoint: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "cut.pt").write_bytes(digits_checkpoint.read_bytes()[:kept])

    code, output = invoke("eval", "cut.pt", "--suite", "digits")

    assert code == 2
    assert "cut.pt is damaged" in output


def test_a_network_of_other_classes_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, digits_checkpoint: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "loose.pt").write_bytes(digits_checkpoint.read_bytes())

    code, output = invoke("eval", "loose.pt", "--suite", "digits", "--classes", 100)

    assert code == 2
    assert "10" in output
    assert "100" in output


def test_a_second_evaluation_and_a_report_of_it(digits_checkpoint: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    for _ in range(2):
        code, output = invoke(
            *("eval", digits_checkpoint, "--suite", "digits", "--limit", 100, "--out", out)
        )
        assert code == 0, output
    page = tmp_path / "page.html"

    code, output = invoke("report", out, "-o", page)

    assert code == 0, output
    assert page.stat().st_size > 1000
    for shape in ("rich", "markdown", "latex", "csv", "json"):
        code, output = invoke("compare", out, "--format", shape)
        assert code == 0, output
        assert output.strip()


def test_ctrl_c_exits_with_130_and_the_run_can_go_on(tmp_path: Path) -> None:
    command = [
        *(sys.executable, "-m", "robench", "train", "--aug", "none", "--arch", "air32"),
        *("--data", "digits", "--epochs", "200", "--threads", "1", "--out", str(tmp_path / "run")),
    ]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    began = time.monotonic()
    while not (tmp_path / "run" / "last.pt").exists() and time.monotonic() - began < 120:
        time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    _, message = process.communicate(timeout=60)

    assert process.returncode == 130
    assert "Interrupted" in message
    assert "Traceback" not in message
    assert not list((tmp_path / "run").glob(".*.tmp"))


@pytest.mark.parametrize("name", ["augmentations", "corruptions"])
def test_a_module_that_shadows_ours_is_named(name: str, tmp_path: Path) -> None:
    (tmp_path / f"{name}.py").write_text("")

    done = subprocess.run(
        [sys.executable, "-m", "robench", "--help"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 2
    assert str(tmp_path / f"{name}.py") in done.stderr
