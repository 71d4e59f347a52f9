"""Databases emptied for the next test: to make them anew would take most of the time."""

import psycopg

from tests.convergence import execute

_WIPE = """
DO $$
DECLARE statement text;
BEGIN
    FOR statement IN
        SELECT format('DROP EVENT TRIGGER %I', evtname) FROM pg_event_trigger
        UNION ALL
        SELECT format('ALTER SUBSCRIPTION %I SET (slot_name = NONE)', subname) FROM pg_subscription
        WHERE subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())
        UNION ALL
        SELECT format('DROP SUBSCRIPTION %I', subname) FROM pg_subscription
        WHERE subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())
        UNION ALL
        SELECT format('DROP PUBLICATION %I', pubname) FROM pg_publication
        UNION ALL
        SELECT format('DROP FOREIGN DATA WRAPPER %I CASCADE', fdwname) FROM pg_foreign_data_wrapper WHERE oid >= 16384
        UNION ALL
        SELECT format('DROP LANGUAGE %I CASCADE', lanname) FROM pg_language WHERE oid >= 16384
        UNION ALL
        SELECT format('DROP ACCESS METHOD %I CASCADE', amname) FROM pg_am
        WHERE oid >= 16384 AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_am.oid AND deptype = 'e')
        UNION ALL
        SELECT format('DROP CAST (%s AS %s)', castsource::regtype, casttarget::regtype)
        FROM pg_cast WHERE oid >= 16384 AND castsource < 16384 AND casttarget < 16384  -- others go with their types
        UNION ALL
        SELECT format('DROP EXTENSION %I CASCADE', extname) FROM pg_extension WHERE extname <> 'plpgsql'
        UNION ALL
        SELECT format('DROP SCHEMA %I CASCADE', nspname) FROM pg_namespace
        WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'
    LOOP
        EXECUTE statement;
    END LOOP;
    IF current_setting('server_version_num')::int < 150000 THEN
        CREATE SCHEMA public;
        GRANT ALL ON SCHEMA public TO PUBLIC;
    ELSE
        CREATE SCHEMA public AUTHORIZATION pg_database_owner;
        GRANT USAGE ON SCHEMA public TO PUBLIC;
    END IF;
END $$
"""


def wipe(dsn: str) -> None:
    """Drop every schema and extension and what is in no schema, and make an empty `public` as initdb does."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(_WIPE.encode())


def prepare(dsn: str, sql: str) -> None:
    """Nothing in the database but what the script makes."""
    wipe(dsn)
    execute(dsn, sql)
