"""What a change of flags may not do: break a dependency, or move a module onto tables that nobody verified."""

from dataclasses import replace

from migration.core.flag_rules import (
    Dependency,
    Override,
    Surroundings,
    TableStanding,
    TableState,
    circumstances,
    objections,
)
from migration.core.flags import Backend, CutOver, Flags, Weight

MODULES = ("dataLoader", "syncScripts")
ON = Flags(use_repository_pattern=True)
SYNC = replace(ON, modules=(("syncScripts", Backend.TARGET),))
ALL = replace(ON, backend=Backend.TARGET)
NEEDS = (Dependency(module="syncScripts", needs="dataLoader"),)
CLIENTS = TableStanding(table="public.clients", state=TableState.VERIFIED)
STAFF = TableStanding(table="public.staff", state=TableState.UNVERIFIED)
ORDERS = TableStanding(table="public.orders", state=TableState.DIFFERS, differing=3)


def test_a_change_that_breaks_a_dependency_is_refused_with_what_to_change_too() -> None:
    around = Surroundings(dependencies=NEEDS)
    (said,) = objections(ON, SYNC, MODULES, around).final
    assert said == (
        "syncScripts needs dataLoader on the same backend, and would use the target while dataLoader uses the source. "
        "Set backend.dataLoader to target as well, or leave backend.syncScripts at source."
    )
    assert objections(ON, ALL, MODULES, around).final == ()
    assert objections(SYNC, replace(SYNC, log_database_calls=True), MODULES, around).final == ()


def test_moving_onto_tables_that_are_not_verified_can_be_overridden_by_who_saw_them() -> None:
    around = Surroundings(tables={"syncScripts": (CLIENTS, STAFF, ORDERS)})
    found = objections(ON, SYNC, MODULES, around)
    assert found.final == ()
    (said,) = found.overridable
    assert "syncScripts would use tables on the target that are not verified as equal: " in said
    assert "public.staff (unverified), public.orders (3 rows differ)" in said
    assert "leave backend.syncScripts at source" in said
    assert Override(reason="A pilot", of=(said,)).answers(said)
    assert Override(reason="A pilot").answers(said)
    assert not Override(reason=" ").answers(said)
    assert not Override(reason="A pilot", of=("another",)).answers(said)


def test_only_modules_that_this_change_moves_to_the_target_are_judged() -> None:
    around = Surroundings(tables={"syncScripts": (STAFF,), "dataLoader": (CLIENTS,), "": (STAFF,)})
    assert objections(SYNC, replace(SYNC, log_database_calls=True), MODULES, around).overridable == ()
    assert objections(SYNC, ON, MODULES, around).overridable == ()
    said = objections(ON, ALL, MODULES, around).overridable
    assert [each.split(" would")[0] for each in said] == ["What belongs to no module", "syncScripts"]


def test_what_a_change_meets_is_said_with_clients_tables_and_lag() -> None:
    around = Surroundings(
        tables={"syncScripts": (CLIENTS, ORDERS), "dataLoader": (CLIENTS,)},
        clients={"syncScripts": 6},
        lag_seconds=2.4,
    )
    found = circumstances(ON, SYNC, MODULES, around)
    assert [effect.text for effect in found] == [
        "syncScripts: 6 clients are live on it.",
        "syncScripts uses 2 tables; 1 not verified as equal: public.orders (3 rows differ).",
        "The target is 2.4 s behind the source: rows written within that time are not there yet.",
    ]
    assert [effect.weight for effect in found] == [Weight.INFO, Weight.WARN, Weight.WARN]
    moved = replace(ON, modules=(("dataLoader", Backend.TARGET),))
    assert circumstances(ON, moved, MODULES, around)[0].text == "dataLoader uses 1 table, verified as equal."
    back = circumstances(SYNC, ON, MODULES, around)
    assert [effect.text for effect in back] == ["syncScripts: 6 clients are live on it."]


def test_after_a_cut_over_going_to_the_source_is_said_with_weight_and_can_be_overridden() -> None:
    (said,) = objections(SYNC, ON, MODULES, Surroundings(), CutOver.AFTER).overridable
    assert "Writes live on the target since the cut-over, and syncScripts would write to the source" in said
    assert objections(ON, SYNC, MODULES, Surroundings(), CutOver.AFTER).overridable == ()
    assert objections(SYNC, ON, MODULES, Surroundings()).overridable == ()
    (met,) = circumstances(SYNC, ON, MODULES, Surroundings(), CutOver.AFTER)
    assert met.weight is Weight.BAD
    assert circumstances(SYNC, ON, MODULES, Surroundings()) == ()
