"""The table of metrics and aggregates."""

from robench.metrics import METRICS
from robench.metrics.aggregates import AGGREGATES
from robench.metrics.overview import rows


def test_every_metric_and_aggregate_has_one_row_that_says_what_it_is() -> None:
    found = rows()

    assert [row.name for row in found] == [*METRICS, *AGGREGATES]
    assert {row.kind for row in found} == {"metric", "aggregate"}
    for row in found:
        assert row.needs
        assert row.source
        assert row.version >= 1
        assert "|" not in f"{row}"  # a table of Markdown can hold it


def test_a_row_says_direction_arithmetic_and_constants() -> None:
    by_name = {row.name: row for row in rows()}

    assert by_name["aurra"].direction == "higher"
    assert by_name["rms"].needs == "logits and labels, at least 100 images"
    assert "last bin: kept" in by_name["rms"].conventions
    assert by_name["top5_error"].needs.endswith("at least 5 classes")
    assert by_name["rel_mce"].needs.endswith("severities 1, 2, 3, 4, 5 and the clean error")
    assert by_name["rel_mce"].conventions == (
        "sum over severities divided by that of the constants alexnet-c, both less their clean "
        "errors; mean over corruptions"
    )
    assert by_name["mfr"].conventions == (
        "each divided by the constants alexnet-p; mean over perturbations"
    )
    assert "unverified" in by_name["mfr"].remark
    assert "file of the user's" in by_name["mt5d"].conventions
    assert by_name["mean_ce"].conventions == "mean over cells"
    assert by_name["predicted_mce"].conventions.startswith("regression")
