"""The SQL that makes the target's schema like the source's, object by object."""

from functools import lru_cache

from schemadiff.core.catalog import Kind, ObjectRef
from schemadiff.core.plan import Plan, Statement
from schemadiff.core.planner import plan_schema
from schemadiff.models import Comparison, Snapshot
from schemadiff.store import catalog_of

_KEPT = 4


def schema_plan_of(comparison: Comparison) -> Plan:
    """The plan between the comparison's two snapshots; kept, for snapshots never change."""
    return _plan(
        comparison.source_id,
        comparison.target_id,
        comparison.source.fingerprint,
        comparison.target.fingerprint,
    )


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
def _plan(source_id: int, target_id: int, source_fingerprint: str, target_fingerprint: str) -> Plan:
    # The fingerprints are part of the key so that reused ids (a test's database) cannot be confused.
    snapshots = Snapshot.objects.defer("catalog").in_bulk([source_id, target_id])
    return plan_schema(catalog_of(snapshots[source_id]), catalog_of(snapshots[target_id]))
