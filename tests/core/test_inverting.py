"""A mapping turned round: what comes back, how, and what is said of the rest."""

from migration.core.inverting import Inverse, inverse_of, merged_tables
from schemadiff.core.mapping import ColumnPair, Mapping, PairStatus, TableMapping


def pair(
    target: str, source: str | None = None, made: str | None = None, back: str | None = None
) -> ColumnPair:
    return ColumnPair(
        target=target, source=source, expression=made, inverse=back, status=PairStatus.CONFIRMED
    )


def turned(columns: str, *pairs: ColumnPair, there: str | None = None) -> Inverse:
    entry = TableMapping(source=("public", "call"), target=("public", "calls"), pairs=pairs)
    return inverse_of(entry, columns.split(), there.split() if there else [each.target for each in pairs])


def back(inverse: Inverse) -> dict[str, str | None]:
    return {each.target: each.source or each.expression for each in inverse.entry.pairs}


def test_what_is_taken_as_it_is_comes_back_under_its_own_name() -> None:
    inverse = turned("id name", pair("call_id", "id"), pair("title", "name"))
    assert (inverse.entry.source, inverse.entry.target) == (("public", "calls"), ("public", "call"))
    assert back(inverse) == {"id": "call_id", "name": "title"}
    assert (inverse.lost, list(inverse.limits())) == ((), [])
    assert inverse.certain.accepted() == (pair("call_id", "id"), pair("title", "name"))


def test_of_two_that_take_a_column_the_one_of_its_name_gives_it_back() -> None:
    assert back(turned("id", pair("former_id", "id"), pair("id", "id"))) == {"id": "id"}


def test_a_product_is_divided_as_a_number_with_a_point_and_said_to_round() -> None:
    inverse = turned("minutes", pair("seconds", made="(minutes * 60)::int"))
    assert back(inverse) == {"minutes": "(seconds * 1.0) / 60"}
    assert list(inverse.limits()) == [
        "public.call.minutes is read back out of seconds: what is no multiple of 60 is rounded."
    ]
    assert inverse.certain.accepted() == ()


def test_words_exchanged_one_by_one_come_back_for_certain() -> None:
    made = pair("class", made="CASE kind WHEN 'a' THEN 'b' WHEN 'b' THEN 'a' ELSE kind END")
    inverse = turned("kind", made)
    assert back(inverse) == {"kind": "CASE class WHEN 'b' THEN 'a' WHEN 'a' THEN 'b' ELSE class END"}
    assert inverse.certain.accepted() == (made,)


def test_what_a_person_wrote_comes_before_what_can_be_read() -> None:
    inverse = turned(
        "name", pair("title", made="lower(name)", back="initcap(title)"), pair("other", made="name::text")
    )
    assert back(inverse) == {"name": "initcap(title)\n"}


def test_one_inverse_of_a_column_that_others_make_as_well_is_not_compared() -> None:
    made = pair("full_name", "first", made="first || ' ' || last", back="split_part(full_name, ' ', 1)")
    inverse = turned("first last", made)
    assert back(inverse) == {"first": "split_part(full_name, ' ', 1)\n"}
    assert inverse.certain.accepted() == ()
    assert [each.column for each in inverse.lost] == ["last"]


def test_what_does_not_come_back_is_said_with_the_reason() -> None:
    inverse = turned("id first secret", pair("id", "id"), pair("sum", made="md5(first)"))
    assert list(inverse.limits()) == [
        "public.call.first does not come back (sum is made of it in a way that cannot be read back): rows keep what "
        "the source has, new ones get its default.",
        "public.call.secret does not come back (no column of the target takes it): rows keep what the source has, "
        "new ones get its default.",
    ]


def test_generated_columns_of_the_target_give_nothing_back() -> None:
    assert back(turned("id n", pair("id", "id"), pair("twice", "n"), there="id")) == {"id": "id"}


def test_tables_that_take_the_rows_of_several_are_named() -> None:
    here = [
        TableMapping(source=("public", name), target=("public", goal), pairs=())
        for name, goal in (("a", "all"), ("b", "all"), ("c", "c"))
    ]
    assert merged_tables(Mapping(tables=tuple(here))) == (("public", "all"),)
