"""The source tables whose rows go into one table of the target: read together, and told apart by their keys."""

from collections import Counter
from collections.abc import Mapping, Sequence

from psycopg import sql

from migration.core.checksums import HashedRow, RangeSum
from migration.core.merged_rows import MemberRow
from migration.engine.compared import Face, Ranges
from migration.engine.sessions import Session, Streamed


def added_up(*sums: Mapping[int, RangeSum]) -> dict[int, RangeSum]:
    """As if they were one table."""
    rows, totals = Counter[int](), Counter[int]()
    for each in sums:
        for number, found in each.items():
            rows[number] += found.rows
            totals[number] += found.total
    return {number: RangeSum(rows=rows[number], total=totals[number]) for number in rows}


def united_rows(
    session: Session, faces: Sequence[Face], hashed: int, ranges: Ranges, numbers: Sequence[int]
) -> Streamed[MemberRow]:
    """The rows of all of them in those ranges, sorted by key as `compared.hashed_rows` sorts, as they come.

    Only those of the one that is to be `hashed` have a hash.
    """
    parts = (
        sql.SQL(
            "SELECT {member} AS member, {key} AS key, {hash}::bigint AS hash, {own} AS own FROM {rows} "
            "WHERE {readable} AND {only}"
        ).format(
            member=sql.Literal(place),
            key=face.key_text,
            hash=face.hash if place == hashed else sql.SQL("0"),
            own=face.own_key,
            rows=face.rows,
            readable=face.readable,
            only=ranges.only(face, numbers),
        )
        for place, face in enumerate(faces)
    )
    query = sql.SQL("SELECT member, key, hash, own FROM ({}) AS u ORDER BY {}").format(
        sql.SQL(" UNION ALL ").join(parts), sql.SQL("pg_catalog.convert_to(key, 'UTF8')")
    )
    return Streamed(session, query, _member_row)


def _member_row(member: int, key: str, value: int, own_key: str) -> MemberRow:
    return MemberRow(member, HashedRow(key, value, own_key))
