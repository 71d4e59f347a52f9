"""What counts as one expression and one SELECT, and what is refused by name."""

import pytest

from schemadiff.core.errors import Refused
from schemadiff.core.sql_guard import check_expression, check_select, columns_of

EXPRESSIONS = [
    "phone",
    '"Weird Name"',
    "clients.phone",
    "duration / 60",
    "duration / 60 -- minutes",
    "a /* why */ + 1",
    "a % 2",
    "lower(trim(both ' ' from email))",
    "nullif(btrim(a), '')::character varying(20)",
    "cast(a as numeric(5,2))",
    "case gender when 'unknown' then null else gender end",
    "raw_data ->> 'name'",
    "tags[1]",
    "array[a, b]",
    "created_at at time zone 'UTC'",
    "created + interval '1 day'",
    "date '2020-01-01'",
    "extract(epoch from a)",
    "make_interval(mins => 5)",
    "(select c.id from companies c where c.company_id = clients.company_id)",
    "exists (select 1 from t)",
    "not a and b is distinct from c",
    "'it''s; -- not a comment'",
    "$$a;b$$",
    "E'\\n'",
    "'Мария'",
    "null",
    "true",
    "a ~ '^\\d+$'",
    'a::text collate "C"',
    "coalesce(a, (select max(x) from t))",
    "(address).city",
    "public.clients.phone",
    "u & 'a'",
    "(select u.a from u)",
    "(select typname from pg_type limit 1)",
]

NOT_EXPRESSIONS = [
    ("", "found nothing"),
    ("   ", "found nothing"),
    ("-- nothing", "nothing but a comment"),
    ("a;", "a semicolon"),
    ("a; drop table clients", "2 commands: an expression, then a DROP"),
    ("1) TO STDOUT; COMMIT; DROP TABLE clients; --", "could not be read"),
    ("1) TO PROGRAM 'sh'", "could not be read"),
    ("a) , (b", "could not be read"),
    ("a, b", "could not be read"),
    ("(a, b)", "2 in brackets"),
    ("a from clients", "could not be read"),
    ("a limit 1", "could not be read"),
    ("a as b", "remove AS b"),
    ("*", r"all columns"),
    ("clients.*", r"all columns"),
    ("select 1", "a SELECT"),
    ("select 1 union select 2", "a UNION of two SELECTs"),
    ("values (1)", "a VALUES"),
    ("drop table x", "a DROP"),
    ("delete from x", "a DELETE"),
    ("copy clients to stdout", "a COPY"),
    ("explain select 1", "the command EXPLAIN"),
    ("do $$ begin end $$", "the command DO"),
    ("begin", "a TRANSACTION"),
    ("set x to 1", "a SET"),
    ("count(*)", "works over many rows"),
    ("sum(a) over (order by b)", "works over many rows"),
    ("$1", "no value to put in"),
    ("(with gone as (delete from t returning 1) select 1 from gone)", "found a DELETE"),
    ("(select 1 into t)", "SELECT INTO"),
    ("(select a from t for update)", "row lock"),
    ("nextval('s')", "nextval"),
    ("setval('s', 1)", "setval"),
    ("pg_sleep(10)", "pg_sleep"),
    ("pg_catalog.pg_sleep(10)", "pg_sleep"),
    ('"pg_sleep"(10)', "pg_sleep"),
    ("PG_TERMINATE_BACKEND(1)", "pg_terminate_backend"),
    ("pg_read_file('/etc/passwd')", "pg_read_file"),
    ("pg_advisory_lock(1)", "pg_advisory_lock"),
    ("lo_import('/etc/passwd')", "lo_import"),
    ("dblink('dbname=other', 'delete from t')", "dblink"),
    ("set_config('statement_timeout', '0', false)", "set_config"),
    ("query_to_xml('delete from t', true, true, '')", "query_to_xml"),
    ("coalesce(a, lower(dblink_exec('x', 'y')))", "dblink_exec"),
    ("(id).pg_terminate_backend", "pg_terminate_backend"),  # as pg_terminate_backend(id)
    ("('/etc/passwd'::text).pg_read_file", "pg_read_file"),
    ('tags[1]."pg_read_file"', "pg_read_file"),
    ("(1).\n/* */ PG_SLEEP", "pg_sleep"),
    ("(case when true then 1.0 end).pg_sleep", "pg_sleep"),
    ('U&"\\0070g_sleep"(10)', "Unicode escapes"),
    ('pg_catalog.u&"pg\\005fsleep"(10)', "Unicode escapes"),
    ("U&'\\' UESCAPE '!' || pg_sleep(1)::text || '\\'", "Unicode escapes"),
    ("ts_rewrite('a'::tsquery, 'select pg_sleep(1)')", "ts_rewrite"),
    ("(select a from crosstab('select 1') as t (a int))", "crosstab"),
    ("(select rolpassword from pg_authid limit 1)", "pg_authid"),
    ("(table pg_catalog.pg_shadow)", "pg_shadow"),
    ("(select query from pg_stat_activity limit 1)", "pg_stat_activity"),
    ("'unclosed", "could not be read"),
    ("a\x00b", "NUL"),
    ("(" * 5000 + "a" + ")" * 5000, "nested too deeply"),
    ("a" * 30_000, "at most 20,000 characters"),
]


@pytest.mark.parametrize("text", EXPRESSIONS)
def test_an_expression_passes(text: str) -> None:
    check_expression(text)


@pytest.mark.parametrize(("text", "words"), NOT_EXPRESSIONS, ids=lambda value: value[:40])
def test_anything_else_is_refused_and_named(text: str, words: str) -> None:
    with pytest.raises(Refused, match=words):
        check_expression(text)


@pytest.mark.parametrize(
    "text",
    [
        "select 1",
        "select 1;",
        "select a from t where b = 'x; y'",
        "with a as (select 1) select * from a",
        "select 1 union all select 2",
        "(select 1) except (select 2)",
        "table t",
        "select count(*), sum(a) over () from t",
    ],
)
def test_a_select_passes(text: str) -> None:
    check_select(text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("select 1; select 2", "2 commands: a SELECT, then a SELECT"),
        ("select 1; commit", "2 commands: a SELECT, then a COMMIT"),
        ("insert into t values (1)", "an INSERT"),
        ("a + 1", "an expression"),
        ("select 1 into t", "SELECT INTO"),
        ("select 1 from t for share", "row lock"),
        ("with x as (update t set a = 1 returning 1) select 1 from x", "an UPDATE"),
        ("select 1 union select nextval('s')", "nextval"),
        ("select 1 from t where pg_sleep(1) is null", "pg_sleep"),
        ("call work()", "the command CALL"),
    ],
)
def test_other_commands_are_no_select(text: str, words: str) -> None:
    with pytest.raises(Refused, match=words):
        check_select(text)


def test_the_columns_of_an_expression_are_folded_as_postgresql_does() -> None:
    assert columns_of("lower(Phone) || \"Name\" || t.city || 'street'") == {"phone", "Name", "city"}
