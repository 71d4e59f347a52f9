"""The parts of tables and views: columns, constraints, indexes, triggers and the rest, each list sorted."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any

from schemadiff.core.catalog import (
    Column,
    Constraint,
    ConstraintKind,
    Index,
    IndexShare,
    Kind,
    ObjectRef,
    Policy,
    Rule,
    StatisticsObject,
    Trigger,
)
from schemadiff.introspection import shares
from schemadiff.introspection.addresses import (
    PG_CLASS,
    PG_CONSTRAINT,
    PG_POLICY,
    PG_REWRITE,
    PG_STATISTIC_EXT,
    PG_TRIGGER,
    Addresses,
    Reference,
    numbers,
    part_of,
)
from schemadiff.introspection.columns import ColumnAccess, column_access, read_columns
from schemadiff.introspection.fetch import Fetch
from schemadiff.introspection.plain_definitions import PlainDefinitions
from schemadiff.introspection.sequences import Sequences
from schemadiff.introspection.session import SchemaMoved
from schemadiff.introspection.values import Values

_CONSTRAINT = {
    "p": ConstraintKind.PRIMARY_KEY,
    "u": ConstraintKind.UNIQUE,
    "c": ConstraintKind.CHECK,
    "x": ConstraintKind.EXCLUSION,
    "f": ConstraintKind.FOREIGN_KEY,
}
# What the server answers while columns are put together, and what it answers at the end.
ASKED_BESIDE = ("extensions", "enums", "domains", "composites", "ranges", "access")
_ASKED_LAST = (
    *("dependencies", "triggers", "rules", "policies", "statistics", "functions", "aggregates", "roles"),
    *("security_labels", "inner_comments", "default_privileges", "defined_families"),
    *("uncompared_objects", "uncompared_properties", "uncompared_of_others"),
)
_COMMAND = {"*": "all", "r": "select", "a": "insert", "w": "update", "d": "delete"}
_ENABLED = {"O": "origin", "D": "disabled", "R": "replica", "A": "always"}


@dataclass(slots=True)
class Parts:
    """By relation."""

    columns: dict[int, tuple[Column, ...]]
    column_access: tuple[ColumnAccess, ...]
    constraints: defaultdict[int, list[Constraint]] = field(default_factory=lambda: defaultdict(list))
    indexes: defaultdict[int, list[Index]] = field(default_factory=lambda: defaultdict(list))
    shares: defaultdict[int, list[IndexShare]] = field(default_factory=lambda: defaultdict(list))
    triggers: defaultdict[int, list[Trigger]] = field(default_factory=lambda: defaultdict(list))
    rules: defaultdict[int, list[Rule]] = field(default_factory=lambda: defaultdict(list))
    policies: defaultdict[int, list[Policy]] = field(default_factory=lambda: defaultdict(list))
    statistics: defaultdict[int, list[StatisticsObject]] = field(default_factory=lambda: defaultdict(list))


def read_parts(
    fetch: Fetch, known: Addresses, sequences: Sequences, relations: dict[int, ObjectRef], values: Values
) -> Parts:
    """Read the parts of these relations and note their addresses."""
    rows, unusual = fetch("columns"), fetch("unusual_columns")
    parts = Parts(read_columns(rows, unusual, known, sequences, values), column_access(unusual))
    likenesses = _likenesses(known, relations)
    fetch = fetch.within(likenesses=likenesses, standing_for_others=_standing_for_others(likenesses))
    fetch.ahead("indexes", "constraints", "likenesses")
    plain = PlainDefinitions(fetch)
    indexes = fetch("indexes")
    alike = plain.alike(fetch, known, indexes)
    fetch.ahead(*_ASKED_LAST)
    _read_constraints(fetch, known, relations, parts, values, plain)
    fetch("likenesses")
    _add_indexes(indexes, plain.printed(fetch, known, alike), known, relations, parts, values, plain)
    _read_triggers(fetch, known, relations, parts)
    _read_rules(fetch, known, relations, parts)
    _read_policies(fetch, known, relations, parts)
    _read_statistics(fetch, known, relations, parts)
    return parts


def _likenesses(known: Addresses, relations: dict[int, ObjectRef]) -> list[int]:
    """For each relation the first that has the same names of columns.

    The server can print an expression as that one's, and has not to look up the columns of every table for it.
    """
    first: dict[int, int] = {}
    return [first.setdefault(id(known.names_of(relation)), relation) for relation in relations]


def _standing_for_others(likenesses: list[int]) -> list[int]:
    return [relation for relation, count in Counter(likenesses).items() if count > 1]


def _read_constraints(
    fetch: Fetch,
    known: Addresses,
    relations: dict[int, ObjectRef],
    parts: Parts,
    values: Values,
    plain: PlainDefinitions,
) -> None:
    rows = fetch("constraints")
    for row in rows:
        relation, content = row[1], row[6:]
        # Columns are listed by number: the definition names them, or the tables' tell which they are.
        key: tuple[Any, ...] = (id(known.names_of(relation)), content)
        if content[3] is not None:
            key = (*key, id(known.names_of(row[4] or 0)), row[3], row[5])
        constraint = values.constraints.get(key)
        if constraint is None:
            constraint = values.constraints[key] = _constraint(known, plain, *row)
        share = content[-4] and shares.share_of_constraint(relations[relation], constraint, *content[-4:-1])
        if share:
            parts.shares[relation].append(share)
        else:
            parts.constraints[relation].append(constraint)
    _sort(parts.constraints.values())

    def named(row: tuple[Any, ...]) -> Reference:
        return part_of(relations[row[1]], Kind.INDEX if row[-4] else Kind.CONSTRAINT, row[6])

    known.add_later(PG_CONSTRAINT, {row[0]: row for row in rows}, named)
    # A foreign key's conindid is the index that it refers to, the others' is their own.
    known.add_later(PG_CLASS, {row[2]: row for row in rows if row[7] != "f"}, named)


def _constraint(
    known: Addresses,
    plain: PlainDefinitions,
    _oid: int,
    relation: int,
    _index: int,
    key: str | None,
    referenced: int | None,
    referenced_key: str | None,
    *content: Any,
) -> Constraint:
    name, kind, definition, on_delete, schema, table, unread, validated, options, *others = content
    clustered, identity, tablespace, inherited, local, *_, comment = others
    columns = known.columns(relation, numbers(key))
    referenced_columns = _listed(unread) or known.columns(referenced or 0, numbers(referenced_key))
    if on_delete is None:
        definition = _present(definition)
    elif kind == "f":
        definition = plain.foreign_key(columns, (schema, table), referenced_columns, on_delete)
    else:
        definition = plain.primary_key(columns)
    return Constraint(
        name=name,
        kind=_CONSTRAINT[kind],
        definition=definition,
        columns=columns,
        references=(schema, table) if table else None,
        referenced_columns=referenced_columns,
        validated=validated,
        options=tuple(sorted(_listed(options))),
        clustered=bool(clustered),
        replica_identity=bool(identity),
        tablespace=tablespace,
        inherited=inherited,
        local=local,
        comment=comment,
    )


def _add_indexes(
    rows: list[tuple[Any, ...]],
    printed: dict[int, str | None],
    known: Addresses,
    relations: dict[int, ObjectRef],
    parts: Parts,
    values: Values,
    plain: PlainDefinitions,
) -> None:
    for row in rows:
        relation, content = row[1], row[5:]
        if row[0] in printed:
            content = (*content[:2], _present(printed[row[0]]), None, None, *content[5:])
        table = relations[relation]
        key = (table, id(known.names_of(relation)), content)
        index = values.indexes.get(key)
        if index is None:
            columns = known.columns(relation, numbers(row[2]))
            index = values.indexes[key] = _index(plain, table, columns, *content)
        share = content[-4] and shares.share_of_index(relations[relation], index, *content[-4:-1])
        if share:
            parts.shares[relation].append(share)
        else:
            parts.indexes[relation].append(index)
    _sort(parts.indexes.values())
    _sort(parts.shares.values())

    def named(row: tuple[Any, ...]) -> Reference:
        return Kind.INDEX, row[5], row[6], relations[row[1]].name

    known.add_later(PG_CLASS, {row[0]: row for row in rows}, named)


def _index(
    plain: PlainDefinitions,
    table: ObjectRef,
    columns: tuple[str, ...],
    _schema: str,
    name: str,
    definition: str | None,
    _numbers: str | None,
    orders: str | None,
    method: str,
    *others: Any,
) -> Index:
    unique, predicate, valid, clustered, identity, tablespace, statistics, *_, comment = others
    if orders is not None:
        definition = plain.index(name, table, method, columns, orders)
    return Index(
        name=name,
        definition=_present(definition),
        method=method,
        unique=unique,
        columns=columns,
        predicate=predicate,
        valid=valid,
        clustered=clustered,
        replica_identity=identity,
        tablespace=tablespace,
        statistics=tuple((number, target) for number, target in _listed(statistics)),
        comment=comment,
    )


def _listed(text: str | None) -> tuple[Any, ...]:
    """A JSON array, as which lists are sent: a row of values can be looked up."""
    return tuple(json.loads(text)) if text else ()


def _read_triggers(fetch: Fetch, known: Addresses, relations: dict[int, ObjectRef], parts: Parts) -> None:
    for oid, relation, name, definition, schema, function, enabled, share, comment in fetch("triggers"):
        parts.triggers[relation].append(
            Trigger(
                name=name,
                definition=_present(definition),
                function=(schema, f"{function}()"),
                enabled=_ENABLED[enabled],
                share=share,
                comment=comment,
            )
        )
        known.add(part_of(relations[relation], Kind.TRIGGER, name), (PG_TRIGGER, oid, 0))
    _sort(parts.triggers.values())


def _read_rules(fetch: Fetch, known: Addresses, relations: dict[int, ObjectRef], parts: Parts) -> None:
    for oid, relation, name, definition, enabled, comment in fetch("rules"):
        parts.rules[relation].append(
            Rule(
                name=name,
                definition=_present(definition).rstrip(";"),
                enabled=_ENABLED[enabled],
                comment=comment,
            )
        )
        known.add(part_of(relations[relation], Kind.RULE, name), (PG_REWRITE, oid, 0))
    _sort(parts.rules.values())


def _read_policies(fetch: Fetch, known: Addresses, relations: dict[int, ObjectRef], parts: Parts) -> None:
    for oid, relation, name, command, permissive, roles, using, check, comment in fetch("policies"):
        parts.policies[relation].append(
            Policy(
                name=name,
                command=_COMMAND[command],
                permissive=permissive,
                roles=tuple(roles),
                using=using,
                check=check,
                comment=comment,
            )
        )
        known.add(part_of(relations[relation], Kind.POLICY, name), (PG_POLICY, oid, 0))
    _sort(parts.policies.values())


def _read_statistics(fetch: Fetch, known: Addresses, relations: dict[int, ObjectRef], parts: Parts) -> None:
    for oid, relation, schema, name, definition, target, comment in fetch("statistics"):
        parts.statistics[relation].append(
            StatisticsObject(
                name=name, schema=schema, definition=_present(definition), target=target, comment=comment
            )
        )
        known.add(part_of(relations[relation], Kind.STATISTICS, name), (PG_STATISTIC_EXT, oid, 0))
    _sort(parts.statistics.values())


def _present(definition: str | None) -> str:
    """pg_get_*def() says NULL for what was dropped since the transaction's snapshot."""
    if definition is None:
        raise SchemaMoved
    return definition


_name = attrgetter("name")


def _sort(lists: Iterable[list[Any]]) -> None:
    for entries in lists:
        if len(entries) > 1:
            entries.sort(key=_name)
