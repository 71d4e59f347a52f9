"""How rows are kept, not what they are: storage parameters, columns' storage, clustering, replica identity.

The columns' settings are made table by table (ONLY): partitions may have others.
"""

import re
from collections.abc import Iterable, Iterator
from typing import TypeAlias

from schemadiff.core import index_text
from schemadiff.core.catalog import Column, Constraint, Index, ObjectRef, Table, View
from schemadiff.core.ddl.fdw_options import options_action
from schemadiff.core.ddl.references import clustering_ref, column_ref, part_ref, relation_word, sql_name
from schemadiff.core.identifiers import literal, qualified, quote
from schemadiff.core.locks import Command, lock_of
from schemadiff.core.plan import Section, Statement

Targets: TypeAlias = tuple[tuple[int, int], ...]

USUAL = " SET STORAGE DEFAULT"
"""How the statement ends that gives a column the storage of its type: from 16 on."""
_EXTENDED = ("bit", "bytea", "character", "json", "jsonb", "text", "tsvector", "xml")
_MAIN = ("cidr", "inet", "numeric")
_WORD_OF_TYPE = re.compile(r"[a-z]+(?![\w.])")
_PLAIN = re.compile(r"[\w.+-]+\Z", re.ASCII)


def set_table_storage(source: Table, target: Table | None) -> Iterator[Statement]:
    """From the target's settings to the source's; a new table has the usual ones."""
    present = in_order(target) if target else ()
    for action in _ordered_actions(in_order(source), present):
        yield _on_table(source, action, Command.SET_OPTIONS)
    identity = target.replica_identity if target else "default"
    if source.replica_identity not in (identity, "index"):
        yield _on_table(source, f"REPLICA IDENTITY {source.replica_identity.upper()}", Command.ALTER_TABLE)


def set_column_storage(owner: Table | View, source: Column, target: Column) -> Iterator[Statement]:
    """From the target's settings to the source's."""
    if source.storage != target.storage:
        yield _on_column(
            owner, source, f"SET STORAGE {(source.storage or 'default').upper()}", Command.ALTER_TABLE
        )
    if source.compression != target.compression:
        yield _on_column(
            owner, source, f"SET COMPRESSION {source.compression or 'default'}", Command.ALTER_TABLE
        )
    if source.statistics != target.statistics:
        number = -1 if source.statistics is None else source.statistics
        yield _on_column(owner, source, f"SET STATISTICS {number}", Command.SET_OPTIONS)
    for action in _option_actions(source.options, target.options):
        yield _on_column(owner, source, action, Command.SET_OPTIONS)
    if action := options_action(dict(source.fdw_options), dict(target.fdw_options)):
        yield _on_column(owner, source, action, Command.ALTER_TABLE)


def storage_by_name(sql: str, type_name: str) -> str:
    """For an older server the same with the storage that the type has; unchanged where that is not known."""
    base = _WORD_OF_TYPE.match(type_name)
    word = base[0] if base else ""
    if type_name.endswith("[]") or word in _EXTENDED:
        return sql.removesuffix(USUAL) + " SET STORAGE EXTENDED"
    return sql.removesuffix(USUAL) + " SET STORAGE MAIN" if word in _MAIN else sql


def mark_index(
    owner: Table | View, source: Index | Constraint, target: Index | Constraint | None
) -> Iterator[Statement]:
    """What is said of an index after it is made: storage parameters, statistics, clustering, replica identity.

    That the replica identity is no longer this index is said of the table, or of another index.
    """
    for action in _index_actions(source, target):
        sql = f"ALTER INDEX {qualified(owner.schema, source.name)} {action}"
        yield _on_index(owner, source, sql, Command.READ)
    word = f"ALTER {relation_word(owner)} {sql_name(owner)}"
    if source.clustered and not (target and target.clustered):
        yield _on_index(owner, source, f"{word} CLUSTER ON {quote(source.name)}", Command.SET_OPTIONS)
    if target and target.clustered and not source.clustered:
        yield _unclustered(owner, source, f"{word} SET WITHOUT CLUSTER")
    if source.replica_identity and not (target and target.replica_identity):
        sql = f"{word} REPLICA IDENTITY USING INDEX {quote(source.name)}"
        yield _on_index(owner, source, sql, Command.ALTER_TABLE)


def set_view_options(source: View, target: View) -> Iterator[Statement]:
    """In place, whatever they are. A materialized view's are storage parameters."""
    command = Command.SET_OPTIONS if source.materialized else Command.ALTER_TABLE
    for action in _ordered_actions(in_order(source), in_order(target)):
        yield Statement(
            sql=f"ALTER {relation_word(source)} {sql_name(source)} {action}",
            ref=source.ref,
            section=Section.POST_DATA,
            requires=frozenset({source.ref}),
            lock=lock_of(command),
        )


