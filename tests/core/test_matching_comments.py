"""What comments say for a pair of columns whose names and types say little."""

import pytest

from schemadiff.core.catalog import Column, Table
from schemadiff.core.matching import Field, FieldList, Standing, pair_fields
from schemadiff.core.matching.assignment import FieldPair
from schemadiff.core.matching.comments import said_by_comments
from schemadiff.core.matching.fields import source_fields


def field(name: str, comment: str | None = None, type_: str = "text") -> Field:
    return Field(name=name, type=type_, comment=comment)


def paired(*targets: Field) -> dict[str, FieldPair]:
    source = FieldList(
        table="visits", fields=(field("seance_length", type_="integer"), field("zz", type_="integer"))
    )
    found = pair_fields(source, FieldList(table="visits", fields=targets), {})
    return {pair.target.name: pair for pair in found}


def test_a_comment_that_names_the_former_column_makes_the_pair() -> None:
    plain = paired(field("qty", type_="integer"), field("foo", type_="integer"))
    assert not any(
        pair.source.name == "seance_length" and pair.target.name == "qty" for pair in plain.values()
    )
    told = paired(field("qty", "Minutes; was seance_length.", "integer"), field("foo", type_="integer"))[
        "qty"
    ]
    assert told.source.name == "seance_length" and told.standing is not Standing.LEFT_OUT
    assert "a comment speaks of seance_length" in told.reasons


@pytest.mark.parametrize(
    ("comment", "name", "odds"),
    [
        ("Formerly title.", "title", 3.0),
        ("The title of a book", "title", 0.8),
        ("of the day", "day", 0.0),
        ("renamed from day", "day", 3.0),
        ("see client_id", "client_id", 3.0),
        ("see client_ids", "client_id", 0.0),
        ("Был seance_length", "seance_length", 3.0),
        ("", "title", 0.0),
    ],
)
def test_how_much_a_name_in_a_comment_says(comment: str, name: str, odds: float) -> None:
    assert said_by_comments(field("a", comment), field(name)).odds == odds
    assert said_by_comments(field(name), field("a", comment)).odds == odds


@pytest.mark.parametrize(
    ("one", "other", "odds"),
    [
        ("How long the visit took, in minutes", "how long the visit took in minutes", 3.0),
        ("How long the visit took", "How they pay for a visit, planned", 0.0),
        ("How long the visit took in minutes", "How long the visit took in seconds", 1.5),
        ("the name", "a name", 0.0),
        ("Money paid", None, 0.0),
    ],
)
def test_how_much_two_comments_say(one: str, other: str | None, odds: float) -> None:
    assert said_by_comments(field("x", one), field("y", other)).odds == odds


def test_comments_come_from_the_catalog() -> None:
    column = Column(position=1, name="a", type="text", comment="was b")
    table = Table(schema="public", name="t", columns=(column,))
    assert [each.comment for each in source_fields(table).fields] == ["was b"]
