"""USE CASE: the tokens with which applications ask for their flags. Only hashes are kept."""

import hashlib
import logging
import secrets

from django.db import transaction

from migration.authors import name_of
from migration.models import Application

logger = logging.getLogger(__name__)


def issue_token(application: Application, *, user: object) -> str:
    """Make a new token and return it. Only its hash is kept; the application's former one stops working."""
    token = secrets.token_urlsafe(32)
    with transaction.atomic():
        application.refresh_from_db(from_queryset=Application.objects.select_for_update())
        application.former_token_hash, application.token_hash = application.token_hash, _hash(token)
        application.save(update_fields=["token_hash", "former_token_hash"])
    logger.info("%s issued a new flag token for %s", name_of(user), application)
    return token


def authenticate(token: str) -> Application | None:
    """The application that this token belongs to."""
    if not token:
        return None
    return Application.objects.filter(token_hash=_hash(token)).first()


def was_replaced(token: str) -> bool:
    """Whether this was an application's token until the present one was issued."""
    return bool(token) and Application.objects.filter(former_token_hash=_hash(token)).exists()


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
