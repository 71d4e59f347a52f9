"""Which column became which: equal names, words, places, abstention, and the reasons in words."""

import pytest

from schemadiff.core.mapping import Certainty
from schemadiff.core.matching import Field, FieldList, Standing, near_misses, pair_fields
from schemadiff.core.matching.assignment import FieldPair


def fields(table: str, *entries: Field | tuple[str, str]) -> FieldList:
    made = (entry if isinstance(entry, Field) else Field(name=entry[0], type=entry[1]) for entry in entries)
    return FieldList(table=table, fields=tuple(made))


def pairs(source: FieldList, target: FieldList) -> dict[str, FieldPair]:
    return {pair.source.name: pair for pair in pair_fields(source, target, {source.table: target.table})}


def test_equal_names_are_paired_whatever_their_types() -> None:
    found = pairs(fields("t", ("a", "text"), ("b", "date")), fields("t", ("b", "jsonb"), ("a", "text")))
    assert {(pair.source.name, pair.target.name, pair.standing) for pair in found.values()} == {
        ("a", "a", Standing.EQUAL),
        ("b", "b", Standing.EQUAL),
    }


def test_a_rename_in_place_is_accepted() -> None:
    source = fields("orders", ("id", "bigint"), ("created", "timestamptz"), ("total", "numeric(10,2)"))
    target = fields("orders", ("id", "bigint"), ("created_at", "timestamptz"), ("total", "numeric(10,2)"))
    pair = pairs(source, target)["created"]
    assert (pair.target.name, pair.standing) == ("created_at", Standing.ACCEPTED)
    assert pair.score > 0.8
    assert "between the same columns" in pair.reasons
    assert "shares the word 'created' with created_at" in pair.reasons


def test_synonyms_speak_for_a_pair_and_are_named() -> None:
    source = fields("clients", ("phone", "text"), ("comment", "text"), ("birth_date", "date"), ("x1", "uuid"))
    target = fields(
        "people", ("birthday", "date"), ("note", "text"), ("mobile", "varchar(20)"), ("y9", "point")
    )
    found = pairs(source, target)
    assert found["comment"].target.name == "note"
    assert "synonyms: comment / note" in found["comment"].reasons
    assert found["birth_date"].target.name == "birthday"
    assert found["phone"].target.name == "mobile"
    assert "x1" not in found


@pytest.mark.parametrize(
    ("one", "other", "reason"),
    [
        ("creation_date", "created_at", "of one stem: creation / created"),
        ("dob", "date_of_birth", "one name is the initials of the other"),
        ("lang_name", "language_name", "shares the words 'lang' and 'name' with language_name"),
        ("msgs", "message", "shares the word 'msgs' with message"),
        ("reps", "repetitions", "shares the word 'reps' with repetitions"),
        ("spec_sheet", "specification_sheet", "'spec' may be short for 'specification'"),
        ("recieved_by", "received_by", "'recieved' and 'received' are spelled nearly alike"),
    ],
)
def test_words_are_akin_in_many_ways(one: str, other: str, reason: str) -> None:
    (pair,) = pair_fields(fields("t", (one, "text")), fields("u", (other, "text")), {})
    assert pair.target.name == other
    assert reason in pair.reasons


def test_a_new_column_at_the_end_is_no_rename_of_one_that_was_dropped_elsewhere() -> None:
    kept = [(name, "text") for name in ("id", "title", "body", "state")]
    source = fields("posts", *kept[:2], ("codes", "text[]"), *kept[2:])
    target = fields("posts", *kept, ("hashed_codes", "text[]"))
    found = pairs(source, target)
    assert "codes" not in found or found["codes"].standing is Standing.SUGGESTED
    stayed = fields("posts", *kept[:2], ("hashed_codes", "text[]"), *kept[2:])
    assert pairs(source, stayed)["codes"].standing is Standing.ACCEPTED


def test_a_column_that_was_moved_hides_no_rename() -> None:
    source = fields("t", ("id", "bigint"), ("price", "numeric"), ("name", "text"), ("kind", "text"))
    target = fields("t", ("amount", "numeric"), ("name", "text"), ("kind", "text"), ("id", "bigint"))
    assert pairs(source, target)["price"].target.name == "amount"


