"""Keys, checks and exclusions: always statements of their own, so that no two tables wait for one another."""

from schemadiff.core import hazards
from schemadiff.core.catalog import Constraint, ConstraintKind, ObjectRef, Table
from schemadiff.core.ddl.printed import restored
from schemadiff.core.ddl.references import column_ref, constraint_ref, label, not_null_ref, sql_name
from schemadiff.core.identifiers import quote
from schemadiff.core.locks import Command, lock_of
from schemadiff.core.plan import Hazard, Section, Statement

_NOT_VALID = " NOT VALID"


def add_constraint(table: Table, constraint: Constraint) -> Statement:
    """As the definition says, NOT VALID included. Checks stand before the rows come, keys after."""
    is_check = constraint.kind is ConstraintKind.CHECK
    is_key = constraint.kind is ConstraintKind.FOREIGN_KEY
    return Statement(
        sql=_add(table, constraint, constraint.definition),
        ref=constraint_ref(table, constraint),
        section=Section.PRE_DATA if is_check and constraint.validated else Section.POST_DATA,
        provides=frozenset({constraint_ref(table, constraint)}),
        lock=lock_of(Command.ADD_FOREIGN_KEY if is_key else Command.ALTER_TABLE),
        hazards=_hazards(table, constraint) if constraint.validated else (),
    )


def add_not_valid(table: Table, constraint: Constraint) -> Statement:
    """Holds for what is written from now on; the rows that are there are judged by `validate`."""
    is_key = constraint.kind is ConstraintKind.FOREIGN_KEY
    return Statement(
        sql=_add(table, constraint, body(constraint) + _NOT_VALID),
        ref=constraint_ref(table, constraint),
        section=Section.POST_DATA,
        provides=frozenset({constraint_ref(table, constraint)}),
        lock=lock_of(Command.ADD_FOREIGN_KEY if is_key else Command.ALTER_TABLE),
    )


def validate(table: Table, constraint: Constraint) -> Statement:
    return Statement(
        sql=f"ALTER TABLE {sql_name(table)} VALIDATE CONSTRAINT {quote(constraint.name)}",
        ref=constraint_ref(table, constraint),
        section=Section.POST_DATA,
        requires=frozenset({constraint_ref(table, constraint)}),
        lock=lock_of(Command.VALIDATE),
        hazards=(_may_fail(table, constraint),),
    )


def drop_constraint(table: Table, constraint: Constraint) -> Statement:
    """A primary key lets go of its columns' NOT NULL too."""
    releases: frozenset[ObjectRef] = frozenset()
    if constraint.kind is ConstraintKind.PRIMARY_KEY:
        releases = frozenset(not_null_ref(column_ref(table, name)) for name in constraint.columns)
    return Statement(
        sql=f"ALTER TABLE {sql_name(table)} DROP CONSTRAINT {quote(constraint.name)}",
        ref=constraint_ref(table, constraint),
        section=Section.PRE_DATA,
        destroys=frozenset({constraint_ref(table, constraint)}),
        releases=releases,
        lock=lock_of(Command.DROP),
    )


def body(constraint: Constraint) -> str:
    """The definition without NOT VALID, which is a state and not part of what the constraint says."""
    return constraint.definition.removesuffix(_NOT_VALID)


def _add(table: Table, constraint: Constraint, definition: str) -> str:
    return f"ALTER TABLE {sql_name(table)} ADD CONSTRAINT {quote(constraint.name)} {restored(definition)}"


def _hazards(table: Table, constraint: Constraint) -> tuple[Hazard, ...]:
    if constraint.kind is ConstraintKind.FOREIGN_KEY:
        referenced = ".".join(constraint.references or ())
        during = f"its rows are looked up in {referenced}, which nobody writes either"
        return hazards.blocks_writes(label(table), during), _may_fail(table, constraint)
    during = "its rows are checked" if constraint.kind is ConstraintKind.CHECK else "the index is built"
    return hazards.blocks_reads(label(table), during), _may_fail(table, constraint)


def _may_fail(table: Table, constraint: Constraint) -> Hazard:
    return hazards.may_fail_on_rows(label(table), f"where a row breaks {constraint.name}")
