"""Applying a plan's statements, each in one transaction with its ledger row: once, whatever happens."""

import contextlib
from collections.abc import Callable, Iterator
from functools import partial
from uuid import UUID

import psycopg

from migration.core.errors import RunFailed, RunStopped
from migration.core.events import Event, TaskBegun, TaskDone
from migration.core.reasons import is_about_a_row
from migration.core.reasons import sentence as reason_sentence
from migration.core.spec import RunSpec
from migration.engine import concurrently, ledger, movements
from migration.engine.attempts import PAUSES, persistently
from migration.engine.outlooks import task_of
from migration.engine.rights import lacking_right
from migration.engine.sessions import TARGET_LIMITS, Session, name_of
from schemadiff.core.catalog import Kind
from schemadiff.core.errors import TargetMoved
from schemadiff.core.plan import Section, Statement
from schemadiff.core.waiting import NO_LIMIT

_Status = psycopg.pq.TransactionStatus


def apply_section(
    target: Session,
    spec: RunSpec,
    section: Section,
    *,
    mark: str,
    report: Callable[[Event], None],
    should_stop: Callable[[], bool],
) -> int:
    """Apply what the ledger does not have yet; returns how many statements that were.

    Each waits for its locks as long as it says, and is tried again a few times where it does not get them.

    `mark` is the schema's when the run was prepared: it holds until a statement is recorded. Raises RunFailed
    naming the object, and TargetMoved where others changed the schema before it; nothing of that statement is
    left behind then. (What others change while a statement is at work goes unnoticed.)
    """
    done = ledger.applied(target, spec.ledger_id)
    mark = ledger.last_mark(target, spec.ledger_id) or mark
    count = 0
    for position, statement in enumerate(spec.plan.statements):
        if statement.section is not section or done.get(position) == "applied":
            continue
        if should_stop():
            raise RunStopped(f"The run was stopped before “{statement.ref.label}”.")
        work = partial(_apply, target, spec.ledger_id, position, statement, mark)
        task = task_of(statement)
        if task is not None:
            report(TaskBegun(task=task, name=str(position)))
        try:
            mark = persistently(
                target,
                spec.ledger_id,
                position,
                statement,
                work,
                report=report,
                should_stop=should_stop,
            )
        except psycopg.Error as exc:
            raise RunFailed(_failure(target, statement, exc)) from exc
        if task is not None:
            report(TaskDone(task=task, name=str(position)))
        count += 1
    return count


def settle(target: Session, spec: RunSpec) -> None:
    """After an attempt that was cut off while something ran CONCURRENTLY, in no transaction.

    What the server finished all the same is recorded; what it left unfinished is removed, to be done again.
    """
    for position, state in ledger.applied(target, spec.ledger_id).items():
        statement = spec.plan.statements[position]
        if state == "begun" and concurrently.is_done(target, statement):
            mark = movements.mark_of(target)
            ledger.record_statement(target, spec.ledger_id, position, statement, "applied", mark)
        elif state == "begun":
            concurrently.clear_up(target, statement)


def check_unmoved(target: Session, statement: Statement, mark: str) -> None:
    """One look at the catalog. What others changed must not pass for what this run made. Raises TargetMoved."""
    if movements.mark_of(target) != mark:
        raise TargetMoved(
            f"The schema of the target {name_of(target)} was changed by somebody else while this run was at "
            f"work, before the {statement.ref.kind.value} “{statement.ref.label}”, which was left alone. Undo "
            "that change and resume, or put everything back with `restore` and compare again."
        )


def _apply(target: Session, ledger_id: UUID, position: int, statement: Statement, mark: str) -> str:
    """Returns the schema's mark afterwards."""
    # A label is added in a transaction of its own (PostgreSQL 12 and later), and its ledger row with it.
    if statement.in_transaction or statement.ref.kind is Kind.ENUM:
        return _apply_in_transaction(target, ledger_id, position, statement, mark)
    return _apply_alone(target, ledger_id, position, statement, mark)


