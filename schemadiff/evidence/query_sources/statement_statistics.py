"""Queries as pg_stat_statements has counted them in this database."""

from typing import Any

import psycopg

from schemadiff.core.errors import Refused
from schemadiff.evidence.query_sources.found import Found, Gathering, is_query

NAME = "pg_stat_statements"
_HOW = (
    "To get it: add pg_stat_statements to shared_preload_libraries, restart the server, and in this database "
    "CREATE EXTENSION pg_stat_statements; managed servers have it as a setting. Then let the application work for "
    "some days. A log of the server serves as well."
)


def counted_queries(connection: psycopg.Connection[Any]) -> Found:
    """Each normalised query with its calls and the roles that made them.

    Raises Refused where the extension is missing or may not be read.
    """
    schema = connection.execute(
        "SELECT quote_ident(n.nspname) FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace "
        "WHERE e.extname = %s",
        [NAME],
    ).fetchone()
    if schema is None:
        raise Refused(f"The source {connection.info.dbname} has no extension pg_stat_statements. {_HOW}")
    try:
        rows = connection.execute(
            "SELECT query, sum(calls)::bigint, array_agg(DISTINCT pg_get_userbyid(userid)::text) "
            f"FROM {schema[0]}.pg_stat_statements "
            "WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database()) AND query IS NOT NULL "
            "GROUP BY query ORDER BY 2 DESC".encode()
        ).fetchall()
    except psycopg.Error as exc:
        raise Refused(f"pg_stat_statements could not be read: {str(exc).splitlines()[0]}. {_HOW}") from exc
    gathering = Gathering()
    for query, calls, roles in rows:
        if "pg_stat_statements" not in query and (
            not is_query(query) or "<insufficient privilege>" not in query
        ):
            gathering.add(query, calls=calls, roles=roles)
    return Found(queries=gathering.queries(), passed_over=gathering.passed_over)