def test_of_two_equally_good_candidates_none_is_accepted() -> None:
    source = fields("a", ("last_user_message", "text"), ("last_admin_message", "text"))
    (pair,) = pair_fields(source, fields("b", ("last_message", "text")), {})
    assert pair.standing is Standing.SUGGESTED
    assert pair.score < 0.5
    assert pair.certainty is Certainty.AMBIGUOUS
    assert pair.reasons[0].startswith("as likely, or nearly: last_")


def test_what_has_no_rival_and_little_for_it_is_a_near_miss() -> None:
    source = fields("t", ("owner", "text"), ("zz", "bytea"))
    (pair,) = pair_fields(source, fields("u", ("responsible", "text"), ("qq", "point")), {})
    assert (pair.certainty, pair.standing) == (Certainty.NEAR_MISS, Standing.SUGGESTED)
    assert "is less than the 40% from which it would be sure" in pair.reasons[0]


def test_what_is_left_out_and_was_near_is_told_apart_from_the_pairs() -> None:
    kept = [(name, "text") for name in ("id", "title", "body", "state")]
    source = fields("posts", *kept[:2], ("code", "text"), *kept[2:])
    target = fields("posts", *kept, ("codes", "text"), ("picture", "bytea"))
    paired = {name: pair.target.name for name, pair in pairs(source, target).items()}
    assert "code" not in paired
    (near,) = near_misses(source, target, {}, paired)
    assert (near.source.name, near.target.name, near.certainty) == ("code", "codes", Certainty.NEAR_MISS)
    assert near_misses(source, target, {}, paired | {"code": "codes"}) == ()


def test_what_has_nothing_in_common_is_left_out() -> None:
    assert pairs(fields("t", ("salary", "numeric")), fields("t", ("logo", "bytea"))) == {}


def test_opposites_are_told_apart() -> None:
    source = fields("shifts", ("work_start", "time"), ("work_end", "time"))
    target = fields("hours", ("ends_at", "time"), ("starts_at", "time"))
    found = pairs(source, target)
    assert found["work_start"].target.name == "starts_at"
    assert found["work_end"].target.name == "ends_at"


def test_a_foreign_key_to_the_same_table_says_more_than_the_name() -> None:
    source = fields(
        "bookings", Field(name="master", type="bigint", refers_to="staff"), Field(name="place", type="bigint")
    )
    target = fields(
        "bookings",
        Field(name="spot", type="bigint"),
        Field(name="employee", type="bigint", refers_to="staff"),
    )
    pair = pair_fields(source, target, {"bookings": "bookings", "staff": "staff"})[0]
    assert (pair.source.name, pair.target.name) == ("master", "employee")
    assert "both refer to staff" in pair.reasons


def test_no_field_is_paired_twice() -> None:
    source = fields("t", *((f"last_message_{n}", "text") for n in range(8)))
    target = fields("t", *((f"last_messages_{n}", "text") for n in range(5)))
    found = pair_fields(source, target, {})
    assert (
        len({pair.source.name for pair in found}) == len({pair.target.name for pair in found}) == len(found)
    )


@pytest.mark.parametrize("count", [0, 1])
def test_tables_without_columns_give_no_pairs(count: int) -> None:
    some = fields("t", *[("a", "text")] * count)
    assert pair_fields(some, fields("u"), {}) == pair_fields(fields("u"), some, {}) == ()


def test_the_same_input_gives_the_same_pairs() -> None:
    source = fields("a", *((f"col_{n}_alpha", "text") for n in range(20)))
    target = fields("b", *((f"col_{n}_beta", "text") for n in range(20)))
    assert pair_fields(source, target, {}) == pair_fields(source, target, {})


def test_reasons_against_a_pair_come_last() -> None:
    source = fields("t", ("id", "bigint"), ("note", "text"), ("sum", "text"))
    target = fields("t", ("id", "bigint"), ("notes", "boolean"), ("sum", "text"))
    pair = pairs(source, target)["note"]
    assert pair.reasons[-1] == "but text is not boolean"
