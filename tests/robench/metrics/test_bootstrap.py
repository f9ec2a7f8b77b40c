"""Resamples that all models and columns share."""

import numpy as np
import pytest

from robench.metrics import bootstrap
from robench.metrics.bootstrap import Resampler, interval, resampler

ROWS = np.random.default_rng(0).normal(size=(5, 301))


def test_the_means_are_those_of_images_drawn_with_replacement() -> None:
    # the spread of 4000 means is known to 1.1 %; four sigma each way, seeds fixed
    means = Resampler(301, 4_000, "test").means(ROWS)

    assert means.shape == (4_000, 5)
    exact = ROWS.std(axis=1) / np.sqrt(301)
    np.testing.assert_allclose(means.std(axis=0), exact, rtol=0.045)
    np.testing.assert_allclose(means.mean(axis=0), ROWS.mean(axis=1), atol=4 * exact.max() / 63)


@pytest.mark.parametrize("n", [1, 2, 7, 300])
def test_a_constant_has_itself_as_the_mean_of_every_resample(n: int) -> None:
    assert (Resampler(n, 100, "test").means(np.full((2, n), 0.1)) - 0.1).max() < 1e-9


def test_a_row_has_the_same_draws_alone_negated_and_among_others() -> None:
    together, alone = (Resampler(301, 200, "test").means(rows) for rows in (ROWS, ROWS[3:4]))
    twice = Resampler(301, 200, "test").means(np.vstack([-ROWS[3:], ROWS[2:4]]))

    np.testing.assert_array_equal(together[:, 3], alone[:, 0])
    np.testing.assert_array_equal(twice[:, 0], -twice[:, 3])


def test_the_key_and_the_number_of_images_decide_and_a_second_call_repeats() -> None:
    first = Resampler(301, 50, "a", 1)
    means = first.means(ROWS)

    np.testing.assert_array_equal(means, first.means(ROWS))
    np.testing.assert_array_equal(means, Resampler(301, 50, "a", 1).means(ROWS))
    assert (means != Resampler(301, 50, "a", 2).means(ROWS)).any()
    assert resampler(301, 50, "a", 1) is resampler(301, 50, "a", 1)


def test_neither_the_chunks_nor_what_is_kept_change_a_digit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    means = Resampler(301, 50, "a").means(ROWS)
    monkeypatch.setattr(bootstrap, "CHUNK", 301 * 7)
    monkeypatch.setattr(bootstrap, "KEPT", 0)
    bare = Resampler(301, 50, "a")

    np.testing.assert_array_equal(means, bare.means(ROWS))
    np.testing.assert_array_equal(means, bare.means(ROWS))


def test_the_streams_are_frozen() -> None:
    drawn = Resampler(4, 3, "frozen").means(np.array([[1.0, 10.0, 100.0, 1000.0]])) * 4
    assert drawn[:, 0].tolist() == [1021.0, 112.0, 1012.0]


def test_intervals_leave_out_as_much_at_either_end() -> None:
    draws = np.random.default_rng(1).permutation(2_000).astype(np.float64)

    assert interval(draws) == (49.0, 1_950.0)
    assert interval(-draws) == (-1_950.0, -49.0)
    assert interval(draws[:5]) == (draws[:5].min(), draws[:5].max())


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="images and resamples"):
        Resampler(0)
    for values in (np.ones(3), np.ones((2, 4)), np.array([[1.0, np.nan, 2.0]])):
        with pytest.raises(ValueError, match="expected finite values"):
            Resampler(3, 10).means(values)
