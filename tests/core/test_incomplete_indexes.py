"""Indexes that are not valid in the source, and are after the plan: said, as are shares that nobody asked for."""

from dataclasses import replace

from schemadiff.core.catalog import Catalog, Column, Index, Table
from schemadiff.core.planner import plan_schema

A = Column(name="a", position=1, type="integer")
FAILED = Index(name="i", definition="CREATE INDEX i ON public.t USING btree (a)", method="btree", valid=False)
PLAIN = Table(schema="public", name="t", columns=(A,), indexes=(FAILED,))
ABOVE = replace(PLAIN, partition_key="LIST (a)")
ALONE = Table(schema="public", name="p", columns=(A,))
BELOW = replace(ALONE, partition_of=("public", "t"), partition_bound="FOR VALUES IN (1)")


def said(source: Catalog, target: Catalog) -> list[str]:
    return [notice.message for notice in plan_schema(source, target).notices]


def test_an_index_that_failed_to_be_built_is_valid_after_the_plan() -> None:
    sentence = "The index public.t.i is valid after the plan; the source's is not: building it failed."
    valid = Catalog(tables=(replace(PLAIN, indexes=(replace(FAILED, valid=True),)),))
    source = Catalog(tables=(PLAIN,))
    assert said(source, Catalog()) == said(source, valid) == [sentence]
    assert said(source, source) == said(valid, Catalog()) == []


def test_an_index_that_partitions_have_no_share_of_stays_so_but_where_they_join() -> None:
    source = Catalog(tables=(ABOVE, BELOW))
    assert said(source, Catalog()) == said(source, source) == []
    assert said(source, Catalog(tables=(ABOVE, ALONE))) == [
        "The partition public.p joins with a share of the index public.t.i; the source's has none."
    ]
