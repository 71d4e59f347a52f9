"""Where the application's own database is, as Django wants it said."""

import os
from pathlib import Path
from typing import Any

from psycopg.conninfo import conninfo_to_dict

from config.environment import data_dir
from schemadiff.embedded import EmbeddedServer, known

MAJOR = 18
NAME = "schemadiff"

_COMMON: dict[str, Any] = {
    "ENGINE": "django.db.backends.postgresql",
    "CONN_MAX_AGE": 60,
    "CONN_HEALTH_CHECKS": True,
}
# A database that is cut off is noticed, not waited for; the address may say otherwise.
_PATIENT = {
    "connect_timeout": "10",
    "keepalives_idle": "15",
    "keepalives_interval": "5",
    "keepalives_count": "4",
    "tcp_user_timeout": "30000",
}
_KEYS = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}


def is_embedded() -> bool:
    """Without `DATABASE_URL` the application keeps its own server."""
    return not os.environ.get("DATABASE_URL")


def folder() -> Path:
    """Where the embedded server of the application lives."""
    return data_dir() / "app"


def database() -> dict[str, Any]:
    """From `DATABASE_URL`, else the embedded server as it last was."""
    url = os.environ.get("DATABASE_URL")
    if url:
        return from_url(url)
    server = known(folder())
    return of_server(server) if server else {**_COMMON, "NAME": NAME, "HOST": "127.0.0.1", "PORT": "1"}


def from_url(url: str) -> dict[str, Any]:
    """A libpq URI or keyword string; what Django has no word for (`sslmode`, ...) goes to its OPTIONS."""
    parts = {name: value for name, value in conninfo_to_dict(url).items() if value is not None}
    named = {_KEYS[name]: str(parts.pop(name)) for name in list(parts) if name in _KEYS}
    return {**_COMMON, "NAME": "", **named, "OPTIONS": {**_PATIENT, **parts}}


def of_server(server: EmbeddedServer) -> dict[str, Any]:
    return {**_COMMON, **from_url(server.dsn(NAME))}
