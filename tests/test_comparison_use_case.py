"""Two databases are read, compared and their columns matched; the scope is changed afterwards."""

import psycopg
import pytest
from django.contrib.auth.models import User

from migration import seedcase
from schemadiff import comparison, store
from schemadiff.core.catalog import Kind
from schemadiff.core.errors import NotFound, SchemadiffError
from schemadiff.core.mapping import PairStatus
from schemadiff.core.options.option import Measure, OptionName
from schemadiff.embedded import EmbeddedServer
from schemadiff.models import Comparison, Connection, Pair, Project, Snapshot
from tests.servers import MakeDatabase
from tests.web.people import save_connection

pytestmark = pytest.mark.django_db

SEED_TABLES = [("public", name) for name in seedcase.TABLES]
SEED_PROTECTED = [("public", name) for name in seedcase.PROTECTED]
SOURCE = """
CREATE TABLE clients (id bigint PRIMARY KEY, mail text, phone text);
CREATE TABLE orders (id bigint PRIMARY KEY, total numeric(12,2));
"""
TARGET = """
CREATE TABLE clients (id bigint PRIMARY KEY, email text, phone text);
CREATE TABLE orders (id bigint PRIMARY KEY, amount numeric(12,2));
CREATE TABLE sessions (id bigint PRIMARY KEY);
"""


@pytest.fixture
def project(db: None) -> Project:
    return Project.objects.create(slug="crm", name="CRM")


@pytest.fixture
def user(db: None) -> User:
    return User.objects.create_user("ana")


@pytest.fixture
def source(project: Project, server16: EmbeddedServer, make_database: MakeDatabase) -> Connection:
    return save_connection(project, "legacy", make_database(server16, SOURCE))


@pytest.fixture
def target(project: Project, server18: EmbeddedServer, make_database: MakeDatabase) -> Connection:
    return save_connection(project, "new", make_database(server18, TARGET))


def compared(source: Connection, target: Connection, *tables: str) -> Comparison:
    return comparison.compare(
        source.project,
        source,
        target,
        tables=[("public", table) for table in tables] or None,
        protected=[("public", "sessions")],
        user=None,
    )


def changes(found: Comparison, table: str) -> list[str]:
    objects = {
        entry.ref.name: entry for entry in store.diff_of(found).objects if entry.ref.kind is Kind.TABLE
    }
    return sorted(f"{type(change).__name__} {change.ref.name}" for change in objects[table].changes)


def tables_mapped(found: Comparison) -> list[str]:
    return [table.source[1] for table in store.mapping_of(found).tables]


