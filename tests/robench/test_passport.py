"""Ids are stable: the same choices give the same id on every machine and in every version."""

import dataclasses

import pytest

from robench.passport import fingerprint, inputs_id, libraries, passport_id
from robench.types import Passport

PASSPORT = Passport(
    inputs={"set": "cifar10", "precision": "fp32", "subset": {"rule": "all", "n": 10000}},
    conventions={"metric": "error", "version": 1},
    provenance={"threads": 2},
)


def test_ids_of_a_known_passport_never_change() -> None:
    assert inputs_id(PASSPORT) == "cc6bbbb0cfad8925"
    assert passport_id(PASSPORT) == "c941934ce24b928d"


def test_provenance_is_not_part_of_the_identity() -> None:
    other = dataclasses.replace(PASSPORT, provenance={"threads": 64, "device": "GPU"})

    assert passport_id(other) == passport_id(PASSPORT)


def test_conventions_change_the_number_but_not_the_stored_outputs() -> None:
    other = dataclasses.replace(PASSPORT, conventions={"metric": "error", "version": 2})

    assert inputs_id(other) == inputs_id(PASSPORT)
    assert passport_id(other) != passport_id(PASSPORT)


def test_the_order_of_keys_is_irrelevant() -> None:
    assert fingerprint({"a": 1, "b": {"c": 2, "d": 3}}) == fingerprint(
        {"b": {"d": 3, "c": 2}, "a": 1}
    )


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_what_has_no_canonical_form_is_refused(value: float) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        fingerprint({"eps": value})


def test_library_versions_are_read_without_importing() -> None:
    assert libraries()["numpy"][0].isdigit()
