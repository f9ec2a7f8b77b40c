"""The lines of C-bar against values by hand and scikit-image."""

import importlib

import numpy as np
import pytest

from corruptions import Images
from corruptions.bar.lines import _coverage, _span, lines
from corruptions.base import Floats, Rng

PICTURE: Images = np.random.default_rng(0).integers(0, 256, (4, 32, 32, 3), dtype=np.uint8)
BLACK: Images = np.zeros((1, 64, 64, 3), dtype=np.uint8)


def _rngs(count: int) -> list[Rng]:
    """Sources of randomness of some images."""
    return [np.random.RandomState(seed) for seed in range(count)]


def _line(start: tuple[int, int], end: tuple[int, int], height: int, width: int) -> Floats:
    """The coverage (H, W) of one line."""
    whole = slice(0, height), slice(0, width)
    coverage: Floats = _coverage(np.array([start]), np.array([end]), *whole)[0]
    return coverage


def test_a_horizontal_line_covers_its_pixels_and_no_others() -> None:
    expected = np.zeros((4, 7))
    expected[2, 1:6] = 1.0

    np.testing.assert_array_equal(_line((2, 1), (2, 5), 4, 7), expected)
    np.testing.assert_array_equal(_line((2, 5), (2, 1), 4, 7), expected)


def test_beside_a_diagonal_pixels_are_covered_by_one_less_their_distance() -> None:
    beside = 1 - 1 / np.sqrt(2)
    expected = np.eye(4) + beside * (np.eye(4, k=1) + np.eye(4, k=-1))

    np.testing.assert_allclose(_line((0, 0), (3, 3), 4, 4), expected, atol=1e-15)


def test_a_line_from_a_point_to_itself_is_that_point() -> None:
    expected = np.zeros((3, 3))
    expected[1, 2] = 1.0

    np.testing.assert_array_equal(_line((1, 2), (1, 2), 3, 3), expected)


def test_coverage_equals_scikit_images_lines_to_the_last_bit() -> None:
    draw = pytest.importorskip("skimage.draw")
    rng = np.random.default_rng(0)

    for _ in range(500):
        start, end = rng.integers(-40, 70, (2, 2)).tolist()
        rows, columns, values = draw.line_aa(*start, *end)
        seen = (rows >= 0) & (rows < 24) & (columns >= 0) & (columns < 33)
        expected = np.zeros((24, 33))
        expected[rows[seen], columns[seen]] = values[seen]

        np.testing.assert_array_equal(_line(tuple(start), tuple(end), 24, 33), expected)


def test_outside_the_rectangle_of_its_ends_a_line_covers_nothing() -> None:
    rng = np.random.default_rng(1)

    for _ in range(200):
        start, end = rng.integers(-40, 70, (2, 2, 2))
        inside = _span(start[:, 0], end[:, 0], 24), _span(start[:, 1], end[:, 1], 33)
        whole = _coverage(start, end, slice(0, 24), slice(0, 33))

        expected = np.zeros_like(whole)
        if all(span.start < span.stop for span in inside):
            expected[:, *inside] = _coverage(start, end, *inside)
        np.testing.assert_array_equal(whole, expected)


def test_the_rectangle_of_a_line_ends_with_its_ends_or_the_image() -> None:
    starts, ends = np.array([7, -9, 70]), np.array([3, 5, 12])

    spans = [_span(starts[n : n + 1], ends[n : n + 1], 64) for n in range(3)]

    assert spans == [slice(3, 8), slice(0, 6), slice(12, 64)]
    assert _span(starts[[0, 2]], ends[[0, 2]], 64) == slice(3, 64)


def test_lines_are_grey_of_128() -> None:
    grey = np.full_like(BLACK, 128)

    np.testing.assert_array_equal(lines(grey, 2.5, _rngs(1)), grey)
    assert lines(BLACK, 2.5, _rngs(1)).max() in range(120, 129)


@pytest.mark.parametrize(("magnitude", "shape", "count"), [(0.5, (32, 32), 1), (2.5, (24, 41), 6)])
def test_the_shorter_side_sets_the_number_of_lines(
    magnitude: float, shape: tuple[int, int], count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[int] = []

    def counted(*arguments: object) -> Floats:
        drawn.append(1)
        return _coverage(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(importlib.import_module("corruptions.bar.lines"), "_coverage", counted)

    lines(np.zeros((3, *shape, 3), dtype=np.uint8), magnitude, _rngs(3))

    assert len(drawn) == count


def test_a_line_passes_its_point_in_its_direction() -> None:
    rng = np.random.RandomState(0)
    angle, spread = rng.uniform(0, 2 * np.pi), rng.uniform(0.1, 1)
    private = np.random.RandomState(rng.randint(0, 2**32))
    row, column = 64 * private.uniform(size=2)
    angle += 2 * np.pi * spread * (private.uniform() - 0.5)
    rows, columns = np.mgrid[:64, :64]
    distance = np.abs(np.sin(angle) * (rows - row) - np.cos(angle) * (columns - column))

    covered = lines(BLACK, 10 / 64, _rngs(1))[0, :, :, 0] > 0

    # The ends are cut to whole pixels, which moves the line by up to about a pixel.
    assert covered.sum() > 32
    assert distance[covered].max() < 2.5


def test_pixels_are_those_of_scikit_images_lines_truncated_one_after_the_other() -> None:
    draw = pytest.importorskip("skimage.draw")
    image, (rng,) = PICTURE[0].copy(), _rngs(1)
    common, spread = rng.uniform(0, 2 * np.pi), rng.uniform(0.1, 1)
    private = np.random.RandomState(rng.randint(0, 2**32))
    for _ in range(8):
        centre, turn = 32 * private.uniform(size=2), private.uniform() - 0.5
        angle = common + 2 * np.pi * spread * turn
        reach = 32 * np.array([np.cos(angle), np.sin(angle)])
        ends = np.concatenate([centre - reach, centre + reach]).astype(int)
        rows, columns, values = draw.line_aa(*ends)
        seen = (rows >= 0) & (rows < 32) & (columns >= 0) & (columns < 32)
        rows, columns, share = rows[seen], columns[seen], values[seen, None]
        image[rows, columns] = (1 - share) * image[rows, columns] + share * 128

    np.testing.assert_array_equal(lines(PICTURE[:1], 2.5, _rngs(1))[0], image)


def test_an_image_gets_its_lines_alone_as_in_a_batch() -> None:
    before = PICTURE.copy()

    batch = lines(PICTURE, 2.5, _rngs(4))

    np.testing.assert_array_equal(lines(PICTURE[2:3], 2.5, _rngs(4)[2:3]), batch[2:3])
    np.testing.assert_array_equal(PICTURE, before)


@pytest.mark.parametrize("shape", [(1, 1), (2, 3), (1, 9), (8, 8)])
def test_too_small_an_image_for_a_line_stays_as_it_is(shape: tuple[int, int]) -> None:
    tiny = np.full((2, *shape, 3), 77, dtype=np.uint8)

    np.testing.assert_array_equal(lines(tiny, 1.0, _rngs(2)), tiny)
