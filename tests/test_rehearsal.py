"""The options measured on scratch servers, and what is kept of it as evidence."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from migration.rehearsal import measure_comparison, measure_options
from migration.scratch import Scratch, replayed
from migration.scratch_places import Embedded
from schemadiff import store
from schemadiff.comparison import compare
from schemadiff.core.catalog import Catalog, Column, Extension, Policy, Table
from schemadiff.core.errors import Refused
from schemadiff.core.mapping import ColumnPair, Mapping, PairStatus, TableMapping
from schemadiff.core.options.option import Measure, Option, OptionName, Scope
from schemadiff.core.options.recreate import recreate
from schemadiff.core.options.required import needs_of
from schemadiff.core.options.transform import transform
from schemadiff.core.snapshot import fingerprint
from schemadiff.databases import connect
from schemadiff.embedded import EmbeddedServer
from schemadiff.evidence.queries import NamedQuery
from schemadiff.evidence.refusals import rows_without_value
from schemadiff.introspection import read_catalog
from schemadiff.models import Comparison, Project, Query
from tests.servers import MakeDatabase
from tests.web.people import save_connection

SOURCE = """
create table people (id int primary key, name text, phone text, note text);
insert into people values (1, 'Ann', '1', 'x'), (2, 'Bob', null, 'y'), (3, null, null, null);
"""
TARGET = """
create table people (id int primary key, full_name text not null, phone text not null default '');
"""
PEOPLE = ("public", "people")
SCOPE = Scope(tables=(PEOPLE,))


def catalog_of(dsn: str) -> Catalog:
    with connect(dsn) as connection:
        return read_catalog(connection)


def mapping(*pairs: ColumnPair) -> Mapping:
    return Mapping(tables=(TableMapping(source=PEOPLE, target=PEOPLE, pairs=pairs),))


def pair(target: str, source: str | None = None, expression: str | None = None) -> ColumnPair:
    return ColumnPair(target=target, source=source, expression=expression, status=PairStatus.CONFIRMED)


def values(measures: tuple[Measure, ...]) -> dict[str, int]:
    return {measure.key: measure.value for measure in measures}


@pytest.fixture
def source(server16: EmbeddedServer, make_database: MakeDatabase) -> str:
    return make_database(server16, SOURCE)


@pytest.fixture
def target(server18: EmbeddedServer, make_database: MakeDatabase) -> str:
    return make_database(server18, TARGET)


def measure_option(
    source: str, target: Catalog, catalog: Catalog, option: Option, queries: list[NamedQuery]
) -> tuple[Measure, ...]:
    return measure_options(source, target, catalog, [option], queries)[option.name]


def measured(source: str, target: str, found: Mapping) -> tuple[Measure, ...]:
    left, right = catalog_of(source), catalog_of(target)
    return measure_option(source, right, left, transform(left, right, SCOPE, found), [])


def test_rows_and_values_are_counted_for_the_mapping(source: str, target: str) -> None:
    found = measured(
        source, target, mapping(pair("id", "id"), pair("full_name", "name"), pair("phone", "phone"))
    )
    assert values(found) | {"rows_in_scope": 3, "values_left_behind": 2, "rows_refused": 2} == values(found)
    (refused,) = [measure for measure in found if measure.key == "rows_refused"]
    assert refused.items == ("public.people: 2, for full_name, phone",)


def test_an_expression_can_save_rows_and_one_that_fails_is_told(source: str, target: str) -> None:
    left, right = catalog_of(source), catalog_of(target)
    whole = mapping(pair("id", "id"), pair("full_name", expression="coalesce(name, '?')"))
    with connect(source) as connection:
        counts = rows_without_value(connection, needs_of(left, right, whole))
    assert set(counts.values()) == {0}
    failing = measured(
        source, target, mapping(pair("id", "id"), pair("full_name", expression="name::int::text"))
    )
    assert "rows_refused" not in values(failing)
    (failed,) = [measure for measure in failing if measure.key == "expressions_failed"]
    assert "fails on a row: invalid text representation" in failed.items[0]  # and never which value


def folder_of(scratch: Scratch) -> Path:
    assert isinstance(scratch.place, Embedded)
    return scratch.place.server.data_dir


def test_a_scratch_schema_is_the_catalogs_own_and_gone_afterwards(target: str) -> None:
    catalog = catalog_of(target)
    with replayed(catalog) as scratch:
        assert scratch.missing == ()
        with scratch.unchanged() as connection:
            assert fingerprint(read_catalog(connection)) == fingerprint(catalog)
            role = connection.execute("select rolsuper from pg_roles where rolname = current_user").fetchone()
            assert role == (False,)
        folder = folder_of(scratch)
    assert not folder.exists()


def test_roles_that_policies_name_are_made_on_the_scratch_server(
    server18: EmbeddedServer, make_database: MakeDatabase
) -> None:
    table = Table(
        schema="public",
        name="t",
        columns=(Column(name="a", position=1, type="integer"),),
        policies=(Policy(name="own", roles=("nobody_here", "Nor Here"), using="(a > 0)"),),
    )
    catalog = replace(catalog_of(make_database(server18)), tables=(table,))
    with replayed(catalog) as scratch, scratch.unchanged() as connection:
        assert scratch.missing == ()
        assert read_catalog(connection).tables[0].policies[0].roles == ("Nor Here", "nobody_here")


def test_a_scratch_server_is_gone_after_an_error(target: str) -> None:
    with pytest.raises(ZeroDivisionError), replayed(catalog_of(target)) as scratch:
        folder = folder_of(scratch)
        raise ZeroDivisionError
    assert not folder.exists()


@pytest.mark.heavy
def test_what_cannot_be_made_on_scratch_is_named_and_nothing_is_said_to_fail_for_it(
    source: str, target: str
) -> None:
    left, right = catalog_of(source), catalog_of(target)
    extension = Extension(name="no_such_extension", schema="public", version="1")
    right = Catalog(
        server_version=140000, schemas=right.schemas, extensions=(extension,), tables=right.tables
    )
    option = transform(left, right, SCOPE, mapping(pair("id", "id")))
    queries = [
        NamedQuery(name="works", sql="select id from people"),
        NamedQuery(name="not", sql="select note from people"),
    ]
    found = measure_option(source, right, left, option, queries)
    assert values(found) | {"queries_same": 1, "queries_fail": 0, "queries_not_judged": 1} == values(found)
    (how,) = {measure.how for measure in found if measure.key == "queries_same"}
    assert "the database itself is on 14" in how
    assert "no_such_extension" in how


def test_a_plan_that_cannot_be_carried_out_is_found(source: str, target: str) -> None:
    left, right = catalog_of(source), catalog_of(target)
    option = recreate(left, right, SCOPE)
    twice = Option(
        name=option.name,
        plan=type(option.plan)(
            target_fingerprint=option.plan.target_fingerprint,
            statements=option.plan.statements + option.plan.statements[-1:],
        ),
        mapping=option.mapping,
        scope=option.scope,
    )
    assert values(measure_option(source, right, left, twice, []))["statements_failed"] == 1


@pytest.mark.django_db
def test_what_was_measured_is_kept_as_evidence(source: str, target: str) -> None:
    project = Project.objects.create(slug="crm", name="CRM")
    Query.objects.create(project=project, name="names", sql="select name, phone from people where id = $1")
    left, right = save_connection(project, "old", source), save_connection(project, "new", target)
    comparison = compare(project, left, right, user=None)
    before = fingerprint(catalog_of(source)), fingerprint(catalog_of(target))

    measure_comparison(comparison.pk)

    kept = {name: values(measures) for name, measures in store.measures_of(comparison).items()}
    assert set(kept) == set(OptionName)
    assert kept[OptionName.RECREATE]["queries_same"] == 1
    assert kept[OptionName.TRANSFORM]["queries_fail"] == 1
    assert kept[OptionName.HYBRID]["rows_refused"] == 3
    assert all(measures["statements_failed"] == 0 for measures in kept.values())
    assert (fingerprint(catalog_of(source)), fingerprint(catalog_of(target))) == before


@pytest.mark.django_db
def test_without_the_sources_connection_nothing_can_be_measured(source: str, target: str) -> None:
    project = Project.objects.create(slug="crm", name="CRM")
    left, right = save_connection(project, "old", source), save_connection(project, "new", target)
    comparison = compare(project, left, right, user=None)
    left.delete()
    with pytest.raises(Refused, match="connection was removed"):
        measure_comparison(comparison.pk)


@pytest.mark.django_db
@pytest.mark.parametrize("changed", ["scope", "mapping"])
def test_figures_of_what_was_changed_meanwhile_are_not_kept(
    source: str, target: str, changed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = Project.objects.create(slug="crm", name="CRM")
    left, right = save_connection(project, "old", source), save_connection(project, "new", target)
    comparison = compare(project, left, right, user=None)

    def while_people_work(*given: Any, **more: Any) -> Any:
        found = rehearsal_measures(*given, **more)
        if changed == "scope":
            store.set_scope(Comparison.objects.get(), tables=[], protected=[PEOPLE])
        else:
            store.save_mapping(comparison, mapping(pair("full_name", "name")), user=None)
        return found

    rehearsal_measures = measure_options
    monkeypatch.setattr("migration.rehearsal.measure_options", while_people_work)
    with pytest.raises(Refused, match="scope or the mapping of comparison #1 was changed while"):
        measure_comparison(comparison.pk)
    assert not comparison.evidence.exists()
