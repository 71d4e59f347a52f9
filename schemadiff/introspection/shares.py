"""Partitions' shares of their parents' indexes."""

from dataclasses import replace

from schemadiff.core.catalog import Constraint, ConstraintKind, Index, IndexShare, ObjectRef
from schemadiff.core.identifiers import made_name

_LABELS = {ConstraintKind.UNIQUE: "key", ConstraintKind.EXCLUSION: "excl"}


def share_of_index(
    partition: ObjectRef, index: Index, schema: str | None, parent: str | None, columns: str | None
) -> IndexShare | None:
    """None for an index that is no share."""
    if schema is None or parent is None:
        return None
    usual = made_name(partition.name, columns or "", "idx")
    return IndexShare(
        name=index.name,
        share_of=(schema, parent),
        usual_name=None if index.name == usual else usual,
        index=replace(index, comment=None),
        comment=index.comment,
    )


def share_of_constraint(
    partition: ObjectRef, constraint: Constraint, schema: str | None, parent: str | None, columns: str | None
) -> IndexShare | None:
    """None for a constraint that is no share."""
    if schema is None or parent is None:
        return None
    is_primary = constraint.kind is ConstraintKind.PRIMARY_KEY
    label = "pkey" if is_primary else _LABELS[constraint.kind]
    usual = made_name(partition.name, "" if is_primary else columns or "", label)
    return IndexShare(
        name=constraint.name,
        share_of=(schema, parent),
        usual_name=None if constraint.name == usual else usual,
        constraint=replace(constraint, comment=None),
        comment=constraint.comment,
    )
