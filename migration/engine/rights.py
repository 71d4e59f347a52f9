"""Which GRANT would have let a statement through: asked after PostgreSQL has refused it."""

from psycopg import sql

from migration.engine.sessions import Session
from schemadiff.core.catalog import Kind, ObjectRef

_NOT_IN_SCHEMAS = (Kind.SCHEMA, Kind.EXTENSION)

_LACKING = """
SELECT CASE
    WHEN s.oid IS NULL THEN format('GRANT CREATE ON DATABASE %%I TO %%I;', current_database(), current_user)
    WHEN o.owner IS NOT NULL AND NOT pg_has_role(o.owner, 'USAGE') THEN
        format('GRANT %%I TO %%I; (the owner of %%s)', pg_get_userbyid(o.owner), current_user, o.name)
    WHEN NOT has_schema_privilege(s.oid, 'CREATE') OR NOT has_schema_privilege(s.oid, 'USAGE') THEN
        format('GRANT USAGE, CREATE ON SCHEMA %%I TO %%I;', s.nspname, current_user)
END
FROM (SELECT 1) one
LEFT JOIN pg_namespace s ON s.nspname = %(schema)s
LEFT JOIN LATERAL (
    SELECT relowner AS owner, format('%%I.%%I', s.nspname, relname) AS name
    FROM pg_class WHERE relnamespace = s.oid AND relname = %(relation)s
    UNION ALL
    SELECT proowner, oid::regprocedure::text FROM pg_proc WHERE oid = to_regprocedure(%(routine)s)
    UNION ALL
    SELECT typowner, oid::regtype::text FROM pg_type WHERE typnamespace = s.oid AND typname = %(relation)s
    LIMIT 1
) o ON true
"""


def lacking_right(session: Session, ref: ObjectRef) -> str:
    """The GRANT that the session's role needs to change the object; empty where it is none of the usual ones."""
    is_routine = ref.kind is Kind.FUNCTION
    name, _, arguments = ref.name.partition("(")
    routine = f"{sql.Identifier(ref.schema, name).as_string(session)}({arguments}" if is_routine else ""
    row = session.execute(
        _LACKING,
        {
            "schema": None if ref.kind in _NOT_IN_SCHEMAS else ref.schema,
            "relation": ref.parent or ref.name,
            "routine": routine,
        },
    ).fetchone()
    return row[0] if row and row[0] else ""
