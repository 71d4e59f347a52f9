"""What a run makes for following is no difference of anybody's schema."""

from uuid import uuid4

import psycopg

from migration.engine import slots
from schemadiff.core.snapshot import fingerprint
from schemadiff.databases import connect
from schemadiff.embedded import EmbeddedServer
from schemadiff.introspection import read_catalog
from tests.servers import MakeDatabase


def fingerprint_of(dsn: str) -> str:
    with connect(dsn) as connection:
        return fingerprint(read_catalog(connection))


def test_a_publication_of_a_run_is_not_read(make_database: MakeDatabase, server16: EmbeddedServer) -> None:
    dsn = make_database(server16, "CREATE TABLE public.a (id int PRIMARY KEY)")
    before = fingerprint_of(dsn)
    with psycopg.connect(dsn, autocommit=True) as session:
        slots.publish(session, slots.name_for(uuid4()), [("public", "a")])
        assert fingerprint_of(dsn) == before
        session.execute("CREATE PUBLICATION schemadiff_of_somebody FOR TABLE public.a")
    assert fingerprint_of(dsn) != before
