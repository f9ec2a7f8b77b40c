"""Which protocol a file matches, and what stops it."""

from collections.abc import Callable
from pathlib import Path

import pytest
from lint_stores import ATTACKS, Entry, edit, following, write
from typer.testing import CliRunner

from robench.cli import app
from robench.protocols import CATALOGUE, POLICIES, PROTOCOLS
from robench.report.lint.judging import Lint, lint
from robench.report.lint.matching import Verdict
from robench.report.lint.words import to_text


def under(run: Path, name: str) -> Verdict:
    return lint(run, name).verdicts[0]


def verdicts(one: Lint) -> dict[str, Verdict]:
    return {each.protocol.name: each for each in one.verdicts}


@pytest.mark.parametrize("name", PROTOCOLS)
def test_what_follows_a_protocol_matches_it(name: str, tmp_path: Path) -> None:
    found = lint(write(tmp_path, following(PROTOCOLS[name])), name)

    verdict = found.verdicts[0]
    certain = name != "robustbench-5k"
    assert verdict.status == ("matches" if certain else "matches as far as can be told")
    assert (verdict.reasons, verdict.unmeasured) == ((), ())
    assert found.findings == ()
    assert found.ok


@pytest.mark.parametrize(
    ("protocol", "evalset", "aggregate", "normaliser"),
    [
        ("hendrycks2019", "imagenet-c", "mce", "AlexNet"),
        ("hendrycks2019", "imagenet-p", "mfr", "AlexNet"),
        ("augmix", "cifar10-c", "mean_ce", "no normaliser"),
        ("augmix", "imagenet-c", "mce", "AlexNet"),
        ("pixmix", "cifar10-p", "mean_flip_rate_published", ""),
        ("ipmix", "cifar10-c-bar", "mean_c_bar", ""),
        ("ipmix", "imagenet-c-bar", "mean_imagenet_c_bar", ""),
        ("strict", "cifar100-p", "mean_flip_rate", ""),
    ],
)
def test_a_match_names_the_mean_and_what_it_is_divided_by(
    protocol: str, evalset: str, aggregate: str, normaliser: str, tmp_path: Path
) -> None:
    run = write(tmp_path, following(PROTOCOLS[protocol], evalset))

    match = under(run, protocol).matches[0]

    assert match.aggregates == (aggregate,)
    assert normaliser in match.normaliser


def test_constants_that_nobody_has_confirmed_are_said_with_the_mean(tmp_path: Path) -> None:
    run = write(tmp_path, following(CATALOGUE["hendrycks2019"], "imagenet-p"))

    assert "unverified" in " ".join(under(run, "hendrycks2019").matches[0].remarks)


def _preprocess(entry: Entry) -> None:
    entry.inputs["preprocess"] = "resize 256 bilinear, centre crop 224"


def _unmask(entry: Entry) -> None:
    entry.inputs["mask"] = None


def _unmask_inside(entry: Entry) -> None:
    del entry.inputs["against"]["mask"]


def _regenerate(entry: Entry) -> None:
    entry.inputs["source"] = {"kind": "regenerated", "seed": 3}


def _limit(entry: Entry) -> None:
    entry.set_images(2000, "first")


def _all(entry: Entry) -> None:
    entry.set_images(50_000, "all")


def _spread(entry: Entry) -> None:
    entry.set_images(5000, "spread")


def _limit_inside(entry: Entry) -> None:
    entry.inputs["against"]["subset"] = {"rule": "first", "n": 500, "of": 10_000}


def _other_ball(entry: Entry) -> None:
    if entry.cell.attack:
        entry.inputs["attack"] = ATTACKS["pgd20"]


def _weaker(entry: Entry) -> None:
    if entry.cell.attack:
        entry.inputs["attack"] = {**ATTACKS["pgd20"], "steps": 7, "eps": 1 / 255}


def _ratio(entry: Entry) -> None:
    entry.inputs["source"]["in_per_out"] = 1


def _bf16(entry: Entry) -> None:
    entry.inputs["precision"] = "bf16"


