"""What supabase-js asks PostgREST for, as SQL: the same tables, columns, filters and keys, parameters for all values.

The grammar is that of PostgREST 12's documentation (selecting, filtering, embedding, upserts).
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from schemadiff.core.identifiers import column_list, literal, qualified, quote
from schemadiff.evidence.embeds import marked
from schemadiff.evidence.primary_keys import PRIMARY_KEY

PARAMETER = "\1"  # in SQL that is being written: the next parameter
_OPERATORS = {
    "eq": "= {}",
    "neq": "<> {}",
    "gt": "> {}",
    "gte": ">= {}",
    "lt": "< {}",
    "lte": "<= {}",
    "like": "LIKE {}",
    "ilike": "ILIKE {}",
    "match": "~ {}",
    "imatch": "~* {}",
    "in": "= ANY ({})",
    "cs": "@> {}",
    "cd": "<@ {}",
    "ov": "&& {}",
    "sl": "<< {}",
    "sr": ">> {}",
    "nxl": "&> {}",
    "nxr": "&< {}",
    "adj": "-|- {}",
    "isdistinct": "IS DISTINCT FROM {}",
    "fts": "@@ to_tsquery({})",
    "plfts": "@@ plainto_tsquery({})",
    "phfts": "@@ phraseto_tsquery({})",
    "wfts": "@@ websearch_to_tsquery({})",
}
_MANY = {"all": "ALL", "any": "ANY"}  # like(any), eq(all)
_IS = frozenset({"null", "true", "false", "unknown", "not_null"})
_AGGREGATES = frozenset({"sum", "avg", "min", "max", "count"})
_JOINS = frozenset({"inner", "left"})
_COLUMN = re.compile(r"\A[^\s,()\0\"'.:!]+\Z|\A\"[^\"\0]+\"\Z")
_TYPE = re.compile(r"\A[A-Za-z_][\w ]*(\[\])?\Z")
_OPERATOR = re.compile(r"\A(?P<name>[a-z]+)(?:\((?P<more>[\w]+)\))?\Z")


class NotRead(Exception):
    """What cannot be written as SQL; its text is a sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Selected:
    """What a `select=` asks of one table: expressions, and tables that are joined to it by their keys."""

    columns: tuple[str, ...]
    embedded: tuple["Embedded", ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Embedded:
    """A table that is joined; filters may name it by either name."""

    alias: str
    table: str
    selected: Selected
    hint: str = ""  # the foreign key by which it is meant

    def is_called(self, name: str) -> bool:
        return name in (self.alias, self.table)


@dataclass(frozen=True, slots=True, kw_only=True)
class Inner:
    """A filter or an order of an embedded table; `path` leads to it."""

    path: tuple[str, ...]
    condition: str = ""
    order: str = ""


@dataclass(slots=True, kw_only=True)
class Request:
    """One call of PostgREST as it is put together."""

    table: str
    schema: str = ""
    verb: str = ""  # select, insert, upsert, update, delete
    written: tuple[str, ...] = ()  # the columns that it writes
    conflict: tuple[str, ...] = ()
    keeps: bool = False  # an upsert that leaves what is there
    selected: Selected | None = None
    counts_only: bool = False
    conditions: list[str] = field(default_factory=list)
    order: list[str] = field(default_factory=list)
    inner: list[Inner] = field(default_factory=list)
    limited: bool = False
    skips: bool = False


def statements(request: Request) -> Iterator[str]:
    """The request's SQL, then one SELECT for each table that it embeds."""
    yield _numbered(_statement(request))
    yield from _of_embedded(request.table, request.selected, request.schema, request.inner)


def call_of(name: str, arguments: tuple[str, ...], schema: str = "") -> str:
    """`rpc(name, {…})`."""
    given = ", ".join(f"{quote(each)} => {PARAMETER}" for each in arguments)
    return _numbered(f"SELECT * FROM {_relation(name, schema)}({given})")


def column(text: str) -> str:
    """A column, or a path into its JSON: `data->address->>city`. NotRead where it is neither."""
    first, *steps = re.split(r"(->>?)", text.strip())
    name = first.strip()
    if not _COLUMN.match(name):
        raise NotRead(f"{_shown(text)} is no name of a column.")
    sql = quote(name.strip('"'))
    for arrow, key in zip(steps[::2], steps[1::2], strict=True):
        if not _COLUMN.match(key.strip()):
            raise NotRead(f"{_shown(text)} is no path into JSON.")
        sql += arrow + (key.strip() if key.strip().isdigit() else literal(key.strip().strip('"')))
    return sql


def names(text: str) -> tuple[str, ...]:
    """A list of columns, as `onConflict` has it."""
    found = tuple(part.strip() for part in text.split(",") if part.strip())
    if not found or not all(_COLUMN.match(name) for name in found):
        raise NotRead(f"{_shown(text)} is no list of columns.")
    return tuple(name.strip('"') for name in found)


def condition(name: str, operator: str, value: str | None = None) -> str:
    """One filter. `value` matters for `is` only, and may be unknown."""
    found = _OPERATOR.match(operator)
    key = found["name"] if found else ""
    if key == "is":
        return f"{column(name)} IS {_is(value)}"
    if found is None or key not in _OPERATORS:
        raise NotRead(f"{_shown(operator)} is no operator of PostgREST that is known.")
    many = _MANY.get(found["more"] or "")
    return f"{column(name)} {_OPERATORS[key].format(f'{many} ({PARAMETER})' if many else PARAMETER)}"


def negated(text: str) -> str:
    return f"NOT ({text})"


def conditions(text: str, joined: str = "or") -> str:
    """The filters of an `or(…)`: `age.gt.18,and(name.eq.x,phone.is.null)`."""
    word = " OR " if joined == "or" else " AND "
    parts = [_one_of(part.strip()) for part in _split(text)]
    return f"({word.join(parts)})"


def selected(text: str) -> Selected:
    """What `select('…')` names. NotRead where it is not known, or no such list."""
    columns: list[str] = []
    embedded: list[Embedded] = []
    for part in _split(text):
        item = part.strip()
        inner = item.find("(")
        if not item:
            continue
        if inner >= 0 and item.endswith(")") and not _aggregate(item):
            embedded.append(_embedded(item[:inner], selected(item[inner + 1 : -1])))
        else:
            columns.append(_item(item))
    return Selected(columns=tuple(columns), embedded=tuple(embedded))


def ordering(text: str, *, ascending: bool) -> str:
    return f"{column(text)}{'' if ascending else ' DESC'}"


def path_of(text: str, request: Request) -> tuple[tuple[str, ...], str]:
    """Of `clients.city.name` the embedded tables that lead to it, and its own name. No table is embedded so: none."""
    *path, name = text.split(".")
    return (tuple(path), name) if path and is_embedded(tuple(path), request) else ((), text)


def is_embedded(path: tuple[str, ...], request: Request) -> bool:
    found = request.selected
    for name in path:
        inner = next((each for each in found.embedded if each.is_called(name)), None) if found else None
        if inner is None:
            return False
        found = inner.selected
    return True


def _statement(request: Request) -> str:
    table = _relation(request.table, request.schema)
    match request.verb:
        case "select":
            return _select(request, table)
        case "insert" | "upsert":
            return f"INSERT INTO {table} {_values(request)}{_conflict(request)}{_returning(request)}"
        case "update":
            changes = ", ".join(f"{quote(name)} = {PARAMETER}" for name in request.written)
            return f"UPDATE {table} SET {changes}{_where(request)}{_returning(request)}"
        case "delete":
            return f"DELETE FROM {table}{_where(request)}{_returning(request)}"
    raise NotRead(f"The table {request.table} is named, and nothing is asked of it.")


def _select(request: Request, table: str) -> str:
    columns = ", ".join(request.selected.columns) if request.selected else "*"
    what = "count(*)" if request.counts_only else columns or "1"
    sql = f"SELECT {what} FROM {table}{_where(request)}"
    if request.order and not request.counts_only:
        sql += f" ORDER BY {', '.join(request.order)}"
    if request.limited:
        sql += f" LIMIT {PARAMETER}"
    return sql + (f" OFFSET {PARAMETER}" if request.skips else "")


def _values(request: Request) -> str:
    if not request.written:
        return "DEFAULT VALUES"
    return f"({column_list(request.written)}) VALUES ({', '.join([PARAMETER] * len(request.written))})"


def _conflict(request: Request) -> str:
    """Without `onConflict` PostgREST takes the primary key, which is filled in where the schema is known."""
    if request.verb != "upsert" or not request.written:
        return ""
    target = f" {_on_conflict(request.conflict)} DO "
    if request.keeps:
        return f"{target}NOTHING"
    changes = ", ".join(f"{quote(name)} = EXCLUDED.{quote(name)}" for name in request.written)
    return f"{target}UPDATE SET {changes}"


def _on_conflict(columns: tuple[str, ...]) -> str:
    return f"ON CONFLICT ({column_list(columns)})" if columns else PRIMARY_KEY


def _returning(request: Request) -> str:
    columns = request.selected.columns if request.selected else ()
    return f" RETURNING {', '.join(columns)}" if columns else ""


def _where(request: Request) -> str:
    return f" WHERE {' AND '.join(request.conditions)}" if request.conditions else ""


def _of_embedded(parent: str, found: Selected | None, schema: str, asked: Sequence[Inner]) -> Iterator[str]:
    for each in found.embedded if found else ():
        ours = [replace(one, path=one.path[1:]) for one in asked if one.path and each.is_called(one.path[0])]
        here = [one for one in ours if not one.path]
        request = Request(
            table=each.table,
            schema=schema,
            verb="select",
            selected=replace(each.selected, embedded=()),
            conditions=[one.condition for one in here if one.condition],
            order=[one.order for one in here if one.order],
        )
        sql = _numbered(_statement(request))
        yield marked(sql, schema=schema, parent=parent, child=each.table, hint=each.hint)
        yield from _of_embedded(each.table, each.selected, schema, ours)


def _relation(name: str, schema: str) -> str:
    if not name or "\0" in name:
        raise NotRead("The name of a table is known only when the program runs.")
    return qualified(schema, name) if schema else quote(name)


def _numbered(sql: str) -> str:
    first, *others = sql.split(PARAMETER)
    return first + "".join(f"${place}{part}" for place, part in enumerate(others, start=1))


def _split(text: str) -> list[str]:
    """At the commas that are in no brackets and no quotes."""
    parts, depth, quoted, start = [], 0, False, 0
    for place, character in enumerate(text):
        if character == '"' and text[place - 1 : place] != "\\":
            quoted = not quoted
        elif quoted:
            continue
        elif character in "({":
            depth += 1
        elif character in ")}":
            depth -= 1
        elif character == "," and depth == 0:
            parts.append(text[start:place])
            start = place + 1
    return [*parts, text[start:]]


def _one_of(text: str) -> str:
    if text.startswith("not."):
        return negated(_one_of(text[4:]))
    for word in ("and", "or"):
        if text.startswith(f"{word}(") and text.endswith(")"):
            return conditions(text[len(word) + 1 : -1], word)
    name, _, rest = text.partition(".")
    operator, _, value = rest.partition(".")
    if operator == "not":
        operator, _, value = value.partition(".")
        return negated(condition(name, operator, value))
    return condition(name, operator, value)


def _is(value: str | None) -> str:
    if value is None or value.lower() not in _IS:
        raise NotRead("What `is` compares with is known only when the program runs.")
    return "NOT NULL" if value.lower() == "not_null" else value.upper()


def _item(text: str) -> str:
    alias, name = _alias(text)
    found = _aggregate(name)
    if found:
        inner, function = found
        sql = f"{function}({column(inner) if inner else '*'})"
    elif name == "*":
        return "*"
    else:
        name, _, cast = name.partition("::")
        if cast and not _TYPE.match(cast):
            raise NotRead(f"{_shown(text)} is no column with a type.")
        sql = column(name) + (f"::{cast}" if cast else "")
    return f"{sql} AS {quote(alias)}" if alias else sql


def _aggregate(text: str) -> tuple[str, str] | None:
    """`price.sum()` or `count()`: the column, which may be none, and the function."""
    _, text = _alias(text)
    if not text.endswith("()"):
        return None
    inner, _, function = text[:-2].rpartition(".")
    return (inner, function) if function in _AGGREGATES else None


def _alias(text: str) -> tuple[str, str]:
    found = re.match(r"\A\s*([^:(\s]+):(?!:)(.*)\Z", text, re.DOTALL)
    return (found[1].strip('"'), found[2].strip()) if found else ("", text.strip())


def _embedded(text: str, inner: Selected) -> Embedded:
    """`author:users!fk!inner` is about users, and called author."""
    alias, name = _alias(text.strip().removeprefix("..."))
    name, *hints = (part.strip() for part in name.split("!"))
    hint = next((each for each in hints if each not in _JOINS), "").strip('"')
    if not _COLUMN.match(name):
        raise NotRead(f"{_shown(text)} is no name of a table.")
    table = name.strip('"')
    return Embedded(alias=alias or table, table=table, selected=inner, hint=hint)


def _shown(text: str) -> str:
    """Parts that are not known as dots, so that the sentence can be read."""
    return "“" + " ".join(text.replace("\0", "…").split())[:80] + "”"
