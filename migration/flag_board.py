"""What the flags pages show of the rows: what holds, since when, who has seen it, and what led there."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from migration.core.errors import StillInUse
from migration.core.flag_effects import Difference, differing_values, held_words
from migration.core.flags import Backend, Choice, Flags, FlagValue, backend_of, read, to_values, value_of
from migration.models import Application, FlagChange, FlagClient, Revision
from schemadiff.models import Project

COUNTED_FOR = timedelta(hours=1)  # a client not seen for longer is left out of the count
ASKING_FOR = timedelta(
    minutes=1
)  # the same for a flag client, which asks by itself as long as its process lives
HISTORY = 500  # revisions looked through for "since when"
AUDIT_PAGE = 50
_LAST_SEEN = ("-last_seen", "name")


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """How many of the clients seen lately hold the revision, and when the last of them asked."""

    on_revision: int = 0
    clients: int = 0
    last: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ModuleStanding:
    """A module (empty: whatever belongs to none), the backend it asks for, and the one it gets."""

    module: str
    wanted: FlagValue
    own: bool  # it has a value of its own
    choice: Choice
    since: datetime
    before_history: bool  # it was so before the oldest revision looked at
    seen: Seen


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """An application's flags as they stand."""

    application: Application
    revision: Revision
    flags: Flags
    modules: tuple[ModuleStanding, ...]
    clients: tuple[FlagClient, ...]  # the last seen first
    seen: Seen


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """One revision of the audit trail and what it changed."""

    revision: Revision
    differences: tuple[Difference, ...]
    notes: tuple[str, ...]


def boards(project: Project) -> tuple[Board, ...]:
    """Every application of the project. Three queries, however many there are."""
    applications = list(project.applications.all())
    newest = (
        Revision.objects.filter(project=project)
        .order_by("application_id", "-number")
        .distinct("application_id")
    )
    revisions = {entry.application_id: entry for entry in newest}
    clients = _by_application(FlagClient.objects.filter(application__project=project).order_by(*_LAST_SEEN))
    return tuple(
        _board(entry, [revisions[entry.pk]], clients[entry.pk])
        for entry in applications
        if entry.pk in revisions
    )


def refuse_while_used(project: Project) -> None:
    """Raises StillInUse naming the applications whose flags say backend `target`, for all or for a module."""
    used = [
        f"{found.application} ({', '.join(m.module or 'whatever belongs to no module' for m in on_target)})"
        for found in boards(project)
        if (on_target := [m for m in found.modules if m.wanted == Backend.TARGET])
    ]
    if used:
        raise StillInUse(
            f"The flags say that applications use the target: {'; '.join(used)}. They would lose sight of what "
            "they wrote there. Set their backend to source first, then try again."
        )


def board(application: Application) -> Board:
    """One application, with since when each of its modules is where it is. Two queries."""
    history = list(application.revisions.order_by("-number")[:HISTORY])
    return _board(application, history, list(application.clients.order_by(*_LAST_SEEN)))


def waiting(project: Project) -> tuple[FlagChange, ...]:
    """Every change that waits, of all of the project's applications. One query."""
    rows = FlagChange.objects.filter(application__project=project, state__in=FlagChange.PENDING)
    return tuple(rows.select_related("application").order_by("application__name", "number"))


def audit(application: Application, *, before: int | None = None) -> tuple[tuple[Past, ...], int | None]:
    """A page of the audit trail, newest first, and the number to ask for the next page with, if any."""
    found = application.revisions.order_by("-number")
    if before is not None:
        found = found.filter(number__lt=before)
    rows = list(found[: AUDIT_PAGE + 1])
    earlier = [*rows[1:], None]
    trail = [_past(row, before) for row, before in zip(rows, earlier, strict=True)][:AUDIT_PAGE]
    return tuple(trail), trail[-1].revision.number if len(rows) > AUDIT_PAGE else None


def _past(row: Revision, before: Revision | None) -> Past:
    values = before.flags if before else to_values(Flags())
    held, holds = (each is not None and each.phase == Revision.Phase.PREPARE for each in (before, row))
    moved = row.cut_over if before is not None and before.cut_over != row.cut_over else ""
    return Past(
        revision=row,
        differences=differing_values(values, row.flags),
        notes=(*held_words(held=held, holds=holds, cut_over=moved), *row.notes),
    )


def _by_application(clients: Iterable[FlagClient]) -> dict[int, list[FlagClient]]:
    grouped = defaultdict(list)
    for client in clients:
        grouped[client.application_id].append(client)
    return grouped


def _board(application: Application, history: Sequence[Revision], clients: Sequence[FlagClient]) -> Board:
    revision = history[0]
    states = [(entry, read(entry.flags, application.modules, application.own)) for entry in history]
    flags = states[0][1]
    return Board(
        application=application,
        revision=revision,
        flags=flags,
        modules=tuple(
            _standing(module, flags, states, clients, revision.number)
            for module in ("", *application.modules)
        ),
        clients=tuple(clients),
        seen=_seen(clients, revision.number),
    )


def _standing(
    module: str,
    flags: Flags,
    states: Sequence[tuple[Revision, Flags]],
    clients: Sequence[FlagClient],
    number: int,
) -> ModuleStanding:
    since = _since(module, states)
    return ModuleStanding(
        module=module,
        wanted=value_of(flags, "backend", module),
        own=flags.override(module) is not None,
        choice=backend_of(flags, module),
        since=since.created_at,
        before_history=since is states[-1][0] and since.number > 1,
        seen=_seen([client for client in clients if client.module == module], number),
    )


def _since(module: str, states: Sequence[tuple[Revision, Flags]]) -> Revision:
    """The revision that brought the module where it is."""
    now = backend_of(states[0][1], module).backend
    brought = states[0][0]
    for revision, flags in states:
        if backend_of(flags, module).backend is not now:
            break
        brought = revision
    return brought


def is_counted(client: FlagClient, now: datetime) -> bool:
    """Whether the process is there still, as far as one can tell. Flag clients say their version."""
    return now - client.last_seen <= (ASKING_FOR if client.version else COUNTED_FOR)


def _seen(clients: Sequence[FlagClient], number: int) -> Seen:
    now = timezone.now()
    counted = [client for client in clients if is_counted(client, now)]
    return Seen(
        on_revision=sum(client.revision == number for client in counted),
        clients=len(counted),
        last=max((client.last_seen for client in clients), default=None),
    )


__all__ = [
    "Board",
    "ModuleStanding",
    "Past",
    "Seen",
    "audit",
    "board",
    "boards",
    "is_counted",
    "waiting",
]
