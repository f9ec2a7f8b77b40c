"""The page: self-contained, safe, reproducible, and honest about what is missing."""

import html.parser
import re
from pathlib import Path

import matplotlib as mpl
import pytest
from fabricated import Fabricated

from robench.errors import InputError
from robench.report.options import Options
from robench.report.page import write_report

HOSTILE = "<script>alert(1)</script>\"'&$x$"


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Two complete runs."""
    root = tmp_path_factory.mktemp("runs")
    pairs = enumerate(("none", "ipmix"))
    return [Fabricated(root / a, a, slope=0.1 - 0.05 * s, seed=s).write() for s, a in pairs]


@pytest.fixture(scope="module")
def page(runs: list[Path], tmp_path_factory: pytest.TempPathFactory) -> str:
    """The page about them."""
    out = tmp_path_factory.mktemp("page") / "report.html"
    assert write_report(runs, out) == out
    return out.read_text()


class Reader(html.parser.HTMLParser):
    """Collects tags, attributes and identifiers."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]


def test_the_page_loads_nothing(page: str) -> None:
    reader = Reader(page)

    addresses = [v for name, v in reader.attributes if name in ("src", "href", "xlink:href")]
    urls = re.findall(r"url\(([^)]*)\)", page)

    assert addresses
    assert urls
    assert all(value.strip("\"'").startswith("#") for value in [*addresses, *urls])
    assert "http://" not in page
    assert "https://" not in page
    assert "@import" not in page
    assert not {"link", "iframe", "img", "object", "embed"} & set(reader.tags)


def test_every_link_leads_to_an_identifier_and_none_occurs_twice(page: str) -> None:
    attributes = Reader(page).attributes
    outside = [v for name, v in attributes if name == "id"]
    targets = {v[1:] for name, v in attributes if name in ("href", "xlink:href")}
    targets |= {value.strip("\"'")[1:] for value in re.findall(r"url\(([^)]*)\)", page)}

    assert len(outside) == len(set(outside))
    assert targets <= set(outside)


def test_the_page_says_what_was_found_measured_and_missing(page: str) -> None:
    for words in (
        "mean error over 10/75 cells",
        "in points with the paired 95 % interval",
        "not measured: digits-c: shot_noise",
        "anomaly sets: rademacher, photos",
        "regenerated (generator version 1, seed 0)",
        "robench train --aug ipmix --arch air32 --data digits --recipe demo --epochs 8",
        "--set lr=0.123",
        "robench eval runs/ipmix/last.pt --suite digits-all",
        "torch 2.11",
        "b" * 32,
    ):
        assert words in page
    assert "mean corruption error" not in page


def test_the_page_is_accessible(page: str) -> None:
    reader = Reader(page)

    assert reader.tags.count("svg") == sum(item == ("role", "img") for item in reader.attributes)
    assert reader.tags.count("svg") >= 2 + 2 + 2 + 1
    assert ("lang", "en") in reader.attributes
    assert reader.tags.count("th") > reader.tags.count("table")


def test_two_renders_are_equal_bytes_whatever_the_user_has_configured(
    runs: list[Path], page: str, tmp_path: Path
) -> None:
    with mpl.rc_context({"svg.fonttype": "path", "font.size": 30, "axes.grid": False}):
        again = write_report(runs, tmp_path / "again.html").read_text()

    assert again == page


def test_names_from_users_are_only_ever_text(tmp_path: Path) -> None:
    runs = [Fabricated(tmp_path / str(n), HOSTILE, seed=n).write() for n in (0, 1)]

    page = write_report(runs, tmp_path / "page.html", HOSTILE).read_text()

    assert page.count("<script>") == 1
    assert "alert(1)" in page
    assert page.count("alert(1)</script>") == 0
    assert Reader(page).tags.count("script") == 1


def test_hostile_corruption_names_stay_text_in_figures(tmp_path: Path) -> None:
    run = Fabricated(tmp_path / "run", corruptions=("fog", "<b>$\\frac$")).write()

    page = write_report([run, run], tmp_path / "page.html").read_text()

    assert "<b>$" not in page
    assert "&lt;b&gt;$" in page


def test_unlike_runs_get_a_warning_box(runs: list[Path], tmp_path: Path) -> None:
    other = Fabricated(tmp_path / "half", "augmix", images=60).write()

    allowed = Options(unlike=True)
    page = write_report([runs[0], other], tmp_path / "page.html", options=allowed).read_text()

    assert "Unlike numbers" in page
    assert "subset: all 120 vs first 60 of 120" in page
    assert "no difference is given, because they did not see the same images" in page


def test_many_runs_give_a_sortable_table_of_one_row_each(runs: list[Path], tmp_path: Path) -> None:
    page = write_report(runs * 3, tmp_path / "page.html").read_text()

    assert page.count('<table class="sortable">') == 1
    assert 'data-value="' in page


def test_one_untrained_run_without_curves_still_has_a_page(tmp_path: Path) -> None:
    run = Fabricated(tmp_path / "alone", trained=False, anomalies=(), corruptions=()).write()
    (run / "eval" / "curves.json").unlink()

    page = write_report([run], tmp_path / "page.html").read_text()

    assert "Training" not in page
    assert "clean error" in page


def test_a_large_comparison_stays_below_two_megabytes(tmp_path: Path) -> None:
    names = tuple(f"corruption_{n}" for n in range(19))
    run = Fabricated(tmp_path / "run", corruptions=names, images=20).write()

    page = write_report([run] * 4, tmp_path / "page.html")

    assert page.stat().st_size < 2_000_000


def test_a_run_without_results_leaves_no_page(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()

    with pytest.raises(InputError, match="no results yet"):
        write_report([tmp_path / "empty"], tmp_path / "page.html")
    assert not (tmp_path / "page.html").exists()
