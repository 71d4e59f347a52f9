"""Which backend follows from which flags, what is refused, and what a change is said to do."""

from dataclasses import replace
from itertools import product

import pytest

from migration.core.errors import FlagRefused
from migration.core.flag_effects import differences, effects, untouched
from migration.core.flags import (
    Access,
    Backend,
    CutOver,
    Flags,
    Weight,
    backend_of,
    changed,
    keys,
    parse,
    refusals,
    to_values,
    value_of,
)

MODULES = ("dataLoader", "syncScripts", "services")
ON = Flags(use_repository_pattern=True)
PILOT = replace(ON, modules=(("syncScripts", Backend.TARGET),))


def expected(*, repository: bool, legacy: bool, backend: Backend, target_up: bool) -> Backend:
    """The rule, written out as a table: repository, legacy, backend, target up."""
    table = {
        (True, True, Backend.TARGET, True): Backend.TARGET,
        (True, False, Backend.TARGET, True): Backend.TARGET,
        (True, True, Backend.TARGET, False): Backend.SOURCE,
        (True, False, Backend.TARGET, False): Backend.NONE,
        (True, True, Backend.SOURCE, True): Backend.SOURCE,
        (True, True, Backend.SOURCE, False): Backend.SOURCE,
        (True, False, Backend.SOURCE, True): Backend.NONE,
        (True, False, Backend.SOURCE, False): Backend.NONE,
        (False, True, Backend.TARGET, True): Backend.SOURCE,
        (False, True, Backend.TARGET, False): Backend.SOURCE,
        (False, True, Backend.SOURCE, True): Backend.SOURCE,
        (False, True, Backend.SOURCE, False): Backend.SOURCE,
        (False, False, Backend.TARGET, True): Backend.NONE,
        (False, False, Backend.TARGET, False): Backend.NONE,
        (False, False, Backend.SOURCE, True): Backend.NONE,
        (False, False, Backend.SOURCE, False): Backend.NONE,
    }
    return table[repository, legacy, backend, target_up]


BOTH = (True, False)
SIDES = (Backend.SOURCE, Backend.TARGET)


@pytest.mark.parametrize(("repository", "legacy", "side", "up"), list(product(BOTH, BOTH, SIDES, BOTH)))
def test_the_whole_truth_table_for_the_global_backend_and_for_an_override(
    repository: bool, legacy: bool, side: Backend, up: bool
) -> None:
    other = Backend.SOURCE if side is Backend.TARGET else Backend.TARGET
    switches = Flags(use_repository_pattern=repository, use_legacy_supabase=legacy)
    by_global = replace(switches, backend=side)
    by_override = replace(switches, backend=other, modules=(("services", side),))
    wanted = expected(repository=repository, legacy=legacy, backend=side, target_up=up)
    for flags in (by_global, by_override):
        choice = backend_of(flags, "services", target_up=up)
        assert choice.backend is wanted
        assert choice.reason.endswith(".")
        assert choice.fell_back is (side is Backend.TARGET and repository and not up)


def test_the_reason_names_the_key_that_decided() -> None:
    assert backend_of(PILOT, "syncScripts").reason.startswith("backend.syncScripts says target")
    assert backend_of(PILOT, "services").reason.startswith("backend says source")


@pytest.mark.parametrize("legacy", BOTH)
def test_after_cut_over_a_write_never_falls_back_and_a_read_says_so(legacy: bool) -> None:
    flags = Flags(use_repository_pattern=True, use_legacy_supabase=legacy, backend=Backend.TARGET)
    write = backend_of(flags, target_up=False, access=Access.WRITE, cut_over=CutOver.AFTER)
    read = backend_of(flags, target_up=False, access=Access.READ, cut_over=CutOver.AFTER)
    assert write.backend is Backend.NONE
    assert "never falls back" in write.reason
    assert read.backend is (Backend.SOURCE if legacy else Backend.NONE)
    assert ("out of date" in read.reason) is legacy


def test_the_defaults_are_the_seeds() -> None:
    assert to_values(Flags()) == {
        "USE_REPOSITORY_PATTERN": False,
        "USE_LEGACY_SUPABASE": True,
        "ENABLE_DUAL_WRITE": False,
        "LOG_DATABASE_CALLS": False,
        "backend": "source",
    }
    assert refusals(Flags()) == ()


@pytest.mark.parametrize(("repository", "legacy", "dual", "side"), list(product(BOTH, BOTH, BOTH, SIDES)))
def test_every_combination_is_refused_exactly_for_the_three_reasons(
    repository: bool, legacy: bool, dual: bool, side: Backend
) -> None:
    flags = Flags(
        use_repository_pattern=repository,
        use_legacy_supabase=legacy,
        enable_dual_write=dual,
        backend=side,
    )
    expected_count = (
        (not repository and not legacy)
        + (dual and not (repository and legacy))
        + (side is Backend.TARGET and not repository)
    )
    assert len(refusals(flags)) == expected_count
    assert all(sentence.endswith(".") for sentence in refusals(flags))


def test_an_override_that_says_target_is_refused_like_the_global_one() -> None:
    flags = Flags(modules=(("services", Backend.TARGET),))
    assert refusals(flags) == (
        (
            "backend.services says target while USE_REPOSITORY_PATTERN is off. "
            "Switch USE_REPOSITORY_PATTERN on, or set backend.services to source."
        ),
    )


