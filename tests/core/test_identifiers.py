"""Names and texts in SQL; what PostgreSQL itself says of them is asked of a server."""

import psycopg
import pytest

from schemadiff.core.identifiers import KEYWORDS, literal, qualified, quote, shortened
from schemadiff.embedded import EmbeddedServer

NAMES = [
    "a",
    "a1",
    "_x",
    "A",
    "1a",
    "a b",
    'q"q',
    "user",
    "value",
    "имя",
    "a$b",
    "a-b",
    "order",
    " ",
    "é",
    "x\ny",
]
TEXTS = ["", "x", "it's", "back\\slash", "a\nb", "''", "\\'", "“x”", "$$", "E'x'"]


def test_keywords_are_the_servers(server18: EmbeddedServer) -> None:
    with psycopg.connect(server18.dsn()) as connection:
        rows = connection.execute("SELECT word FROM pg_get_keywords() WHERE catcode <> 'U'").fetchall()

    assert {row[0] for row in rows} == KEYWORDS


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_quoted_as_the_server_quotes_it(server18: EmbeddedServer, name: str) -> None:
    with psycopg.connect(server18.dsn()) as connection:
        row = connection.execute("SELECT quote_ident(%s)", [name]).fetchone()

    assert row is not None
    assert quote(name) == row[0]


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("standard", ["on", "off"])
def test_a_text_comes_back_as_it_was(server18: EmbeddedServer, text: str, standard: str) -> None:
    with psycopg.connect(server18.dsn()) as connection:
        connection.execute("SELECT set_config('standard_conforming_strings', %s, false)", [standard])
        connection.execute("SET escape_string_warning = off")
        row = connection.execute(f"SELECT {literal(text)}".encode()).fetchone()

    assert row is not None
    assert row[0] == text


def test_both_parts_of_a_qualified_name_are_quoted() -> None:
    assert qualified("public", "user") == 'public."user"'
    assert qualified("My Schema", "t") == '"My Schema".t'


@pytest.mark.parametrize("name", ["", "a\0b"])
def test_what_no_name_can_be_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="no name"):
        quote(name)


def test_a_text_with_a_zero_byte_is_refused() -> None:
    with pytest.raises(ValueError, match="zero byte"):
        literal("a\0b")


@pytest.mark.parametrize("name", ["t", "t" * 63, "я" * 40])
def test_a_suffix_survives_the_limit_of_names(name: str) -> None:
    found = shortened(name, "__suffix")

    assert found.endswith("__suffix")
    assert len(found.encode()) <= 63
