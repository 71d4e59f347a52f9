"""SQL in an application's Python code: literals given to psycopg, asyncpg, SQLAlchemy's text() and Django's raw SQL.

Read by Python's own parser, nothing is imported or run. What is put together while the program runs is listed.
"""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from schemadiff.evidence.query_sources.found import Gathering, Unresolved, is_query
from schemadiff.evidence.query_sources.looks import begins_like_sql, looks_like_sql

# By these SQL is asked, whatever is given; by the others only where it is a literal that begins like SQL.
_SURE = frozenset(
    {"execute", "executemany", "exec_driver_sql", "mogrify", "raw", "fetchrow", "fetchval", "read_sql"}
    | {"read_sql_query", "RawSQL", "execute_values", "execute_batch"}
)
_ASYNCPG = frozenset({"fetch", "prepare", "cursor", "fetchmany", "copy_from_query"})
_OTHERS = frozenset({"text", "SQL", "fetch", "fetch_all", "fetch_one", "stream", "scalar", "scalars"})
_PLAIN = frozenset({"text", "SQL", "RawSQL", "read_sql", "read_sql_query", "execute_values", "execute_batch"})
_SECOND = frozenset({"execute_values", "execute_batch"})  # the first argument is the cursor
_KEYWORDS = frozenset({"query", "sql", "statement", "raw_query", "operation"})
_ELSEWHERE = "\0"  # the value of a name that holds what text() or SQL() gave
_PYFORMAT = re.compile(r"%(?:\((?P<name>\w+)\)[sbt]|(?P<plain>[sbt])|(?P<percent>%))")
_COLON = re.compile(r"(?<![:\w\\]):(?P<name>[A-Za-z_]\w*)")


_BODIES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)


class _Dynamic(Exception):
    """Put together while the program runs."""


@dataclass(frozen=True, slots=True)
class _Scope:
    """Names with the one literal that they are assigned; None for what is known only when the program runs."""

    names: dict[str, str | None]
    outer: "_Scope | None" = None

    def value(self, name: str) -> str | None:
        if name in self.names:
            return self.names[name]
        return self.outer.value(name) if self.outer else None


def read_python(text: str, file: str, gathering: Gathering) -> Iterator[Unresolved]:
    """Add the queries of one file; yields what could not be made out."""
    try:
        tree = ast.parse(text)
        reader = _Reader(file, gathering, _SURE | _ASYNCPG if "asyncpg" in text else _SURE)
        unresolved = list(reader.in_scope(tree, _Scope(_names_in(tree))))
    except (SyntaxError, ValueError, RecursionError, MemoryError) as exc:
        line = getattr(exc, "lineno", None) or 1
        unresolved = [
            Unresolved(place=f"{file}:{line}", why="The file is no Python that this version can read.")
        ]
    yield from unresolved


def _names_in(body: ast.AST) -> dict[str, str | None]:
    """What a module, class or function calls its own, parameters included."""
    found: dict[str, str | None] = {}
    arguments = getattr(body, "args", None)
    if isinstance(arguments, ast.arguments):
        found |= dict.fromkeys(each.arg for each in ast.walk(arguments) if isinstance(each, ast.arg))
    for node in _own_nodes(body):
        match node:
            case (
                ast.Assign(targets=[ast.Name(id=name)], value=ast.Constant(value=str(text)))
                | ast.AnnAssign(target=ast.Name(id=name), value=ast.Constant(value=str(text)))
            ):
                found[name] = None if name in found else text
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call() as call) if _is_read_by_itself(
                call
            ):
                found[name] = None if name in found else _ELSEWHERE
            case ast.Name(id=name, ctx=ast.Store()):
                found.setdefault(name, None)
    return _only_once(body, found)


def _only_once(body: ast.AST, found: dict[str, str | None]) -> dict[str, str | None]:
    """A name that is stored to more than once may be either."""
    times = Counter(
        node.id for node in _own_nodes(body) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    )
    return {name: text if times[name] == 1 else None for name, text in found.items()}