def test_the_example_is_read_from_both_servers_and_matched(
    project: Project, user: User, seed_source_dsn: str, seed_target_dsn: str
) -> None:
    source = save_connection(project, "legacy", seed_source_dsn)
    target = save_connection(project, "new", seed_target_dsn)
    found = comparison.compare(
        project, source, target, tables=SEED_TABLES, protected=SEED_PROTECTED, user=user
    )
    assert (found.number, found.created_by) == (1, user)
    assert (found.source.server_version // 10000, found.target.server_version // 10000) == (16, 18)
    assert (found.source.connection, found.target.connection) == (source, target)
    scope = store.scope_of(found)
    assert scope.tables == tuple(sorted(SEED_TABLES))
    assert scope.protected == tuple(sorted(SEED_PROTECTED))
    assert tables_mapped(found) == sorted(seedcase.TABLES)
    renamed = Pair.objects.get(comparison=found, target_table="clients", target_column="yclients_client_id")
    assert (renamed.source_column, renamed.status) == ("yclients_id", "suggested")
    assert renamed.reasons and 0 < renamed.score < 1


def test_without_a_choice_every_table_of_the_source_is_carried(
    source: Connection, target: Connection
) -> None:
    found = compared(source, target)
    assert store.scope_of(found).tables == (("public", "clients"), ("public", "orders"))


def test_comparisons_are_numbered_in_their_project(source: Connection, target: Connection) -> None:
    assert [compared(source, target).number for _ in range(2)] == [1, 2]


@pytest.mark.parametrize(
    ("tables", "protected", "sentence"),
    [
        ([("public", "nowhere")], [], "legacy has no table public.nowhere"),
        ([("public", "sessions")], [], "legacy has no table public.sessions"),
        ([("public", "clients")], [("public", "nowhere")], "new has no table public.nowhere"),
    ],
)
def test_a_table_that_is_not_there_is_named_and_nothing_is_kept(
    source: Connection,
    target: Connection,
    tables: list[tuple[str, str]],
    protected: list[tuple[str, str]],
    sentence: str,
) -> None:
    with pytest.raises(NotFound, match=sentence):
        comparison.compare(source.project, source, target, tables=tables, protected=protected, user=None)
    assert not Snapshot.objects.exists() and not Comparison.objects.exists()


def test_a_database_that_cannot_be_reached_is_a_sentence(source: Connection, target: Connection) -> None:
    target.dbname = "nowhere"
    target.save()
    with pytest.raises(SchemadiffError, match="nowhere") as refusal:
        compared(source, target)
    assert "Traceback" not in str(refusal.value)
    assert not Comparison.objects.exists()


def test_a_snapshot_is_taken_of_one_database(
    source: Connection, user: User, server16: EmbeddedServer
) -> None:
    first = comparison.take_snapshot(source, user)
    second = comparison.take_snapshot(source, user)
    assert first.fingerprint == second.fingerprint and first.pk != second.pk
    assert (first.label, first.taken_by) == ("legacy", user)
    assert {table.name for table in store.catalog_of(first).tables} == {"clients", "orders"}
    with psycopg.connect(server16.dsn(source.dbname), autocommit=True) as connection:
        connection.execute("ALTER TABLE orders ADD note text")
    assert comparison.take_snapshot(source, user).fingerprint != first.fingerprint


def test_tables_new_in_the_scope_get_suggestions_and_those_out_of_it_lose_theirs(
    source: Connection, target: Connection, user: User
) -> None:
    found = compared(source, target, "clients")
    assert tables_mapped(found) == ["clients"]
    said = Pair.objects.get(comparison=found, target_column="email")
    store.decide_pair(said, PairStatus.REJECTED, user=user)
    comparison.change_scope(found, tables=[("public", "clients"), ("public", "orders")], protected=[])
    assert tables_mapped(found) == ["clients", "orders"]
    said.refresh_from_db()
    assert (said.status, said.decided_by) == ("rejected", user)
    assert store.scope_of(found).protected == ()
    comparison.change_scope(found, tables=[("public", "orders")], protected=[])
    assert tables_mapped(found) == ["orders"]


def test_another_scope_voids_what_was_measured(source: Connection, target: Connection) -> None:
    found = compared(source, target)
    measure = Measure(key="statements", label="DDL statements", value=3, how="Counted.")
    store.record_measures(found, OptionName.RECREATE, [measure])
    comparison.change_scope(found, tables=[("public", "orders")], protected=[])
    assert store.measures_of(found) == {}


def test_a_scope_that_names_what_is_not_there_changes_nothing(source: Connection, target: Connection) -> None:
    found = compared(source, target)
    before = store.scope_of(found)
    for tables, protected in (
        ([("public", "nowhere")], []),
        ([("public", "orders")], [("public", "nowhere")]),
    ):
        with pytest.raises(NotFound, match=r"public\.nowhere"):
            comparison.change_scope(found, tables=tables, protected=protected)
    found.refresh_from_db()
    assert store.scope_of(found) == before
    assert tables_mapped(found) == ["clients", "orders"]


def test_a_confirmed_rename_is_one_in_the_difference(
    source: Connection, target: Connection, user: User
) -> None:
    found = compared(source, target)
    assert changes(found, "clients") == ["Added email", "Removed mail"]
    store.confirm_above(found, 0.0, user=user)
    assert changes(found, "clients") == ["Renamed mail"]


def test_options_are_worked_out_once_for_the_same_scope_and_mapping(
    source: Connection, target: Connection, user: User
) -> None:
    found = compared(source, target)
    first = store.options_of(found)
    assert all(store.options_of(found)[name] is option for name, option in first.items())
    store.confirm_above(found, 0.0, user=user)
    again = store.options_of(found)
    assert again[OptionName.RECREATE] is first[OptionName.RECREATE]
    assert again[OptionName.TRANSFORM] != first[OptionName.TRANSFORM]
    comparison.change_scope(found, tables=[("public", "orders")], protected=[])
    assert store.options_of(found)[OptionName.RECREATE] != first[OptionName.RECREATE]
