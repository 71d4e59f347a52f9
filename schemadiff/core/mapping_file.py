"""A mapping as a JSON file that people read and write (docs/reference/mapping-file.md)."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from schemadiff.core.catalog import Catalog, Table
from schemadiff.core.errors import Refused
from schemadiff.core.inverses import check_inverse
from schemadiff.core.mapping import ColumnPair, Mapping, PairStatus, QualifiedName, TableMapping, in_parts
from schemadiff.core.mapping_renames import dump_renames, load_renames
from schemadiff.core.sql_guard import check_expression

FORMAT = 2
"""1 had neither conditions nor a table of one side twice. What needs neither is still written as 1."""
_READ = (1, FORMAT)
_DEFAULT_SCHEMA = "public"
_TABLE_KEYS = frozenset({"source", "target", "where", "columns"})
_COLUMN_KEYS = frozenset({"source", "target", "expression", "inverse", "status"})


def load(text: str) -> Mapping:
    """The mapping that the file holds; pairs without a status are confirmed.

    Two shapes of `tables` are read: the list that `dump` writes, and an object from table name to a list of
    `[source column, target column]`, for tables of equal names. Raises Refused with a sentence that names
    the entry.
    """
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as exc:  # the latter: nested thousands deep
        raise Refused(
            f"The mapping file is not JSON ({exc}). Take the one that the mapping page exports, or `options "
            "--save-mapping` writes, as a pattern."
        ) from exc
    if not isinstance(document, dict):
        raise Refused('The mapping file must hold a JSON object with "tables"; it holds something else.')
    if document.get("format", FORMAT) not in _READ:
        raise Refused(
            f"The mapping file is of format {document['format']!r}; this version reads format {FORMAT}."
        )
    renames = load_renames(document.get("renames", []))
    given = document.get("tables", [] if "renames" in document else None)
    tables = in_parts(_tables(given))
    _refuse_the_same_twice(tables)
    return Mapping(tables=tables, renames=renames)


def dump(mapping: Mapping) -> str:
    """The file of a mapping. `load` of it gives the same pairs, without scores and reasons."""
    document: dict[str, Any] = {
        "format": _format_of(mapping),
        "tables": [_table_out(entry) for entry in mapping.tables],
    }
    if mapping.renames:
        document["renames"] = dump_renames(mapping.renames)
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def table_name(text: str) -> QualifiedName:
    """`public.clients`, or `clients` for the table in the schema public."""
    return _qualified(text)


def check(mapping: Mapping, source: Catalog, target: Catalog) -> None:
    """Raises Refused where the mapping names a table or column that the databases do not have."""
    for entry in mapping.tables:
        left = _existing(source, entry.source, "source")
        right = _existing(target, entry.target, "target")
        for pair in entry.pairs:
            _existing_column(right, pair.target, "target")
            if pair.source is not None:
                _existing_column(left, pair.source, "source")


def _tables(found: Any) -> Iterator[TableMapping]:
    if isinstance(found, dict):
        for name, columns in found.items():
            qualified = _qualified(name)
            pairs = _pairs(map(_from_list, columns), name)
            yield TableMapping(source=qualified, target=qualified, pairs=pairs)
        return
    if not isinstance(found, list):
        raise Refused(
            '"tables" in the mapping file must be a list of objects with source, target and columns.'
        )
    for entry in found:
        yield _table(entry)


def _table(entry: Any) -> TableMapping:
    if not isinstance(entry, dict) or "source" not in entry:
        raise Refused(
            f'Each table in the mapping file must be an object with "source"; found {_short(entry)}.'
        )
    _refuse_unknown(entry, _TABLE_KEYS, f"table {_short(entry['source'])}")
    source = _qualified(entry["source"])
    columns = entry.get("columns", [])
    if not isinstance(columns, list):
        raise Refused(f'"columns" of table {_label(source)} must be a list; found {_short(columns)}.')
    return TableMapping(
        source=source,
        target=_qualified(entry.get("target", entry["source"])),
        pairs=_pairs(columns, _label(source)),
        where=_where(entry.get("where"), _label(source)),
    )


def _where(condition: Any, table: str) -> str | None:
    if condition is None:
        return None
    if not isinstance(condition, str):
        raise Refused(f'"where" of table {table} must be a text; found {_short(condition)}.')
    try:
        check_expression(condition)
    except Refused as exc:
        raise Refused(f"The condition of table {table} is refused. {exc}") from exc
    return condition


def _from_list(entry: Any) -> Any:
    if isinstance(entry, list) and len(entry) >= 2:
        return {"source": entry[0], "target": entry[1]}
    return entry


def _pairs(columns: Iterable[Any], table: str) -> tuple[ColumnPair, ...]:
    pairs = tuple(_pair(entry, table) for entry in columns)
    _refuse_twice(((table, pair.target) for pair in pairs), "target column")
    return pairs


def _pair(entry: Any, table: str) -> ColumnPair:
    if not isinstance(entry, dict) or not isinstance(entry.get("target"), str):
        raise Refused(f'Each column of table {table} must be an object with "target"; found {_short(entry)}.')
    target = entry["target"]
    _refuse_unknown(entry, _COLUMN_KEYS, f"column {table}.{target}")
    source, expression, inverse = (entry.get(key) for key in ("source", "expression", "inverse"))
    for key, value in (("source", source), ("expression", expression), ("inverse", inverse)):
        if value is not None and not isinstance(value, str):
            raise Refused(f'"{key}" of column {table}.{target} must be a text; found {_short(value)}.')
    if source is None and expression is None:
        raise Refused(f'Column {table}.{target} needs a "source" column or an "expression"; it has neither.')
    _check_expression(expression, f"{table}.{target}")
    status = _status(entry.get("status", PairStatus.CONFIRMED.value), f"{table}.{target}")
    pair = ColumnPair(source=source, target=target, expression=expression, status=status, inverse=inverse)
    _check_inverse(pair, f"{table}.{target}")
    return pair


def _check_expression(expression: str | None, column: str) -> None:
    if expression is None:
        return
    try:
        check_expression(expression)
    except Refused as exc:
        raise Refused(f"The expression for column {column} is refused. {exc}") from exc


def _check_inverse(pair: ColumnPair, column: str) -> None:
    try:
        check_inverse(pair)
    except Refused as exc:
        raise Refused(f"The inverse for column {column} is refused. {exc}") from exc


def _status(word: Any, column: str) -> PairStatus:
    try:
        return PairStatus(word)
    except ValueError as exc:
        words = ", ".join(status.value for status in PairStatus)
        raise Refused(f'"status" of column {column} must be one of {words}; found {_short(word)}.') from exc


def _qualified(name: Any) -> QualifiedName:
    """`public.clients`, `clients` (in public), or a list of schema and name where a name has a dot in it."""
    if isinstance(name, str) and name:
        schema, dot, table = name.partition(".")
        return (schema, table) if dot else (_DEFAULT_SCHEMA, name)
    if isinstance(name, list) and len(name) == 2 and all(isinstance(part, str) for part in name):
        return (name[0], name[1])
    raise Refused(f"A table is named like public.clients in the mapping file; found {_short(name)}.")


def _table_out(entry: TableMapping) -> dict[str, Any]:
    return {
        "source": _name_out(entry.source),
        "target": _name_out(entry.target),
        **({} if entry.where is None else {"where": entry.where}),
        "columns": [_pair_out(pair) for pair in entry.pairs],
    }


def _name_out(name: QualifiedName) -> str | list[str]:
    return list(name) if "." in name[0] or "." in name[1] else _label(name)


def _pair_out(pair: ColumnPair) -> dict[str, str]:
    parts = {
        "source": pair.source,
        "target": pair.target,
        "expression": pair.expression,
        "inverse": pair.inverse,
    }
    if pair.status is not PairStatus.CONFIRMED:
        parts["status"] = pair.status.value
    return {key: value for key, value in parts.items() if value is not None}


def _format_of(mapping: Mapping) -> int:
    needed = mapping.merged() or any(entry.part or entry.where for entry in mapping.tables)
    return FORMAT if needed else 1


def _existing(catalog: Catalog, name: QualifiedName, side: str) -> Table:
    table = catalog.table(*name)
    if table is None:
        raise Refused(f"The mapping names the {side} table {_label(name)}, which the {side} does not have.")
    return table


def _existing_column(table: Table, name: str, side: str) -> None:
    if table.column(name) is None:
        label = f"{_label(table.qualified)}.{name}"
        raise Refused(f"The mapping names the {side} column {label}, which the {side} does not have.")


def _refuse_unknown(entry: dict[str, Any], known: frozenset[str], where: str) -> None:
    unknown = sorted(set(entry) - known)
    if unknown:
        raise Refused(f"Unknown key {_short(unknown[0])} at {where}; known are {', '.join(sorted(known))}.")


def _refuse_twice(names: Iterable[QualifiedName], kind: str) -> None:
    seen: set[QualifiedName] = set()
    for name in names:
        if name in seen:
            raise Refused(f"The {kind} {_label(name)} is in the mapping file twice.")
        seen.add(name)


def _refuse_the_same_twice(tables: Iterable[TableMapping]) -> None:
    seen: set[tuple[QualifiedName, QualifiedName]] = set()
    for entry in tables:
        if (entry.source, entry.target) in seen:
            raise Refused(
                f"The source table {_label(entry.source)} is in the mapping file twice for the target table "
                f"{_label(entry.target)}: name all of its columns in one entry."
            )
        seen.add((entry.source, entry.target))


def _label(name: QualifiedName) -> str:
    return ".".join(name)


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:57]}…"
