"""A plan as a script for psql: its transactions, and above each statement its limits and hazards."""

from collections.abc import Callable, Iterator
from typing import TypeAlias

from schemadiff.core.plan import Mode, Plan, Statement
from schemadiff.core.transactions import Group, grouped
from schemadiff.core.waiting import Duration, Lock, Timeouts

Remark: TypeAlias = Callable[[Statement], str]


def render(plan: Plan, remark: Remark | None = None) -> str:
    """An empty text if there is nothing to do.

    `remark` may have something to say of a statement, which then stands above it as comments, a line each. The
    statement's own `lock_timeout` and `statement_timeout` are set before it, where other ones are in force.
    """
    if not plan.statements:
        return ""
    return "\n".join([*_heading(plan), *_body(plan, remark or _nothing)])


def notices_alone(plan: Plan) -> str:
    """Why a plan of two schemas that differ has nothing to do, as comments; empty where it has nothing to say."""
    return "".join(f"{line}\n" for line in _notices(plan))


def _heading(plan: Plan) -> Iterator[str]:
    count = len(plan.statements)
    yield f"-- Makes the target's schema like the source's: {count} statement{'' if count == 1 else 's'}."
    yield f"-- For the target schema with the fingerprint {plan.target_fingerprint}."
    if plan.mode is Mode.ONLINE:
        yield "-- Online: readers and writers go on. Each statement is committed at once, so what is done stays done:"
        yield "-- after a failure compare again, which gives the plan for the rest."
        yield "\\set ON_ERROR_STOP on"
    yield from _notices(plan)
    yield ""


def _notices(plan: Plan) -> Iterator[str]:
    for notice in plan.notices:
        yield f"-- notice: {_one_line(notice.message)}"


def _nothing(statement: Statement) -> str:
    return ""


def _body(plan: Plan, remark: Remark) -> Iterator[str]:
    session: Timeouts | None = None  # what was set for the rest of the session
    for group in grouped(plan):
        if len(group) > 1:
            yield from _transaction(group, remark)
        else:
            (statement,) = group
            if _is_limited(statement) and statement.timeouts != session:
                session = statement.timeouts
                yield from _settings("SET", session)
            yield _block(statement, remark(statement))
    if session:
        yield "RESET lock_timeout;\nRESET statement_timeout;\n"


def _transaction(group: Group, remark: Remark) -> Iterator[str]:
    yield "BEGIN;\n"
    current: Timeouts | None = None
    for statement in group:
        if _is_limited(statement) and statement.timeouts != current:
            current = statement.timeouts
            yield from _settings("SET LOCAL", current)
        yield _block(statement, remark(statement))
    yield "COMMIT;\n"


def _is_limited(statement: Statement) -> bool:
    """Nobody waits for the others, and they take no time: any limit does."""
    return statement.lock is not Lock.NONE or statement.duration is not Duration.INSTANT


def _settings(word: str, timeouts: Timeouts) -> Iterator[str]:
    yield f"{word} lock_timeout = '{timeouts.lock}';"
    yield f"{word} statement_timeout = '{timeouts.statement}';"


def _block(statement: Statement, remark: str) -> str:
    said = "".join(f"-- {_one_line(line)}\n" for line in remark.splitlines())
    hazards = [f"-- hazard: {hazard.code}: {_one_line(hazard.message)}\n" for hazard in statement.hazards]
    return f"{said}{''.join(hazards)}{statement.sql};\n"


def _one_line(text: str) -> str:
    """A name may hold a line break, which would end the comment."""
    return " ".join(text.split())
