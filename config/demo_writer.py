"""The demo's own application: `docs/examples/application.py`, which writes to both databases as the flags say.

It has a role of its own, which a cut-over can keep from writing; and it ends with the demo, however that ends.
"""

import os
import secrets
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from config.environment import BASE_DIR
from migration import seedcase
from migration.seedcase import story

ROLE = "crm_app"
MODULE = "services"
_PAUSE = 0.4  # seconds that each of its four threads rests between two clients
_WRITE_WAIT = 10  # seconds that a write waits while a cut-over is prepared
_PATIENCE = 20
_KEPT = "writer.key"

# Runs make tables anew, with the rights that tables get here by default.
_OF_ALL = (
    "GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {}",
    "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE ON TABLES TO {}",
    "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE ON SEQUENCES TO {}",
)

# `read` returns when the demo closes the pipe, or is gone: only the demo holds its other end.
_LEASH = """
trap '' INT HUP
"$@" </dev/null &
application=$!
read -r word
kill -TERM "$application" 2>/dev/null
wait "$application"
"""


def admit(data: Path, source: str, target: str) -> tuple[str, str]:
    """The two addresses as the application has them. Its role, made where it is not there, may write to the example's
    tables."""
    password = _kept_password(data)
    for dsn in (source, target):
        _grant(dsn, password)
    return _as_role(source, password), _as_role(target, password)


def token_for(data: Path) -> str:
    """With which it asks for the flags of the example's application; the former one is kept while it is good."""
    from migration import demo, flag_tokens  # models can be imported only now that Django is set up
    from migration.models import Application

    application = Application.objects.get(
        name=story.APPLICATION, environment=story.ENVIRONMENT, project__slug=demo.SLUG
    )
    kept = data / "writer.token"
    known = kept.read_text() if kept.exists() else ""
    if flag_tokens.authenticate(known) == application:
        return known
    token = flag_tokens.issue_token(application, user="demo")
    _keep(kept, token)
    return token


@contextmanager
def writing(
    data: Path, databases: tuple[str, str], token: str, address: str, *, say: Callable[[str], object]
) -> Iterator[None]:
    """The application inside the block. What it does is in `writer.log`."""
    environment = {
        "SCHEMADIFF_FLAGS_ADDRESS": address,
        "SCHEMADIFF_FLAGS_TOKEN": token,
        "SCHEMADIFF_FLAGS_APPLICATION": story.APPLICATION,
        "SCHEMADIFF_FLAGS_MODULE": MODULE,
        "SCHEMADIFF_FLAGS_TIMEOUT": "30",
        "SOURCE_URL": databases[0],
        "TARGET_URL": databases[1],
        "WRITE_WAIT": str(_WRITE_WAIT),
        "PAUSE": str(_PAUSE),
        "PYTHONPATH": str(BASE_DIR),
        "PATH": os.environ.get("PATH", os.defpath),
    }
    command = [sys.executable, str(BASE_DIR / "docs/examples/application.py")]
    with (data / "writer.log").open("wb") as said:
        leash = subprocess.Popen(
            ["/bin/sh", "-c", _LEASH, "leash", *command],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=said,
            env=environment,
            start_new_session=True,
        )
    (data / "writer.pid").write_text(str(leash.pid))
    say(f"An application writes to the demo's database, as the flags of {MODULE} say.")
    try:
        yield
    finally:
        _end(leash)
        (data / "writer.pid").unlink(missing_ok=True)


def _end(leash: subprocess.Popen[bytes]) -> None:
    assert leash.stdin is not None
    leash.stdin.close()
    try:
        leash.wait(_PATIENCE)
    except subprocess.TimeoutExpired:
        os.killpg(leash.pid, 9)
        leash.wait(_PATIENCE)


def _grant(dsn: str, password: str) -> None:
    role = sql.Identifier(ROLE)
    with psycopg.connect(dsn) as session:
        known = session.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [ROLE]).fetchone()
        make = "ALTER ROLE {} LOGIN PASSWORD {}" if known else "CREATE ROLE {} LOGIN PASSWORD {}"
        session.execute(sql.SQL(make).format(role, sql.Literal(password)))
        for table in _there(session):
            session.execute(
                sql.SQL("GRANT SELECT, INSERT, UPDATE ON {} TO {}").format(
                    sql.Identifier("public", table), role
                )
            )
        for statement in _OF_ALL:
            session.execute(sql.SQL(statement).format(role))


def _there(session: psycopg.Connection[Any]) -> list[str]:
    """A run may have put some aside since the first start."""
    rows = session.execute(
        "SELECT relname::text FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' "
        "AND relname = ANY (%s) ORDER BY 1",
        [list(seedcase.TABLES)],
    ).fetchall()
    return [row[0] for row in rows]


def _as_role(dsn: str, password: str) -> str:
    return make_conninfo(dsn, user=ROLE, password=password)


def _kept_password(data: Path) -> str:
    kept = data / _KEPT
    if not kept.exists():
        _keep(kept, secrets.token_urlsafe(24))
    return kept.read_text()


def _keep(path: Path, text: str) -> None:
    """For nobody else to read."""
    path.touch(mode=0o600)
    path.write_text(text)