def test_values_are_read_back_as_they_were_written() -> None:
    assert parse(to_values(PILOT), MODULES) == PILOT
    assert changed(PILOT, {"backend.syncScripts": None}, MODULES) == ON


@pytest.mark.parametrize(
    ("key", "value", "named"),
    [
        ("backend.nosuch", "target", "There is no flag 'backend.nosuch'"),
        ("USE_EVERYTHING", True, "The flags are USE_REPOSITORY_PATTERN"),
        ("backend", "supabase", "source or target, not 'supabase'"),
        ("backend", True, "source or target, not True"),
        ("backend", None, "source or target, not None"),
        ("backend", "none", "source or target, not 'none'"),
        ("backend.services", [], "source or target, not []"),
        ("LOG_DATABASE_CALLS", "true", "true or false, not 'true'"),
        ("LOG_DATABASE_CALLS", 1, "true or false, not 1"),
    ],
)
def test_unknown_keys_and_values_are_refused_by_name(key: str, value: object, named: str) -> None:
    with pytest.raises(FlagRefused) as caught:
        changed(Flags(), {key: value}, MODULES)
    assert named in str(caught.value)


def test_a_flag_has_a_value_for_every_key_and_backend_honours_the_module() -> None:
    assert len(keys(MODULES)) == 8
    assert value_of(PILOT, "backend") == "source"
    assert value_of(PILOT, "backend", "syncScripts") == "target"
    assert value_of(PILOT, "backend", "nosuch") == "source"
    assert value_of(PILOT, "backend.syncScripts") == "target"
    assert value_of(PILOT, "backend.services", "syncScripts") == "source"
    assert value_of(PILOT, "USE_REPOSITORY_PATTERN") is True


def words(before: Flags, after: Flags) -> list[str]:
    return [effect.text for effect in effects(before, after, MODULES)]


def test_flipping_one_module_names_it_and_leaves_the_others_out() -> None:
    assert words(ON, PILOT) == [
        (
            "syncScripts reads and writes the target instead of the source; "
            "if the target is down, it falls back to the source."
        )
    ]
    assert words(PILOT, ON) == ["syncScripts reads and writes the source instead of the target."]
    assert untouched(ON, PILOT, MODULES) == ("dataLoader", "services")


def test_flipping_the_global_backend_moves_all_that_follow_it() -> None:
    found = effects(PILOT, replace(PILOT, backend=Backend.TARGET), MODULES)
    assert [effect.module for effect in found] == ["dataLoader", "services", ""]
    assert found[-1].text.startswith("Whatever belongs to no module reads and writes the target")


def test_losing_the_way_back_and_the_backend_are_said_with_weight() -> None:
    found = effects(PILOT, replace(PILOT, use_legacy_supabase=False), MODULES)
    by_module = {effect.module: effect for effect in found}
    assert by_module["syncScripts"].weight is Weight.WARN
    assert "loses its way back" in by_module["syncScripts"].text
    assert by_module["services"].weight is Weight.BAD
    assert "no backend any more" in by_module["services"].text
    back = effects(replace(PILOT, use_legacy_supabase=False), PILOT, MODULES)
    assert "gets a way back" in {effect.module: effect.text for effect in back}["syncScripts"]


def test_switches_that_move_nothing_say_so() -> None:
    assert words(Flags(), ON) == [
        "Modules may be set to the target from now on (USE_REPOSITORY_PATTERN); none moves by this."
    ]
    assert words(Flags(), replace(Flags(), log_database_calls=True)) == [
        "Every database call is logged (LOG_DATABASE_CALLS)."
    ]
    assert words(ON, replace(ON, enable_dual_write=True))[0].startswith("Writes go to both databases")
    assert words(ON, ON) == []


def test_pinning_a_module_where_it_is_already_is_said_too() -> None:
    pinned = replace(ON, modules=(("services", Backend.SOURCE),))
    assert "keeps to the source, whatever the global backend says" in words(ON, pinned)[0]
    assert "follows the global backend again (source)" in words(pinned, ON)[0]


def _all_states() -> list[Flags]:
    overrides = ((), (("services", Backend.SOURCE),), (("services", Backend.TARGET),))
    return [
        state
        for repository, legacy, dual, log, side, modules in product(BOTH, BOTH, BOTH, BOTH, SIDES, overrides)
        if not refusals(
            state := Flags(
                use_repository_pattern=repository,
                use_legacy_supabase=legacy,
                enable_dual_write=dual,
                log_database_calls=log,
                backend=side,
                modules=modules,
            )
        )
    ]


def test_no_change_between_allowed_states_goes_unsaid() -> None:
    states = _all_states()
    assert len(states) > 30
    for before, after in product(states, states):
        assert bool(words(before, after)) is (before != after), (before, after)
        assert bool(differences(before, after)) is (before != after)


def test_differences_read_from_before_to_after() -> None:
    assert [entry.words for entry in differences(Flags(), PILOT)] == [
        "USE_REPOSITORY_PATTERN false → true",
        "backend.syncScripts as global → target",
    ]
