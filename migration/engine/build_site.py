"""A session of the target's with one statement at work in its transaction, while its process does something else."""

import contextlib
from multiprocessing.connection import wait
from uuid import UUID

import psycopg
from psycopg import pq

from migration.core.building import Planned
from migration.engine import build_claims, ledger, movements
from migration.engine.apply import check_unmoved
from migration.engine.sessions import Session
from schemadiff.core.plan import Statement

_LOOK_UP = 0.2  # seconds until it is looked whether the server takes more of a statement
_PATIENCE = 5.0  # seconds that a server has to end what was cancelled
_TURN = "2min"  # that another session may take to record what it has done


class Site:
    """Nobody waits for it: whoever made it asks whether it is done, and then looks at what came of it."""

    def __init__(self, session: Session) -> None:
        self.session = session
        # A server that may notice when this process has died ends the statement then, and gives its locks back.
        with contextlib.suppress(psycopg.Error):
            session.execute("SET client_connection_check_interval = '1s'")

    @property
    def socket(self) -> int:
        return self.session.pgconn.socket

    def begin(self, statement: Statement) -> None:
        """In a transaction that is open already, if one is."""
        if self.session.info.transaction_status is not pq.TransactionStatus.INTRANS:
            self.session.execute("BEGIN")
        limits = statement.timeouts
        self.session.execute(
            "SELECT set_config('lock_timeout', %s, true), set_config('statement_timeout', %s, true)",
            [limits.lock, limits.statement],
        )
        self.session.pgconn.send_query_params(statement.sql.encode(), None)
        while self.session.pgconn.flush():
            wait([self.socket], _LOOK_UP)

    def is_done(self) -> bool:
        """Has the server answered, or gone?"""
        try:
            self.session.pgconn.consume_input()
        except psycopg.OperationalError:
            return True
        return not self.session.pgconn.is_busy()

    def end(self) -> None:
        """Read the answer. Raises what the statement did."""
        answers = []
        while (result := self.session.pgconn.get_result()) is not None:
            answers.append(result)
        if not answers:
            raise psycopg.OperationalError("connection lost")
        if answers[0].status not in (pq.ExecStatus.COMMAND_OK, pq.ExecStatus.TUPLES_OK):
            raise psycopg.errors.error_from_result(answers[0])

    def commit(self, looker: Session, ledger_id: UUID, planned: Planned, mark: str) -> None:
        """With its ledger row, one after the other from whatever process: so the marks in the ledger follow one another
        as if the statements had been applied in turn.

        `looker` is another session, which sees what is committed; `mark` as in Builders. Raises TargetMoved,
        psycopg.Error.
        """
        self.session.execute("SELECT set_config('lock_timeout', %s, true)", [_TURN])
        self.session.execute("SELECT pg_advisory_xact_lock(hashtext('schemadiff statement'))")
        check_unmoved(looker, planned.statement, ledger.last_mark(looker, ledger_id) or mark)
        after = movements.mark_of(self.session)
        ledger.record_statement(
            self.session, ledger_id, planned.position, planned.statement, "applied", after
        )
        build_claims.strike(self.session, ledger_id, planned.position)
        self.session.execute("COMMIT")

    def cancel(self) -> None:
        """And wait a little for its end, so that its locks are free."""
        with contextlib.suppress(psycopg.Error):
            self.session.cancel_safe(timeout=_PATIENCE)
            wait([self.socket], _PATIENCE)
