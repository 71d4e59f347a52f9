"""A mapping's expressions, tried before anything is written or compared."""

from migration.core.spec import RunSpec
from migration.engine.carrying import column_types
from migration.engine.sessions import Session
from schemadiff.core.mapping import Mapping, QualifiedName
from schemadiff.evidence import expression_check


def check_expressions(source: Session, target: Session, spec: RunSpec) -> None:
    """Raises Refused naming each expression that the source refuses whatever the row."""
    _check(source, target, spec.mapping, "Nothing was written. Mend the mapping and start again.")


def check_before_comparing(source: Session, target: Session, mapping: Mapping) -> None:
    """Raises Refused naming each expression that the source refuses whatever the row."""
    _check(
        source, target, mapping, "Nothing was compared. Mend the mapping, or what it names, and try again."
    )


def _check(source: Session, target: Session, mapping: Mapping, otherwise: str) -> None:
    known: dict[QualifiedName, dict[str, str]] = {}

    def type_of(table: QualifiedName, column: str) -> str | None:
        if table not in known:  # none where the plan is yet to make the table
            known[table] = {each.column: each.full for each in column_types(target, table)}
        return known[table].get(column)

    with source.transaction(force_rollback=True):
        expression_check.check_expressions(source, mapping.tables, type_of, otherwise=otherwise)
