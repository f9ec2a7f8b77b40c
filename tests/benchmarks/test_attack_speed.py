"""The speed goals of PGD: run with ``-m bench``."""

import pytest

from robench.studies.bench_attacks import AttackSpeed, attack_speed


@pytest.fixture(scope="module")
def rows() -> dict[str, AttackSpeed]:
    pytest.importorskip("torchattacks")
    found = attack_speed(repeats=3, networks={"air32": 500})
    return {row.contestant: row for row in found}


@pytest.mark.bench
def test_without_stopping_a_block_takes_five_eighths_of_the_time_of_torchattacks(
    rows: dict[str, AttackSpeed],
) -> None:
    assert rows["robench never"].ratio >= 1.6, rows


@pytest.mark.bench
def test_with_stopping_it_takes_a_third_where_three_quarters_fall(
    rows: dict[str, AttackSpeed],
) -> None:
    assert 0.6 <= rows["robench first"].fallen <= 0.9
    assert rows["robench first"].ratio >= 3, rows


def test_every_contestant_has_a_row_that_says_what_was_timed() -> None:
    pytest.importorskip("torchattacks")

    found = attack_speed(repeats=1, networks={"air32": 12}, steps=2)

    assert [(row.contestant, row.batch) for row in found] == [
        ("torchattacks", 12),
        ("robench never", 12),
        ("robench first", 12),
    ]
    assert found[0].ratio == 1
    assert all(row.threads == 1 and row.images_per_cpu_second > 0 for row in found)
    assert found[2].fallen >= found[1].fallen