@pytest.mark.parametrize(
    ("protocol", "evalset", "change", "found", "expected"),
    [
        ("hendrycks2019", "imagenet-c", _preprocess, "resize 256", "224-pixel files as they are"),
        ("strict", "imagenet-c", _preprocess, "resize 256", "224-pixel files as they are"),
        ("testbed", "imagenet-r", _unmask, "all classes", "200 classes"),
        ("pixmix", "imagenet-o", _unmask_inside, "all classes", "200 classes"),
        ("augmix", "cifar10-c", _regenerate, "regenerated, seed 3", "the published files"),
        ("hendrycks2019", "imagenet", _limit, "the first 2,000 of 50,000", "all images of the set"),
        ("pixmix", "gaussian", _limit_inside, "first 500 of 10,000", "all images of the set"),
        ("robustbench-5k", "imagenet-c", _all, "all 50,000 images", "RobustBench's own list"),
        ("robustbench-5k", "imagenet-c", _spread, "5,000 evenly spread", "RobustBench's own list"),
        ("paper", "cifar10", _other_ball, "centre clean", "centre start"),
        ("strict", "cifar10", _weaker, "steps 7", "steps 20"),
        ("ipmix", "blobs", _ratio, "1 images for each", "5 images for each"),
        ("hendrycks2019", "imagenet-c", _bf16, "bf16", "fp32"),
    ],
)
def test_one_broken_rule_is_a_violation_that_says_what_came_and_what_was_expected(
    protocol: str,
    evalset: str,
    change: Callable[[Entry], None],
    found: str,
    expected: str,
    tmp_path: Path,
) -> None:
    entries = following(PROTOCOLS[protocol], evalset)
    for entry in entries:
        change(entry)
    run = write(tmp_path, entries)

    done = CliRunner().invoke(app, ["lint", str(run), "--protocol", protocol])

    said = " ".join(done.output.split())
    assert done.exit_code == 1, done.output
    assert found in said
    assert expected in said
    assert len({reason.aspect for reason in under(run, protocol).reasons}) == 1


@pytest.mark.parametrize(
    ("keep", "told"),
    [
        (lambda e: e.cell.corruption != "frost", "70/75 cells: missing frost 1-5"),
        (
            lambda e: (e.cell.corruption, e.cell.severity) not in {("fog", 2), ("fog", 4)},
            "73/75 cells: missing fog 2, 4",
        ),
    ],
)
def test_missing_cells_are_named(keep: Callable[[Entry], bool], told: str, tmp_path: Path) -> None:
    entries = following(CATALOGUE["augmix"], "cifar10-c")
    run = write(tmp_path, [entry for entry in entries if keep(entry)])

    reasons = under(run, "augmix").reasons

    assert [reason.found for reason in reasons] == [told]
    assert "robench eval CKPT --suite cifar10-c" in reasons[0].mend


def test_a_missing_metric_is_a_violation(tmp_path: Path) -> None:
    entries = following(CATALOGUE["pixmix"], "cifar10")
    run = write(tmp_path, [one for one in entries if one.metric != "rms_published"])

    (reason,) = under(run, "pixmix").reasons

    assert reason.found.startswith("no record of rms_published")
    assert reason.mend == f"robench score {run}"


def test_an_attack_that_nobody_ran_is_no_violation(tmp_path: Path) -> None:
    entries = following(CATALOGUE["pixmix"], "cifar10")
    run = write(tmp_path, [one for one in entries if not one.cell.attack])

    found = lint(run, "pixmix")

    assert found.ok
    assert "cifar10 adv_error under pgd20_published" in found.verdicts[0].unmeasured


def test_a_trial_beside_the_whole_does_not_stand_in_the_way(tmp_path: Path) -> None:
    trial = following(CATALOGUE["augmix"], "cifar10-c")
    for entry in trial:
        entry.set_images(100, "first")
    run = write(tmp_path, trial + following(CATALOGUE["augmix"], "cifar10-c"))

    assert under(run, "augmix").status == "matches"


