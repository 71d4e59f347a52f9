"""An application's own flags: what may be defined, what a value may be, what is left of a revision when one is gone."""

from dataclasses import replace

import pytest

from migration.core.errors import FlagRefused
from migration.core.flag_effects import differing_values, effects
from migration.core.flags import Flags, changed, keys, parse, read, to_values, value_of
from migration.core.own_flags import Kind, OwnFlag, check, from_rows, to_rows, with_flag

BETA = OwnFlag(key="beta/search", kind=Kind.BOOLEAN, default=False, description="The new search.")
THEME = OwnFlag(key="theme", kind=Kind.STRING, default="light", variants=("light", "dark", "high contrast"))
OWN = (BETA, THEME)
ARCHIVED = with_flag(OWN, replace(THEME, archived=True))
MODULES = ("services",)


def test_own_flags_stand_behind_the_others_with_their_defaults() -> None:
    assert keys(MODULES, OWN)[-3:] == ("backend.services", "beta/search", "theme")
    flags = parse({}, MODULES, OWN)
    assert flags.own == (("beta/search", False), ("theme", "light"))
    assert value_of(changed(flags, {"theme": "dark"}, MODULES, OWN), "theme") == "dark"
    assert read(to_values(flags), MODULES, OWN) == flags


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"theme": "blue"}, "theme is light or dark or high contrast, not 'blue'."),
        ({"theme": True}, "theme is light or dark or high contrast, not True."),
        ({"beta/search": "true"}, "beta/search is false or true, not 'true'."),
        ({"gone": True}, "There is no flag 'gone'."),
    ],
)
def test_a_value_that_a_flag_may_not_have_is_refused_with_those_it_may(
    changes: dict[str, object], sentence: str
) -> None:
    with pytest.raises(FlagRefused) as caught:
        changed(Flags(), changes, MODULES, OWN)
    assert sentence in str(caught.value)


def test_what_is_archived_is_gone_from_keys_and_from_kept_values_but_not_from_what_differed() -> None:
    kept = to_values(changed(Flags(), {"theme": "dark"}, MODULES, OWN))
    assert "theme" not in keys(MODULES, ARCHIVED)
    assert read(kept, MODULES, ARCHIVED).own == (("beta/search", False),)
    (gone,) = differing_values(kept, to_values(read(kept, MODULES, ARCHIVED)))
    assert gone.words == "theme dark → not there"


def test_a_kept_value_that_is_no_variant_any_more_is_the_default() -> None:
    kept = to_values(changed(Flags(), {"theme": "dark"}, MODULES, OWN))
    narrowed = with_flag(OWN, OwnFlag(key="theme", kind=Kind.STRING, default="a", variants=("a", "b")))
    assert value_of(read(kept, MODULES, narrowed), "theme") == "a"
    assert read({**kept, "backend.cart": "target"}, MODULES, OWN).modules == ()


def test_a_change_of_an_own_flag_is_said() -> None:
    before = parse({}, MODULES, OWN)
    (said,) = effects(before, changed(before, {"beta/search": True}, MODULES, OWN), MODULES)
    assert said.text == "beta/search is true instead of false."


def string(*variants: str, key: str = "theme", default: str = "a") -> OwnFlag:
    return OwnFlag(key=key, kind=Kind.STRING, default=default, variants=variants)


@pytest.mark.parametrize(
    ("flag", "sentence"),
    [
        (string("a", "b", key="9lives"), "is no flag's key"),
        (string("a", "b", key="a b"), "is no flag's key"),
        (string("a", "b", key="backend.cart"), "is taken"),
        (string("a", "b", key="LOG_DATABASE_CALLS"), "is taken"),
        (string("a"), "needs 2 to 50 variants; it has 1"),
        (string("a", "a"), "named twice"),
        (string("a", " "), "printable"),
        (string("a", "b\n"), "printable"),
        (string("b", "c"), "The default of theme is b or c, not a."),
        (OwnFlag(key="beta", kind=Kind.BOOLEAN, default="yes"), "is false or true, not yes."),
    ],
)
def test_definitions_that_make_no_sense_are_refused(flag: OwnFlag, sentence: str) -> None:
    with pytest.raises(FlagRefused) as caught:
        check(flag, keys(MODULES))
    assert sentence in str(caught.value)


def test_definitions_are_read_back_as_they_were_written() -> None:
    for flag in OWN:
        check(flag, keys(MODULES))
    assert from_rows(to_rows(ARCHIVED)) == ARCHIVED
