"""USE CASE: messages by e-mail and webhook. Each is a row with what became of it; the queue sends and repeats."""

import logging
from collections.abc import Sequence
from datetime import timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import send_mail
from django.core.validators import validate_email
from django.utils import timezone

from migration import jobs
from migration.models import Channel, Notice
from migration.monitoring.webhooks import CannotSend, checked, post, shown_address
from schemadiff.core.errors import Refused
from schemadiff.models import Project
from schemadiff.secrets import decrypt, encrypt, redact

log = logging.getLogger(__name__)

MOST_ATTEMPTS = 5
WAIT = timedelta(seconds=30)
"""Before the second attempt; twice as long before each further one."""

_LONGEST = 3_500  # characters of a message; Slack cuts at 4,000

State = Notice.State


def add_channel(project: Project, kind: str, address: str, by: str) -> Channel:
    """Send alerts there from now on. Refused, with a sentence, where that cannot be."""
    address = address.strip()
    if kind == Channel.Kind.WEBHOOK:
        checked(address)
        shown = shown_address(address)
    else:
        _check_email(address)
        shown = address
    return Channel.objects.create(
        project=project, kind=kind, shown=shown, address_encrypted=encrypt(address).encode(), set_by=by
    )


def tell(project: Project, messages: Sequence[str]) -> None:
    """Put one message with these lines on its way to every channel of the project."""
    for channel in Channel.objects.filter(project=project, enabled=True):
        _send(channel, _joined([*messages, *_link(project)]))


def channels_of(project: Project) -> list[tuple[Channel, Notice | None]]:
    """Every channel with the last message that was sent to it. Two queries."""
    latest = (
        Notice.objects.filter(project=project)
        .order_by("channel_id", "-made_at", "-pk")
        .distinct("channel_id")
    )
    last = {notice.channel_id: notice for notice in latest}
    return [(channel, last.get(channel.pk)) for channel in Channel.objects.filter(project=project)]


def try_out(channel: Channel, by: str) -> Notice:
    """Put a message on its way that says what it is."""
    return _send(
        channel, f"[{channel.project.name}] A trial, sent by {by}: alerts of this project come here."
    )


def deliver(notice_id: int) -> None:
    """Send a message; where that fails, put it back for later, up to so many times."""
    notice = Notice.objects.select_related("channel", "project").filter(pk=notice_id).first()
    if notice is None or notice.state != State.QUEUED:
        return
    notice.attempts += 1
    try:
        _deliver(notice)
    except CannotSend as failure:
        _failed(notice, str(failure), again=failure.worth_repeating)
    except Exception as failure:  # a mail server's refusals are of many classes
        log.warning("A message could not be sent: %s", redact(f"{type(failure).__name__}: {failure}"))
        _failed(notice, f"The mail server did not take it ({type(failure).__name__}).", again=True)
    else:
        notice.state, notice.error, notice.ended_at = State.SENT, "", timezone.now()
    notice.save(update_fields=["state", "attempts", "error", "ended_at"])


def _send(channel: Channel, text: str) -> Notice:
    notice = Notice.objects.create(project_id=channel.project_id, channel=channel, text=text)
    jobs.defer_notice(notice.pk)
    return notice


def _deliver(notice: Notice) -> None:
    address = decrypt(bytes(notice.channel.address_encrypted).decode())
    if notice.channel.kind == Channel.Kind.WEBHOOK:
        post(address, notice.text)
        return
    if not settings.EMAIL_HOST and settings.EMAIL_BACKEND.endswith("smtp.EmailBackend"):
        raise CannotSend(
            "No mail server is set: see SCHEMADIFF_EMAIL in the settings.", worth_repeating=False
        )
    subject = notice.text.splitlines()[0][:150]
    send_mail(subject, notice.text, None, [address])


def _failed(notice: Notice, error: str, *, again: bool) -> None:
    notice.error = error
    if again and notice.attempts < MOST_ATTEMPTS:
        jobs.defer_notice(notice.pk, at=timezone.now() + WAIT * 2 ** (notice.attempts - 1))
    else:
        notice.state, notice.ended_at = State.FAILED, timezone.now()


def _joined(lines: Sequence[str]) -> str:
    text = "\n".join(lines)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _link(project: Project) -> tuple[str, ...]:
    """Where people reach the pages, as far as the settings say so."""
    origins = settings.CSRF_TRUSTED_ORIGINS
    return (f"{origins[0].rstrip('/')}/p/{project.slug}/monitoring/alerts/",) if origins else ()


def _check_email(address: str) -> None:
    try:
        validate_email(address)
    except ValidationError as exc:
        raise Refused(f"“{address}” is no e-mail address.") from exc
