"""How grave a difference is, by what its statements can harm."""

from schemadiff.core.breaking import breaking
from schemadiff.core.catalog import Catalog, Column, Index, Schema, Table
from schemadiff.core.diff import diff
from schemadiff.core.planner import plan_schema
from schemadiff.core.severity import Judged, Severity, judge


def table(name: str, *columns: Column, index: bool = False, comment: str | None = None) -> Table:
    definition = f"CREATE INDEX {name}_id ON public.{name} USING btree (id)"
    indexes = (Index(name=f"{name}_id", definition=definition, method="btree", columns=("id",)),)
    return Table(
        schema="public", name=name, columns=columns, indexes=indexes if index else (), comment=comment
    )


def judged(source: Table | None, target: Table | None) -> Judged:
    sides = catalog(source), catalog(target)
    found = diff(*sides)
    statements = plan_schema(*sides).statements
    (entry,) = found.different
    return judge(found, breaking(found, *sides), statements)[entry.ref]


def catalog(one: Table | None) -> Catalog:
    return Catalog(schemas=(Schema(name="public"),), tables=(one,) if one else ())


ID = Column(name="id", position=1, type="bigint")
NOTE = Column(name="note", position=2, type="text")


def test_a_column_that_only_the_target_has_would_be_lost() -> None:
    found = judged(table("t", ID), table("t", ID, NOTE))
    assert found.severity is Severity.DATA_LOSS
    assert "public.t.note is dropped." in found.reasons
    assert len(found.reasons) == len(set(found.reasons))


def test_a_table_that_only_the_target_has_would_be_lost() -> None:
    assert judged(None, table("t", ID)).severity is Severity.DATA_LOSS


def test_a_new_not_null_without_a_default_breaks_writers() -> None:
    needed = Column(name="note", position=2, type="text", not_null=True)
    assert judged(table("t", ID, needed), table("t", ID)).severity is Severity.BREAKING


def test_an_index_to_be_built_is_a_hazard() -> None:
    assert judged(table("t", ID, index=True), table("t", ID)).severity is Severity.HAZARD


def test_another_comment_is_worth_a_notice() -> None:
    assert judged(table("t", ID, comment="a"), table("t", ID, comment="b")) == Judged(
        severity=Severity.NOTICE
    )
