"""How far the indexes are that a run has built just now, by what the target's server says of them."""

import contextlib
import threading
from collections.abc import Callable, Iterator
from uuid import UUID

import psycopg

from migration.core.errors import RunFailed
from migration.core.events import BuildSeen, BuildsSeen, Event
from migration.engine.failures import close_quietly
from migration.engine.ownership import sessions_of
from migration.engine.queries import query
from migration.engine.sessions import Session, open_target_to_read
from schemadiff.core.plan import Plan

EVERY = 2.0
"""Seconds between two looks. What takes less is built unseen."""

_STEP = "building index: "  # before the steps that the kind of index has itself


@contextlib.contextmanager
def watched_builds(
    target_dsn: str,
    ledger_id: UUID,
    plan: Plan,
    report: Callable[[Event], None],
    opened: Callable[[Session], None],
) -> Iterator[None]:
    """Inside, a thread reports what is being built by sessions of that run, its helpers' included, and how far it is.

    `opened` is told of the session. Where the server does not answer nothing is said: whoever builds hears of that.
    """
    over = threading.Event()
    looking = threading.Thread(
        target=_look, args=(target_dsn, ledger_id, plan, report, opened, over), name="builds", daemon=True
    )
    looking.start()
    try:
        yield
    finally:
        over.set()
        looking.join()


def builds_at_work(target: Session, ledger_id: UUID, plan: Plan) -> BuildsSeen:
    """What is being built now, the longest first."""
    rows = target.execute(query("builds_at_work"), sessions_of(ledger_id)).fetchall()
    return BuildsSeen(
        builds=tuple(
            BuildSeen(name=_name(plan, asked) or f"on {table}", step=phase.removeprefix(_STEP), share=share)
            for asked, table, phase, share in rows
        )
    )


def _look(
    target_dsn: str,
    ledger_id: UUID,
    plan: Plan,
    report: Callable[[Event], None],
    opened: Callable[[Session], None],
    over: threading.Event,
) -> None:
    session: Session | None = None
    said = BuildsSeen()
    with contextlib.suppress(RunFailed, psycopg.Error):
        while not over.wait(EVERY):
            if session is None:
                session = open_target_to_read(target_dsn)
                opened(session)
            found = builds_at_work(session, ledger_id, plan)
            if found.builds or said.builds:
                report(found)
            said = found
    if said.builds:
        report(BuildsSeen())
    if session is not None:
        close_quietly(session)


def _name(plan: Plan, asked: str) -> str:
    """What the statement makes that begins so."""
    for statement in plan.statements:
        if asked and statement.sql.startswith(asked):
            return f"{statement.ref.kind.value} {statement.ref.label}"
    return ""
