"""PostgreSQL's errors as sentences: what was being done, what is the matter, what to do. No row values."""

import contextlib
from collections.abc import Iterator
from typing import Any

import psycopg

from migration.core.errors import RunFailed
from migration.core.reasons import is_about_a_row, sentence
from schemadiff.connection_errors import is_lost

_ADVICE = {
    "53100": "The server's disk is full. Make room, then {again}.",
    "53200": "The server is out of memory. Give it more, then {again}.",
    "53300": "The server takes no more connections. Free some or use fewer jobs, then {again}.",
    "55P03": "Other sessions hold locks on it. End them or wait, then {again}.",
    "40P01": "It collided with another session. {Again}.",
    "42501": "The role lacks a privilege. Grant it, then {again}.",
    "57014": "A timeout or somebody cancelled it. {Again}.",
}


def failure(error: psycopg.Error, doing: str, then: str = "Resume the run") -> RunFailed:
    """`doing` is what could not be done, as a sentence begins: "Rows of “a.b” could not be copied"; `then` is what to
    do, as a sentence begins, when what hindered it is out of the way."""
    code = error.sqlstate or ""
    if is_lost(error):
        return RunFailed(f"{doing}: the connection was lost. {then} when the server is back.")
    if is_about_a_row(code):
        diag = error.diag
        reason = sentence(code, constraint=diag.constraint_name or "", column=diag.column_name or "")
        return RunFailed(f"{doing}: {reason}.")
    said = error.diag.message_primary or "no reason given"
    advice = _ADVICE.get(code, "").format(Again=then, again=_inside(then))
    return RunFailed(f"{doing}: {said} (SQLSTATE {code}). {advice}".rstrip())


def _inside(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]


def in_brief(error: BaseException) -> str:
    """What is the matter, for the middle of a sentence."""
    if not isinstance(error, psycopg.Error):
        return str(error) or "it was interrupted"
    return "the connection was lost" if is_lost(error) else error.diag.message_primary or "no reason given"


@contextlib.contextmanager
def explained(doing: str, then: str = "Resume the run") -> Iterator[None]:
    """PostgreSQL's errors inside leave as RunFailed, worded as by `failure`."""
    try:
        yield
    except psycopg.Error as exc:
        raise failure(exc, doing, then) from exc


def close_quietly(*sessions: psycopg.Connection[Any]) -> None:
    """Close what may be broken already."""
    for session in sessions:
        with contextlib.suppress(psycopg.Error):
            session.close()
