"""How names and texts are written in generated SQL; nowhere else is anything quoted.

A name is quoted where PostgreSQL's own quote_ident() would: it is no plain lower-case word, or it is a
keyword other than an unreserved one.
"""

import re

_PLAIN = re.compile(r"[a-z_][a-z0-9_]*\Z")
_NAME_BYTES = 63  # NAMEDATALEN - 1

KEYWORDS = frozenset(
    """
    all analyse analyze and any array as asc asymmetric authorization between bigint binary bit boolean both
    case cast char character check coalesce collate collation column concurrently constraint create cross
    current_catalog current_date current_role current_schema current_time current_timestamp current_user dec
    decimal default deferrable desc distinct do else end except exists extract false fetch float for foreign
    freeze from full grant greatest group grouping having ilike in initially inner inout int integer intersect
    interval into is isnull join json json_array json_arrayagg json_exists json_object json_objectagg
    json_query json_scalar json_serialize json_table json_value lateral leading least left like limit
    localtime localtimestamp merge_action national natural nchar none normalize not notnull null nullif
    numeric offset on only or order out outer overlaps overlay placing position precision primary real
    references returning right row select session_user setof similar smallint some substring symmetric
    system_user table tablesample then time timestamp to trailing treat trim true union unique user using
    values varchar variadic verbose when where window with xmlattributes xmlconcat xmlelement xmlexists
    xmlforest xmlnamespaces xmlparse xmlpi xmlroot xmlserialize xmltable
    """.split()  # noqa: SIM905 - a list of words reads best as a text
)
"""Every keyword of PostgreSQL 18 that pg_get_keywords() does not call unreserved."""


def quote(name: str, keywords: frozenset[str] = KEYWORDS) -> str:
    """The name as an SQL identifier. Raises ValueError for what no identifier can be.

    `keywords` are those that need quotes: another version's, where it is about what that one prints.
    """
    if not name or "\0" in name:
        raise ValueError(f"{name!r} is no name that PostgreSQL can have.")
    if _PLAIN.match(name) and name not in keywords:
        return name
    return '"' + name.replace('"', '""') + '"'


def unquoted(identifier: str) -> str:
    """The name that quote() writes so."""
    return identifier[1:-1].replace('""', '"') if identifier.startswith('"') else identifier


def qualified(schema: str, name: str) -> str:
    """`schema.name`, each part quoted where it must be."""
    return f"{quote(schema)}.{quote(name)}"


def column_list(names: tuple[str, ...]) -> str:
    """`a, b, c`, each quoted where it must be."""
    return ", ".join(quote(name) for name in names)


def literal(text: str) -> str:
    """The text as a string literal that reads the same whatever standard_conforming_strings says."""
    if "\0" in text:
        raise ValueError("A PostgreSQL text cannot hold a zero byte.")
    doubled = text.replace("'", "''")
    if "\\" in text:
        return "E'" + doubled.replace("\\", "\\\\") + "'"
    return f"'{doubled}'"


def dollar_quoted(text: str) -> str:
    """The text between dollar signs, with a word in between that is not in it."""
    word, number = "$do$", 0
    while word in text:
        number += 1
        word = f"$do{number}$"
    return f"{word}{text}{word}"


def made_name(first: str, second: str, label: str) -> str:
    """`first_second_label` as PostgreSQL makes names itself: the longer one is cut until all fits."""
    one, other = first.encode(), second.encode()
    room = _NAME_BYTES - len(label.encode()) - 1 - (1 if second else 0)
    lengths = [len(one), len(other)]
    while sum(lengths) > room:
        lengths[0 if lengths[0] > lengths[1] else 1] -= 1
    parts = [
        part[:length].decode(errors="ignore") for part, length in zip((one, other), lengths, strict=True)
    ]
    return "_".join([*(part for part in parts if part), label])


def shortened(name: str, suffix: str) -> str:
    """`name` + `suffix`, the name cut where PostgreSQL would otherwise cut the suffix off."""
    room = _NAME_BYTES - len(suffix.encode())
    return name.encode()[:room].decode(errors="ignore") + suffix
