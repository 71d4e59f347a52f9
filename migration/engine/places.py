"""What tells a database from every other, asked of the database itself."""

from dataclasses import dataclass

import psycopg

from migration.engine.sessions import Session


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """`system` is None where the role may not ask, `address` (the server's own) on a local socket."""

    system: str | None
    oid: int
    address: str | None
    started: str
    in_recovery: bool
    version: int
    encoding: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """A run's source as the ledger keeps it: what stays the same when its server is started anew.

    `name` is the database and the address by which it was opened.
    """

    name: str
    system: str | None
    oid: int
    address: str | None


def is_same(here: Place, there: Place) -> bool:
    """Same database of the same server, or a standby of it.

    A restored copy has its own start time; a server between whose two answers it was started anew has its
    address. Without the system identifier only the start time tells (two servers behind translated addresses
    may both say 127.0.0.1:5432).
    """
    if here.oid != there.oid or (here.system and there.system and here.system != there.system):
        return False
    if here.started == there.started:
        return True
    if here.system is None or there.system is None:
        return False
    return here.in_recovery or (here.address is not None and here.address == there.address)


def may_be_standby(here: Place, there: Place) -> bool:
    """A standby has its primary's database OIDs and version; only the system identifier would tell more."""
    unknown = here.system is None or there.system is None
    alike = (here.oid, here.version // 10_000) == (there.oid, there.version // 10_000)
    return unknown and alike and here.in_recovery


def is_origin(begun: Origin, now: Origin) -> bool:
    """Is it the database that the run began with? A server may have moved, or its standby taken over.

    Where the system identifier may not be asked for, the address has to be the same: as it was given, or as
    the server says it.
    """
    if begun.oid != now.oid:
        return False
    if begun.system is not None and now.system is not None:
        return begun.system == now.system
    return begun.name == now.name or (begun.address is not None and begun.address == now.address)


def origin_of(place: Place, name: str) -> Origin:
    return Origin(name=name, system=place.system, oid=place.oid, address=place.address)


def place_of(session: Session) -> Place:
    """Ask a database who it is."""
    row = session.execute(
        "SELECT d.oid, host(inet_server_addr()) || ':' || inet_server_port(), "
        "pg_postmaster_start_time()::text, pg_is_in_recovery(), "
        "current_setting('server_version_num')::int, pg_encoding_to_char(d.encoding) "
        "FROM pg_database d WHERE d.datname = current_database()"
    ).fetchone()
    assert row is not None
    return Place(
        system=_system_identifier(session),
        oid=row[0],
        address=row[1],
        started=row[2],
        in_recovery=row[3],
        version=row[4],
        encoding=row[5],
    )


def _system_identifier(session: Session) -> str | None:
    try:
        with session.transaction():
            row = session.execute("SELECT system_identifier FROM pg_control_system()").fetchone()
    except psycopg.errors.InsufficientPrivilege:
        return None
    return str(row[0]) if row else None
