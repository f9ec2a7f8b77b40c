"""Names and their arguments, as they come from a command line."""

import pytest

from robench.errors import InputError, UnknownNameError
from robench.registry import build, canonical, load, lookup, parse_call, with_plugins


def test_an_unknown_name_gets_the_nearest_names_and_the_whole_list() -> None:
    with pytest.raises(UnknownNameError, match=r"'ipmx'. Did you mean 'ipmix'\? Known: augmix, ip"):
        lookup({"ipmix": 1, "augmix": 2}, "ipmx", "augmentation")


@pytest.mark.parametrize(
    ("text", "name", "arguments"),
    [
        ("ipmix", "ipmix", {}),
        ("ipmix(k=4, overflow='clip')", "ipmix", {"k": 4, "overflow": "clip"}),
        ("ipmix(patches=(4, 8))", "ipmix", {"patches": (4, 8)}),
        ("ipmix()", "ipmix", {}),
    ],
)
def test_a_call_is_read_as_literals(text: str, name: str, arguments: dict[str, object]) -> None:
    assert parse_call(text) == (name, arguments)


@pytest.mark.parametrize(
    "text",
    [
        "ipmix(4)",
        "ipmix(k=",
        "ipmix(k=__import__('os').system('true'))",
        "ipmix(**{'k': 4})",
        "a(b)(c=1)",
    ],
)
def test_anything_but_named_literals_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        parse_call(text)


def test_the_canonical_form_does_not_depend_on_the_order_of_arguments() -> None:
    assert canonical("pgd", {"steps": 20, "eps": 0.1}) == "pgd(eps=0.1, steps=20)"
    assert canonical("pgd", {"eps": 0.1, "steps": 20}) == "pgd(eps=0.1, steps=20)"
    assert parse_call("pgd(eps=0.1, steps=20)") == ("pgd", {"eps": 0.1, "steps": 20})


def test_building_reports_arguments_that_do_not_fit() -> None:
    with pytest.raises(InputError, match=r"counter 'c\(nothing=1\)'"):
        build({"c": "fractions:Fraction"}, "c(nothing=1)", "counter")


def test_built_in_names_win_over_plug_ins(monkeypatch: pytest.MonkeyPatch) -> None:
    class Entry:
        def __init__(self, name: str, value: str) -> None:
            self.name, self.value = name, value

    def offered(group: str) -> list[Entry]:
        assert group == "robench.augmentations"
        return [Entry("mine", "absent_module:thing"), Entry("ipmix", "evil:thing")]

    monkeypatch.setattr("robench.registry.entry_points", offered)

    catalogue = with_plugins({"ipmix": "augmentations:METHODS"}, "robench.augmentations")

    assert catalogue == {"mine": "absent_module:thing", "ipmix": "augmentations:METHODS"}
    assert "ipmix" in load(catalogue["ipmix"])
    with pytest.raises(InputError, match="absent_module"):
        load(catalogue["mine"])


def test_a_fraction_of_two_numbers_is_a_value() -> None:
    assert parse_call("pgd(eps=8/255, steps=3)") == ("pgd", {"eps": 8 / 255, "steps": 3})


@pytest.mark.parametrize("text", ["pgd(eps=1/0)", "pgd(eps='a'/2)", "pgd(eps=2*3)", "pgd(eps=a/2)"])
def test_other_arithmetic_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="must be Python literals"):
        parse_call(text)
