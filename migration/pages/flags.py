"""The flags pages: which backend every module uses, what a change would do, and what led here."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.forms import Form
from django.utils import timezone

from migration.core.flag_effects import Difference, effects, in_words, seal_of, untouched
from migration.core.flag_rules import Surroundings, circumstances, objections
from migration.core.flags import MEANINGS, SWITCHES, Backend, CutOver, Effect, Flags, Weight, refusals
from migration.core.own_flags import OwnFlag
from migration.core.spans import span
from migration.flag_board import Board, ModuleStanding, Past, Seen, is_counted
from migration.models import Application, FlagChange, FlagClient, Revision
from migration.pages.flag_changes import WaitingRow, waiting_row

CLIENTS_SHOWN = 100
_WEIGHTS = {
    Weight.INFO: ("●", "info", "changes"),
    Weight.WARN: ("▲", "warn", "risk"),
    Weight.BAD: ("✕", "bad", "stops"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Badge:
    """A state as colour, glyph and word."""

    glyph: str
    word: str
    chip: str


BADGES = {
    Backend.SOURCE: Badge(glyph="○", word="source", chip="neutral"),
    Backend.TARGET: Badge(glyph="●", word="target", chip="info"),
    Backend.NONE: Badge(glyph="✕", word="none", chip="bad"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Clients:
    """How many clients hold the revision, in words."""

    text: str
    behind: bool
    last_seen: str
    sentence: str = ""  # with the revision's number


@dataclass(frozen=True, slots=True, kw_only=True)
class ModuleRow:
    module: str
    wanted: str
    own: bool
    backend: Badge
    why: str
    since: str
    since_at: datetime
    clients: Clients


@dataclass(frozen=True, slots=True, kw_only=True)
class SwitchRow:
    key: str
    on: bool
    meaning: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnRow:
    """A flag of the application's own."""

    flag: OwnFlag
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientRow:
    """`gone`: it has not been seen for so long that it is not counted. `writes`: how far its writes are at rest."""

    name: str
    module: str
    version: str
    revision: int | None
    current: bool
    gone: bool
    writes: Badge | None
    last_seen: str
    last_seen_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PastRow:
    """A revision in the audit trail."""

    revision: Revision
    differences: tuple[Difference, ...]
    notes: tuple[str, ...]  # what it did beside the flags' values
    current: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationRow:
    """One application in the list of all."""

    application: Application
    revision: Revision
    modules: tuple[tuple[str, Badge], ...]
    clients: Clients


@dataclass(frozen=True, slots=True, kw_only=True)
class FlagsPage:
    applications: tuple[ApplicationRow, ...]
    waiting: tuple[WaitingRow, ...]
    section: str = "flags"


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationPage:
    application: Application
    revision: Revision
    verdict: str
    tone: str
    clients: Clients
    modules: tuple[ModuleRow, ...]
    switches: tuple[SwitchRow, ...]
    own: tuple[OwnRow, ...]
    archived: tuple[OwnFlag, ...]
    waiting: tuple[WaitingRow, ...]
    client_rows: tuple[ClientRow, ...]
    more_clients: int  # that are not listed
    past: tuple[PastRow, ...]
    older: int | None
    section: str = "flags"


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectRow:
    glyph: str
    chip: str
    word: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """What a change would do, or why it is refused; `objections` can be overridden. `seal` says what was shown."""

    revision: int
    effects: tuple[EffectRow, ...]
    refusals: tuple[str, ...]
    objections: tuple[str, ...]
    untouched: tuple[str, ...]
    seal: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangePage:
    application: Application
    form: Form
    reason: Form
    outlook: Outlook
    conflict: str = ""
    note: str = ""
    section: str = "flags"

    @property
    def override(self) -> Form:
        """Where the answer to objections is given."""
        return self.reason


@dataclass(frozen=True, slots=True, kw_only=True)
class RollBackPage:
    application: Application
    to: Revision
    differences: tuple[Difference, ...]
    reason: Form
    outlook: Outlook
    conflict: str = ""
    section: str = "flags"


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationFormPage:
    form: Form
    section: str = "flags"


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenPage:
    """`token` is there once, right after it was issued."""

    application: Application
    clients: Clients
    address: str
    token: str = ""
    section: str = "flags"


def flags_page(boards: tuple[Board, ...], waiting: tuple[FlagChange, ...]) -> FlagsPage:
    newest = {board.application.pk: board.revision.number for board in boards}
    return FlagsPage(
        waiting=tuple(waiting_row(change, newest[change.application_id]) for change in waiting),
        applications=tuple(
            ApplicationRow(
                application=board.application,
                revision=board.revision,
                modules=tuple(
                    (row.module, BADGES[row.choice.backend]) for row in board.modules if row.module
                ),
                clients=clients_in_words(board.seen),
            )
            for board in boards
        ),
    )


