"""USE CASE: what a worker does for monitoring every minute. One part that fails does not keep the others back."""

import logging
from collections.abc import Callable
from datetime import datetime

from django.utils import timezone

from migration.monitoring.rolling import forget, roll_up

log = logging.getLogger(__name__)


def go_round(now: datetime | None = None) -> None:
    """Coarser buckets are made, old ones forgotten."""
    moment = now or timezone.now()
    _insist("Rolling measurements up", roll_up)
    _insist("Forgetting old measurements", lambda: forget(moment))


def _insist(what: str, part: Callable[[], None]) -> None:
    try:
        part()
    except Exception:
        log.exception("%s failed.", what)
