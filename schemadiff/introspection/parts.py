"""The parts of tables and views: columns, constraints, indexes, triggers and the rest, each list sorted."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from itertools import groupby
from operator import itemgetter
from typing import Any

from schemadiff.core.catalog import (
    Column,
    Constraint,
    ConstraintKind,
    Generated,
    Identity,
    Index,
    IndexShare,
    Kind,
    NotNull,
    ObjectRef,
    Policy,
    Rule,
    StatisticsObject,
    Trigger,
)
from schemadiff.core.identifiers import made_name
from schemadiff.introspection import shares
from schemadiff.introspection.addresses import (
    PG_ATTRDEF,
    PG_CLASS,
    PG_CONSTRAINT,
    PG_POLICY,
    PG_REWRITE,
    PG_STATISTIC_EXT,
    PG_TRIGGER,
    Addresses,
    part_of,
)
from schemadiff.introspection.fdw_options import fdw_options
from schemadiff.introspection.fetch import Fetch
from schemadiff.introspection.sequences import SequenceRow, Sequences
from schemadiff.introspection.session import SchemaMoved

_IDENTITY = {"a": Identity.ALWAYS, "d": Identity.BY_DEFAULT}
_GENERATED = {"s": Generated.STORED, "v": Generated.VIRTUAL}
_CONSTRAINT = {
    "p": ConstraintKind.PRIMARY_KEY,
    "u": ConstraintKind.UNIQUE,
    "c": ConstraintKind.CHECK,
    "x": ConstraintKind.EXCLUSION,
    "f": ConstraintKind.FOREIGN_KEY,
}
_COMMAND = {"*": "all", "r": "select", "a": "insert", "w": "update", "d": "delete"}
_ENABLED = {"O": "origin", "D": "disabled", "R": "replica", "A": "always"}


@dataclass(slots=True)
class Parts:
    """By relation."""

    columns: defaultdict[int, list[Column]] = field(default_factory=lambda: defaultdict(list))
    constraints: defaultdict[int, list[Constraint]] = field(default_factory=lambda: defaultdict(list))
    indexes: defaultdict[int, list[Index]] = field(default_factory=lambda: defaultdict(list))
    shares: defaultdict[int, list[IndexShare]] = field(default_factory=lambda: defaultdict(list))
    triggers: defaultdict[int, list[Trigger]] = field(default_factory=lambda: defaultdict(list))
    rules: defaultdict[int, list[Rule]] = field(default_factory=lambda: defaultdict(list))
    policies: defaultdict[int, list[Policy]] = field(default_factory=lambda: defaultdict(list))
    statistics: defaultdict[int, list[StatisticsObject]] = field(default_factory=lambda: defaultdict(list))


def read_parts(
    fetch: Fetch, known: Addresses, sequences: Sequences, relations: dict[int, ObjectRef]
) -> Parts:
    """Read the parts of these relations and note their addresses."""
    parts = Parts()
    _read_columns(fetch, known, sequences, relations, parts)
    _read_constraints(fetch, known, relations, parts)
    _read_indexes(fetch, known, relations, parts)
    _read_triggers(fetch, known, relations, parts)
    _read_rules(fetch, known, relations, parts)
    _read_policies(fetch, known, relations, parts)
    _read_statistics(fetch, known, relations, parts)
    return parts


def _read_columns(
    fetch: Fetch, known: Addresses, sequences: Sequences, relations: dict[int, ObjectRef], parts: Parts
) -> None:
    column = cache(_column)  # most tables have the same id, the same times: one value serves them all
    for relation, rows in groupby(fetch("columns"), key=itemgetter(0)):
        names = known.column_names[relation]
        columns = parts.columns[relation]
        for place, (_, number, default, name, *others) in enumerate(rows, 1):  # attnum has gaps
            sequence = sequences.of_identity.get((relation, number))
            columns.append(column(place, sequence, name, *others))
            names[number] = name
            if default or sequence:
                reference = part_of(relations[relation], Kind.COLUMN, name)
                known.add(reference, (PG_ATTRDEF, default or 0, 0))
                known.add(reference, (PG_CLASS, sequence.oid if sequence else 0, 0))


def _column(place: int, sequence: SequenceRow | None, name: str, *row: Any) -> Column:
    kind, not_null, default, collation, identity, generated, *others = row
    storage, compression, statistics, options, is_stored, told, inherited, local, *says, comment = others
    return Column(
        name=name,
        position=place,
        type=kind,
        not_null=not_null,
        not_null_as=_not_null(name, *says) if not_null else None,
        inherited_not_null=_inherited_not_null(name, *says),
        default=default,
        collation=collation,
        identity=_IDENTITY.get(identity) if sequence else None,
        identity_options=sequence.options if sequence else None,
        identity_sequence=sequence.name if sequence else None,
        generated=_GENERATED.get(generated),
        storage=storage if is_stored else None,
        compression=compression if is_stored else None,
        statistics=statistics if is_stored else None,
        options=tuple(sorted(options.split(","))) if is_stored and options else (),
        fdw_options=fdw_options(told),
        inherited=inherited,
        local=local,
        comment=comment,
    )


def _not_null(
    column: str,
    name: str | None,
    table: str | None,
    inherited_by_none: bool | None,
    validated: bool | None,
    repeated: bool | None,
    only_inherited: bool | None,
    comment: str | None,
) -> NotNull | None:
    found = NotNull(
        name=None if only_inherited or (table and name == made_name(table, column, "not_null")) else name,
        inherited_by_none=bool(inherited_by_none),
        validated=validated is not False,
        repeated=bool(repeated),
        comment=comment,
    )
    return None if found == NotNull() else found


def _inherited_not_null(column: str, name: str | None, table: str | None, *others: Any) -> str | None:
    *_, only_inherited, _ = others
    is_usual = table is None or name == made_name(table, column, "not_null")
    return ("" if is_usual else name) if only_inherited else None


def _read_constraints(fetch: Fetch, known: Addresses, relations: dict[int, ObjectRef], parts: Parts) -> None:
    for row in fetch("constraints"):
        oid, relation, name, kind, definition, key, *others = row
        schema, table, referenced, referenced_key, unread, validated, index, options, *others = others
        clustered, identity, tablespace, inherited, local, *parent, comment = others
        constraint = Constraint(
            name=name,
            kind=_CONSTRAINT[kind],
            definition=_present(definition),
            columns=known.columns(relation, key),
            references=(schema, table) if table else None,
            referenced_columns=tuple(unread or ()) or known.columns(referenced or 0, referenced_key),
            validated=validated,
            options=tuple(sorted(options or ())),
            clustered=bool(clustered),
            replica_identity=bool(identity),
            tablespace=tablespace,
            inherited=inherited,
            local=local,
            comment=comment,
        )
        share = shares.share_of_constraint(relations[relation], constraint, *parent)
        if share:
            parts.shares[relation].append(share)
        else:
            parts.constraints[relation].append(constraint)
        known.add(
            part_of(relations[relation], Kind.INDEX if share else Kind.CONSTRAINT, name),
            (PG_CONSTRAINT, oid, 0),
            # A foreign key's conindid is the index that it refers to, the others' is their own.
            (PG_CLASS, 0 if kind == "f" else index, 0),
        )
    _sort(parts.constraints.values())


def _read_indexes(fetch: Fetch, known: Addresses, relations: dict[int, ObjectRef], parts: Parts) -> None:
    for row in fetch("indexes"):
        oid, relation, schema, name, definition, method, unique, key, predicate, valid, *others = row
        clustered, identity, tablespace, statistics, *parent, comment = others
        index = Index(
            name=name,
            definition=_present(definition),
            method=method,
            unique=unique,
            columns=known.columns(relation, key),
            predicate=predicate,
            valid=valid,
            clustered=clustered,
            replica_identity=identity,
            tablespace=tablespace,
            statistics=tuple((number, target) for number, target in statistics or ()),
            comment=comment,
        )
        if share := shares.share_of_index(relations[relation], index, *parent):
            parts.shares[relation].append(share)
        else:
            parts.indexes[relation].append(index)
        known.add((Kind.INDEX, schema, name, relations[relation].name), (PG_CLASS, oid, 0))
    _sort(parts.indexes.values())
    _sort(parts.shares.values())


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


def _sort(lists: Iterable[list[Any]]) -> None:
    for entries in lists:
        entries.sort(key=lambda entry: entry.name)