def _own_nodes(body: ast.AST) -> Iterator[ast.AST]:
    """All that is in it but not in a body of its own inside of it; an assignment before its name."""
    for child in ast.iter_child_nodes(body):
        yield child
        if not isinstance(child, _BODIES):
            yield from _own_nodes(child)


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads the calls of one file; `sure` are the names by which SQL is asked, whatever is given."""

    file: str
    gathering: Gathering
    sure: frozenset[str]

    def in_scope(self, node: ast.AST, scope: _Scope) -> Iterator[Unresolved]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.Call):
                yield from self._in_call(child, scope)
            inner = _Scope(_names_in(child), scope) if isinstance(child, _BODIES) else scope
            yield from self.in_scope(child, inner)

    def _in_call(self, call: ast.Call, scope: _Scope) -> Iterator[Unresolved]:
        function = call.func
        is_method = isinstance(function, ast.Attribute)
        name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
        if name not in self.sure | _OTHERS or not (is_method or name in _PLAIN):
            return
        given = _given(call, name)
        if given is None:
            return
        place = f"{self.file}:{call.lineno}"
        try:
            sql = _text(given, scope)
        except _Dynamic as dynamic:
            yield Unresolved(place=place, why=str(dynamic))
            return
        if sql is not None:
            yield from self._literal(sql, name, place)
        elif name in self.sure and not _is_read_by_itself(given):
            yield Unresolved(place=place, why=f"{name}() is given something that is no literal.")

    def _literal(self, sql: str, name: str, place: str) -> Iterator[Unresolved]:
        is_asked = is_query(sql) if name in self.sure else looks_like_sql(sql)
        if sql == _ELSEWHERE or not is_asked:
            return
        if name == "SQL" and "{" in sql:
            yield Unresolved(
                place=place, why="The SQL is composed of parts that are known only when it runs."
            )
            return
        self.gathering.add(_numbered(sql, colons=name == "text"), place=place)


def _given(call: ast.Call, name: str) -> ast.expr | None:
    """What is to be executed: the first argument, or the one that is called so."""
    named = next((each.value for each in call.keywords if each.arg in _KEYWORDS), None)
    place = 1 if name in _SECOND else 0
    return call.args[place] if len(call.args) > place else named


def _is_read_by_itself(node: ast.expr) -> bool:
    """`text("…")`, `SQL("…")`: a call that is looked at, too."""
    return isinstance(node, ast.Call) and _called(node) in ("text", "SQL")


def _called(call: ast.Call) -> str:
    return str(getattr(call.func, "attr", getattr(call.func, "id", "")))


def _text(node: ast.expr, scope: _Scope) -> str | None:
    """The literal; None where it is no text of SQL. Raises _Dynamic where it is one that is put together."""
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.Name(id=name):
            return scope.value(name)
        case ast.JoinedStr(values=values):
            return _joined(values, scope)
        case ast.BinOp(op=ast.Add(), left=left, right=right):
            return _added(left, right, scope)
        case ast.BinOp(op=ast.Mod(), left=left) if _is_sql(left, scope):
            raise _Dynamic("The SQL is put together with %: what it is, is known only when it runs.")
        case ast.Call(func=ast.Attribute(attr="format", value=inner)) if _is_sql(inner, scope):
            raise _Dynamic("The SQL is put together with format(): what it is, is known only when it runs.")
    return None  # calls such as text("…") are looked at by themselves


def _joined(values: list[ast.expr], scope: _Scope) -> str | None:
    parts: list[str] = []
    for value in values:
        part = _text(value.value, scope) if isinstance(value, ast.FormattedValue) else _text(value, scope)
        if part is None:
            start = "".join(parts)
            if begins_like_sql(start):
                raise _Dynamic("The SQL is an f-string with a value that is known only when it runs.")
            return None
        parts.append(part)
    return "".join(parts)


def _added(left: ast.expr, right: ast.expr, scope: _Scope) -> str | None:
    one = _text(left, scope)
    other = _text(right, scope)
    if one is None:
        return None
    if other is None:
        if begins_like_sql(one):
            raise _Dynamic("The SQL is put together with +: what it is, is known only when it runs.")
        return None
    return one + other


def _is_sql(node: ast.expr, scope: _Scope) -> bool:
    if isinstance(node, ast.Call) and node.args:  # SQL("…").format(…)
        return _is_sql(node.args[0], scope)
    try:
        text = _text(node, scope)
    except _Dynamic:
        return False
    return text is not None and begins_like_sql(text)


def _numbered(sql: str, *, colons: bool) -> str:
    """`%s`, `%(name)s` and `:name` as PostgreSQL numbers its parameters; one number a name."""
    if "$1" in sql and not colons:
        return sql
    numbers: dict[str, int] = {}

    def number(found: re.Match[str]) -> str:
        groups = found.groupdict()
        if groups.get("percent"):
            return "%"
        name = groups.get("name") or f"\0{len(numbers)}"
        return f"${numbers.setdefault(name, len(numbers) + 1)}"

    return (_COLON if colons else _PYFORMAT).sub(number, sql)


_WORDS = (
    "execute",
    "raw(",
    "text(",
    "RawSQL",
    "fetch",
    "read_sql",
    "SQL(",
    "mogrify",
    "stream(",
    "scalar",
    "asyncpg",
)


def is_worth_reading(text: str) -> bool:
    """A quick look: most files of an application have no SQL."""
    return any(word in text for word in _WORDS)
