"""What the reader says of real databases."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from threading import Event, Thread

import psycopg
import pytest

from migration import seedcase
from schemadiff.core.catalog import (
    Catalog,
    ConstraintKind,
    Domain,
    DomainConstraint,
    EnumType,
    Extension,
    Generated,
    Identity,
    Persistence,
    Sequence,
    SequenceOptions,
    Table,
)
from schemadiff.core.diff import diff
from schemadiff.core.snapshot import fingerprint, from_json, to_json
from schemadiff.databases import connect
from schemadiff.embedded import EmbeddedServer
from schemadiff.introspection import CannotRead, read_catalog, session
from tests.servers import MakeDatabase

RICH = Path(__file__).parent / "rich.sql"


def catalog_of(dsn: str) -> Catalog:
    with connect(dsn) as connection:
        return read_catalog(connection)


def table_of(catalog: Catalog, name: str, schema: str = "crm") -> Table:
    table = catalog.table(schema, name)
    assert table is not None
    return table


@pytest.fixture(params=["server16", "server18"])
def rich(request: pytest.FixtureRequest, make_database: MakeDatabase) -> Catalog:
    return catalog_of(make_database(request.getfixturevalue(request.param), RICH))


def test_types(rich: Catalog) -> None:
    mood = EnumType(schema="crm", name="mood", labels=("sad", "it's ok", "happy"), comment="how they feel")
    assert rich.enums == (mood,)
    mobile, phone = rich.domains
    default = "'+000'::character varying"  # PostgreSQL copies it to a domain over the domain
    assert mobile == Domain(schema="crm", name="mobile", type="crm.phone", default=default, not_null=True)
    assert phone == Domain(
        schema="crm",
        name="phone",
        type="character varying(20)",
        default=default,
        constraints=(
            DomainConstraint(
                name="phone_digits", definition="CHECK (((VALUE)::text ~ '^\\+?[0-9]+$'::text))"
            ),
        ),
        comment="digits",
    )


def test_sequences_are_independent_serial_or_a_columns_identity(rich: Catalog) -> None:
    serial, numbers = rich.sequences
    assert serial.name == "clients_serial_number_seq"
    assert serial.owned_by == ("crm", "clients", "serial_number")
    assert numbers == Sequence(
        schema="crm",
        name="numbers",
        options=SequenceOptions(
            type="integer", start=5, increment=5, minimum=5, maximum=5000, cache=3, cycle=True
        ),
        comment="in fives",
    )
    column = table_of(rich, 'Ünï "q" table', 'Ünï "q" schema').columns[0]
    assert column.identity is Identity.ALWAYS
    assert column.identity_options == SequenceOptions(start=10, increment=2)
    assert column.identity_sequence == 'Ünï "q" table_Ünï "q" id_seq'


def test_columns(rich: Catalog) -> None:
    columns = {column.name: column for column in table_of(rich, "clients").columns}
    assert [column.position for column in columns.values()] == list(range(1, 14))
    assert "gone" not in columns
    assert columns["id"].identity is Identity.BY_DEFAULT
    assert columns["serial_number"].default == "nextval('crm.clients_serial_number_seq'::regclass)"
    assert columns["code"].default == "crm.next_code(4)"
    assert (columns["name"].collation, columns["name"].not_null) == ('"C"', True)
    assert columns["name"].comment == "as on the card"
    assert (columns["mood"].type, columns["mood"].default) == ("crm.mood", "'happy'::crm.mood")
    assert columns["moods"].type == "crm.mood[]"
    assert columns["doubled"].generated is Generated.STORED
    assert columns["doubled"].default == "(size * (2)::numeric)"
    assert columns["at"].default == "'2024-01-01 00:00:00+00'::timestamp with time zone"


def test_constraints(rich: Catalog) -> None:
    constraints = {entry.name: entry for entry in table_of(rich, "clients").constraints}
    assert {name: entry.kind for name, entry in constraints.items()} == {
        "clients_name_key": ConstraintKind.UNIQUE,
        "clients_parent_fkey": ConstraintKind.FOREIGN_KEY,
        "clients_pkey": ConstraintKind.PRIMARY_KEY,
        "later": ConstraintKind.CHECK,
        "once": ConstraintKind.EXCLUSION,
        "positive": ConstraintKind.CHECK,
    }
    key = constraints["clients_parent_fkey"]
    assert (key.columns, key.references, key.referenced_columns) == (
        ("parent_id",),
        ("crm", "clients"),
        ("id",),
    )
    assert key.definition.endswith("REFERENCES crm.clients(id) ON DELETE SET NULL DEFERRABLE")
    assert not constraints["later"].validated
    assert constraints["positive"].comment == "of course"


def test_indexes_and_triggers(rich: Catalog) -> None:
    clients = table_of(rich, "clients")
    code, lower = clients.indexes
    assert (code.name, code.unique, code.columns) == ("clients_code_idx", True, ("code",))
    assert (lower.columns, lower.predicate, lower.comment) == (
        ("number",),
        "(size IS NOT NULL)",
        "for the search",
    )
    late, touch = clients.triggers
    assert late.name == "clients_late"
    assert (touch.enabled, touch.function, touch.comment) == ("disabled", ("crm", "touch()"), "touches")
    assert table_of(rich, "cache").persistence is Persistence.UNLOGGED


def test_a_partitions_share_of_its_parent_is_left_out(rich: Catalog) -> None:
    events = table_of(rich, "events")
    assert events.partition_key == "RANGE (at)"
    assert [index.name for index in events.indexes] == ["events_note_idx"]
    partition = table_of(rich, "events_2024")
    assert partition.partition_of == ("crm", "events")
    assert partition.partition_bound == "FOR VALUES FROM ('2024-01-01') TO ('2025-01-01')"
    assert [entry.name for entry in partition.constraints] == ["own"]
    assert [entry.name for entry in partition.indexes] == ["events_2024_own_idx"]
    assert partition.triggers == ()
    assert table_of(rich, "events_rest").partition_key == "HASH (id)"


def test_views_and_functions(rich: Catalog) -> None:
    happier, happy, totals = rich.views
    assert happy.options == ("security_barrier=true",)
    assert [(column.name, column.comment) for column in happy.columns][1] == ("name", "their name")
    assert not happy.definition.endswith(";")
    assert [trigger.name for trigger in happier.triggers] == ["happier_insert"]
    assert totals.materialized
    assert [index.name for index in totals.indexes] == ["totals_mood_idx"]
    assert {function.signature: function.kind for function in rich.functions} == {
        "next_code(integer)": "function",
        "next_code(text, text[])": "function",
        "of_client(crm.clients)": "function",
        "tidy(integer, integer)": "procedure",
        "touch()": "function",
        "touch_view()": "function",
    }


def test_dependencies(rich: Catalog) -> None:
    pairs = {(entry.dependent.key, entry.on.key) for entry in rich.dependencies}
    assert pairs >= {
        ("column:crm.clients.number", "sequence:crm.numbers"),
        ("column:crm.clients.code", "function:crm.next_code(integer)"),
        ("column:crm.clients.moods", "enum:crm.mood"),
        ("column:crm.clients.doubled", "column:crm.clients.size"),
        ("domain:crm.mobile", "domain:crm.phone"),
        ("function:crm.of_client(crm.clients)", "view:crm.happy"),
        ("index:crm.clients.clients_lower_idx", "column:crm.clients.size"),
        ("table:crm.events_2024", "table:crm.events"),
        ("trigger:crm.clients.clients_touch", "function:crm.touch()"),
        ("view:crm.happy", "function:crm.next_code(integer)"),
        ("view:crm.happier", "column:crm.happy.id"),
        ("view:crm.totals", "column:crm.events.client_id"),
    }
    assert not [pair for pair in pairs if pair[0].startswith("sequence:")]
    assert not [pair for pair in pairs if "_fkey" in pair[0]], "a foreign key names what it needs itself"


@pytest.mark.parametrize("load", [seedcase.load_source, seedcase.load_target, None])
def test_the_same_schema_has_the_same_fingerprint_on_16_and_18(
    load: Callable[[str], None] | None,
    server16: EmbeddedServer,
    server18: EmbeddedServer,
    make_database: MakeDatabase,
) -> None:
    def loaded(server: EmbeddedServer) -> Catalog:
        dsn = make_database(server, None if load else RICH)
        if load:
            load(dsn)
        return catalog_of(dsn)

    older, newer = loaded(server16), loaded(server18)
    assert diff(older, newer).is_empty
    assert fingerprint(older) == fingerprint(newer)
    assert older.dependencies == newer.dependencies


def test_a_snapshot_of_it_is_the_same_catalog(rich: Catalog) -> None:
    assert from_json(to_json(rich)) == rich


def test_an_empty_database(server18: EmbeddedServer, make_database: MakeDatabase) -> None:
    catalog = catalog_of(make_database(server18))
    assert [schema.name for schema in catalog.schemas] == ["public"]
    assert list(catalog.objects()) == list(catalog.schemas)
    assert replace(catalog, schemas=()) == Catalog()


def test_our_own_schemas_are_no_part_of_it(server18: EmbeddedServer, make_database: MakeDatabase) -> None:
    dsn = make_database(
        server18,
        "CREATE SCHEMA schemadiff; CREATE TABLE schemadiff.ledger (id integer);"
        " CREATE SCHEMA schemadiff_parked_0a1b2c3d; CREATE TABLE schemadiff_parked_0a1b2c3d.t (id integer)",
    )
    assert fingerprint(catalog_of(dsn)) == fingerprint(catalog_of(make_database(server18)))


def test_an_extensions_members_are_left_out(server18: EmbeddedServer, make_database: MakeDatabase) -> None:
    dsn = make_database(
        server18,
        "CREATE EXTENSION vector; CREATE TABLE t (v vector(3)); CREATE INDEX i ON t USING hnsw (v vector_l2_ops)",
    )
    catalog = catalog_of(dsn)
    assert [(entry.name, entry.schema) for entry in catalog.extensions] == [("vector", "public")]
    assert isinstance(catalog.extensions[0], Extension)
    assert catalog.functions == ()
    assert catalog.uncompared == ()
    assert table_of(catalog, "t", "public").columns[0].type == "public.vector(3)"
    pairs = {(entry.dependent.key, entry.on.key) for entry in catalog.dependencies}
    assert ("column:public.t.v", "extension:vector") in pairs
    assert ("index:public.t.i", "extension:vector") in pairs


def test_a_role_without_any_privilege_reads_the_same(
    server18: EmbeddedServer, make_database: MakeDatabase
) -> None:
    dsn = make_database(server18, RICH)
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(
            "DO $$ BEGIN CREATE ROLE nobody LOGIN PASSWORD 'n'; EXCEPTION WHEN duplicate_object THEN END $$"
        )
        connection.execute("REVOKE ALL ON SCHEMA public FROM PUBLIC")
    as_nobody = psycopg.conninfo.make_conninfo(dsn, user="nobody", password="n")
    assert replace(catalog_of(as_nobody), uncompared=()) == replace(catalog_of(dsn), uncompared=())


def test_settings_of_role_and_database_change_nothing(
    server18: EmbeddedServer, make_database: MakeDatabase
) -> None:
    dsn = make_database(server18, RICH)
    before = catalog_of(dsn)
    with connect(dsn) as connection:
        connection.execute(
            "SET search_path = crm, public; SET timezone = 'Asia/Tokyo'; SET datestyle = 'German'"
        )
        connection.execute("SET quote_all_identifiers = on; SET intervalstyle = 'iso_8601'")
        assert read_catalog(connection) == before
        row = connection.execute("SHOW search_path").fetchone()
    assert row == ("crm, public",)


def test_a_connection_for_reading_cannot_write(server18: EmbeddedServer, make_database: MakeDatabase) -> None:
    with connect(make_database(server18)) as connection, pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        connection.execute("CREATE TABLE t ()")


def test_a_locked_table_is_named(
    server18: EmbeddedServer, make_database: MakeDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "LOCK_TIMEOUT", "50ms")
    dsn = make_database(server18, "CREATE TABLE busy (id integer)")
    with psycopg.connect(dsn) as other:
        other.execute("LOCK TABLE busy IN ACCESS EXCLUSIVE MODE")
        with pytest.raises(CannotRead, match=r"locked public\.busy for more than 50ms"):
            catalog_of(dsn)


def test_reading_while_tables_come_and_go(server18: EmbeddedServer, make_database: MakeDatabase) -> None:
    dsn = make_database(server18, "CREATE TABLE stays (id integer)")
    stop = Event()

    def churn() -> None:
        with psycopg.connect(dsn, autocommit=True) as connection:
            while not stop.is_set():
                connection.execute(
                    "CREATE TABLE comes (id integer CHECK (id > 0)); CREATE VIEW v AS TABLE comes"
                )
                connection.execute("DROP VIEW v; DROP TABLE comes")

    thread = Thread(target=churn)
    thread.start()
    read, moved = 0, 0
    try:
        for _ in range(20):
            try:
                assert catalog_of(dsn).table("public", "stays") is not None
                read += 1
            except session.SchemaMoved:
                moved += 1
    finally:
        stop.set()
        thread.join()
    assert read > moved
