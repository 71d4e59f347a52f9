"""What commands about two databases are given on the command line: databases, tables, mapping, consent."""

import getpass
import math
import sys
from argparse import ArgumentTypeError
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from config import appdb
from migration.engine import ledger
from migration.engine.sessions import open_target
from schemadiff.connections import dsn_by_name
from schemadiff.core import mapping_file
from schemadiff.core.catalog import Catalog
from schemadiff.core.errors import NotFound, Refused
from schemadiff.core.mapping import Mapping, QualifiedName
from schemadiff.core.options.option import Scope
from schemadiff.databases import Side, connect, resolve
from schemadiff.evidence.expression_check import check_expressions, types_in
from schemadiff.evidence.reading import reading


def _saved(name: str) -> str:
    with appdb.in_use():
        return dsn_by_name(name)


def at_once(text: str) -> int:
    """How many at a time, as an argument's type."""
    if not (text.isascii() and text.isdigit()) or not 1 <= int(text) <= 64:
        raise ArgumentTypeError(f"{text} is no number of processes; expected 1 to 64")
    return int(text)


def number(text: str) -> float:
    """A number with an end, as an argument's type: `nan` and `inf` are no limits that anything could be held to."""
    try:
        found = float(text)
    except ValueError:
        found = math.inf
    if not math.isfinite(found):
        raise ArgumentTypeError(f"{text} is no number; expected one like 1 or 0.5")
    return found


@contextmanager
def databases(*arguments: str) -> Iterator[tuple[Side, ...]]:
    """The databases that these arguments name."""
    with ExitStack() as sides:
        yield tuple(sides.enter_context(resolve(argument, saved=_saved)) for argument in arguments)


def server(argument: str) -> str:
    """The address that a URI says, or a saved connection's name."""
    return _saved(argument[1:]) if argument.startswith("@") else argument


def address(side: Side) -> str:
    """Where the database is. Raises Refused for a snapshot, which holds no rows."""
    if side.dsn is None:
        raise Refused(f"{side.label} is a snapshot: it has a schema, but no rows. Give the database itself.")
    return side.dsn


def scope_of(source: Catalog, target: Catalog, tables: Sequence[str] | None, protect: Sequence[str]) -> Scope:
    """Which tables are carried (all of the source without `tables`) and which are protected."""
    every = [table.qualified for table in source.tables if table.partition_of is None]
    chosen = every if tables is None else [_existing(name, source, "source") for name in tables]
    if not chosen:
        raise Refused("The source has no table, so there is nothing to carry over.")
    protected = [_existing(name, target, "target") for name in protect]
    return Scope(tables=tuple(sorted(set(chosen))), protected=tuple(sorted(set(protected))))


def _existing(text: str, catalog: Catalog, side: str) -> QualifiedName:
    name = mapping_file.table_name(text)
    if catalog.table(*name) is None:
        raise NotFound(
            f"The {side} has no table {'.'.join(name)}. Names are schema.table; without schema: public."
        )
    return name


def in_scope(mapping: Mapping, source: Catalog, target: Catalog, scope: Scope) -> Mapping:
    """The given mapping of the scope, every name in it found; and so is every source table outside of it.

    Raises NotFound or Refused with a sentence: a mistyped table would be left out without a word else.
    """
    unknown = tuple(entry.source for entry in mapping.tables if source.table(*entry.source) is None)
    mapping_file.check(mapping.restricted_to((*unknown, *scope.tables)), source, target)
    return mapping.restricted_to(scope.tables)


def try_expressions(source: Side, target: Catalog, mapping: Mapping) -> None:
    """Raises Refused naming each expression that the source refuses whatever the row. A snapshot cannot be asked."""
    if source.dsn is None or not mapping.computes:
        return
    with connect(source.dsn) as connection, reading(connection):
        check_expressions(
            connection, mapping.tables, types_in(target), otherwise="Mend the mapping and try again."
        )


def read_mapping(path: Path) -> Mapping:
    """The mapping of that file. Raises NotFound or Refused with a sentence."""
    try:
        return mapping_file.load(read_text(path))
    except Refused as refused:
        raise Refused(f"{path}: {refused}") from refused


def carried_mapping(target_dsn: str) -> Mapping:
    """What the target's latest run carried; empty where there was none."""
    with open_target(target_dsn) as target:
        run = ledger.latest_copied(target)
        return ledger.recorded_spec(target, run.id).mapping if run else Mapping()


def read_text(path: Path) -> str:
    """The text of that file. Raises NotFound or Refused with a sentence."""
    try:
        return path.read_text(encoding="utf-8")
    except OSError as exc:
        raise NotFound(f"{path} could not be read: {exc.strerror}.") from exc
    except UnicodeDecodeError as exc:
        raise Refused(f"{path} is not UTF-8 text.") from exc


def author(by: str | None) -> str:
    """Who does it, for the record: whom --by names, or else this system's user."""
    return by or getpass.getuser()


def ask(question: str, otherwise: str) -> None:
    """Go on only if a person at the terminal says yes. Raises Refused, `otherwise` where nobody can be asked."""
    if not sys.stdin.isatty():
        raise Refused(otherwise)
    if input(f"{question} [y/N] ").strip().lower() not in ("y", "yes"):
        raise Refused("Nothing was changed.")


def write_text(path: Path, text: str) -> None:
    """Raises Refused with a sentence where the file cannot be written."""
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as exc:
        raise Refused(
            f"{path} could not be written: {exc.strerror}. Give a file in a folder that is there."
        ) from exc
