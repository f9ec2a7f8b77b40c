"""Files of corrupted sets find the clean picture that they were made from."""

import numpy as np

from robench.datasets.pairing import Named, pair, stem

CLEAN = Named(("a/1", "a/2", "b/1", "b/2"), np.array([0, 0, 1, 1]))


def named(*stems: str, labels: tuple[int, ...]) -> Named:
    return Named(stems, np.array(labels))


def test_equal_lists_are_paired_in_their_order() -> None:
    found = pair(named("a/1", "a/2", "b/1", "b/2", labels=(0, 0, 1, 1)), CLEAN, "imagenet")

    assert found.rows.tolist() == found.numbers.tolist() == [0, 1, 2, 3]
    assert found.complete
    assert found.note == "the 4 pictures are those of imagenet"


def test_folders_of_other_names_and_order_are_paired_by_class_and_file() -> None:
    found = pair(named("1/2", "1/1", "0/2", labels=(1, 1, 0)), CLEAN, "imagenet")

    assert found.rows.tolist() == [2, 1, 0]  # read in the order of the clean set
    assert found.numbers.tolist() == [1, 2, 3]
    assert found.complete
    assert found.note.startswith("all 3 pictures")


def test_the_same_file_name_in_another_class_is_another_picture() -> None:
    found = pair(named("a/1", "a/2", labels=(1, 0)), CLEAN, "imagenet")

    assert found.numbers.tolist() == [1, 2]
    assert found.rows.tolist() == [1, 0]


def test_one_stranger_leaves_all_in_their_own_order() -> None:
    found = pair(named("b/2", "b/9", labels=(1, 1)), CLEAN, "imagenet")

    assert not found.complete
    assert found.rows.tolist() == found.numbers.tolist() == [0, 1]
    assert found.note.startswith("only 1 of 2 pictures")


def test_two_files_of_one_clean_picture_are_not_paired() -> None:
    found = pair(named("x/1", "y/1", labels=(0, 0)), CLEAN, "imagenet")

    assert not found.complete
    assert "only 1 of 2" in found.note


def test_without_the_clean_set_the_own_order_counts() -> None:
    found = pair(named("a/1", "a/2", labels=(0, 0)), None, "imagenet")

    assert not found.complete
    assert found.numbers.tolist() == [0, 1]
    assert "imagenet is not at hand" in found.note


def test_only_the_last_suffix_is_no_part_of_a_name() -> None:
    assert stem("a.b/x.y.JPEG") == "a.b/x.y"
