"""What the planner of the target's server knows of the carried tables: gathered anew once their rows are there."""

from collections.abc import Iterable

import psycopg
from psycopg import sql

from migration.engine.sessions import Session
from schemadiff.core.mapping import QualifiedName


def analyze(target: Session, tables: Iterable[QualifiedName]) -> tuple[QualifiedName, ...]:
    """ANALYZE them; returns those that others hold locks on, which are left to autovacuum.

    Tables that the role does not own are passed over by PostgreSQL itself, with a warning in its log.
    """
    left = []
    for table in sorted(set(tables)):
        try:
            target.execute(sql.SQL("ANALYZE {}").format(sql.Identifier(*table)))
        except (psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected):
            left.append(table)
    return tuple(left)
