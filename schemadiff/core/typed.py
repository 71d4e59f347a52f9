"""Tables of composite types: PostgreSQL wants the type's columns in the type's order, and moves none."""

from schemadiff.core.catalog import Table


def columns_after(wanted: Table, present: Table) -> list[str]:
    """The columns in their order after the plan: those that stay, and the new ones behind them."""
    stay = [column.name for column in present.columns if wanted.column(column.name)]
    return stay + [column.name for column in wanted.columns if not present.column(column.name)]


def may_be_typed(wanted: Table, present: Table) -> bool:
    """Whether a table that is there can be made one of the source's type, and stays with its rows."""
    return columns_after(wanted, present) == [column.name for column in wanted.columns]
