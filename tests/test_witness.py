"""What the witness takes for equal, and what it notices."""

from schemadiff.embedded import EmbeddedServer
from tests.servers import MakeDatabase
from tests.witness import (
    disagreement,
    normalised,
    with_columns_sorted,
    with_partitions_indexes_unnamed,
    witnessed,
)

TABLE = """
--
-- Name: t; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.t (
    a integer,
    b text DEFAULT 'x'::text
)
WITH (fillfactor='70', autovacuum_enabled='false');

"""
TYPE = """
--
-- Name: e; Type: TYPE; Schema: public; Owner: postgres
--

CREATE TYPE public.e AS ENUM ('a', 'b');

"""
SETTING = "\nSET default_table_access_method = columnar;\n"


def test_the_order_of_entries_and_the_random_words_are_no_schema() -> None:
    assert normalised(f"\\restrict one\n{TABLE}{TYPE}\\unrestrict one\n") == normalised(
        f"\\restrict two\n{TYPE}{TABLE}"
    )


def test_an_empty_dump_has_no_entries() -> None:
    assert normalised("\\restrict one\n--\n-- PostgreSQL database dump complete\n--\n") == normalised("")


def test_the_order_of_parameters_is_seen() -> None:
    other = TABLE.replace(
        "fillfactor='70', autovacuum_enabled='false'", "autovacuum_enabled='false', fillfactor='70'"
    )
    assert other != TABLE and normalised(other) != normalised(TABLE)


def test_columns_come_in_their_order_until_they_are_sorted() -> None:
    one = normalised(TABLE)
    other = normalised(
        TABLE.replace(
            "    a integer,\n    b text DEFAULT 'x'::text", "    b text DEFAULT 'x'::text,\n    a integer"
        )
    )
    assert one != other
    assert with_columns_sorted(one) == with_columns_sorted(other)


def test_a_setting_that_stands_before_an_entry_belongs_to_it() -> None:
    assert normalised(TYPE + SETTING + TABLE) != normalised(TYPE + TABLE)
    assert "columnar" not in normalised(TABLE + SETTING)


def test_what_postgresql_names_by_itself_can_be_left_out(
    server18: EmbeddedServer, make_database: MakeDatabase
) -> None:
    table = "create table t (a int, b int) partition by list (a); create table t1 partition of t for values in (1)"
    x, y = "create index x on t (b)", "create index y on t (b)"
    one, two = (witnessed(make_database(server18, "; ".join([table, *order]))) for order in ((x, y), (y, x)))
    assert disagreement(one, two)
    assert with_partitions_indexes_unnamed(one) == with_partitions_indexes_unnamed(two)


def test_two_databases_agree_until_one_has_something_more(
    server16: EmbeddedServer, server18: EmbeddedServer, make_database: MakeDatabase
) -> None:
    sql = "create table t (a int primary key, b text not null); comment on column t.b is 'b'"
    for server in (server16, server18):
        one, two = (witnessed(make_database(server, sql)) for _ in range(2))
        assert disagreement(one, two) == ""
        more = witnessed(make_database(server, f"{sql}; alter table t alter b set statistics 7"))
        assert "SET STATISTICS 7" in disagreement(one, more)


def test_the_order_of_parents_is_the_heaps() -> None:
    head = "--\n-- Name: f; Type: TABLE; Schema: public; Owner: o\n--\n\nCREATE TABLE public.f (\n)\n"
    one, other = (
        f"{head}INHERITS ({parents});\n" for parents in ("public.e, public.b", "public.b, public.e")
    )
    assert normalised(one) == normalised(other)
    assert normalised(one) != normalised(f"{head}INHERITS (public.e);\n")
