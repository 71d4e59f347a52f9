"""What a row alone cannot tell, looked at when a follower has caught up: unmet foreign keys, and rejects that fit now.

As after a copy: a row whose referenced row is missing becomes a reject. Foreign keys that the source has, too, and
whose referenced table has no rejects, are met already, and not looked at.
"""

from migration.engine import changed_keys
from migration.engine.changed_rows import Route
from migration.engine.following import FollowerSession
from migration.engine.orphans import (
    MISSING,
    LoadedTable,
    Reference,
    loaded_table,
    move_orphans,
    references_of,
)
from migration.engine.rejects import keys_of
from migration.engine.sessions import Session

_BATCH = 500


def settle(session: FollowerSession) -> None:
    """Try again what others were in the way of, and take out what refers to nothing."""
    target, others_came = session.target, session.has_changed()
    for route in session.routes:
        _try_again(session, route, others_came=others_came)
    loaded = [loaded_table(target, session.run, route.carriage, route.key) for route in session.routes]
    by_table = {route.carriage.source: route for route in session.routes}

    def in_doubt(table: LoadedTable, reference: Reference) -> bool:
        route = by_table[table.carriage.source]
        return not _is_vouched_for(session.source, session.routes, route, reference)

    move_orphans(session.source, target, session.run, loaded, in_doubt)
    for route in session.routes:
        route.rejected = set(keys_of(target, session.run, route.carriage.source))


def try_again(session: FollowerSession) -> None:
    """Rejects only: on the way back the source's own foreign keys are its own affair."""
    for route in session.routes:
        _try_again(session, route, others_came=True)
        route.rejected = set(keys_of(session.target, session.run, route.carriage.source))


def _try_again(session: FollowerSession, route: Route, *, others_came: bool) -> None:
    """The row as the source has it now. One that refers to nothing still is taken out again."""
    orphans = keys_of(session.target, session.run, route.carriage.source, MISSING)
    keys = sorted(route.rejected if others_came else route.rejected - set(orphans))
    for start in range(0, len(keys), _BATCH):
        some = keys[start : start + _BATCH]
        with session.target.transaction():
            session.applier.read_again(route, some)
            changed_keys.add(session.target, session.run, route.carriage.source, some)


def _is_vouched_for(source: Session, routes: tuple[Route, ...], route: Route, reference: Reference) -> bool:
    """Does the source itself see to it that every row of the target has the row that it refers to?"""
    parent = next((each for each in routes if each.carriage.target == reference.referred), None)
    if parent is None or parent.rejected:
        return False
    own = [_source_of(route, name) for name in reference.columns]
    theirs = [_source_of(parent, name) for name in reference.referred_columns]
    unchecked = _unchecked(source, route)
    return any(
        each.referred == parent.carriage.source
        and each.name not in unchecked
        and sorted(zip(each.columns, each.referred_columns, strict=True))
        == sorted((str(one), str(other)) for one, other in zip(own, theirs, strict=True))
        for each in references_of(source, route.carriage.source)
    )


def _source_of(route: Route, name: str) -> str | None:
    column = route.carriage.column(name)
    return column.source if column is not None else None


def _unchecked(source: Session, route: Route) -> frozenset[str]:
    """Foreign keys that were never validated."""
    rows = source.execute(
        "SELECT k.conname FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid "
        "JOIN pg_namespace n ON n.oid = c.relnamespace "
        "WHERE k.contype = 'f' AND NOT k.convalidated AND n.nspname = %s AND c.relname = %s",
        list(route.carriage.source),
    ).fetchall()
    return frozenset(row[0] for row in rows)
