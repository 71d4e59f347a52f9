"""The pages of saved databases."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from schemadiff.connections import last_checks
from schemadiff.forms.connections import ConnectionForm
from schemadiff.models import Connection
from schemadiff.server_checks import Check, CheckState

_WORDS: dict[CheckState, tuple[str, str]] = {
    CheckState.OK: ("✓", "fine"),
    CheckState.WARN: ("▲", "limited"),
    CheckState.BAD: ("✕", "failed"),
    CheckState.UNKNOWN: ("?", "not checked"),
}
_CHIPS = {CheckState.UNKNOWN: "neutral"}


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckRow:
    label: str
    message: str
    glyph: str
    word: str
    chip: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """A connection's last test, and its verdict in one sentence."""

    connection: Connection
    rows: tuple[CheckRow, ...]
    chip: str
    glyph: str
    word: str
    sentence: str
    checked_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionsPage:
    connections: tuple[Checked, ...]
    section: str = "connections"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionPage:
    connection: Connection
    checked: Checked
    used_in: int  # snapshots taken of it
    section: str = "connections"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionFormPage:
    title: str
    form: ConnectionForm
    connection: Connection | None
    section: str = "connections"


def connections_page(connections: Iterable[Connection]) -> ConnectionsPage:
    return ConnectionsPage(connections=tuple(checked(one) for one in connections))


def connection_page(connection: Connection, *, used_in: int) -> ConnectionPage:
    return ConnectionPage(connection=connection, checked=checked(connection), used_in=used_in)


def connection_form_page(form: ConnectionForm, connection: Connection | None = None) -> ConnectionFormPage:
    title = f"Edit {connection.name}" if connection else "New connection"
    return ConnectionFormPage(title=title, form=form, connection=connection)


def checked(connection: Connection) -> Checked:
    """The last test of a connection as a page shows it."""
    checks = last_checks(connection)
    state, sentence = _verdict(connection, checks)
    glyph, word = _WORDS[state]
    return Checked(
        connection=connection,
        rows=tuple(_row(check) for check in checks),
        chip=_CHIPS.get(state, state.value),
        glyph=glyph,
        word="not tested" if not checks else word,
        sentence=sentence,
        checked_at=connection.checked_at,
    )


def _row(check: Check) -> CheckRow:
    glyph, word = _WORDS[check.state]
    return CheckRow(
        label=check.label,
        message=check.message,
        glyph=glyph,
        word=word,
        chip=_CHIPS.get(check.state, check.state.value),
    )


def _verdict(connection: Connection, checks: tuple[Check, ...]) -> tuple[CheckState, str]:
    if not checks:
        return CheckState.UNKNOWN, f"{connection.name} has not been tested yet."
    failed = [check for check in checks if check.state is CheckState.BAD]
    if failed:
        return CheckState.BAD, f"{connection.name} cannot be used as it is: {failed[0].message}"
    limited = [check.label for check in checks if check.state is CheckState.WARN]
    if limited:
        return CheckState.WARN, f"{connection.name} can be used, with limits: {', '.join(limited)}."
    return CheckState.OK, f"{connection.name} is ready: all {len(checks)} checks are fine."