def _index_actions(source: Index | Constraint, target: Index | Constraint | None) -> Iterator[str]:
    """An index is made with its storage parameters, a constraint's without."""
    match source, target:
        case Constraint(), Constraint():
            yield from _option_actions(source.options, target.options)
        case Constraint(), _:
            yield from _option_actions(source.options, ())
        case Index(), Index():
            yield from _option_actions(
                index_text.options(source.definition), index_text.options(target.definition)
            )
            yield from _statistics_actions(source.statistics, target.statistics)
        case Index(), _:
            yield from _statistics_actions(source.statistics, ())


def _statistics_actions(source: Targets, target: Targets) -> Iterator[str]:
    wanted, present = dict(source), dict(target)
    for number in sorted(wanted.keys() | present.keys()):
        if wanted.get(number) != present.get(number):
            yield f"ALTER COLUMN {number} SET STATISTICS {wanted.get(number, -1)}"


def in_order(owner: Table | View) -> tuple[str, ...]:
    """Its options as they were given, which is how pg_dump writes them."""
    place = {name: number for number, name in enumerate(owner.option_order)}
    return tuple(sorted(owner.options, key=lambda option: place.get(_split(option)[0], 0)))


def _ordered_actions(source: tuple[str, ...], target: tuple[str, ...]) -> Iterator[str]:
    """PostgreSQL leaves options in their order and appends what is set: where that is not it, all are set anew."""
    wanted, present = dict(map(_split, source)), dict(map(_split, target))
    if wanted == present:
        return  # the order alone is no difference
    left = [name for name in present if name in wanted and present[name] == wanted[name]]
    reached = [*left, *(name for name in wanted if name not in left)]
    if all(_only(reached, toast) == _only(wanted, toast) for toast in (False, True)):
        yield from _option_actions(source, target)
    else:
        yield from _option_actions((), target)
        yield from _option_actions(source, ())


def _only(names: Iterable[str], toast: bool) -> list[str]:
    return [name for name in names if name.startswith("toast.") is toast]


def _option_actions(source: tuple[str, ...], target: tuple[str, ...]) -> Iterator[str]:
    """`SET (…)`, `RESET (…)`."""
    wanted, present = dict(map(_split, source)), dict(map(_split, target))
    if gone := [name for name in present if name not in wanted]:
        yield f"RESET ({', '.join(gone)})"
    changed = {name: value for name, value in wanted.items() if present.get(name) != value}
    if changed:
        written = ", ".join(f"{name} = {_value(value)}" for name, value in changed.items())
        yield f"SET ({written})"


def _split(option: str) -> tuple[str, str]:
    name, _, value = option.partition("=")
    return name, value


def _value(text: str) -> str:
    return text if _PLAIN.match(text) else literal(text)


def _on_table(table: Table, action: str, command: Command) -> Statement:
    """After its columns: what is said of a TOAST table that is not there yet is forgotten in silence."""
    return Statement(
        sql=f"ALTER TABLE {sql_name(table)} {action}",
        ref=table.ref,
        section=Section.PRE_DATA,
        requires=frozenset({table.ref, *(column_ref(table, column) for column in table.columns)}),
        lock=lock_of(command),
    )


def _on_column(owner: Table | View, column: Column, action: str, command: Command) -> Statement:
    ref = column_ref(owner, column)
    word = relation_word(owner) + (" ONLY" if isinstance(owner, Table) else "")
    return Statement(
        sql=f"ALTER {word} {sql_name(owner)} ALTER COLUMN {quote(column.name)} {action}",
        ref=ref,
        section=Section.PRE_DATA if isinstance(owner, Table) else Section.POST_DATA,
        requires=frozenset({ref}),
        lock=lock_of(command),
    )


def _on_index(owner: Table | View, part: Index | Constraint, sql: str, command: Command) -> Statement:
    provided = frozenset({clustering_ref(owner.ref)}) if part.clustered else frozenset[ObjectRef]()
    return Statement(
        sql=sql,
        ref=part_ref(owner, part),
        section=Section.POST_DATA,
        provides=provided,
        requires=frozenset({part_ref(owner, part)}),
        lock=lock_of(command),
    )


def _unclustered(owner: Table | View, part: Index | Constraint, sql: str) -> Statement:
    """Before another index takes its place."""
    return Statement(
        sql=sql,
        ref=part_ref(owner, part),
        section=Section.POST_DATA,
        destroys=frozenset({clustering_ref(owner.ref)}),
        lock=lock_of(Command.SET_OPTIONS),
    )
