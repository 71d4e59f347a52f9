"""SQL in JavaScript: literals given to node-postgres and its like, and templates tagged `sql`."""

import itertools
import re
from dataclasses import dataclass

from tree_sitter import Node

from schemadiff.evidence.query_sources.found import is_query
from schemadiff.evidence.query_sources.javascript import syntax
from schemadiff.evidence.query_sources.javascript.syntax import Chain, written
from schemadiff.evidence.query_sources.javascript.values import HOLE, Values
from schemadiff.evidence.query_sources.looks import begins_like_sql, looks_like_sql

_ASKING = frozenset(
    {"query", "execute", "raw", "unsafe", "$queryRawUnsafe", "$executeRawUnsafe", "prepare"}
    | {"any", "one", "none", "many", "oneOrNone", "manyOrNone", "result", "stream"}  # pg-promise
)
_TAGS = frozenset({"sql", "SQL", "$queryRaw", "$executeRaw"})
_TEXT_KEYS = ("text", "sql", "query")
_STRING = re.compile(r"'(?:[^']|'')*'")
_VALUE = re.compile(rf"((?:[=<>]|\b(?:LIMIT|OFFSET|I?LIKE))\s*){HOLE}(?![\w.\"])", re.IGNORECASE)
_QUESTION = re.compile(r"'(?:[^']|'')*'|(?P<mark>\?)(?![|&?])")
_COLON = re.compile(r"'(?:[^']|'')*'|(?<![:\w\\]):(?P<name>[A-Za-z_]\w*)")
_BRACKETS = re.compile(r"\$(?:\[(\w+)\]|<(\w+)>|\((\w+)\)|/(\w+)/|\{(\w+)\})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Literal:
    """A query that was found, or why it could not be made out: one of the two is empty."""

    line: int
    sql: str = ""
    why: str = ""


def literal_in(call: Node, chain: Chain, values: Values) -> Literal | None:
    """What a call asks in SQL of its own; None where it is no such call."""
    template = syntax.field(call, "arguments")
    if template is not None and template.type == "template_string":
        return _tagged(call, template, values)
    if not chain.calls or chain.calls[-1].name not in _ASKING or not chain.calls[-1].arguments:
        return None
    last = chain.calls[-1]
    text = _text_of(last.arguments[0], values)
    if text is None or not begins_like_sql(text):
        return None
    line = syntax.line_of(last.arguments[0])
    text = _with_parameters(text)
    if HOLE in text:
        return Literal(line=line, why="The SQL has a part that is known only when the program runs.")
    if not (is_query(text) and looks_like_sql(text)):
        return None
    return Literal(line=line, sql=_numbered(text, last.name))


def _text_of(given: Node, values: Values) -> str | None:
    """A text, or the one in `{text: …, values: […]}`."""
    found = values.resolved(given)
    if found is not None and found.type == "object":
        entries = (values.entry(found, key) for key in _TEXT_KEYS)
        inner = next((entry for entry in entries if entry is not None), None)
        return values.text(inner) if inner is not None else None
    return values.text(given)


def _with_parameters(text: str) -> str:
    """Parameters for the unknown parts that can be nothing but values: in a text, or compared with something."""
    text = _STRING.sub(lambda found: found[0].replace(HOLE, ""), text)
    highest = max((int(number) for number in re.findall(r"\$(\d+)", text)), default=0)
    numbers = itertools.count(highest + 1)
    return _VALUE.sub(lambda found: f"{found[1]}${next(numbers)}", text)


def _tagged(call: Node, template: Node, values: Values) -> Literal | None:
    function = syntax.field(call, "function")
    tag = written(function).rpartition(".")[2].split("<", 1)[0]
    if tag not in _TAGS:
        return None
    parts, count = [], 0
    line = syntax.line_of(template)
    for child in template.named_children:
        if child.type != "template_substitution":
            parts.append(written(child))
            continue
        inner = child.named_children[0] if child.named_children else None
        if inner is None or _is_a_piece(inner, values):
            start = "".join(parts)
            why = "The SQL is put together of pieces: what it is, is known only when it runs."
            return Literal(line=line, why=why) if begins_like_sql(start) else None
        count += 1
        parts.append(f"${count}")
    text = "".join(parts)
    return Literal(line=line, sql=text) if is_query(text) and looks_like_sql(text) else None


def _is_a_piece(node: Node, values: Values) -> bool:
    """Does it stand for SQL, not for a value? `sql(columns)`, sql`…`, or a name for such."""
    found = values.resolved(node) or syntax.unwrapped(node)
    if found.type != "call_expression":
        return False
    name = written(syntax.field(found, "function"))
    return name.rpartition(".")[2] in _TAGS | {"raw", "join", "empty", "identifier", "ref"} or name in _TAGS


def _numbered(sql: str, method: str) -> str:
    """`?`, `:name` and `$[name]` as PostgreSQL numbers its parameters."""
    numbers: dict[str, int] = {}
    if re.search(r"\$\d", sql):
        return sql

    def number(found: re.Match[str]) -> str:
        name = next((group for group in found.groups() if group), "")
        if not name:
            return found[0]
        key = f"\0{len(numbers)}" if name == "?" else name
        return f"${numbers.setdefault(key, len(numbers) + 1)}"

    sql = _BRACKETS.sub(number, sql)
    sql = _COLON.sub(number, sql)
    return _QUESTION.sub(number, sql) if method in ("raw", "query", "prepare", "execute") else sql
