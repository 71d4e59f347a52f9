"""No value of a statement is kept, whatever way it was written."""

import pytest

from migration.core.monitoring.statements import LONGEST, normalised


@pytest.mark.parametrize(
    ("statement", "shown"),
    [
        ("SELECT * FROM t WHERE a = 'x''y' AND b = 5", "SELECT * FROM t WHERE a = ? AND b = ?"),
        ("SELECT $1, %s, %(name)s", "SELECT ?, ?, ?"),
        ("SELECT E'it\\'s' , b'01', X'ff', U&'d'", "SELECT ? , ?, ?, ?"),
        ("SELECT $$se'cret$$, $tag$a $$ b$tag$", "SELECT ?, ?"),
        ("SELECT 1.5e-3, .5, 0xFF, 1_000 -- secret\n FROM t1", "SELECT ?, ?, ?, ? FROM t1"),
        ('SELECT /* secret */ "Col 1".x2 FROM a', 'SELECT "Col 1".x2 FROM a'),
        ("SELECT * FROM t WHERE id IN (1, 2,  3)", "SELECT * FROM t WHERE id IN (?, …)"),
        ("INSERT INTO t VALUES (%s, %s), (%s, %s), (%s, %s)", "INSERT INTO t VALUES (?, …), …"),
        ("SELECT 'never ends secret", "SELECT ?"),
        ("SELECT $x$ never ends secret", "SELECT ?"),
        ("SELECT -5, a-1", "SELECT -?, a-?"),
        ("SELECT '+7 900 000-00-00'::text, 'Иван'", "SELECT ?::text, ?"),
    ],
)
def test_values_become_question_marks(statement: str, shown: str) -> None:
    assert normalised(statement) == shown


def test_a_long_statement_is_cut() -> None:
    assert len(normalised("SELECT " + ", ".join(f"c{n}" for n in range(2000)))) == LONGEST


def test_it_takes_no_longer_for_a_hostile_text() -> None:
    hostile = "'" + "''" * 9_000 + '"' * 1_999
    assert normalised(hostile).startswith("?")
