"""The processes that read an application's flags: remembered as they ask, and waited for by a cut-over."""

from datetime import datetime, timedelta

from django.db.models import DateTimeField, Value
from django.db.models.functions import Greatest
from django.utils import timezone

from migration.models import Application, FlagClient, Revision

FORGET_CLIENTS_AFTER = timedelta(days=1)
MOST_CLIENTS = 1000  # an application that names every user a client must not fill the database


def record_client(
    application: Application,
    *,
    name: str,
    module: str = "",
    revision: int | None = None,
    version: str = "",
    writes_in_flight: int = 0,
    holding: bool = False,
    lease_seconds: int | None = None,
) -> None:
    """Remember that a process asked, which revision it says it holds, and how far its writes have come to rest.

    `lease_seconds`: for how long the answer lets it write; None: as long as the application's clients may. Those not
    seen for a day, and all but the last thousand, are forgotten when a new one comes; but none that may still write.
    """
    now = timezone.now()
    lease = application.lease_seconds if lease_seconds is None else lease_seconds
    until = Value(now + timedelta(seconds=lease) if lease else None, output_field=DateTimeField())
    said = {
        "project_id": application.project_id,
        "module": module,
        "revision": revision,
        "version": version,
        "writes_in_flight": writes_in_flight,
        "holding": holding,
        "last_seen": now,
    }
    # an answer that gave it longer may be the last that it received
    again = {**said, "may_write_until": Greatest("may_write_until", until)}
    known = FlagClient.objects.filter(application=application, name=name)
    if known.update(**again):  # one statement: hundreds of clients ask every second
        return
    new = {**said, "may_write_until": until}
    _, created = FlagClient.objects.update_or_create(
        application=application, name=name, defaults=again, create_defaults=new
    )
    if created:
        _forget_clients(application, now)


def _forget_clients(application: Application, now: datetime) -> None:
    known = FlagClient.objects.filter(application=application).exclude(may_write_until__gte=now)
    known.filter(last_seen__lt=now - FORGET_CLIENTS_AFTER).delete()
    surplus = known.order_by("-last_seen", "-pk").values_list("pk", flat=True)[MOST_CLIENTS:]
    FlagClient.objects.filter(pk__in=list(surplus)).delete()


def asking(application: Application) -> tuple[FlagClient, ...]:
    """The clients whose permission to write has not run out: who asked lately, by the lease that they were told."""
    return tuple(application.clients.filter(may_write_until__gte=timezone.now()).order_by("name"))


def not_yet_on(revision: Revision) -> tuple[FlagClient, ...]:
    """Those of `asking` that do not hold this revision yet: what a cut-over waits for."""
    return tuple(client for client in asking(revision.application) if client.revision != revision.number)


def not_drained(revision: Revision) -> tuple[FlagClient, ...]:
    """Those of `asking` that do not hold this revision yet, or still have a write under way that began before."""
    return tuple(
        client
        for client in asking(revision.application)
        if client.revision != revision.number or client.writes_in_flight
    )
