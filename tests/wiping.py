"""Databases emptied for the next test: to make them anew would take most of the time."""

import psycopg

_WIPE = """
DO $$
DECLARE statement text;
BEGIN
    FOR statement IN
        SELECT format('DROP EXTENSION %I CASCADE', extname) FROM pg_extension WHERE extname <> 'plpgsql'
        UNION ALL
        SELECT format('DROP SCHEMA %I CASCADE', nspname) FROM pg_namespace
        WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'
    LOOP
        EXECUTE statement;
    END LOOP;
    CREATE SCHEMA public AUTHORIZATION pg_database_owner;
    GRANT USAGE ON SCHEMA public TO PUBLIC;
END $$
"""


def wipe(dsn: str) -> None:
    """Drop every schema and extension, and make an empty `public` as initdb does."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(_WIPE.encode())
