"""Sequences of their own, and those that a serial column owns."""

from collections.abc import Iterator
from dataclasses import replace

from schemadiff.core import hazards
from schemadiff.core.catalog import Kind, ObjectRef, Persistence, Sequence, SequenceOptions
from schemadiff.core.ddl.references import owner_ref, persistence_ref, position_ref, sequence_ref, table_ref
from schemadiff.core.identifiers import literal, qualified, quote
from schemadiff.core.plan import Duration, Hazard, Section, Statement

_MAXIMA = {"smallint": 2**15 - 1, "integer": 2**31 - 1, "bigint": 2**63 - 1}


def create_sequence(sequence: Sequence) -> Statement:
    options = option_clauses(sequence.options)
    type_ = [] if sequence.options.type == "bigint" else [f"AS {sequence.options.type}"]
    return Statement(
        sql=" ".join([f"CREATE {_word(sequence)}SEQUENCE", _name(sequence), *type_, *options]),
        ref=sequence.ref,
        section=Section.PRE_DATA,
        provides=frozenset({sequence.ref}),
    )


def drop_sequence(sequence: Sequence) -> Statement:
    """How far it had counted is nowhere else, save where a column's rows tell."""
    lost = hazards.data_loss(f"the position of the sequence {sequence.ref.label}")
    return Statement(
        sql=f"DROP SEQUENCE {_name(sequence)}",
        ref=sequence.ref,
        section=Section.PRE_DATA,
        destroys=frozenset({sequence.ref}),
        hazards=() if sequence.owned_by else (lost,),
    )


def alter_sequence(source: Sequence, target: Sequence) -> Iterator[Statement]:
    """Every option is written out, for what is left out of ALTER SEQUENCE stays as it was."""
    if source.options != target.options:
        name = f"{literal(_name(source))}::pg_catalog.regclass"
        yield from step_into_bounds(name, source.options, target.options, source.ref)
        restart = restart_clauses(source.options, target.options)
        statement = set_options(source.schema, source.name, source.options, source.ref)
        yield replace(
            statement,
            sql=" ".join([statement.sql, *restart]),
            provides=frozenset({source.ref}),
            requires=frozenset({position_ref(source.ref)}),
            hazards=restart_hazards(restart, source.ref.label),
        )


def set_options(schema: str, name: str, options: SequenceOptions, ref: ObjectRef) -> Statement:
    """With its type. Of a sequence of its own, or the one of the column `ref`."""
    clauses = [f"AS {options.type}", *all_option_clauses(options)]
    return Statement(
        sql=" ".join([f"ALTER SEQUENCE {qualified(schema, name)}", *clauses]),
        ref=ref,
        section=Section.PRE_DATA,
        requires=frozenset({sequence_ref(schema, name)}),
    )


def set_persistence(schema: str, name: str, persistence: Persistence, ref: ObjectRef) -> Statement:
    """Of a sequence of its own, or the one of the column `ref`."""
    word = "UNLOGGED" if persistence is Persistence.UNLOGGED else "LOGGED"
    return Statement(
        sql=f"ALTER SEQUENCE {qualified(schema, name)} SET {word}",
        ref=ref,
        section=Section.PRE_DATA,
        requires=frozenset({sequence_ref(schema, name)}),
    )


def sets_persistence(statement: Statement) -> bool:
    """Whether the statement is one of these."""
    return statement.sql.startswith("ALTER SEQUENCE ") and statement.sql.endswith(
        (" SET LOGGED", " SET UNLOGGED")
    )


def own(sequence: Sequence) -> Statement:
    """Bind the sequence to its column, to be dropped with it."""
    assert sequence.owned_by is not None
    schema, table, column = sequence.owned_by
    owner = ObjectRef(kind=Kind.COLUMN, schema=schema, parent=table, name=column)
    return Statement(
        sql=f"ALTER SEQUENCE {_name(sequence)} OWNED BY {qualified(schema, table)}.{quote(column)}",
        ref=sequence.ref,
        section=Section.PRE_DATA,
        provides=frozenset({owner_ref(sequence.ref)}),
        requires=frozenset({sequence.ref, owner, persistence_ref(table_ref(schema, table))}),
    )