def application_page(
    board: Board, trail: tuple[Past, ...], older: int | None, waiting: tuple[FlagChange, ...]
) -> ApplicationPage:
    number = board.revision.number
    verdict, tone = _verdict(board)
    return ApplicationPage(
        application=board.application,
        revision=board.revision,
        verdict=verdict,
        tone=tone,
        clients=clients_in_words(board.seen, number),
        modules=tuple(_module_row(row) for row in board.modules),
        switches=tuple(
            SwitchRow(key=key, on=board.flags.switch(key), meaning=MEANINGS[key]) for key in SWITCHES
        ),
        own=_own_rows(board),
        archived=tuple(flag for flag in board.application.own if flag.archived),
        waiting=tuple(waiting_row(change, number) for change in waiting),
        client_rows=tuple(_client_row(client, number) for client in board.clients[:CLIENTS_SHOWN]),
        more_clients=max(0, len(board.clients) - CLIENTS_SHOWN),
        past=tuple(
            PastRow(
                revision=row.revision,
                differences=row.differences,
                notes=row.notes,
                current=row.revision.number == number,
            )
            for row in trail
        ),
        older=older,
    )


def _own_rows(board: Board) -> tuple[OwnRow, ...]:
    values = dict(board.flags.own)
    return tuple(
        OwnRow(flag=flag, value=in_words(values[flag.key]))
        for flag in board.application.own
        if not flag.archived
    )


def outlook_of(before: Revision, now: Flags, after: Flags, surroundings: Surroundings) -> Outlook:
    """What `after` would do in these surroundings, and what stands against it."""
    modules, cut_over = before.application.modules, CutOver(before.cut_over)
    against = objections(now, after, modules, surroundings, cut_over)
    met = circumstances(now, after, modules, surroundings, cut_over)
    return Outlook(
        revision=before.number,
        effects=tuple(_effect_row(effect) for effect in (*effects(now, after, modules), *met)),
        refusals=(*refusals(after), *against.final),
        objections=against.overridable,
        untouched=untouched(now, after, modules),
        seal=seal_of(before.number, after, against.overridable),
    )


def _effect_row(effect: Effect) -> EffectRow:
    glyph, chip, word = _WEIGHTS[effect.weight]
    return EffectRow(glyph=glyph, chip=chip, word=word, text=effect.text)


def _verdict(board: Board) -> tuple[str, str]:
    """Where the modules are, in a sentence, and its tone."""
    rows = [row for row in board.modules if row.module] or list(board.modules)
    stopped = [row.module or "everything" for row in rows if row.choice.backend is Backend.NONE]
    moved = [row.module or "everything" for row in rows if row.choice.backend is Backend.TARGET]
    if board.revision.phase == Revision.Phase.PREPARE:
        return (
            "A cut-over is being prepared: clients hold their writes until it is done or rolled back.",
            "warn",
        )
    if stopped:
        return f"Without a backend: {', '.join(stopped)}. Their reads and writes are refused.", "bad"
    if not moved:
        return "Everything uses the source.", "info"
    if len(moved) == len(rows):
        return "Everything uses the target.", "ok"
    return (
        f"{len(moved)} of {len(rows)} modules use the target: {', '.join(moved)}. The rest uses the source.",
        "info",
    )


def _module_row(row: ModuleStanding) -> ModuleRow:
    since = span(timezone.now() - row.since)
    return ModuleRow(
        module=row.module,
        wanted=in_words(row.wanted),
        own=row.own,
        backend=BADGES[row.choice.backend],
        why=row.choice.reason,
        since=f"over {since}" if row.before_history else since,
        since_at=row.since,
        clients=clients_in_words(row.seen),
    )


def clients_in_words(seen: Seen, number: int = 0) -> Clients:
    text = f"{seen.on_revision} of {seen.clients}" if seen.clients else "none"
    last = f"{span(timezone.now() - seen.last)} ago" if seen.last else "never"
    noun = "client" if seen.clients == 1 else "clients"
    sentence = f"{text} {noun} on revision {number}" if seen.clients else "no client seen lately"
    return Clients(text=text, behind=seen.on_revision < seen.clients, last_seen=last, sentence=sentence)


def _writes(client: FlagClient) -> Badge:
    count = client.writes_in_flight
    under_way = f"{count} {'write' if count == 1 else 'writes'} under way"
    if client.holding and count:
        return Badge(glyph="▲", word=f"holding, {under_way}", chip="warn")
    if client.holding:
        return Badge(glyph="✓", word="holding, none under way", chip="ok")
    return (
        Badge(glyph="●", word=under_way, chip="info")
        if count
        else Badge(glyph="○", word="at rest", chip="neutral")
    )


def _client_row(client: FlagClient, number: int) -> ClientRow:
    now = timezone.now()
    age: timedelta = now - client.last_seen
    gone = not is_counted(client, now)
    return ClientRow(
        name=client.name,
        module=client.module,
        version=client.version,
        gone=gone,
        writes=None if gone or not client.version else _writes(client),
        revision=client.revision,
        current=client.revision == number,
        last_seen=f"{span(age)} ago",
        last_seen_at=client.last_seen,
    )
