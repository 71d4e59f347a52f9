"""A run's expressions, tried before anything is written."""

from migration.core.spec import RunSpec
from migration.engine.carrying import column_types
from migration.engine.sessions import Session
from schemadiff.core.errors import Refused
from schemadiff.core.mapping import QualifiedName
from schemadiff.evidence.expression_check import refused_expressions

_TOLD = 3


def check_expressions(source: Session, target: Session, spec: RunSpec) -> None:
    """Raises Refused naming each expression that the source refuses whatever the row."""
    known: dict[QualifiedName, dict[str, str]] = {}

    def type_of(table: QualifiedName, column: str) -> str | None:
        if table not in known:  # none where the plan is yet to make the table
            known[table] = {each.column: each.full for each in column_types(target, table)}
        return known[table].get(column)

    with source.transaction(force_rollback=True):
        refused = list(refused_expressions(source, spec.mapping.tables, type_of))
    if refused:
        more = f" And {len(refused) - _TOLD} more." if len(refused) > _TOLD else ""
        raise Refused(
            f"The source refuses what the mapping asks of it. {' '.join(refused[:_TOLD])}{more} Nothing was "
            "written. Mend the mapping and start again."
        )
