"""The plan: the ordered DDL that makes the target's schema like the source's, and its script."""

from collections.abc import Callable, Iterator

from schemadiff.core.assembly import Assembly
from schemadiff.core.catalog import Catalog
from schemadiff.core.focus import focused
from schemadiff.core.inventory import Inventory
from schemadiff.core.ordering import order
from schemadiff.core.plan import Plan, Statement
from schemadiff.core.snapshot import fingerprint


def plan_schema(source: Catalog, target: Catalog) -> Plan:
    """The statements that make the target's schema like the source's; none if they agree.

    Nothing is dropped with CASCADE: where what the catalog does not model uses an object, its DROP fails.
    The order of a table's columns is not changed. Raises DependencyCycle if no order of statements works.
    """
    wanted, present = focused(source, target)
    assembly = Assembly(Inventory(wanted), Inventory(present))
    return Plan(target_fingerprint=fingerprint(target), statements=order(assembly.statements()))


def create_all(catalog: Catalog) -> Plan:
    """The statements that make the catalog in an empty database."""
    return plan_schema(catalog, Catalog())


def render(plan: Plan, remark: Callable[[Statement], str] | None = None) -> str:
    """The plan as a script for psql; an empty text if there is nothing to do.

    `remark` may have something to say of a statement, which then stands above it as a comment.
    """
    if not plan.statements:
        return ""
    blocks = (_block(statement, remark(statement) if remark else "") for statement in plan.statements)
    return "\n".join([*_heading(plan), *blocks])


def _heading(plan: Plan) -> Iterator[str]:
    count = len(plan.statements)
    yield f"-- Makes the target's schema like the source's: {count} statement{'s' if count > 1 else ''}."
    yield f"-- For the target schema with the fingerprint {plan.target_fingerprint}."
    for notice in plan.notices:
        yield f"-- notice: {_one_line(notice.message)}"
    yield ""


def _block(statement: Statement, remark: str) -> str:
    said = f"-- {_one_line(remark)}\n" if remark else ""
    hazards = [f"-- hazard: {hazard.code}: {_one_line(hazard.message)}\n" for hazard in statement.hazards]
    return f"{said}{''.join(hazards)}{statement.sql};\n"


def _one_line(text: str) -> str:
    """A name may hold a line break, which would end the comment."""
    return " ".join(text.split())
