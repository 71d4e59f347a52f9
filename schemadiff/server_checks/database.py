"""What the database is, and what the role may do in it."""

from typing import Any

import psycopg

from schemadiff.core.identifiers import qualified, quote
from schemadiff.server_checks.values import CheckState

Answer = tuple[CheckState, str]

OLDEST, NEWEST = 14, 18
TESTED = (15, 16, 18)  # docs/reference/what-is-compared.md says how

_NAMED = 8  # how many tables a message names

# Schemas of the system and those that Schemadiff makes itself are not the application's.
_OWN_SCHEMA = r"""n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
    AND n.nspname <> 'schemadiff' AND n.nspname NOT LIKE 'schemadiff\_parked%'"""

_UNUSABLE_SCHEMAS = f"""
SELECT n.nspname FROM pg_namespace n
WHERE {_OWN_SCHEMA} AND NOT has_schema_privilege(n.oid, 'USAGE') ORDER BY 1"""

# A row-level policy can hide rows from who may read: only owners, superusers and BYPASSRLS see all.
_TABLES = f"""
SELECT n.nspname, c.relname, has_table_privilege(c.oid, 'SELECT'), row_security_active(c.oid)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') AND {_OWN_SCHEMA} ORDER BY 1, 2"""

_COLLATION = """
SELECT pg_encoding_to_char(encoding), datcollate, datlocprovider::text,
       to_jsonb(d) ->> 'datlocale', to_jsonb(d) ->> 'daticulocale', to_jsonb(d) ->> 'datcollversion'
FROM pg_database d WHERE datname = current_database()"""

_COLLATION_14 = """
SELECT pg_encoding_to_char(encoding), datcollate, 'c', NULL, NULL, NULL
FROM pg_database d WHERE datname = current_database()"""

_ACTUAL_VERSION = (
    "SELECT pg_database_collation_actual_version(oid) FROM pg_database WHERE datname = current_database()"
)

_PROVIDERS = {"c": "libc", "i": "ICU", "b": "PostgreSQL’s own (builtin)"}


def version(connection: psycopg.Connection[Any]) -> Answer:
    number = connection.info.server_version
    major, said = number // 10000, f"PostgreSQL {number // 10000}.{number % 10000}"
    if major < OLDEST:
        return CheckState.BAD, f"{said} is older than {OLDEST}, the oldest version that Schemadiff reads."
    if major > NEWEST:
        return CheckState.WARN, f"{said} is newer than {NEWEST}: what came after it is not compared."
    if major in TESTED:
        return CheckState.OK, f"{said}, a version that Schemadiff’s tests run on."
    tested = ", ".join(str(one) for one in TESTED)
    return CheckState.OK, f"{said} is supported ({OLDEST} to {NEWEST}); the tests run on {tested}."


def reading(connection: psycopg.Connection[Any]) -> Answer:
    """Whether every table of the application can be read, all its rows included."""
    user = connection.info.user
    schemas = [row[0] for row in connection.execute(_UNUSABLE_SCHEMAS)]
    if schemas:
        grants = ", ".join(quote(schema) for schema in schemas[:_NAMED])
        return (
            CheckState.BAD,
            f"“{user}” may not look into {_count(len(schemas), 'schema')}: "
            f"GRANT USAGE ON SCHEMA {grants} TO {quote(user)}; and SELECT on the tables in it.",
        )
    tables = connection.execute(_TABLES).fetchall()
    closed = [qualified(schema, name) for schema, name, may, _ in tables if not may]
    if closed:
        return (
            CheckState.BAD,
            f"“{user}” may not read {len(closed):,} of {_count(len(tables), 'table')}: "
            f"GRANT SELECT ON {_some(closed)} TO {quote(user)};",
        )
    filtered = [qualified(schema, name) for schema, name, _, hidden in tables if hidden]
    if filtered:
        return (
            CheckState.WARN,
            f"Row-level security hides rows of {_some(filtered)} from “{user}”: use the owner or a role with "
            "BYPASSRLS.",
        )
    if not tables:
        return CheckState.OK, f"There is no table in “{connection.info.dbname}” yet."
    return (
        CheckState.OK,
        f"“{user}” can read {'the one table' if len(tables) == 1 else f'all {len(tables):,} tables'}.",
    )


def creating(connection: psycopg.Connection[Any]) -> Answer:
    """Whether a run can put its ledger, parked tables and new objects here; a source needs none of it."""
    row = connection.execute("SELECT has_database_privilege(current_database(), 'CREATE')").fetchone()
    user, dbname = connection.info.user, connection.info.dbname
    if row is not None and row[0]:
        return CheckState.OK, f"“{user}” may create schemas in “{dbname}”, as a target needs."
    return (
        CheckState.WARN,
        f"“{user}” may not create schemas in “{dbname}”. A source needs no more; for a target: "
        f"GRANT CREATE ON DATABASE {quote(dbname)} TO {quote(user)};",
    )


def extensions(connection: psycopg.Connection[Any]) -> Answer:
    rows = connection.execute("SELECT extname, extversion FROM pg_extension ORDER BY 1").fetchall()
    if not rows:
        return CheckState.OK, "None is installed."
    return CheckState.OK, ", ".join(f"{name} {number}" for name, number in rows) + "."


def encoding(connection: psycopg.Connection[Any]) -> Answer:
    name = _collation_row(connection)[0]
    if name == "UTF8":
        return CheckState.OK, "UTF8."
    return (
        CheckState.WARN,
        f"{name}. Text is converted on the way; a target must be able to hold every character, UTF8 can.",
    )


def collation(connection: psycopg.Connection[Any]) -> Answer:
    """Provider and locale: they decide how text sorts and which strings are equal."""
    _, collate, provider, locale, icu_locale, recorded = _collation_row(connection)
    said = f"{_PROVIDERS.get(provider, provider)}, locale {locale or icu_locale or collate}"
    if recorded is None:
        return CheckState.OK, f"{said}."
    actual = connection.execute(_ACTUAL_VERSION).fetchone()
    if actual is None or actual[0] in (None, recorded):
        return CheckState.OK, f"{said}, version {recorded}."
    return (
        CheckState.WARN,
        f"{said}. Its version was {recorded} when the database was made and is {actual[0]} now: indexes "
        "on text may be wrong until REINDEX and ALTER DATABASE … REFRESH COLLATION VERSION.",
    )


def size(connection: psycopg.Connection[Any]) -> Answer:
    row = connection.execute("SELECT pg_size_pretty(pg_database_size(current_database()))").fetchone()
    return CheckState.OK, f"{row[0] if row else 'unknown'}."


def _collation_row(connection: psycopg.Connection[Any]) -> tuple[Any, ...]:
    sql = _COLLATION if connection.info.server_version >= 150000 else _COLLATION_14
    row: tuple[Any, ...] | None = connection.execute(sql).fetchone()
    if row is None:
        raise psycopg.DataError("the server does not list this database")
    return row


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _some(names: list[str]) -> str:
    rest = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {rest:,} more" if rest > 0 else "")
