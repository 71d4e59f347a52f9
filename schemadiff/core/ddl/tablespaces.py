"""Where the files of tables, indexes and materialized views lie. To move them is to write them anew."""

from schemadiff.core import hazards
from schemadiff.core.catalog import Constraint, Index, IndexShare, Kind, Table, View
from schemadiff.core.ddl.references import column_ref, label, part_ref, relation_word, sql_name
from schemadiff.core.identifiers import qualified, quote
from schemadiff.core.locks import Command, lock_of
from schemadiff.core.plan import Duration, Section, Statement


def move_relation(relation: Table | View, tablespace: str) -> Statement:
    """Its indexes stay where they are. A partitioned table's is what its new partitions get."""
    is_table = relation.ref.kind is Kind.TABLE
    return Statement(
        sql=f"ALTER {relation_word(relation)} {sql_name(relation)} SET TABLESPACE {quote(tablespace)}",
        ref=relation.ref,
        section=Section.PRE_DATA if is_table else Section.POST_DATA,
        requires=frozenset({relation.ref, *(column_ref(relation, column) for column in relation.columns)}),
        lock=lock_of(Command.ALTER_TABLE),
        duration=Duration.INSTANT if _has_no_files(relation) else Duration.REWRITES_ROWS,
        hazards=() if _has_no_files(relation) else hazards.table_rewrite(label(relation)),
    )


def move_index(owner: Table | View, part: Index | Constraint | IndexShare, tablespace: str) -> Statement:
    """Also a constraint's."""
    blocked = hazards.blocks_reads(label(owner), f"{part.name} is moved")
    return Statement(
        sql=f"ALTER INDEX {qualified(owner.schema, part.name)} SET TABLESPACE {quote(tablespace)}",
        ref=part_ref(owner, part),
        section=Section.POST_DATA,
        requires=frozenset({part_ref(owner, part)}),
        lock=lock_of(Command.MOVE_INDEX),
        duration=Duration.INSTANT if _has_no_files(owner) else Duration.BUILDS_INDEX,
        hazards=() if _has_no_files(owner) else (blocked,),
    )


def _has_no_files(owner: Table | View) -> bool:
    return isinstance(owner, Table) and owner.partition_key is not None
