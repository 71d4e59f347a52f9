"""What is left of rows for people when columns are masked."""

import json
from dataclasses import replace

import pytest

from migration.core.checksums import Difference
from migration.engine.masked_rows import masked_pair, masked_reject
from migration.engine.rejects import RejectedRow
from migration.engine.side_by_side import Pair, RowPair
from schemadiff.core.masking import MASK, Masked
from schemadiff.evidence.previews import Preview, PreviewRow, masked_preview
from tests.engine.running import table

CLIENTS = ("public", "clients")
REJECT = RejectedRow(
    table=CLIENTS,
    target=("public", "people"),
    key=("7", "a@b"),
    row=json.dumps({"id": 7, "email": "a@b", "age": 5}),
    sqlstate="23505",
    constraint="people_mail_key",
    column="mail",
    message="Key (mail)=(a@b) already exists.",
    reason="its mail is taken",
)


def masked(*columns: str) -> Masked:
    return Masked(columns=tuple(sorted((*name.split("."),) for name in columns)))  # type: ignore[misc]


def test_a_reject_of_a_table_with_a_masked_column() -> None:
    seen = masked_reject(REJECT, None, masked("public.clients.email"))
    assert json.loads(seen.row) == {"id": 7, "email": MASK, "age": 5}
    assert (seen.key, seen.message, seen.reason) == (("7", MASK), MASK, "its mail is taken")
    assert "a@b" not in repr(seen)


def test_the_targets_column_hides_the_message_and_what_it_is_made_of() -> None:
    people = masked("public.people.mail")
    assert masked_reject(REJECT, None, people).message == MASK
    entry = replace(table("clients", "id", "mail=email"), target=("public", "people"))
    made = replace(table("clients", "id", mail="upper(email)"), target=("public", "people"))
    for mapping in (entry, made):
        seen = masked_reject(REJECT, mapping, people)
        assert json.loads(seen.row) == {"id": 7, "email": MASK, "age": 5}


def test_a_row_that_is_not_known_has_no_key_to_show() -> None:
    assert masked_reject(replace(REJECT, row="{}"), None, masked("public.clients.email")).key == (MASK, MASK)


def test_other_tables_are_left_alone() -> None:
    assert masked_reject(REJECT, None, masked("public.orders.email")) == REJECT


PAIR = RowPair(
    key=(("id", "7"), ("mail", "a@b")),
    difference=Difference.DIFFERENT,
    pairs=(
        Pair(column="mail", source="a@b", target="c@d", differs=True),
        Pair(column="tag", source="x a@b", target=None, differs=True),
        Pair(column="age", source="5", target="6", differs=True),
    ),
)
ENTRY = table("clients", "id", "mail=email", "age", tag="'x ' || email")


@pytest.mark.parametrize(
    ("name", "columns"),
    [("public.clients.email", {"mail", "tag"}), ("public.clients.mail", {"mail"}), ("public.clients.age", {"age"})],
)  # fmt: skip
def test_differing_rows(name: str, columns: set[str]) -> None:
    seen = masked_pair(PAIR, ENTRY, masked(name))
    assert {pair.column for pair in seen.pairs if MASK in (pair.source, pair.target)} >= columns
    shown = {pair.column for pair in seen.pairs if pair.source not in (None, MASK)}
    assert shown.isdisjoint(columns)
    assert all(pair.differs for pair in seen.pairs)
    assert dict(seen.key)["mail"] == (MASK if "mail" in columns else "a@b")


def test_previews() -> None:
    row = PreviewRow(key="7", before=("a@b", "5"), after="A@B", problem='invalid input: "a@b"')
    found = Preview(key=("id",), columns=("email", "age"), rows=(row,))
    (seen,) = masked_preview(found, masked("public.clients.email"), CLIENTS, False).rows
    assert (seen.key, seen.before, seen.after) == ("7", (MASK, "5"), MASK)
    assert seen.problem and "a@b" not in seen.problem
    (seen,) = masked_preview(found, masked("public.clients.id"), CLIENTS, False).rows
    assert (seen.key, seen.after) == (MASK, "A@B")
    (seen,) = masked_preview(found, masked(), CLIENTS, True).rows
    assert (seen.before, seen.after) == (("a@b", "5"), MASK)
