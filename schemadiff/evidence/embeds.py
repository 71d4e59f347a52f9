"""Tables that a chain of supabase-js embeds: PostgREST joins them by a foreign key, so each database must have one.

As PostgREST 12's documentation has it ("Resource Embedding"): a key in either direction, or one to each from a table
whose primary key holds both; where several serve, a hint says which. Not looked at: views and functions.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import psycopg

from schemadiff.core.catalog import Catalog
from schemadiff.core.identifiers import qualified, quote
from schemadiff.evidence.primary_keys import with_primary_keys
from schemadiff.evidence.query_files import Embed, NamedQuery
from schemadiff.evidence.reading import run_one

_NAME = r'(?:"(?:[^"]|"")+"|[\w$]+)'
_MARKED = re.compile(
    rf"\A(?P<sql>.*?)\s+EMBEDDED\s+AS\s+(?P<child>(?:{_NAME}\.)?{_NAME})\s+IN\s+(?P<parent>(?:{_NAME}\.)?{_NAME})"
    rf"(?:\s+BY\s+(?P<hint>{_NAME}))?\s*\Z",
    re.DOTALL,
)
_KINDS = """
SELECT coalesce(bool_and(c.relkind IN ('r', 'p')), false) AND count(*) >= 1
  FROM pg_class c WHERE c.oid IN (to_regclass($1), to_regclass($2))
"""
_KEYS = """
WITH asked AS (SELECT to_regclass($1)::oid AS parent, to_regclass($2)::oid AS child),
keys AS (
    SELECT k.oid, k.conname, k.conrelid, k.confrelid, k.conkey,
           (SELECT string_agg(a.attname, ',' ORDER BY array_position(k.conkey, a.attnum))
              FROM pg_attribute a WHERE a.attrelid = k.conrelid AND a.attnum = ANY (k.conkey)) AS columns
      FROM pg_constraint k
     WHERE k.contype = 'f' AND k.conparentid = 0  -- a partition's share of its table's key is none of its own
)
SELECT k.conname, k.columns, ''
  FROM keys k, asked
 WHERE (k.conrelid = asked.parent AND k.confrelid = asked.child)
    OR (k.conrelid = asked.child AND k.confrelid = asked.parent)
UNION ALL
SELECT one.conname, one.columns, j.relname
  FROM asked, keys one
  JOIN keys other ON other.conrelid = one.conrelid AND other.oid <> one.oid
  JOIN pg_class j ON j.oid = one.conrelid
 WHERE one.confrelid = asked.parent AND other.confrelid = asked.child
   AND EXISTS (SELECT FROM pg_index i WHERE i.indrelid = j.oid AND i.indisprimary
                  AND i.indkey::smallint[] @> one.conkey AND i.indkey::smallint[] @> other.conkey)
 ORDER BY 3, 1
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Way:
    """A foreign key, or the table in between that has one to each. `hints` are what PostgREST takes for it."""

    called: str
    hints: tuple[str, ...]


def marked(sql: str, *, schema: str, parent: str, child: str, hint: str) -> str:
    """How an embedded table's query is written down until it is judged. It is no SQL: nobody's own query says so."""
    by = f" BY {quote(hint)}" if hint else ""
    return f"{sql} EMBEDDED AS {_written(schema, child)} IN {_written(schema, parent)}{by}"


def as_postgrest_asks(queries: Iterable[NamedQuery], source: Catalog) -> tuple[NamedQuery, ...]:
    """The queries with the source's primary keys, and what is embedded beside the SQL."""
    return tuple(map(_unmarked, with_primary_keys(queries, source)))


def missing_way(connection: psycopg.Connection[Any], embed: Embed) -> str:
    """Why PostgREST could not embed it in this database, as a sentence; empty where it can."""
    tables = [_regclass(embed.parent), _regclass(embed.child)]
    if run_one(connection, _KINDS, tables) != [("t",)]:
        return ""
    ways = _ways(run_one(connection, _KEYS, tables))
    parent, child = ".".join(filter(None, embed.parent)), ".".join(filter(None, embed.child))
    if not ways:
        return (
            f"No foreign key is between {parent} and {child}, so {child} cannot be embedded (PGRST200): add the "
            "key, or ask for both apart."
        )
    meant = [way for way in ways if not embed.hint or embed.hint in way.hints]
    known = ", ".join(f"{embed.child[1]}!{way.called}" for way in ways)
    if not meant:
        return f"{child}!{embed.hint} names no foreign key between {parent} and {child} (PGRST200): there is {known}."
    if len(meant) > 1:
        return f"{len(meant)} ways lead from {parent} to {child} (PGRST201): say which, {known}."
    return ""


def _ways(rows: Sequence[tuple[str | None, ...]]) -> list[_Way]:
    found = {}
    for name, columns, junction in rows:
        key, column = str(name), str(columns)
        if junction:
            found[junction] = _Way(called=junction, hints=(junction,))
        else:
            found[key] = _Way(called=key, hints=(key, column))
    return list(found.values())


def _unmarked(query: NamedQuery) -> NamedQuery:
    found = _MARKED.match(query.sql) if " EMBEDDED " in query.sql else None
    if found is None:
        return query
    embed = Embed(parent=_read(found["parent"]), child=_read(found["child"]), hint=_bare(found["hint"] or ""))
    return replace(query, sql=found["sql"], embed=embed)


def _read(text: str) -> tuple[str, str]:
    parts = [_bare(part) for part in re.findall(_NAME, text)]
    return (parts[0], parts[1]) if len(parts) == 2 else ("", parts[0])


def _bare(text: str) -> str:
    return text[1:-1].replace('""', '"') if text.startswith('"') else text


def _written(schema: str, name: str) -> str:
    return qualified(schema, name) if schema else quote(name)


def _regclass(name: tuple[str, str]) -> str:
    return _written(*name)
