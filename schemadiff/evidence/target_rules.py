"""Which of some values a target column's own rules would refuse: its type's checks, its checks, its being unique.

Rules over several columns or expressions, and foreign keys, are the matter of `joint_rules`; triggers are left out.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import psycopg

from schemadiff.core.identifiers import quote
from schemadiff.core.mapping import QualifiedName
from schemadiff.evidence.reading import reading, run_one, sentence_of, set_aside

_RULES = """
SELECT c.contype::text, quote_ident(c.conname), pg_get_expr(c.conbin, c.conrelid)
  FROM pg_constraint AS c
  JOIN pg_attribute AS a ON a.attrelid = c.conrelid AND c.conkey = ARRAY[a.attnum]
 WHERE c.conrelid = to_regclass($1) AND a.attname = $2 AND c.contype IN ('c', 'u', 'p')
   AND to_jsonb(c)->>'conenforced' IS DISTINCT FROM 'false'
 UNION ALL  -- what is unique without being a constraint
SELECT 'u', quote_ident(r.relname), NULL
  FROM pg_index AS i
  JOIN pg_class AS r ON r.oid = i.indexrelid
  JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
 WHERE i.indrelid = to_regclass($1) AND a.attname = $2 AND i.indnkeyatts = 1 AND i.indisunique AND i.indisvalid
   AND i.indexprs IS NULL AND i.indpred IS NULL
   AND NOT EXISTS (SELECT FROM pg_constraint AS c WHERE c.conrelid = i.indrelid AND c.conindid = i.indexrelid)
 ORDER BY 2
"""
_TYPE = """
SELECT format_type(a.atttypid, a.atttypmod)
  FROM pg_attribute AS a
 WHERE a.attrelid = to_regclass($1) AND a.attname = $2 AND a.attnum > 0 AND NOT a.attisdropped
"""


def refused_values(
    connection: psycopg.Connection[Any], table: QualifiedName, column: str, values: Sequence[str | None]
) -> list[str]:
    """A sentence for each value that is refused, in their order; empty for one that is taken, and for NULL.

    `connection` is the target's, idle; nothing is written. A column that is not there refuses nothing.
    """
    name = f"{quote(table[0])}.{quote(table[1])}"
    with reading(connection, statement_timeout="5s"):
        typed = run_one(connection, _TYPE, [name, column])
        if not typed:
            return [""] * len(values)
        rules = run_one(connection, _RULES, [name, column])
        checks = [(str(rule), str(expression)) for kind, rule, expression in rules if kind == "c"]
        command = _command(table, column, str(typed[0][0]), checks)
        found = _judged(connection, command, checks, values)
    unique = next((str(rule) for kind, rule, _ in rules if kind in ("u", "p")), "")
    return _with_repeated(found, values, unique) if unique else found


def _command(table: QualifiedName, column: str, type_: str, checks: Sequence[tuple[str, str]]) -> str:
    """The broken checks of each value, by their numbers; an error where the type does not take one (each is looked at,
    so that it is converted where there is no check, too).
    """
    broken = "".join(
        f", CASE WHEN ({expression}) IS FALSE THEN '{number}' END"
        for number, (_, expression) in enumerate(checks)
    )
    given = (
        f"SELECT place, value::{type_} AS {quote(column)}"
        " FROM unnest($1::text[]) WITH ORDINALITY AS given (value, place)"
    )
    looked_at = f"CASE WHEN {quote(column)} IS NULL THEN NULL::text END"
    return f"SELECT concat_ws(' ', {looked_at}{broken}) FROM ({given}) AS {quote(table[1])} ORDER BY place"


def _judged(
    connection: psycopg.Connection[Any],
    command: str,
    checks: Sequence[tuple[str, str]],
    values: Sequence[str | None],
) -> list[str]:
    """All values by one command; where one is an error, each by itself."""
    try:
        with set_aside(connection):
            answers = run_one(connection, command, [_array(values)])
        return [_sentence(broken, checks) for (broken,) in answers]
    except (psycopg.DataError, psycopg.IntegrityError) as exc:
        if len(values) == 1:
            return [sentence_of(exc)]
    return [_judged(connection, command, checks, [value])[0] for value in values]


def _sentence(broken: str | None, checks: Sequence[tuple[str, str]]) -> str:
    numbers = (broken or "").split()
    if not numbers:
        return ""
    rule, expression = checks[int(numbers[0])]
    return f"The target's check {rule} refuses it: {expression}."


def _with_repeated(found: Sequence[str], values: Sequence[str | None], rule: str) -> list[str]:
    counts = Counter(value for value in values if value is not None)
    return [
        said
        or (f"Another of these rows gives the same value, and {rule} is unique." if counts[value] > 1 else "")
        if value is not None
        else said
        for said, value in zip(found, values, strict=True)
    ]


def _array(values: Sequence[str | None]) -> str:
    quoted = (
        "NULL" if value is None else '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
        for value in values
    )
    return "{" + ",".join(quoted) + "}"
