"""Which lines of a script are SQL, and which roles it names."""

import pytest

from schemadiff.embedded.roles import roles_named_in
from schemadiff.embedded.scripts import marked, restricted


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("a\nb", "++"),
        ("COPY t (a) FROM stdin;\nx\n\\.\nb", "+--+"),
        ("copy t from stdin with (format csv);\nx\n\\.\nb", "+--+"),
        ("SELECT 'a\nb'\nc", "+-+"),
        ("SELECT 'it''s\nb'\nc", "+-+"),
        ("SELECT E'a\\'\nb'\nc", "+-+"),
        ("SELECT 'a\\'\nb", "++"),
        ('SELECT "a\nb"\nc', "+-+"),
        ("$$\n'\n$$\nb", "+--+"),
        ("$a$\n$$ $b$\n$a$\nb", "+--+"),
        ("SELECT $1\nb", "++"),
        ("-- it's\nb", "++"),
        ("/* a\n/* b */\n'*/\nc", "+--+"),
        ("SELECT '/*'\nb", "++"),
        ("CREATE FUNCTION f() AS $$ SELECT 'x' $$;\nb", "++"),
    ],
)
def test_lines_that_begin_as_sql(script: str, expected: str) -> None:
    lines = script.encode().splitlines(keepends=True)
    assert "".join("+" if is_sql else "-" for _, is_sql in marked(lines)) == expected


def test_a_dumps_own_guard_and_owners_are_left_out_and_the_rest_kept() -> None:
    script = (
        b"-- head\n\\restrict abc\nALTER TABLE public.t OWNER TO bob;\n"
        b"COPY t (a) FROM stdin;\nALTER TABLE public.t OWNER TO bob;\n\\restrict abc\n\\.\n\\unrestrict abc\n"
    )
    guard, *rest = restricted(script.splitlines(keepends=True))
    assert guard.startswith(b"\\restrict ") and len(guard) > 60
    assert b"".join(rest) == (
        b"-- head\n\n\nCOPY t (a) FROM stdin;\nALTER TABLE public.t OWNER TO bob;\n\\restrict abc\n\\.\n\n"
    )


def test_the_roles_that_a_script_needs() -> None:
    script = (
        'GRANT ALL ON TABLE public.t TO anon, "Web User";\nREVOKE ALL ON t FROM PUBLIC;\n'
        "ALTER DEFAULT PRIVILEGES FOR ROLE Admin IN SCHEMA s GRANT ALL ON TABLES TO reader;\n"
        "CREATE SCHEMA s AUTHORIZATION keeper;\nCREATE POLICY p ON t FOR SELECT TO viewer USING (true);\n"
        "CREATE ROLE made; GRANT made TO anon;\nGRANT SELECT ON t TO made, pg_monitor;\n"
        "COPY t FROM stdin;\nGRANT x TO data;\n\\.\n"
    )
    assert roles_named_in(script.encode().splitlines(keepends=True)) == {
        "admin",
        "anon",
        "keeper",
        "reader",
        "viewer",
        "Web User",
    }
