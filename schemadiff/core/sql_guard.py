"""What a user enters as SQL is exactly one expression or one SELECT: decided by parsing the text.

This is the first of several fences. What passes is still sent by the extended protocol (one command only), in
a READ ONLY transaction, with timeouts and a row cap: see `evidence.previews`. So the list of functions that
are refused here is of those that a READ ONLY transaction does not stop.
"""

import logging
import re
from collections.abc import Iterator

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.tokenizer_core import TokenType

from schemadiff.core.errors import Refused

# What it cannot parse it logs, with the text; here the user is told instead.
logging.getLogger("sqlglot").setLevel(logging.ERROR)

_LONGEST = 20_000

_WRITES = (exp.DML, exp.DDL, exp.Drop, exp.Alter, exp.TruncateTable, exp.Copy, exp.Merge, exp.Into, exp.Lock)
_QUERIES = (exp.Select, exp.SetOperation)

# Beyond the transaction: other sessions, settings, files, other servers, SQL given as text, locks, time.
_REACHES_OUT = re.compile(
    r"pg_(?!typeof$|input_is_valid$|column_size$|size_pretty$|get_(?!wal)\w+$|table_is_visible$).*"
    r"|lo_.*|loread|lowrite|dblink.*|postgres_fdw_.*|nextval|setval|set_config|current_setting"
    r"|(query|table|schema|database|cursor)_to_xml.*|ts_stat|ts_rewrite|crosstab.*|connectby|xpath_table"
    r"|txid_.*|binary_upgrade.*|brin_.*|gin_clean_pending_list",
    re.DOTALL,
)
# What PostgreSQL itself keeps of passwords, of other people's queries, and of files.
_SECRETS = re.compile(
    r"pg_(authid|shadow|subscription|largeobject|hba_file_rules|ident_file_mappings|file_settings"
    r"|stat_activity|stat_replication|stat_wal_receiver|stat_statements|prepared_statements|cursors)"
    r"|_?pg_user_mappings?|user_mapping_options",
)

_ESCAPED = "Unicode escapes (U&) are not read here; write the character itself."


def check_expression(text: str) -> None:
    """Raises Refused unless `text` is exactly one scalar SQL expression over the columns of one row."""
    found = _only(_parsed(text, "one SQL expression"), "one SQL expression")
    _refuse_semicolon(text)
    _refuse_other_than_expression(found)
    for node in found.walk():
        _refuse_harmful(node)
        if isinstance(node, exp.AggFunc | exp.Window) and node.find_ancestor(exp.Select) is None:
            raise Refused(
                f"An expression is worked out for one row at a time; {_named(node)} works over many rows."
            )


def check_select(text: str, *, parameters: bool = False) -> None:
    """Raises Refused unless `text` is exactly one SELECT (also with UNION and the like) that only reads.

    With `parameters` there may be $1, $2 and so on: whoever asks has values for them.
    """
    found = _only(_parsed(text, "one SELECT"), "one SELECT")
    if not isinstance(found, _QUERIES):
        raise Refused(f"Expected one SELECT; found {_what(found)}.")
    for node in found.walk():
        if not (parameters and isinstance(node, exp.Parameter)):
            _refuse_harmful(node)


def columns_of(expression: str) -> frozenset[str]:
    """The names of columns in an expression, as PostgreSQL folds them; also those of subqueries' tables."""
    (found,) = _parsed(expression, "one SQL expression")
    return frozenset(
        column.name if column.this.quoted else column.name.lower()
        for column in found.find_all(exp.Column)
        if isinstance(column.this, exp.Identifier)
    )


def _parsed(text: str, expected: str) -> list[exp.Expr]:
    if not text.strip():
        raise Refused(f"Expected {expected}; found nothing.")
    if len(text) > _LONGEST:
        raise Refused(f"Expected {expected} of at most {_LONGEST:,} characters; found {len(text):,}.")
    if "\x00" in text:
        raise Refused(f"Expected {expected}; found a NUL character, which PostgreSQL takes in no text.")
    try:
        _refuse_escaped_names(text)
        parsed = sqlglot.parse(text, read="postgres")
    except SqlglotError as exc:
        raise Refused(f"Expected {expected}; it could not be read as one{_place(exc)}.") from exc
    except RecursionError as exc:
        raise Refused(f"Expected {expected}; this one is nested too deeply.") from exc
    return [node for node in parsed if node is not None]