def test_of_several_passes_the_fullest_is_explained(tmp_path: Path) -> None:
    trial = following(CATALOGUE["augmix"], "cifar10-c")[:20]
    whole = following(CATALOGUE["augmix"], "cifar10-c")
    for entry in whole:
        _regenerate(entry)
    for entry in trial:
        entry.set_images(100, "first")

    (reason,) = under(write(tmp_path, trial + whole), "augmix").reasons

    assert (reason.aspect, reason.entries, reason.of) == ("source", 75, 75)


def test_of_cells_of_two_sources_those_are_counted_that_violate(tmp_path: Path) -> None:
    entries = following(CATALOGUE["augmix"], "cifar10-c")
    for entry in entries:
        if entry.cell.corruption == "snow":
            _regenerate(entry)

    (reason,) = under(write(tmp_path, entries), "augmix").reasons

    assert (reason.aspect, reason.entries, reason.of) == ("source", 5, 75)
    assert "snow" in reason.example


def test_sets_whose_files_nobody_published_match_only_as_far_as_can_be_told(tmp_path: Path) -> None:
    run = write(tmp_path, following(CATALOGUE["ipmix"], "cifar100-p"))

    verdict = under(run, "ipmix")

    assert verdict.status == "matches as far as can be told"
    assert "nobody has published" in verdict.matches[0].remarks[0]


def test_files_without_checksums_are_a_remark(tmp_path: Path) -> None:
    entries = following(CATALOGUE["augmix"], "cifar10-c")
    for entry in entries:
        entry.inputs["source"]["verified"] = False

    found = lint(write(tmp_path, entries), "augmix")

    assert found.ok
    assert any("not verified" in remark for remark in found.remarks)


def test_anomalies_of_another_clean_set_concern_nobody_else(tmp_path: Path) -> None:
    entries = following(POLICIES["strict"], "gaussian")
    for entry in entries:
        entry.cell = type(entry.cell)("gaussian", against="digits")
        entry.inputs["against"]["set"] = "digits"

    found = verdicts(lint(write(tmp_path, entries)))

    assert found["pixmix"].status == "not concerned"
    assert found["strict"].status == "matches"


def test_both_policies_may_match_and_only_what_differs_tells_them_apart(tmp_path: Path) -> None:
    found = verdicts(
        lint(write(tmp_path, following(POLICIES["strict"], "cifar10-c", "imagenet-c")))
    )

    assert found["strict"].status == "matches"
    assert found["paper"].status == "matches in part"
    assert "--protocol paper" in found["paper"].reasons[0].mend


@pytest.mark.parametrize("kept", ["passports", "nothing"])
def test_what_has_no_passport_matches_nothing(kept: str, tmp_path: Path) -> None:
    run = write(tmp_path, following(POLICIES["strict"], "cifar10", "cifar10-c", "gaussian"))
    empty = "inputs" if kept == "passports" else "passports"
    edit(run, lambda _, content: content[empty].clear())

    found = lint(run)

    assert not found.ok
    assert all(each.matches == () for each in found.verdicts)
    reasons = verdicts(found)["strict"].reasons
    assert {reason.aspect for reason in reasons} == {"passport"}
    assert max(reason.entries for reason in reasons) == 75


def test_one_lost_passport_is_no_mixture(tmp_path: Path) -> None:
    run = write(tmp_path, following(POLICIES["strict"], "cifar10-c"))
    edit(run, lambda lines, content: content["passports"].pop(lines[7]["passport_id"]))

    found = lint(run)

    assert [one.kind for one in found.findings] == ["no passport"]
    (reason,) = verdicts(found)["strict"].reasons
    assert "74/75 cells" in reason.found


def test_the_longest_status_does_not_run_into_the_name(tmp_path: Path) -> None:
    run = write(tmp_path, following(PROTOCOLS["robustbench-5k"]))

    assert "\nmatches as far as can be told  robustbench-5k (" in to_text(lint(run))