def _apply_in_transaction(
    target: Session, ledger_id: UUID, position: int, statement: Statement, mark: str
) -> str:
    with target.transaction():
        check_unmoved(target, statement, mark)
        before = movements.look_around(target) if _moves_objects(statement) else None
        with _limited(target, statement):
            _execute(target, statement)
        if before is not None:
            movements.record_changes(target, ledger_id, before)
        after = movements.mark_of(target)
        ledger.record_statement(target, ledger_id, position, statement, "applied", after)
    return after


def _apply_alone(target: Session, ledger_id: UUID, position: int, statement: Statement, mark: str) -> str:
    """CREATE INDEX CONCURRENTLY and the like: recorded as begun, then as applied."""
    check_unmoved(target, statement, mark)
    ledger.record_statement(target, ledger_id, position, statement, "begun", mark)
    _execute_alone(target, statement)
    after = movements.mark_of(target)
    ledger.record_statement(target, ledger_id, position, statement, "applied", after)
    return after


def _execute_alone(target: Session, statement: Statement) -> None:
    try:
        with _limited(target, statement):
            _execute(target, statement)
    except psycopg.Error:
        concurrently.clear_up_if_possible(target, statement)
        raise


@contextlib.contextmanager
def _limited(target: Session, statement: Statement) -> Iterator[None]:
    """The statement's own timeouts, not those of what is done around it; a failed transaction puts those back."""
    set_both = "SELECT set_config('lock_timeout', %s, false), set_config('statement_timeout', %s, false)"
    limits = statement.timeouts
    target.execute(set_both, [limits.lock, limits.statement])
    try:
        yield
    finally:
        if target.info.transaction_status in (_Status.IDLE, _Status.INTRANS):
            target.execute(set_both, TARGET_LIMITS)


def _execute(target: Session, statement: Statement) -> None:
    """By the extended protocol: one command only."""
    result = target.pgconn.exec_params(statement.sql.encode(), None)
    if result.status not in (psycopg.pq.ExecStatus.COMMAND_OK, psycopg.pq.ExecStatus.TUPLES_OK):
        raise psycopg.errors.error_from_result(result)


def _moves_objects(statement: Statement) -> bool:
    """Looking around costs milliseconds, so it is left out where it can find nothing."""
    return statement.ref.kind not in (Kind.INDEX, Kind.TRIGGER, Kind.COLUMN)


def _failure(target: Session, statement: Statement, error: psycopg.Error) -> str:
    """Names the object and PostgreSQL's reason. DETAIL is left out: it quotes rows."""
    code, named = error.sqlstate or "", f"{statement.ref.kind.value} “{statement.ref.label}”"
    if target.closed or code.startswith(("08", "57P")):
        return f"The target's connection was lost at the {named}. Resume the run when the server is back."
    limits = statement.timeouts
    if code == "55P03":
        return (
            f"The {named} could not be changed: {len(PAUSES) + 1} times, for {limits.lock} each, other sessions "
            "held locks on it. End them or wait, then resume the run."
        )
    if code == "57014" and limits.statement != NO_LIMIT:
        return (
            f"The {named} was cancelled: by somebody, or because it took longer than {limits.statement}, and a "
            f"{statement.lock.value} lock is held for no longer. Resume the run in a quiet hour; if it is never "
            "enough, make this change by hand and compare again."
        )
    diag = error.diag
    if is_about_a_row(code):
        where = f"{diag.schema_name}.{diag.table_name}" if diag.table_name else statement.ref.label
        reason = reason_sentence(code, constraint=diag.constraint_name or "", column=diag.column_name or "")
        return (
            f"The {named} could not be made because of rows in “{where}”: {reason}. "
            "Correct those rows, or change the plan, then resume the run."
        )
    said = f"The {named} could not be changed: {diag.message_primary or 'no reason given'} (SQLSTATE {code})."
    right = lacking_right(target, statement.ref) if code == "42501" else ""
    return f"{said} As somebody who may: {right} Then resume the run." if right else said
