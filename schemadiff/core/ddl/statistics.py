"""Extended statistics objects."""

from schemadiff.core.catalog import StatisticsObject, Table, View
from schemadiff.core.ddl.printed import restored
from schemadiff.core.ddl.references import part_ref
from schemadiff.core.identifiers import qualified
from schemadiff.core.locks import Command, lock_of
from schemadiff.core.plan import Section, Statement


def create_statistics(owner: Table | View, statistics: StatisticsObject) -> Statement:
    """Filled by the next ANALYZE."""
    return Statement(
        sql=restored(statistics.definition),
        ref=part_ref(owner, statistics),
        section=Section.POST_DATA,
        provides=frozenset({part_ref(owner, statistics)}),
        lock=lock_of(Command.ALTER_STATISTICS),
    )


def drop_statistics(owner: Table | View, statistics: StatisticsObject) -> Statement:
    return Statement(
        sql=f"DROP STATISTICS {_name(statistics)}",
        ref=part_ref(owner, statistics),
        section=Section.PRE_DATA,
        destroys=frozenset({part_ref(owner, statistics)}),
        lock=lock_of(Command.ALTER_STATISTICS),
    )


def set_target(owner: Table | View, statistics: StatisticsObject) -> Statement:
    """How exact they are; -1 is the server's default."""
    target = -1 if statistics.target is None else statistics.target
    return Statement(
        sql=f"ALTER STATISTICS {_name(statistics)} SET STATISTICS {target}",
        ref=part_ref(owner, statistics),
        section=Section.POST_DATA,
        requires=frozenset({part_ref(owner, statistics)}),
        lock=lock_of(Command.READ),
    )


def _name(statistics: StatisticsObject) -> str:
    return qualified(statistics.schema, statistics.name)
