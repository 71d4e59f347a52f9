"""Saved databases: add, change, check and open them. Passwords go in and are never shown again."""

import hashlib
import hmac
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.utils import timezone
from psycopg.conninfo import make_conninfo

from schemadiff.core.errors import NotFound, Refused
from schemadiff.databases import connect
from schemadiff.models import Connection
from schemadiff.private_files import write_private
from schemadiff.secrets import decrypt, encrypt
from schemadiff.server_checks import Address, Check, CheckState, check_server


def save(connection: Connection, *, password: str | None, user: AbstractBaseUser | None = None) -> Connection:
    """Keep a connection with its password encrypted; None keeps the password that is saved.

    What was checked at a former address is forgotten.
    """
    if password is not None:
        connection.password_encrypted = encrypt(password).encode() if password else b""
    if connection.pk is None:
        connection.created_by = user
    connection.checks, connection.checked_at = [], None
    connection.save()
    return connection


def dsn_of(connection: Connection) -> str:
    """The connection string, password included: for opening, never for showing."""
    return make_conninfo(
        host=connection.host,
        port=connection.port,
        dbname=connection.dbname,
        user=connection.user,
        password=_password_of(connection) or None,
        sslmode=connection.sslmode,
        sslrootcert=_certificate_file(connection),
    )


def password_is(connection: Connection, password: str) -> bool:
    """Whether this is the saved password."""
    return hmac.compare_digest(_password_of(connection).encode(), password.encode())


def dsn_by_name(name: str) -> str:
    """The connection string of a saved connection: `name`, or `project/name` where several projects have it.

    Raises NotFound with the names there are, Refused where the name alone does not say which.
    """
    project, _, bare = name.rpartition("/")
    found = Connection.objects.filter(name=bare).select_related("project").order_by("project__slug")
    matching = list(found.filter(project__slug=project) if project else found)
    if not matching:
        raise NotFound(f"No saved connection is called “{name}”. {_known()}")
    if len(matching) > 1:
        choices = " or ".join(f"@{one.project.slug}/{one.name}" for one in matching)
        raise Refused(f"{len(matching)} projects have a connection “{name}”. Say {choices}.")
    return dsn_of(matching[0])


@contextmanager
def open_connection(connection: Connection) -> Iterator[psycopg.Connection[Any]]:
    """The database, opened read only, closed at the end of the block."""
    with connect(dsn_of(connection)) as opened:
        yield opened


def test(connection: Connection) -> tuple[Check, ...]:
    """Run every check now and keep what they said."""
    checks = check_server(address_of(connection))
    connection.checks = [
        {"key": one.key, "label": one.label, "state": one.state.value, "message": one.message}
        for one in checks
    ]
    connection.checked_at = timezone.now()
    connection.save(update_fields=["checks", "checked_at"])
    return checks


def last_checks(connection: Connection) -> tuple[Check, ...]:
    """What the last test said; empty where there was none."""
    return tuple(
        Check(key=row["key"], label=row["label"], state=CheckState(row["state"]), message=row["message"])
        for row in connection.checks
    )


def address_of(connection: Connection) -> Address:
    """Where it is and as whom to go there; the password is in its `dsn` only."""
    return Address(
        host=connection.host,
        port=connection.port,
        dbname=connection.dbname,
        user=connection.user,
        sslmode=connection.sslmode,
        dsn=dsn_of(connection),
    )


def _password_of(connection: Connection) -> str:
    token = bytes(connection.password_encrypted).decode()
    return decrypt(token) if token else ""


def _certificate_file(connection: Connection) -> str | None:
    """libpq takes a CA certificate as a file only; it is public, and named after its content."""
    text = connection.ssl_root_certificate.strip()
    if not text:
        return None
    name = hashlib.sha256(text.encode()).hexdigest()[:32]
    path: Path = settings.DATA_DIR / "certificates" / f"{name}.pem"
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_private(path, text + "\n")
    return str(path)


def _known() -> str:
    names = Connection.objects.select_related("project").order_by("project__slug", "name")
    saved = [f"@{one.project.slug}/{one.name}" for one in names]
    return f"Saved are {', '.join(saved)}." if saved else "None is saved yet: add one under Connections."