def _only(found: list[exp.Expr], expected: str) -> exp.Expr:
    commands = [node for node in found if not isinstance(node, exp.Semicolon)]
    if len(found) > 1:
        listed = ", then ".join(_what(node) for node in commands[:3])
        raise Refused(f"Expected {expected}; found {len(commands)} commands: {listed}.")
    if not commands:
        raise Refused(f"Expected {expected}; found nothing but a comment.")
    return commands[0]


def _refuse_escaped_names(text: str) -> None:
    """U&"\\0070g_sleep" is a name to PostgreSQL, and to the parser here a column U, & and something else."""
    tokens = sqlglot.tokenize(text, read="postgres")
    for first, second, third in zip(tokens, tokens[1:], tokens[2:], strict=False):
        joined = first.end + 1 == second.start and second.end + 1 == third.start
        if joined and text[first.start : third.start + 1].lower() in ("u&'", 'u&"'):
            raise Refused(_ESCAPED)


def _refuse_semicolon(text: str) -> None:
    if any(token.token_type is TokenType.SEMICOLON for token in sqlglot.tokenize(text, read="postgres")):
        raise Refused("Expected one SQL expression; found a semicolon, which ends a command. Remove it.")


def _refuse_other_than_expression(node: exp.Expr) -> None:
    if isinstance(node, exp.Alias):
        raise Refused(f"An expression takes no name of its own; remove AS {node.alias}.")
    if isinstance(node, exp.Star) or (isinstance(node, exp.Column) and isinstance(node.this, exp.Star)):
        raise Refused("Expected one value; found * (all columns). Name the column.")
    if isinstance(node, exp.Tuple):
        raise Refused(f"Expected one SQL expression; found {len(node.expressions)} in brackets.")
    if isinstance(node, exp.Query) and not isinstance(node, exp.Subquery):
        raise Refused(
            f"Expected one SQL expression; found {_what(node)}. A SELECT for one value goes in brackets."
        )
    if not isinstance(node, exp.Condition | exp.Subquery | exp.Interval | exp.Func | exp.AtTimeZone):
        raise Refused(f"Expected one SQL expression; found {_what(node)}.")


def _refuse_harmful(node: exp.Expr) -> None:
    if isinstance(node, exp.Parameter | exp.Placeholder):
        raise Refused(f"There is no value to put in for the parameter {node.sql(dialect='postgres')}.")
    if isinstance(node, exp.UnicodeString):
        raise Refused(_ESCAPED)
    if isinstance(node, exp.Into):
        raise Refused("Only reading is allowed; found SELECT INTO, which makes a table.")
    if isinstance(node, exp.Lock):
        raise Refused("Only reading is allowed; found a row lock (FOR UPDATE or the like).")
    if isinstance(node, _WRITES) and not isinstance(node, exp.Query):
        raise Refused(f"Only reading is allowed; found {_what(node)}.")
    if isinstance(node, exp.Command):
        raise Refused(f"Only reading is allowed; found {_what(node)}.")
    for name in _function_names(node):
        if _REACHES_OUT.fullmatch(name):
            raise Refused(
                f"The function {name} reaches beyond the rows that are read, and is not allowed here."
            )
    if isinstance(node, exp.Table) and _SECRETS.fullmatch(node.name.lower()):
        raise Refused(f"{node.name.lower()} does not hold the application's rows, and is not read here.")


def _function_names(node: exp.Expr) -> Iterator[str]:
    """Also of `(value).function`, which PostgreSQL takes for `function(value)`."""
    if isinstance(node, exp.Dot):
        if isinstance(node.expression, exp.Identifier):
            yield node.expression.name.lower()
    elif isinstance(node, exp.Column):
        if node.table:
            yield node.name.lower()
    elif isinstance(node, exp.Anonymous):
        yield node.name.lower()
    elif isinstance(node, exp.Func):
        yield from (name.lower() for name in node.sql_names())


def _what(node: exp.Expr) -> str:
    """How a person calls it: a DROP, a SELECT, an expression."""
    if isinstance(node, exp.Command):
        return f"the command {str(node.this).upper()}"
    if isinstance(node, exp.Condition) and not isinstance(node, exp.Query):
        return "an expression"
    if isinstance(node, exp.SetOperation):
        return f"a {type(node).__name__.upper()} of two SELECTs"
    word = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", type(node).__name__).upper()
    return f"{'an' if word[0] in 'AEIOU' else 'a'} {word}"


def _named(node: exp.Expr) -> str:
    return "a window function" if isinstance(node, exp.Window) else f"{type(node).__name__.lower()}()"


def _place(exc: SqlglotError) -> str:
    errors = getattr(exc, "errors", None)
    if not errors:
        return ""
    first = errors[0]
    return f": line {first['line']}, column {first['col']}, near “{first['highlight']}”"
