"""Collations of ICU, where a server of the machine has it (the wheel's have none): the same on every version, planned
and carried out, also in databases that ICU or PostgreSQL itself sorts."""

from collections.abc import Iterator
from contextlib import ExitStack

import psycopg
import pytest

from schemadiff.core.diff import diff
from schemadiff.core.icu_locales import language_tag
from schemadiff.embedded import EmbeddedServer, create_database, is_at_hand, throwaway
from tests.convergence import execute, read, there_and_back
from tests.introspection.test_versions import OF_THE_MACHINE, check_alike
from tests.servers import fresh_database, two_databases

WRITTEN = (
    "de_DE",
    "zh_Hans_CN",
    "de@collation=phonebook",
    "@colStrength=secondary;colNumeric=yes",
    "en_US@colalternate=shifted;collation=standard",
    "sv@colCaseFirst=upper;colStrength=primary",
)
COLLATIONS = "".join(
    f"CREATE COLLATION written_{place} (provider = icu, locale = '{locale}');"
    for place, locale in enumerate(WRITTEN)
)
ONE = f"""
{COLLATIONS}
CREATE COLLATION german (provider = icu, locale = 'de-DE');
CREATE COLLATION loose (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
CREATE TABLE t (a text COLLATE german PRIMARY KEY, b text COLLATE loose UNIQUE, c text COLLATE "en-x-icu");
CREATE INDEX i ON t (c COLLATE written_2);
CREATE DOMAIN d AS text COLLATE loose;
CREATE VIEW v AS SELECT a COLLATE "fr-x-icu" AS f FROM t;
CREATE TYPE r AS RANGE (subtype = text, collation = german);
"""
OTHER = """
CREATE COLLATION german (provider = icu, locale = 'de-AT');
CREATE COLLATION loose (provider = icu, locale = 'und-u-ks-level1', deterministic = false);
CREATE TABLE t (a text PRIMARY KEY, b text COLLATE loose, c varchar(10) COLLATE "C");
"""


@pytest.fixture(scope="module")
def servers() -> Iterator[dict[int, EmbeddedServer]]:
    with ExitStack() as opened:
        found = {v: opened.enter_context(throwaway(v)) for v in OF_THE_MACHINE if is_at_hand(v)}
        found = {version: server for version, server in found.items() if has_icu(server)}
        if not found:
            pytest.skip("no PostgreSQL with ICU on this machine")
        yield found


def has_icu(server: EmbeddedServer) -> bool:
    with psycopg.connect(server.dsn()) as connection:
        asked = "SELECT FROM pg_collation WHERE collprovider = 'i' LIMIT 1"
        return connection.execute(asked).fetchone() is not None


def test_they_are_the_same_on_every_version(servers: dict[int, EmbeddedServer]) -> None:
    with ExitStack() as opened:
        made = {v: opened.enter_context(fresh_database(server, ONE)) for v, server in servers.items()}
        check_alike({version: read(dsn) for version, dsn in made.items()})
        for version, dsn in made.items():
            with psycopg.connect(dsn) as connection:
                kept = connection.execute(
                    "SELECT to_jsonb(c) FROM pg_collation c WHERE collname ~ '^written_' ORDER BY collname"
                ).fetchall()
            if version >= 16:
                there = [row[0].get("colllocale") or row[0]["colliculocale"] for row in kept]
                assert [language_tag(locale) for locale in there] == [language_tag(one) for one in WRITTEN]


def test_plans_lead_there_and_back(servers: dict[int, EmbeddedServer]) -> None:
    """Not on 15: Debian's writes numbers of its own into the columns, which the witness sees."""
    fitting = [version for version in servers if version != 15]
    if not fitting:
        pytest.skip("no PostgreSQL with ICU on this machine but 15")
    with two_databases(servers[max(fitting)]) as (one, two):
        execute(one, ONE)
        execute(two, OTHER)
        there_and_back(one, two)


def test_what_sorts_the_database_changes_nothing(servers: dict[int, EmbeddedServer]) -> None:
    for version, server in servers.items():
        plain = read(create_database(server, "plain"))
        for provider, option in (("icu", "ICU_LOCALE 'de-DE'"), ("builtin", "BUILTIN_LOCALE 'C.UTF-8'")):
            if version < {"icu": 15, "builtin": 17}[provider]:
                continue
            with psycopg.connect(server.dsn(), autocommit=True) as connection:
                connection.execute(
                    f"CREATE DATABASE sorted_by_{provider} LOCALE_PROVIDER {provider} {option} "
                    "LOCALE 'C.UTF-8' TEMPLATE template0".encode()
                )
            assert diff(plain, read(server.dsn(f"sorted_by_{provider}"))).is_empty
