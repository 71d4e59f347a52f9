"""Keys of several text columns under different collations, and foreign keys between columns of different ones."""

import pytest

from schemadiff.embedded import EmbeddedServer
from tests.command_line import Manage
from tests.engine.running import ask
from tests.servers import MakeDatabase

pytestmark = pytest.mark.heavy

_TABLES = """
CREATE TABLE public.parents (a text COLLATE "C", b text COLLATE "POSIX", n int, PRIMARY KEY (a, b));
CREATE TABLE public.children (x text COLLATE "C", y text COLLATE "POSIX", a text COLLATE "POSIX", b text COLLATE "C",
                              note text, PRIMARY KEY (x, y), FOREIGN KEY (a, b) REFERENCES public.parents);
"""
_ROWS = """
INSERT INTO public.parents SELECT 'a' || n, 'b' || n, n FROM generate_series(1, 40) AS n;
INSERT INTO public.children SELECT 'x' || n, 'y' || n, 'a' || n, 'b' || n, 'note' FROM generate_series(1, 40) AS n;
"""
_HELD = """
INSERT INTO public.parents VALUES ('a7', 'b7', 1), ('own', 'own', 1);
INSERT INTO public.children VALUES ('x7', 'y7', 'a7', 'b7', 'held'), ('own', 'own', 'own', 'own', 'held');
ALTER TABLE public.parents ADD CONSTRAINT few CHECK (n <> 9);
"""


@pytest.fixture
def sides(make_database: MakeDatabase, server16: EmbeddedServer, server18: EmbeddedServer) -> tuple[str, str]:
    return make_database(server16, _TABLES + _ROWS), make_database(server18, _TABLES + _HELD)


def test_rows_are_told_apart_refused_with_their_children_and_tried_again(
    manage: Manage, sides: tuple[str, str]
) -> None:
    done = manage("copy", *sides, "--data-only")
    assert done.code == 2, done.error
    assert "80 rows read, 76 written, 4 rejects" in done.out
    assert ask(
        sides[1], "SELECT key[1], reason LIKE 'refused because%' FROM schemadiff.rejects ORDER BY 1"
    ) == [
        ("a7", False),
        ("a9", False),
        ("x7", False),
        ("x9", True),
    ]
    assert manage("verify", *sides).code == 0
    ask(sides[1], "ALTER TABLE public.parents DROP CONSTRAINT few")
    assert "2 rejected rows are in the target now, 2 are left." in manage("retry", *sides).out
    assert manage("verify", *sides).code == 0


def test_differing_rows_are_repaired_put_back_and_overwritten(manage: Manage, sides: tuple[str, str]) -> None:
    source, target = sides
    ask(
        target,
        "DELETE FROM public.children; DELETE FROM public.parents; ALTER TABLE public.parents DROP CONSTRAINT few",
    )
    assert manage("copy", *sides, "--data-only").code == 0
    ask(target, "DELETE FROM public.children WHERE x < 'x2'")
    ask(target, "UPDATE public.parents SET n = -n WHERE n = 5")
    ask(target, "INSERT INTO public.parents VALUES ('new', 'new', 1)")
    before = ask(target, "SELECT * FROM public.parents, public.children ORDER BY 1, 2, 4, 5")
    done = manage("verify", *sides, "--repair", "--yes")
    assert (done.code, done.error) == (0, "")
    assert "repaired: public.parents: 0 inserted, 1 updated, 1 removed" in done.out
    assert manage("restore", target, "--repair", "1", "--yes").code == 0
    assert ask(target, "SELECT * FROM public.parents, public.children ORDER BY 1, 2, 4, 5") == before
    done = manage("copy", *sides, "--data-only", "--overwrite")
    assert (done.code, done.error) == (0, "")
    assert ask(target, "SELECT n FROM public.parents WHERE a = 'a5'") == ask(
        source, "SELECT n FROM public.parents WHERE a = 'a5'"
    )
