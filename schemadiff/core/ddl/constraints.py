"""Keys, checks and exclusions: always statements of their own, so that no two tables wait for one another."""

import re
from collections.abc import Iterator

from schemadiff.core import hazards
from schemadiff.core.catalog import Constraint, ConstraintKind, ObjectRef, Table
from schemadiff.core.ddl.printed import restored
from schemadiff.core.ddl.references import column_ref, constraint_ref, label, not_null_ref, sql_name
from schemadiff.core.identifiers import quote
from schemadiff.core.locks import Command, lock_of
from schemadiff.core.plan import Duration, Hazard, Section, Statement

_NOT_VALID = " NOT VALID"
_NO_INHERIT = " NO INHERIT"
_NOT_ENFORCED = " NOT ENFORCED"
_TIMING = re.compile(r" DEFERRABLE(?: INITIALLY DEFERRED)?\Z")
_NUMBER = re.compile(r"[1-9][0-9]{0,5}\Z")


def add_constraint(table: Table, constraint: Constraint) -> Statement:
    """As the definition says, NOT VALID included. Checks stand before the rows come, keys after."""
    is_check = constraint.kind is ConstraintKind.CHECK
    is_key = constraint.kind is ConstraintKind.FOREIGN_KEY
    return Statement(
        sql=_add(table, constraint, _in_its_tablespace(constraint)),
        ref=constraint_ref(table, constraint),
        section=Section.PRE_DATA if is_check and constraint.validated else Section.POST_DATA,
        provides=frozenset({constraint_ref(table, constraint)}),
        lock=lock_of(Command.ADD_FOREIGN_KEY if is_key else Command.ALTER_TABLE),
        place=_number(constraint) if is_key else 0,
        duration=_duration(constraint),
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
        place=_number(constraint) if is_key else 0,
    )


def validate(table: Table, constraint: Constraint) -> Statement:
    return Statement(
        sql=f"ALTER TABLE {sql_name(table)} VALIDATE CONSTRAINT {quote(constraint.name)}",
        ref=constraint_ref(table, constraint),
        section=Section.POST_DATA,
        requires=frozenset({constraint_ref(table, constraint)}),
        lock=lock_of(Command.VALIDATE),
        duration=Duration.READS_ROWS,
        hazards=(_may_fail(table, constraint),),
    )


def can_alter_constraint(source: Constraint, target: Constraint) -> bool:
    """Validated, or a foreign key checked at another time: the rest is made anew."""
    if source.kind is not ConstraintKind.FOREIGN_KEY:
        return body(source) == body(target) and (source.validated or not target.validated)
    if _timeless(source) != _timeless(target):
        return False
    if _is_enforced(source) and not _is_enforced(target):
        return source.validated  # enforcing it validates it
    return source.validated or not target.validated or not _is_enforced(source)


def alter_constraint(table: Table, source: Constraint, target: Constraint) -> Iterator[Statement]:
    """Only where `can_alter_constraint` says so."""
    enforced = _is_enforced(source) != _is_enforced(target)
    if source.kind is ConstraintKind.FOREIGN_KEY and (enforced or _timing(source) != _timing(target)):
        yield _set_timing(table, source, target)
    if source.validated and not target.validated and not enforced:
        yield validate(table, source)


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


def is_passed_on(constraint: Constraint) -> bool:
    """Whether the tables that inherit the constraint's have it, too."""
    stem = body(constraint).removesuffix(_NOT_ENFORCED)
    return constraint.kind is ConstraintKind.CHECK and not stem.endswith(_NO_INHERIT)


def is_unvalidated(constraint: Constraint) -> bool:
    """NOT VALID, which NOT ENFORCED is not."""
    return constraint.definition.endswith(_NOT_VALID)


def body(constraint: Constraint) -> str:
    """The definition without NOT VALID, which is a state and not part of what the constraint says."""
    return constraint.definition.removesuffix(_NOT_VALID)


def _set_timing(table: Table, source: Constraint, target: Constraint) -> Statement:
    """When it is checked, and whether at all; rows are looked at only where it comes into force."""
    comes = _is_enforced(source) and not _is_enforced(target)
    words = [] if _timing(source) == _timing(target) else [_timing(source) or "NOT DEFERRABLE"]
    if _is_enforced(source) != _is_enforced(target):
        words.append("ENFORCED" if comes else "NOT ENFORCED")
    return Statement(
        sql=f"ALTER TABLE {sql_name(table)} ALTER CONSTRAINT {quote(source.name)} {' '.join(words)}",
        ref=constraint_ref(table, source),
        section=Section.POST_DATA,
        requires=frozenset({constraint_ref(table, source)}),
        lock=lock_of(Command.ALTER_TABLE),
        hazards=_hazards(table, source) if comes else (),
    )


def _is_enforced(constraint: Constraint) -> bool:
    return not constraint.definition.endswith(_NOT_ENFORCED)


def _timing(constraint: Constraint) -> str:
    """`DEFERRABLE INITIALLY DEFERRED`, or a part of it."""
    found = _TIMING.search(body(constraint).removesuffix(_NOT_ENFORCED))
    return found[0].strip() if found else ""


def _timeless(constraint: Constraint) -> str:
    return _TIMING.sub("", body(constraint).removesuffix(_NOT_ENFORCED))


def is_made_in_its_tablespace(constraint: Constraint) -> bool:
    """An exclusion's is moved there: what it says of the rows stands behind the clause."""
    return constraint.kind in (ConstraintKind.PRIMARY_KEY, ConstraintKind.UNIQUE)


def _in_its_tablespace(constraint: Constraint) -> str:
    if constraint.tablespace is None or not is_made_in_its_tablespace(constraint):
        return constraint.definition
    stem = _TIMING.sub("", constraint.definition)
    clause = f" USING INDEX TABLESPACE {quote(constraint.tablespace)}"
    return stem + clause + constraint.definition.removeprefix(stem)


def _number(key: Constraint) -> int:
    """What its name ends with. Up to 17, a foreign key to a partitioned table has one more for each partition, named
    with the next numbers that are free: keys that PostgreSQL numbered find theirs free in the order of the numbers."""
    found = _NUMBER.search(key.name)
    return int(found[0]) if found else 0


def _add(table: Table, constraint: Constraint, definition: str) -> str:
    return f"ALTER TABLE {sql_name(table)} ADD CONSTRAINT {quote(constraint.name)} {restored(definition)}"


def _duration(constraint: Constraint) -> Duration:
    if not constraint.validated:
        return Duration.INSTANT
    reads = constraint.kind in (ConstraintKind.CHECK, ConstraintKind.FOREIGN_KEY)
    return Duration.READS_ROWS if reads else Duration.BUILDS_INDEX


def _hazards(table: Table, constraint: Constraint) -> tuple[Hazard, ...]:
    if constraint.kind is ConstraintKind.FOREIGN_KEY:
        referenced = ".".join(constraint.references or ())
        during = f"its rows are looked up in {referenced}, which nobody writes either"
        return hazards.blocks_writes(label(table), during), _may_fail(table, constraint)
    during = "its rows are checked" if constraint.kind is ConstraintKind.CHECK else "the index is built"
    return hazards.blocks_reads(label(table), during), _may_fail(table, constraint)


def _may_fail(table: Table, constraint: Constraint) -> Hazard:
    return hazards.may_fail_on_rows(label(table), f"where a row breaks {constraint.name}")
