"""The SQL that makes the target's schema like the source's, object by object."""

from collections.abc import Iterable
from functools import lru_cache

from schemadiff.core.catalog import Kind, ObjectRef
from schemadiff.core.noise.selection import Selection, find, select
from schemadiff.core.plan import Mode, Plan, Statement
from schemadiff.core.planner import plan_schema
from schemadiff.models import Comparison
from schemadiff.store import Inputs, agreement_between, inputs_of

_KEPT = 4


def schema_plan_of(comparison: Comparison, mode: Mode = Mode.PLAIN) -> Plan:
    """The plan between the comparison's two snapshots; what is ignored stays as it is. Kept: snapshots never change."""
    return _plan(inputs_of(comparison), mode)


def selection_of(comparison: Comparison, names: Iterable[str]) -> tuple[Selection, Plan]:
    """The plan for some objects and what they need. Raises Refused for a name that means no object."""
    inputs = inputs_of(comparison)
    _, target = inputs.sides.catalogs()
    wanted = agreement_between(inputs).wanted
    selection = select(wanted, target, find(wanted, target, names), inputs.mapping)
    return selection, plan_schema(selection.wanted, target, mapping=inputs.mapping)


def statements_of(comparison: Comparison, ref: ObjectRef) -> tuple[Statement, ...]:
    """The statements about one object and its columns, constraints, indexes and triggers, in order."""
    return tuple(
        statement for statement in schema_plan_of(comparison).statements if _is_about(statement.ref, ref)
    )


def _is_about(ref: ObjectRef, owner: ObjectRef) -> bool:
    if ref == owner:
        return True
    return owner.kind in (Kind.TABLE, Kind.VIEW) and (ref.schema, ref.parent) == (owner.schema, owner.name)


@lru_cache(maxsize=_KEPT)
def _plan(inputs: Inputs, mode: Mode) -> Plan:
    _, target = inputs.sides.catalogs()
    return plan_schema(agreement_between(inputs).wanted, target, mode, inputs.mapping)
