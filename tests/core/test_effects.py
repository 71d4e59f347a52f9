"""What a difference means for rows, in a sentence."""

import pytest

from schemadiff.core.catalog import (
    Column,
    Constraint,
    ConstraintKind,
    Generated,
    Identity,
    Index,
    Kind,
    ObjectRef,
    Trigger,
)
from schemadiff.core.changes import Added, Altered, AttributeChange, Removed, Renamed
from schemadiff.core.effects import effect_of_column, effect_of_part, effect_of_types

PLAIN = Column(name="phone", position=1, type="text")


@pytest.mark.parametrize(
    ("source", "target", "expected"),
    [
        ("text", "text", ""),
        ("integer", "bigint", "Widens: integer → bigint."),
        ("text", "character varying(20)", "Narrows: text → varchar(20)."),
        ("numeric(12,4)", "numeric(10,2)", "Narrows: numeric(12,4) → numeric(10,2)"),
        ("numeric(5,2)", "smallint", "Converts: numeric(5,2) → smallint"),
        ("jsonb", "text", "Becomes text: jsonb → text."),
        ("text", "jsonb", "Converts: text → jsonb."),
    ],
)
def test_types(source: str, target: str, expected: str) -> None:
    assert effect_of_types(source, target).startswith(expected)
    assert bool(effect_of_types(source, target)) == bool(expected)


def test_a_column_that_the_target_lacks_is_left_behind() -> None:
    assert effect_of_column(PLAIN, None) == ("Left behind by the target.",)


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        (Column(name="a", position=1, type="uuid", not_null=True), "Needs a value for every row."),
        (Column(name="a", position=1, type="uuid"), "Stays empty (null)."),
        (Column(name="a", position=1, type="int", not_null=True, default="0"), "Gets its default, 0."),
        (
            Column(name="a", position=1, type="int", not_null=True, identity=Identity.ALWAYS),
            "Numbered by the target.",
        ),
        (
            Column(name="a", position=1, type="int", generated=Generated.STORED, default="b"),
            "Computed by the target.",
        ),
    ],
)
def test_a_column_that_only_the_target_has(column: Column, expected: str) -> None:
    assert effect_of_column(None, column) == (expected,)


def test_every_attribute_that_differs_has_its_sentence() -> None:
    target = Column(
        name="phone", position=1, type="character varying(20)", not_null=True, collation="C", default="''"
    )
    sentences = effect_of_column(PLAIN, target)
    assert len(sentences) == 4
    assert sentences[0].startswith("Narrows")
    assert sentences[1:] == (
        "Refuses rows without a value.",
        "Sorts and compares text differently.",
        "New rows get another default.",
    )


def test_equal_columns_have_no_effect() -> None:
    assert effect_of_column(PLAIN, PLAIN) == ()


KEY = ObjectRef(kind=Kind.CONSTRAINT, schema="public", name="key", parent="clients")
INDEX = ObjectRef(kind=Kind.INDEX, schema="public", name="by_phone", parent="clients")


def test_a_foreign_key_of_the_target_names_the_table_it_wants_a_row_in() -> None:
    key = Constraint(
        name="key", kind=ConstraintKind.FOREIGN_KEY, definition="…", references=("public", "companies")
    )
    sentence = effect_of_part(Added(ref=KEY, description="…"), key)
    assert sentence == "Refuses rows without their row in public.companies."


def test_what_the_target_lacks_is_not_enforced_there() -> None:
    check = Constraint(name="key", kind=ConstraintKind.CHECK, definition="CHECK (true)")
    assert effect_of_part(Removed(ref=KEY, description="…"), check) == "Not enforced in the target."


def test_a_plain_index_costs_or_brings_speed_a_unique_one_refuses() -> None:
    plain = Index(name="by_phone", definition="…", method="btree")
    unique = Index(name="by_phone", definition="…", method="btree", unique=True)
    assert effect_of_part(Added(ref=INDEX, description="…"), plain) == "Only the target maintains it."
    assert effect_of_part(Added(ref=INDEX, description="…"), unique) == "Refuses duplicates."
    assert "slower" in effect_of_part(Removed(ref=INDEX, description="…"), plain)


def test_a_trigger_of_the_target_acts_on_arriving_rows() -> None:
    ref = ObjectRef(kind=Kind.TRIGGER, schema="public", name="stamp", parent="clients")
    trigger = Trigger(name="stamp", definition="…", function=("public", "stamp()"))
    assert effect_of_part(Added(ref=ref, description="…"), trigger) == "Acts on rows as they are written."


def test_only_a_name_or_only_a_comment() -> None:
    comment = AttributeChange(name="comment", source=None, target="a word")
    name = AttributeChange(name="name", source="by_phone", target="phone_idx")
    assert effect_of_part(Altered(ref=INDEX, attributes=(name,)), None) == "Only the name differs."
    assert effect_of_part(Renamed(ref=KEY, target=KEY), None) == "Only the name differs."
    assert effect_of_part(Altered(ref=KEY, attributes=(comment,)), None) == "Another comment."