def disown(sequence: Sequence) -> Statement:
    """Let the column go without the sequence."""
    assert sequence.owned_by is not None
    schema, table, column = sequence.owned_by
    owner = ObjectRef(kind=Kind.COLUMN, schema=schema, parent=table, name=column)
    return Statement(
        sql=f"ALTER SEQUENCE {_name(sequence)} OWNED BY NONE",
        ref=sequence.ref,
        section=Section.PRE_DATA,
        destroys=frozenset({owner_ref(sequence.ref)}),
        releases=frozenset({owner}),
    )


def option_clauses(options: SequenceOptions) -> list[str]:
    """Only what differs from what PostgreSQL would choose for that type and direction."""
    usual = _usual(options)
    written = zip(all_option_clauses(options), all_option_clauses(usual), strict=True)
    return [clause for clause, default in written if clause != default]


def all_option_clauses(options: SequenceOptions) -> list[str]:
    return [
        f"INCREMENT BY {options.increment}",
        f"MINVALUE {options.minimum}",
        f"MAXVALUE {options.maximum}",
        f"START WITH {options.start}",
        f"CACHE {options.cache}",
        "CYCLE" if options.cycle else "NO CYCLE",
    ]


def restart_clauses(source: SequenceOptions, target: SequenceOptions) -> list[str]:
    """Where no position that the sequence can have is within its bounds to come, it begins anew."""
    apart = source.maximum < target.minimum or target.maximum < source.minimum
    return [f"RESTART WITH {source.start}"] if apart else []


def restart_hazards(clauses: list[str], label: str) -> tuple[Hazard, ...]:
    return (hazards.data_loss(f"the position of the sequence {label}"),) if clauses else ()


def step_into_bounds(
    name: str, source: SequenceOptions, target: SequenceOptions, ref: ObjectRef
) -> Iterator[Statement]:
    """ALTER SEQUENCE refuses bounds that leave the present position out. What has not come as far as the first
    bound is moved there; what is beyond the last one is not, for numbers would be given a second time.

    One that waits there to give its first number has given none, and is moved to where it is to start.

    `name` is an expression that gives the sequence's OID.
    """
    if restart_clauses(source, target):
        return
    rising = source.increment > 0
    first, present = (source.minimum, target.minimum) if rising else (source.maximum, target.maximum)
    start_is_beyond = target.start > source.maximum if rising else target.start < source.minimum
    last = f"pg_catalog.pg_sequence_last_value({name})"  # NULL before the first number
    if start_is_beyond:
        start = min(max(source.start, target.minimum), target.maximum)  # setval goes by the present bounds
        yield _step(f"SELECT pg_catalog.setval({name}, {start}, false) WHERE {last} IS NULL", ref)
    if first > present if rising else first < present:
        position = last if start_is_beyond else f"coalesce({last}, {target.start})"
        condition = f"{position} {'<' if rising else '>'} {first}"
        yield _step(f"SELECT pg_catalog.setval({name}, {first}, false) WHERE {condition}", ref)


def _step(sql: str, ref: ObjectRef) -> Statement:
    return Statement(sql=sql, ref=ref, section=Section.PRE_DATA, provides=frozenset({position_ref(ref)}))


def _usual(options: SequenceOptions) -> SequenceOptions:
    """The defaults of CREATE SEQUENCE (PostgreSQL manual, CREATE SEQUENCE)."""
    highest = _MAXIMA.get(options.type, _MAXIMA["bigint"])
    rising = options.increment > 0
    minimum, maximum = (1, highest) if rising else (-highest - 1, -1)
    start = options.minimum if rising else options.maximum
    return SequenceOptions(type=options.type, start=start, minimum=minimum, maximum=maximum)


def advance(
    sequence_name: str, table: str, column: str, options: SequenceOptions, ref: ObjectRef
) -> Statement:
    """Move a new sequence past the values that the column holds already."""
    furthest = f"max({column})" if options.increment > 0 else f"min({column})"
    return Statement(
        sql=f"SELECT pg_catalog.setval({literal(sequence_name)}, {furthest}) FROM {table}"
        f" HAVING {furthest} BETWEEN {options.minimum} AND {options.maximum}",
        ref=ref,
        section=Section.POST_DATA,
        duration=Duration.READS_ROWS,
    )


def _word(sequence: Sequence) -> str:
    return "UNLOGGED " if sequence.persistence is Persistence.UNLOGGED else ""


def _name(sequence: Sequence) -> str:
    return qualified(sequence.schema, sequence.name)
